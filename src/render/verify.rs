//! What `verify` found: checks, the two links, and what was seen of a reset.

use std::fmt::Write as _;

use serde::Serialize;

use super::style::{BOLD, GREEN, RED, YELLOW};
use crate::outcome::check::{Check, SeenEvent, is_portal_left_out};
use crate::tenant::Surface;
use crate::text::{excerpt, visible};

/// Where people register.
pub const REGISTER: &str = "https://aka.ms/ssprsetup";
/// Where people reset.
pub const RESET: &str = "https://aka.ms/sspr";

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
