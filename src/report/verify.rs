//! What `verify` found: checks, the two links, and what was seen of a reset.

use std::fmt::Write as _;

use serde::Serialize;

use super::portal_steps::NOT_LOOKED_AT;
use super::style::{BOLD, GREEN, RED, YELLOW};
use crate::plan::{Finding, Plan, Severity};
use crate::tenant::Surface;
use crate::text::{counted, excerpt, visible};

/// Findings that say that something the spec manages could not be compared.
const UNKNOWN: [&str; 2] = ["migration-state-unknown", "nesting-unknown"];

/// The check of the admin centre's half, where there is one to speak of.
const PORTAL_SETTINGS: &str = "portal-settings";

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
    /// The surfaces nobody looked at, where there are any.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_looked_at: &'static [Surface],
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
        checks.push(Check::new(PORTAL_SETTINGS, None, NOT_LOOKED_AT));
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

/// Returns whether the admin centre's half was not looked at.
pub fn is_portal_left_out(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.name == PORTAL_SETTINGS && check.ok.is_none())
}

/// Returns `sspr.verify/1`.
pub fn json(checks: &[Check], events: &[SeenEvent]) -> String {
    let document = VerifyV1 {
        format: "sspr.verify/1",
        checks,
        not_looked_at: if is_portal_left_out(checks) { &[Surface::Portal] } else { &[] },
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
