//! What `verify` checked, and what it saw of a reset.

use std::collections::BTreeMap;

use serde::Serialize;

use super::applied::NOT_LOOKED_AT;
use crate::diff::Change;
use crate::plan::{Plan, Severity};
use crate::spec_file::{Key, Place};
use crate::text::counted;

/// Findings that say that something the spec manages could not be compared.
const UNKNOWN: [&str; 2] = ["migration-state-unknown", "nesting-unknown"];

/// The check of the admin centre's half, where there is one to speak of.
const PORTAL_SETTINGS: &str = "portal-settings";

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Kebab-case name, or the spec key that differs.
    pub name: String,
    /// Whether it holds; `None` is unknown.
    pub ok: Option<bool>,
    /// What is the case. May hold foreign text; made visible when rendered.
    pub message: String,
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
    /// Who was looked at, where they may go on to reset; foreign text.
    pub tester: Option<String>,
    /// What the audit log showed of a reset.
    pub events: Vec<SeenEvent>,
    /// The path of the spec's file; `None` where it manages nothing.
    pub file: Option<String>,
    /// Where the file has its keys.
    pub lines: BTreeMap<&'static str, Place>,
    /// What of the file was left out.
    pub except: Vec<Key>,
}

impl Verification {
    /// Compares the tenant with the spec, by the plan from one to the other.
    pub fn new(plan: &Plan) -> Self {
        Self {
            checks: drift(plan),
            file: plan.file().map(str::to_owned),
            lines: plan.lines.clone(),
            except: plan.except.clone(),
            ..Self::default()
        }
    }
}

impl Check {
    /// Returns a check.
    pub fn new(name: &str, ok: Option<bool>, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok, message: message.into() }
    }
}

/// Returns whether the tenant is as the spec says: one check for the whole, one for each difference.
fn drift(plan: &Plan) -> Vec<Check> {
    let whole = if plan.portal_steps.is_none() { "the tenant" } else { "Graph's half of the tenant" };
    let message = match plan.changes.len() {
        0 => format!("{whole} matches {}", plan.spec_words()),
        changes => format!("{} from {}", counted(changes, "difference"), plan.spec_words()),
    };
    let mut checks = vec![Check::new("settings", Some(plan.changes.is_empty()), message)];
    if plan.portal_steps.is_some() {
        checks.push(Check::new(PORTAL_SETTINGS, None, NOT_LOOKED_AT));
    }
    // What is unknown stays so, accepted or not.
    for finding in plan.all_findings().filter(|finding| UNKNOWN.contains(&finding.code)) {
        checks.push(Check::new(finding.code, None, finding.message.clone()));
    }
    for change in &plan.changes {
        let Change { key, surface, resource, from, to } = change;
        let message = format!("desired {to}, actual {from}  [{surface}: {resource}]");
        checks.push(Check::new(key, Some(false), message));
    }
    for finding in plan.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        checks.push(Check::new(finding.code, Some(false), finding.message.clone()));
    }
    checks
}

/// Returns whether the admin centre's half was not looked at.
pub fn is_portal_left_out(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.name == PORTAL_SETTINGS && check.ok.is_none())
}
