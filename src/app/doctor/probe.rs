//! Answers, for one tenant, what is undocumented about the admin-centre API (facts 6).

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::examine::day;
use crate::app::Session;
use crate::app::Silent;
use crate::app::write::{Patience, apply};
use crate::client::{ClientError, TenantReader};
use crate::outcome::doctor::Observation;
use crate::plan::{Operation, Plan};
use crate::tenant::{Object, Resource, Surface};

/// Asks the open questions that reading can answer. What cannot be read is an answer too.
pub(super) async fn probe(reader: &TenantReader) -> Vec<Observation> {
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
        Observation::new("policy-fields", message(&named, fields)),
        Observation::new("policy-unknown-fields", message(&named, unknown_fields)),
        Observation::new("policy-differs-without-getPasswordResetEnabledGroup-in", flag),
        Observation::new("migration-state", migration),
        Observation::new("writeback-fields", message(&writeback, fields)),
    ];
    for surface in [Surface::Graph, Surface::Portal] {
        let echo = message(&reader.fetch_echo(surface).await, |echo| json!(echo));
        seen.push(Observation::new(&format!("{surface}-echoes-request-id"), echo));
    }
    seen
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
        Observation::new("policy-written-back-unchanged-reads-back", json!("as before")),
        Observation::new("fields-the-service-changed-by-itself", json!(outcome.also_changed)),
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
