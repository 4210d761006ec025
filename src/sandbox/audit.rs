//! What the audit log tells of the policies: who changed which, from what to what, and how late it shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::token::Holder;
use super::world::{World, id};

/// The log's lines about policies, and its habits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditLog {
    /// How many looks pass before a new line shows: the service's log is minutes late (facts 4).
    pub lag: u32,
    /// What a change of the password reset policy is called. Microsoft documents no name; this one is in public
    /// detection rules.
    pub settings_activity: String,
    lines: Vec<Line>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Initiator {
    Person { id: Uuid, name: String },
    Application { id: Uuid, name: String },
}

/// One policy changed once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    by: Initiator,
    activity: String,
    service: String,
    category: String,
    target: String,
    /// Field, before, after.
    modified: Vec<(String, Value, Value)>,
    /// How many looks pass before it shows.
    looks_left: u32,
}

impl Default for AuditLog {
    fn default() -> Self {
        Self { lag: 0, settings_activity: "Update SSPR Settings".to_owned(), lines: Vec::new() }
    }
}

impl Initiator {
    pub(super) fn of(holder: Holder) -> Self {
        match holder {
            Holder::Person => Self::Person {
                id: id("sandbox.admin"),
                name: "sandbox.admin@contoso.onmicrosoft.com".to_owned(),
            },
            Holder::Application => {
                Self::Application { id: id("pipeline"), name: "Sandbox pipeline".to_owned() }
            }
        }
    }

    pub(super) fn person(name: &str) -> Self {
        Self::Person { id: id(name), name: name.to_owned() }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Person { id, name } => json!({
                "app": null, "user": {"id": id, "displayName": null, "userPrincipalName": name},
            }),
            Self::Application { id, name } => json!({
                "app": {"appId": id, "displayName": name, "servicePrincipalId": null, "servicePrincipalName": null},
                "user": null,
            }),
        }
    }
}

impl AuditLog {
    /// Adds a line for each policy that is not as before.
    pub(super) fn note(&mut self, before: &World, after: &World, by: &Initiator) {
        self.add(by, &self.settings_activity.clone(), "PasswordResetPolicies", &before.policy, &after.policy);
        let is_on = after.writeback["enablementForTenant"] == true;
        let activity = match before.writeback["enablementForTenant"] == after.writeback["enablementForTenant"]
        {
            true => self.settings_activity.clone(),
            false if is_on => "Enable password writeback for directory".to_owned(),
            false => "Disable password writeback for directory".to_owned(),
        };
        self.add(by, &activity, "OnPremisesPasswordResetPolicies", &before.writeback, &after.writeback);
        let activity = "Update authorization policy";
        self.add(by, activity, "Authorization Policy", &before.authorization, &after.authorization);
        let methods = |world: &World| {
            let methods = world.methods["authenticationMethodConfigurations"].as_array();
            methods.cloned().unwrap_or_default()
        };
        for (before, after) in methods(before).iter().zip(methods(after)) {
            let id = after["id"].as_str().unwrap_or_default();
            self.add(by, "Authentication Methods Policy Update", id, before, &after);
        }
    }

    fn add(&mut self, by: &Initiator, activity: &str, target: &str, before: &Value, after: &Value) {
        let (Some(was), Some(is)) = (before.as_object(), after.as_object()) else { return };
        let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(*name)));
        let modified: Vec<_> = names
            .filter(|name| was.get(*name) != is.get(*name))
            .map(|name| (name.clone(), before[name].clone(), after[name].clone()))
            .collect();
        if modified.is_empty() {
            return;
        }
        let (service, category) = match activity {
            "Update authorization policy" => ("Core Directory", "AuthorizationPolicy"),
            "Authentication Methods Policy Update" => ("Authentication Methods", "ApplicationManagement"),
            _ => ("Self-service Password Management", "DirectoryManagement"),
        };
        self.lines.push(Line {
            at: Timestamp::now(),
            by: by.clone(),
            activity: activity.to_owned(),
            service: service.to_owned(),
            category: category.to_owned(),
            target: target.to_owned(),
            modified,
            looks_left: self.lag,
        });
    }

    /// Returns what one look shows, and brings the lines that do not show yet one look nearer.
    pub(super) fn look(&mut self) -> Vec<Value> {
        let rows = self.lines.iter().enumerate().filter(|(_, line)| line.looks_left == 0);
        let rows = rows.map(|(at, line)| row(at, line)).collect();
        for line in &mut self.lines {
            line.looks_left = line.looks_left.saturating_sub(1);
        }
        rows
    }

    /// Returns whether a line does not show yet.
    pub(super) fn is_late(&self) -> bool {
        self.lines.iter().any(|line| line.looks_left > 0)
    }
}

fn row(at: usize, line: &Line) -> Value {
    let modified = line.modified.iter().map(|(name, old, new)| {
        json!({"displayName": name, "oldValue": old.to_string(), "newValue": new.to_string()})
    });
    json!({
        "id": format!("Policy_{at:06}"), "activityDateTime": line.at.to_string(),
        "activityDisplayName": line.activity, "category": line.category, "loggedByService": line.service,
        "operationType": "Update", "result": "success", "resultReason": "", "correlationId": id(&line.target),
        "additionalDetails": [], "initiatedBy": line.by.to_json(),
        "targetResources": [{
            "id": null, "displayName": line.target, "type": "Policy", "userPrincipalName": null, "groupType": null,
            "modifiedProperties": modified.collect::<Vec<_>>(),
        }],
    })
}
