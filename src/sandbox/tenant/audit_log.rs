//! The audit log's entries about policies: who changed what from what to what, and how late they show.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::seed::id;
use super::tenant_state::TenantState;

/// The log's lines about policies, and its habits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditLog {
    /// How many looks pass before a new line shows: the service's log is minutes late (facts 4).
    pub lag: u32,
    /// What a change of the password reset policy is called. Microsoft documents no name; this one is in public
    /// detection rules.
    pub settings_activity: String,
    /// How far the tenant's clock is ahead of this machine's.
    #[serde(default)]
    pub ahead: SignedDuration,
    lines: Vec<PolicyChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Initiator {
    Person { id: Uuid, name: String },
    Application { id: Uuid, name: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PolicyChange {
    pub(crate) at: Timestamp,
    pub(crate) by: Initiator,
    pub(crate) activity: String,
    pub(crate) service: String,
    pub(crate) category: String,
    pub(crate) target: String,
    /// Field, before, after.
    pub(crate) modified: Vec<(String, Value, Value)>,
    /// Who came into or went out of which group, where that is what changed: member, group.
    #[serde(default)]
    pub(crate) member: Option<(Uuid, Uuid)>,
    /// How many looks pass before it shows.
    looks_left: u32,
}

impl Default for AuditLog {
    fn default() -> Self {
        Self {
            lag: 0,
            settings_activity: "Update SSPR Settings".to_owned(),
            ahead: SignedDuration::ZERO,
            lines: Vec::new(),
        }
    }
}

impl Initiator {
    /// Someone of this name, as the audit log would tell it.
    pub(crate) fn person(name: &str) -> Self {
        Self::Person { id: id(name), name: name.to_owned() }
    }
}

impl AuditLog {
    /// Adds a line for each policy that is not as before.
    pub(crate) fn note(&mut self, before: &TenantState, after: &TenantState, by: &Initiator) {
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
        let methods = |tenant: &TenantState| {
            let methods = tenant.methods["authenticationMethodConfigurations"].as_array();
            methods.cloned().unwrap_or_default()
        };
        for (before, after) in methods(before).iter().zip(methods(after)) {
            let id = after["id"].as_str().unwrap_or_default();
            self.add(by, "Authentication Methods Policy Update", id, before, &after);
        }
        for after in &after.groups {
            let had = before.group(after.id).map(|group| group.members.as_slice()).unwrap_or_default();
            let (old, new) = (Value::Null, Value::from(after.id.to_string()));
            for id in after.members.iter().filter(|id| !had.contains(id)) {
                self.move_member(by, "Add member to group", (*id, after.id), (&old, &new));
            }
            for id in had.iter().filter(|id| !after.members.contains(id)) {
                self.move_member(by, "Remove member from group", (*id, after.id), (&new, &old));
            }
        }
    }

    fn move_member(
        &mut self,
        by: &Initiator,
        activity: &str,
        (member, group): (Uuid, Uuid),
        (old, new): (&Value, &Value),
    ) {
        self.lines.push(PolicyChange {
            at: self.now(),
            by: by.clone(),
            activity: activity.to_owned(),
            service: "Core Directory".to_owned(),
            category: "GroupManagement".to_owned(),
            target: member.to_string(),
            modified: vec![("Group.ObjectID".to_owned(), old.clone(), new.clone())],
            member: Some((member, group)),
            looks_left: self.lag,
        });
    }

    /// Returns the time in the tenant, which can be ahead.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now() + self.ahead
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
        self.lines.push(PolicyChange {
            at: self.now(),
            by: by.clone(),
            activity: activity.to_owned(),
            service: service.to_owned(),
            category: category.to_owned(),
            target: target.to_owned(),
            modified,
            member: None,
            looks_left: self.lag,
        });
    }

    /// Returns the lines one look shows, each with its number, and brings the lines that do not show yet one
    /// look nearer.
    pub(crate) fn read(&mut self) -> Vec<(usize, PolicyChange)> {
        let shown = self.lines.iter().enumerate().filter(|(_, line)| line.looks_left == 0);
        let shown = shown.map(|(at, line)| (at, line.clone())).collect();
        for line in &mut self.lines {
            line.looks_left = line.looks_left.saturating_sub(1);
        }
        shown
    }

    pub(crate) fn is_late(&self) -> bool {
        self.lines.iter().any(|line| line.looks_left > 0)
    }
}
