//! The result of `verify`: checks, a tester's next steps, and what the audit log shows of a reset.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::{Block, Document, Item, Items, Mark, Tone, code, foreign, line};
use crate::outcome::applied::NOT_LOOKED_AT;
use crate::outcome::verification::{Check, SeenEvent, Verification, is_portal_left_out};
use crate::spec_file::Key;
use crate::tenant::Surface;
use crate::text::excerpt;

/// Where people register.
pub const REGISTER: &str = "https://aka.ms/ssprsetup";
/// Where people reset.
pub const RESET: &str = "https://aka.ms/sspr";

#[derive(Serialize)]
struct VerifyV1<'a> {
    format: &'static str,
    checks: &'a [Check],
    /// Only where something of the spec was left out.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    except: &'a [Key],
    /// The surfaces that were not read, if any.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_looked_at: &'static [Surface],
    links: BTreeMap<&'static str, &'static str>,
    events: &'a [SeenEvent],
}

/// Returns `sspr.verify/1`.
pub fn json(Verification { checks, except, events, .. }: &Verification) -> String {
    super::json::document(&VerifyV1 {
        format: "sspr.verify/1",
        checks,
        except,
        not_looked_at: if is_portal_left_out(checks) { &[Surface::Portal] } else { &[] },
        links: [("register", REGISTER), ("reset", RESET)].into(),
        events,
    })
}

/// Returns what was found; `tester` is who was looked at, where they may go on to reset.
pub fn document(checks: &[Check], tester: Option<&str>, events: &[SeenEvent]) -> Document {
    // The first says of the whole what others say of its parts.
    let failed = checks.iter().find(|check| check.ok == Some(false));
    let result = failed.map_or("every check that could run passed", |failed| &failed.message);
    let rest = if is_portal_left_out(checks) { format!("; {NOT_LOOKED_AT}") } else { String::new() };
    let events = (!events.is_empty()).then(|| Block::Details(line!["Audit log"], vec![self::events(events)]));
    Document {
        title: line!["sspr verify: ", result, rest],
        blocks: [Some(found(checks)), tester.map(steps), events].into_iter().flatten().collect(),
        ..Document::default()
    }
}

/// Returns checks.
pub fn found(checks: &[Check]) -> Block {
    let item = |Check { name, ok, message }: &Check| Item {
        mark: Some(match ok {
            Some(true) => Mark(Tone::Good, "ok"),
            Some(false) => Mark(Tone::Bad, "no"),
            None => Mark(Tone::Warn, "unknown"),
        }),
        name: line![code(name).with(Tone::Strong)],
        text: line![excerpt(message, 400)],
        ..Item::default()
    };
    Block::Items(Items::new(&["check", "result"], checks.iter().map(item)))
}

fn steps(user: &str) -> Block {
    let steps = [
        line![format!("register at {REGISTER}")],
        line![format!("sign out, then reset the password at {RESET}")],
        line!["`sspr verify --user … --watch` sees the reset in the audit log, 5 to 10 minutes later"],
    ];
    Block::Steps(line!["In a private browser window, as ", foreign(user), ":"], steps.into())
}

fn events(events: &[SeenEvent]) -> Block {
    let row = |SeenEvent { at, activity, ok: _, reason }: &SeenEvent| {
        vec![line![code(at)], line![foreign(excerpt(activity, 100))], line![foreign(excerpt(reason, 200))]]
    };
    Block::Table(&["when", "what", "why"], events.iter().map(row).collect())
}

/// Returns a line of the audit log as a screen shows it.
pub fn event_text(event: &SeenEvent) -> String {
    let SeenEvent { at, activity, ok: _, reason } = event;
    let (activity, reason) = (foreign(excerpt(activity, 100)), foreign(excerpt(reason, 200)));
    super::text::line(&line![code(at), "  ", activity, "  ", reason], &super::text::Layout::default())
}
