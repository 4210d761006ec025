//! What `verify` found: checks, what a tester does next, and what was seen of a reset.

use serde::Serialize;

use super::document::{Block, Column, Document, Item, Items, Line, Mark, Table, Tone, code, foreign, line};
use crate::outcome::check::{Check, SeenEvent, is_portal_left_out};
use crate::outcome::closing::NOT_LOOKED_AT;
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
    super::json::document(&VerifyV1 {
        format: "sspr.verify/1",
        checks,
        not_looked_at: if is_portal_left_out(checks) { &[Surface::Portal] } else { &[] },
        links: Links { register: REGISTER, reset: RESET },
        events,
    })
}

/// Returns what was found; `tester` is who was looked at, where they may go on to reset.
pub fn document(checks: &[Check], tester: Option<&str>, events: &[SeenEvent]) -> Document {
    // The first says of the whole what others say of its parts.
    let result = match checks.iter().find(|check| check.ok == Some(false)) {
        None => "everything that could be checked holds",
        Some(failed) => &failed.message,
    };
    let rest = if is_portal_left_out(checks) { format!("; {NOT_LOOKED_AT}") } else { String::new() };
    let events = (!events.is_empty()).then(|| {
        let rows = events.iter().map(event).collect();
        let table = Block::Table(Table { columns: &EVENTS, rows });
        Block::Details(line!["What the audit log told"], vec![table])
    });
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
            Some(true) => Mark::Holds,
            Some(false) => Mark::No,
            None => Mark::Unknown,
        }),
        name: line![code(name).with(Tone::Strong)],
        text: line![excerpt(message, 400)],
        ..Item::default()
    };
    let heads = ("check", "what is the case", &[] as &[&str]);
    Block::Items(Items { heads, width: None, folded_help: None, items: checks.iter().map(item).collect() })
}

fn steps(user: &str) -> Block {
    Block::Steps(
        line!["In a private browser window, as ", foreign(user), ":"],
        vec![
            line![format!("register at {REGISTER}")],
            line![format!("sign out, then reset the password at {RESET}")],
            line!["`sspr verify --user … --watch` sees the reset in the audit log, 5 to 10 minutes later"],
        ],
    )
}

const EVENTS: [Column; 3] = [Column::new("when"), Column::new("what"), Column::new("why")];

fn event(SeenEvent { at, activity, ok: _, reason }: &SeenEvent) -> Vec<Line> {
    vec![line![code(at)], line![foreign(excerpt(activity, 100))], line![foreign(excerpt(reason, 200))]]
}

/// Returns a line of the audit log as a screen shows it.
pub fn event_text(event: &SeenEvent) -> String {
    super::text::row(&EVENTS, &self::event(event))
}
