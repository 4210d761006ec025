//! The audit log: what people did, and who changed policies.

use std::cmp::Reverse;

use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::types::AUDIT;
use crate::sandbox::http::odata::{Ask, LIST, Refused};
use crate::sandbox::tenant::{AuditEvent, Initiator, PolicyChange, TenantState, id};

const SERVICE: &str = "Self-service Password Management";

pub(super) async fn audits(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&AUDIT, LIST)?;
    let lines = ask.shared.look_at_audits();
    let mut rows: Vec<(Timestamp, Value)> = Vec::new();
    {
        let tenant = ask.shared.tenant();
        rows.extend(lines.iter().map(|(at, line)| (line.at, policy_row(&tenant, *at, line))));
        let events = tenant.audits.iter().enumerate();
        rows.extend(events.map(|(at, event)| (event.at, user_row(&tenant, at, event))));
    }
    // Newest first, as the service gives them.
    rows.reverse();
    rows.sort_by_key(|(at, _)| Reverse(*at));
    ask.list(&query, "auditLogs/directoryAudits", rows.into_iter().map(|(_, row)| row).collect(), 1000)
}

fn user_row(tenant: &TenantState, at: usize, event: &AuditEvent) -> Value {
    let user = tenant.users.iter().find(|user| user.id == event.user);
    let who = json!({
        "id": event.user, "displayName": user.map(|user| user.name.clone()),
        "userPrincipalName": user.map(|user| tenant.user_principal_name(user)),
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

fn policy_row(tenant: &TenantState, at: usize, line: &PolicyChange) -> Value {
    let modified = line.modified.iter().map(|(name, old, new)| {
        json!({"displayName": name, "oldValue": old.to_string(), "newValue": new.to_string()})
    });
    let modified: Vec<Value> = modified.collect();
    let target = |id: Value, name: &str, kind: &str, modified: Vec<Value>| {
        json!({
            "id": id, "displayName": name, "type": kind, "userPrincipalName": null, "groupType": null,
            "modifiedProperties": modified,
        })
    };
    let targets = match line.member {
        None => vec![target(Value::Null, &line.target, "Policy", modified)],
        Some((member, group)) => {
            let named = |id| tenant.group(id).map_or("", |group| group.name.as_str());
            let kind = if tenant.group(member).is_some() { "Group" } else { "User" };
            vec![
                target(json!(member), named(member), kind, modified),
                target(json!(group), named(group), "Group", Vec::new()),
            ]
        }
    };
    json!({
        "id": format!("Policy_{at:06}"), "activityDateTime": line.at.to_string(),
        "activityDisplayName": line.activity, "category": line.category, "loggedByService": line.service,
        "operationType": "Update", "result": "success", "resultReason": "", "correlationId": id(&line.target),
        "additionalDetails": [], "initiatedBy": initiator(&line.by),
        "targetResources": targets,
    })
}

fn initiator(by: &Initiator) -> Value {
    match by {
        Initiator::Person { id, name } => json!({
            "app": null, "user": {"id": id, "displayName": null, "userPrincipalName": name},
        }),
        Initiator::Application { id, name } => json!({
            "app": {"appId": id, "displayName": name, "servicePrincipalId": null, "servicePrincipalName": null},
            "user": null,
        }),
    }
}
