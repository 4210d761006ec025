//! What `verify` found: checks, the two links, and what was seen of a reset.

use std::fmt::Write as _;

use serde::Serialize;

use super::style::{BOLD, GREEN, RED, YELLOW};
use crate::plan::{Finding, Plan, Severity};
use crate::text::{counted, excerpt, visible};

/// Findings that say that something the spec manages could not be compared.
const UNKNOWN: [&str; 2] = ["migration-state-unknown", "nesting-unknown"];

/// Where people register.
pub const REGISTER: &str = "https://aka.ms/ssprsetup";
/// Where people reset.
pub const RESET: &str = "https://aka.ms/sspr";

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

/// Something the audit log told.
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

#[derive(Serialize)]
struct VerifyV1<'a> {
    format: &'static str,
    checks: &'a [Check],
    links: Links,
    events: &'a [SeenEvent],
}

#[derive(Serialize)]
struct Links {
    register: &'static str,
    reset: &'static str,
}

impl Check {
    /// Returns a check.
    pub fn new(name: &str, ok: Option<bool>, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok, message: message.into() }
    }
}

/// Returns whether the tenant is as the spec says: one check for the whole, one for each difference.
pub fn drift(plan: &Plan) -> Vec<Check> {
    let changes = plan.changes.len();
    let whole = if plan.portal_steps.is_none() { "the tenant" } else { "Graph's half of the tenant" };
    let mut checks = vec![match changes {
        0 => Check::new("settings", Some(true), format!("{whole} matches {}", plan.spec_path)),
        _ => Check::new(
            "settings",
            Some(false),
            format!("{} from {}", counted(changes, "difference"), plan.spec_path),
        ),
    }];
    if plan.portal_steps.is_some() {
        let message = "whether the admin centre's half matches was not read";
        checks.push(Check::new("portal-settings", None, message));
    }
    let is_unknown = |finding: &&Finding| UNKNOWN.contains(&finding.code);
    for finding in plan.findings.iter().filter(is_unknown) {
        checks.push(Check::new(finding.code, None, finding.message.clone()));
    }
    for change in &plan.changes {
        let message = format!(
            "desired {}, actual {}  [{}: {}]",
            change.to, change.from, change.surface, change.resource
        );
        checks.push(Check::new(&change.key, Some(false), message));
    }
    for finding in plan.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        checks.push(Check::new(finding.code, Some(false), finding.message.clone()));
    }
    checks
}

/// Returns `sspr.verify/1`.
pub fn json(checks: &[Check], events: &[SeenEvent]) -> String {
    let document = VerifyV1 {
        format: "sspr.verify/1",
        checks,
        links: Links { register: REGISTER, reset: RESET },
        events,
    };
    // Strings and flags only: nothing in it cannot be written.
    format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default())
}

/// Returns the checks for people.
pub fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    for Check { name, ok, message } in checks {
        let (style, word) = match ok {
            Some(true) => (GREEN, "ok"),
            Some(false) => (RED, "no"),
            None => (YELLOW, "unknown"),
        };
        let _ = writeln!(
            text,
            "{style}{word:<7}{style:#}  {BOLD}{}{BOLD:#}: {}",
            visible(name),
            excerpt(message, 400)
        );
    }
    text
}

/// Returns what the tester does next.
pub fn steps(user: &str) -> String {
    format!(
        "\nIn a private browser window, as {}:\n  1. register at {REGISTER}\n  2. sign out, then reset the password at {RESET}\n  3. `sspr verify --user … --watch` sees the reset in the audit log, 5 to 10 minutes later\n",
        visible(user)
    )
}

/// Returns one line of the log for people.
pub fn event(event: &SeenEvent) -> String {
    format!("{}  {}  {}\n", visible(&event.at), excerpt(&event.activity, 100), excerpt(&event.reason, 200))
}
