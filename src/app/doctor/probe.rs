//! Answers, for one tenant, what is undocumented about the admin-centre API (facts 6).

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::examine::day;
use crate::app::Session;
use crate::app::Silent;
use crate::app::write::{Patience, apply};
use crate::client::{ClientError, Cloud, TenantReader};
use crate::evidence::{Audience, Body, ENDPOINTS, Exchange, Judged, Verdict, judge};
use crate::har::audience;
use crate::outcome::doctor::Observation;
use crate::plan::{Operation, Plan};
use crate::tenant::{MethodsPolicy, Object, Resource, Surface};

/// Asks the open questions that reading can answer, and holds what was read against the list of beliefs. What cannot be
/// read is an answer too.
pub(super) async fn probe(reader: &TenantReader, cloud: Cloud) -> (Vec<Observation>, Vec<Judged>) {
    let (named, bare, methods, writeback) = tokio::join!(
        reader.portal.fetch_policy(),
        reader.fetch_policy_without_name(),
        reader.graph.fetch_methods_policy(),
        reader.portal.fetch_writeback(),
    );
    let flag = match (&named, &bare) {
        (Ok(named), Ok(bare)) => json!(differing(named, bare)),
        _ => json!("not read"),
    };
    let migration = message(&methods, |policy| json!(format!("{:?}", policy.migration())));
    let mut seen = vec![
        Observation::new("day", json!(day(Timestamp::now()))),
        Observation::new("policy-fields", message(&named, fields)).about("policy-read-answer"),
        Observation::new("policy-unknown-fields", message(&named, unknown_fields))
            .about("policy-read-answer"),
        Observation::new("policy-differs-without-getPasswordResetEnabledGroup-in", flag)
            .about("policy-group-name"),
        Observation::new("migration-state", migration).about("methods.policyMigrationState"),
        Observation::new("writeback-fields", message(&writeback, fields)).about("writeback-read-answer"),
    ];
    for surface in [Surface::Graph, Surface::Portal] {
        let echo = message(&reader.fetch_echo(surface).await, |echo| json!(echo));
        let answer = Observation::new(&format!("{surface}-echoes-request-id"), echo);
        seen.push(if surface == Surface::Portal { answer.about("portal-request-id") } else { answer });
    }
    let mut exchanges = Vec::new();
    for (object, query) in [(&named, Some("true")), (&bare, None), (&writeback, None)] {
        exchanges.extend(object.as_ref().ok().and_then(|object| exchange(object, query)));
    }
    exchanges
        .extend(methods.iter().flat_map(MethodsPolicy::methods).filter_map(|method| exchange(method, None)));
    for exchange in &mut exchanges {
        let claims = reader.fetch_claims(exchange.surface).await;
        exchange.audience =
            claims.map_or(Audience::NotSeen, |claims| audience(&claims, exchange.surface, cloud));
    }
    let judged = judge(&exchanges).judged.into_iter().filter(|judged| judged.verdict() != Verdict::NotSeen);
    (seen, judged.collect())
}

/// Returns a reading that succeeded as an exchange. Its status was not kept.
fn exchange(object: &Object, with_group: Option<&str>) -> Option<Exchange> {
    let read = match object.resource() {
        Resource::PasswordReset => "policy-read",
        Resource::Writeback => "writeback-read",
        Resource::Method(_) => "method-read",
        Resource::Authorization | Resource::Membership { .. } => return None,
    };
    let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.code == read)?;
    let path = endpoint.path.iter().map(|segment| match (object.resource(), *segment) {
        (Resource::Method(id), "{}") => id.clone(),
        (_, segment) => segment.to_owned(),
    });
    let query = with_group.map(|value| ("getPasswordResetEnabledGroup".to_owned(), value.to_owned()));
    Some(Exchange {
        surface: endpoint.surface,
        method: endpoint.method.to_owned(),
        path: path.collect(),
        query: query.into_iter().collect(),
        status: None,
        started: None,
        ended: None,
        audience: Audience::NotSeen,
        tenant: None,
        has_request_id: Some(true),
        sent: Body::Nothing,
        answered: Body::Json(object.to_json()),
    })
}

/// Writes the policy back as it is, proves it by reading, and reports the result. Goes the way of every
/// apply: lock, baseline, journal, and a write whose answer is lost is read back first.
pub(super) async fn probe_write(session: &Session, mut plan: Plan) -> Result<Vec<Observation>> {
    let Session { reader, writer, state, .. } = session;
    let policy = reader.portal.fetch_policy().await?;
    plan.changes.clear();
    plan.steps = vec![Operation::between(policy.clone(), policy)];
    let patience = Patience { first: Duration::from_millis(100), total: Duration::from_secs(30) };
    let outcome = apply(&plan, (reader, writer), state, patience, &Silent).await?;
    Ok(vec![
        Observation::new("policy-written-back-unchanged-reads-back", json!("as before"))
            .about("policy-write"),
        Observation::new("fields-the-service-changed-by-itself", json!(outcome.also_changed))
            .about("policy-write-kept"),
    ])
}

fn message<T>(read: &Result<T, ClientError>, describe: impl Fn(&T) -> Value) -> Value {
    match read {
        Ok(read) => describe(read),
        Err(error) => json!(format!("not read: {error}")),
    }
}

/// Returns the kind of every field, and the value only where it is a switch or a number, never text.
fn fields(object: &Object) -> Value {
    let Value::Object(fields) = object.to_json() else { return Value::Null };
    let kinds = fields.into_iter().map(|(name, value)| {
        let kind = match value {
            Value::Bool(_) | Value::Number(_) | Value::Null => value,
            Value::String(text) => json!(if text.is_empty() { "empty text" } else { "text" }),
            Value::Array(items) => json!(format!("list of {}", items.len())),
            Value::Object(inner) => json!(format!("object with {}", inner.len())),
        };
        (name, kind)
    });
    Value::Object(kinds.collect())
}

fn unknown_fields(object: &Object) -> Value {
    let Value::Object(fields) = object.to_json() else { return Value::Null };
    let policy = Resource::PasswordReset;
    let names = fields.keys().filter(|name| !policy.is_documented(name) && !policy.is_computed(name));
    json!(names.collect::<Vec<_>>())
}

fn differing(named: &Object, bare: &Object) -> Vec<String> {
    let mut differing = named.differing_fields(bare);
    let name = "passwordResetEnabledGroupName";
    if named.field(name) != bare.field(name) {
        differing.push(name.to_owned());
    }
    differing
}
