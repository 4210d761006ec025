//! The audit log.

use axum::extract::{Query, State};
use axum::response::Response;
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
    let world = shared.world();
    let mut rows: Vec<Value> = world
        .audits
        .iter()
        .enumerate()
        .filter(|(_, event)| filter.as_ref().is_none_or(|filter| filter.holds(&SeenEvent(event))))
        .map(|(at, event)| audit_json(&world, at, event))
        .collect();
    // Newest first, as the service gives them.
    rows.reverse();
    rows.truncate(options.top.unwrap_or(1000));
    Ok(list("auditLogs/directoryAudits", &rows))
}

struct SeenEvent<'a>(&'a AuditEvent);

impl Record for SeenEvent<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        Some(Literal::Text(match name {
            "activityDateTime" => self.0.at.to_string(),
            "activityDisplayName" => self.0.activity.clone(),
            "loggedByService" => SERVICE.to_owned(),
            _ => return None,
        }))
    }

    fn elements(&self, name: &str) -> Vec<Box<dyn Record>> {
        match name {
            "targetResources" => vec![Box::new(Element("id", self.0.user.to_string(), ""))],
            _ => Vec::new(),
        }
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
