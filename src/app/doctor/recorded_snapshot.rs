//! What a recording shows of a tenant's settings, as a snapshot: the portal's half, and what it asked Graph besides.

use std::collections::BTreeSet;

use anyhow::anyhow;
use serde_json::{Map, Value, json};

use crate::client::organization;
use crate::error::{Exit, Failure};
use crate::evidence::{ENDPOINTS, Endpoint, Exchange};
use crate::tenant::{Object, Organization, Resource, Snapshot, Surface};

/// What is kept of Graph's answers, and in which fields of a row.
const OBJECTS: [&str; 2] = ["methods-read", "authorization-read"];
const ROWS: [&str; 3] = ["id", "displayName", "verifiedDomains"];

/// Returns a snapshot of what was read last.
///
/// # Errors
/// The recording does not show the policy as it is, when that was, or of which tenant; or it is of several.
pub(super) fn snapshot_of(exchanges: &[Exchange], is_sandbox: bool) -> Result<Snapshot, Failure> {
    let refused = |what: &str| {
        let error = anyhow!("--snapshot-out: the file {what}");
        let hint = "open the portal's pages again, Overview too, and export everything";
        Failure::new(Exit::Refused, error, hint)
    };
    let organization = exchanges
        .iter()
        .rev()
        .find_map(|exchange| organization(answer(exchange, "organization-read")?["value"].get(0)?));
    let told = exchanges.iter().filter_map(|exchange| exchange.tenant.clone());
    let own = organization.iter().map(|organization| organization.id.to_string());
    let tenants: BTreeSet<String> = told.chain(own).collect();
    let organization = match (organization, tenants.len()) {
        (_, 2..) => return Err(refused("shows more than one tenant")),
        (Some(organization), _) => organization,
        (None, _) => {
            let id = tenants.first().and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| refused("does not show which tenant it is of"))?;
            Organization { id, display_name: String::new(), verified_domains: Vec::new() }
        }
    };
    let (at, policy) =
        latest(exchanges, "policy-read").ok_or_else(|| refused("does not show the password reset policy"))?;
    let taken = at.started.ok_or_else(|| refused("does not show when it was made"))?;
    if is_written_after(exchanges, at, "policy-write") {
        return Err(refused("does not show the password reset policy after it was saved last"));
    }
    let policy = Object::from_json(Resource::PasswordReset, policy.clone());
    let policy = policy.map_err(|_| refused("shows no password reset policy that sspr can read"))?;
    let taken = jiff::Timestamp::from_second(taken.as_second()).unwrap_or(taken);
    let mut snapshot = Snapshot::new(taken, organization);
    snapshot.is_sandbox = is_sandbox;
    snapshot.keep(Surface::Portal, &path("policy-read"), policy.to_json());
    if let Some((at, writeback)) = latest(exchanges, "writeback-read")
        && !is_written_after(exchanges, at, "writeback-write")
    {
        snapshot.keep(Surface::Portal, &path("writeback-read"), writeback.clone());
    }
    for code in OBJECTS {
        if let Some((_, object)) = latest(exchanges, code) {
            snapshot.keep(Surface::Graph, &path(code), object.clone());
        }
    }
    if let Some((_, answer)) = latest(exchanges, "organization-read") {
        snapshot.keep(Surface::Graph, &path("organization-read"), rows(answer));
    }
    Ok(snapshot)
}

/// Returns the last answer to a request that was made for all of its fields.
fn latest<'a>(exchanges: &'a [Exchange], code: &str) -> Option<(&'a Exchange, &'a Value)> {
    let found = exchanges.iter().filter_map(|exchange| Some((exchange, answer(exchange, code)?)));
    found.max_by_key(|(exchange, _)| exchange.started)
}

fn answer<'a>(exchange: &'a Exchange, code: &str) -> Option<&'a Value> {
    let is_whole = code == "organization-read" || !exchange.is_selective();
    let answer = exchange.answered.json().filter(|answer| answer.is_object())?;
    (is_whole && exchange.is_done() && is_at(exchange, code)).then_some(answer)
}

fn is_at(exchange: &Exchange, code: &str) -> bool {
    let mut here = Endpoint::at(exchange.surface, &exchange.path);
    here.any(|endpoint| endpoint.code == code && endpoint.method == exchange.method)
}

/// Returns whether an object was saved after it was read last.
fn is_written_after(exchanges: &[Exchange], read: &Exchange, write: &str) -> bool {
    let is_later = |exchange: &&Exchange| exchange.is_done() && exchange.started >= read.started;
    exchanges.iter().filter(is_later).any(|exchange| is_at(exchange, write))
}

/// Returns the path that a snapshot keeps an answer under.
fn path(code: &str) -> String {
    let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.code == code);
    let request = endpoint.map(Endpoint::request).unwrap_or_default();
    request.split_once(' ').map_or_else(String::new, |(_, path)| path.to_owned())
}

/// Returns the rows of an answer, with the fields of theirs that are kept.
fn rows(answer: &Value) -> Value {
    let kept = |row: &Value| -> Value {
        let fields = ROWS.iter().filter_map(|name| Some(((*name).to_owned(), row.get(*name)?.clone())));
        Value::Object(fields.collect::<Map<_, _>>())
    };
    let rows = answer["value"].as_array().into_iter().flatten();
    json!(rows.map(kept).collect::<Vec<_>>())
}
