//! What `verify` checked, and what it saw of a reset.

use jiff::Timestamp;
use serde::Serialize;

use super::applied::NOT_LOOKED_AT;
use super::tester::Obstacle;
use crate::diff::Change;
use crate::ids::GroupId;
use crate::plan::{Plan, Severity};
use crate::spec_file::Key;
use crate::tenant::Resource;
use crate::text::counted;

/// Findings that say that something the spec manages could not be compared.
const UNKNOWN: [&str; 2] = ["migration-state-unknown", "nesting-unknown"];

/// The check of the admin centre's half, where there is one to speak of.
const PORTAL_SETTINGS: &str = "portal-settings";

/// One thing that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Kebab-case name, or the spec key that differs.
    pub name: String,
    /// Whether it holds; `None` is unknown.
    pub ok: Option<bool>,
    /// What is the case. May hold foreign text; made visible when rendered.
    pub message: String,
    /// What it is about.
    #[serde(skip)]
    pub about: About,
}

/// What a check is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// All of the settings together.
    #[default]
    Settings,
    /// A setting that is not as the spec says.
    Difference(Change),
    /// What of the settings could not be compared, or not be applied.
    Finding,
    /// The user who is to test.
    Tester,
    /// Their reset.
    Reset,
}

/// Something the audit log showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenEvent {
    /// When, ISO 8601.
    pub at: String,
    /// What, in the service's words.
    pub activity: String,
    /// Whether it succeeded.
    pub ok: Option<bool>,
    /// Why, in the service's words.
    pub reason: String,
}

/// What `verify` found.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// The checks: those of the settings first, then those of the tester, then that of the reset.
    pub checks: Vec<Check>,
    /// The plan from the tenant to the spec, which the settings were compared by; `None` where nothing was.
    pub plan: Option<Plan>,
    /// Why the admin centre's half was not read, where the sign-in is the reason.
    pub is_portal_closed: bool,
    /// Whether a reset is waited for.
    pub is_watched: bool,
    /// Who was looked at.
    pub tester: Option<TestedUser>,
    /// Who last changed password reset; `None` where the audit log shows no change.
    pub last_change: Option<LastChange>,
    /// What the audit log showed of a reset.
    pub events: Vec<SeenEvent>,
}

/// A user who was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestedUser {
    /// Principal name, or id; foreign text.
    pub account: String,
    /// Display name; foreign text.
    pub name: Option<String>,
    /// Why they cannot try a reset; `None` where they can.
    pub obstacle: Option<Obstacle>,
    /// Whether what they registered is enough for one.
    pub is_registered: bool,
}

/// A change of password reset's settings, as the audit log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastChange {
    /// It shows one.
    Known {
        /// When.
        at: Timestamp,
        /// Who made it; foreign text.
        by: Option<String>,
    },
    /// It could not be read.
    Unknown {
        /// Why, in a few words.
        why: String,
    },
}

impl Verification {
    /// Compares the tenant with the spec, by the plan from one to the other.
    pub fn new(plan: Plan) -> Self {
        Self { checks: drift(&plan), plan: Some(plan), ..Self::default() }
    }

    /// Returns what of the spec was left out.
    pub fn except(&self) -> &[Key] {
        self.plan.as_ref().map_or(&[], |plan| &plan.except)
    }
}

impl Check {
    /// Returns a check.
    pub fn new(about: About, name: &str, ok: Option<bool>, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok, message: message.into(), about }
    }

    /// Returns whether it tells that the admin centre's half was not looked at.
    pub fn is_portal_left_out(&self) -> bool {
        self.name == PORTAL_SETTINGS && self.ok.is_none()
    }
}

/// Returns whether the tenant is as the spec says: one check for the whole, one for each difference.
fn drift(plan: &Plan) -> Vec<Check> {
    let whole = if plan.portal_steps.is_none() { "the tenant" } else { "Graph's half of the tenant" };
    let message = match plan.changes.len() {
        0 => format!("{whole} matches {}", plan.spec_words()),
        changes => format!("{} from {}", counted(changes, "difference"), plan.spec_words()),
    };
    let mut checks = vec![Check::new(About::Settings, "settings", Some(plan.changes.is_empty()), message)];
    if plan.portal_steps.is_some() {
        checks.push(Check::new(About::Finding, PORTAL_SETTINGS, None, NOT_LOOKED_AT));
    }
    // What is unknown stays so, accepted or not.
    for finding in plan.all_findings().filter(|finding| UNKNOWN.contains(&finding.code)) {
        checks.push(Check::new(About::Finding, finding.code, None, finding.message.clone()));
    }
    for change in &plan.changes {
        let Change { key, surface, resource, from, to } = change;
        let message = ring(plan, change)
            .unwrap_or_else(|| format!("desired {to}, actual {from}  [{surface}: {resource}]"));
        checks.push(Check::new(About::Difference(change.clone()), key, Some(false), message));
    }
    for finding in plan.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        checks.push(Check::new(About::Finding, finding.code, Some(false), finding.message.clone()));
    }
    checks
}

/// Returns what a difference of the roll-out is, by the groups' names; `None` of every other one.
fn ring(plan: &Plan, change: &Change) -> Option<String> {
    let Resource::Membership { group, member } = Resource::from_name(&change.resource)? else { return None };
    let name = |id: GroupId| plan.group_names.get(&id.to_string()).cloned().unwrap_or_else(|| id.to_string());
    let (group, member) = (name(group), name(member));
    Some(match change.to == true {
        true => format!("{member} is not in {group} and should be"),
        false => format!("{member} is in {group} and should not be"),
    })
}

/// Returns whether the admin centre's half was not looked at.
pub fn is_portal_left_out(checks: &[Check]) -> bool {
    checks.iter().any(Check::is_portal_left_out)
}
