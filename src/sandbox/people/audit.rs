//! The audit log.

use std::cmp::Reverse;

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::AuditEvent;
use super::query::{Options, Refused, list};
use super::selection::Element;
use crate::sandbox::filter::{Literal, Record};
use crate::sandbox::server::Shared;
use crate::sandbox::world::World;

const SERVICE: &str = "Self-service Password Management";

pub(super) async fn audits(
    State(shared): State<Shared>,
    Query(options): Query<Options>,
) -> Result<Response, Refused> {
    let filter = options.filter()?;
    let mut rows = shared.look_at_audits();
    {
        let world = shared.world();
        rows.extend(world.audits.iter().enumerate().map(|(at, event)| audit_json(&world, at, event)));
    }
    rows.retain(|row| filter.as_ref().is_none_or(|filter| filter.holds(&SeenRow(row))));
    // Newest first, as the service gives them.
    rows.reverse();
    rows.sort_by_cached_key(|row| Reverse(moment(row)));
    rows.truncate(options.top.unwrap_or(1000));
    Ok(list("auditLogs/directoryAudits", &rows))
}

fn moment(row: &Value) -> Option<Timestamp> {
    row["activityDateTime"].as_str()?.parse().ok()
}

struct SeenRow<'a>(&'a Value);

impl Record for SeenRow<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        self.0[name].as_str().map(|text| Literal::Text(text.to_owned()))
    }

    fn elements(&self, name: &str) -> Vec<Box<dyn Record>> {
        let targets = self.0[name].as_array().into_iter().flatten();
        let ids = targets.filter_map(|target| target["id"].as_str());
        ids.map(|id| -> Box<dyn Record> { Box::new(Element("id", id.to_owned(), "")) }).collect()
    }
}

fn audit_json(world: &World, at: usize, event: &AuditEvent) -> Value {
    let user = world.users.iter().find(|user| user.id == event.user);
    let who = json!({
        "id": event.user, "displayName": user.map(|user| user.name.clone()),
        "userPrincipalName": user.map(|user| world.user_principal_name(user)),
    });
    let mut target = who.clone();
    target["type"] = json!("User");
    target["modifiedProperties"] = json!([]);
    json!({
        "id": format!("SSPR_{at:06}"), "activityDateTime": event.at.to_string(), "activityDisplayName": event.activity,
        "category": "UserManagement", "loggedByService": SERVICE, "operationType": "", "result": event.result,
        "resultReason": event.reason, "correlationId": event.user, "additionalDetails": [],
        "initiatedBy": {"app": null, "user": who}, "targetResources": [target],
    })
}
