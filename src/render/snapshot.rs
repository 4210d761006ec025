//! What `snapshot` kept, and what every result says that was made from one.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::document::{Block, Document, Kind, Line, Span, clock, code, foreign, line, moment};
use crate::tenant::{Closed, SNAPSHOT_FORMAT, Snapshot, SnapshotMark, Surface, WITHOUT_PEOPLE};
use crate::text::{counted, shell_word, visible};

/// Returns what is in the file, and what comes next.
pub fn document(snapshot: &Snapshot, path: &str) -> Document {
    let organization = &snapshot.organization;
    let of = line![
        "Snapshot of ",
        foreign(&organization.display_name),
        " (",
        code(organization.domain()),
        ") in ",
        code(path)
    ];
    let people = match snapshot.has_people {
        true => "People are in it by name: only you can read the file, and it belongs in no repository.",
        false => "No name of anyone is in it: people are counted.",
    };
    let surface = |surface: Surface| {
        let answers = counted(snapshot.answers(surface).count(), "answer");
        let closed = closed(snapshot, surface).count();
        let closed = if closed > 0 { format!(", {closed} closed to this sign-in") } else { String::new() };
        line![format!("{surface}: {answers}{closed}")]
    };
    let mut facts = vec![line![people], surface(Surface::Portal), surface(Surface::Graph)];
    let is_open = |reading: &Surface| snapshot.answers(*reading).next().is_some();
    if !is_open(&Surface::Portal) {
        facts.push(line!["The admin centre's half is not in it."]);
    }
    let shut = [Surface::Portal, Surface::Graph].into_iter().flat_map(|surface| closed(snapshot, surface));
    let shut: Vec<Line> =
        shut.map(|(path, why)| line!["closed: ", code(path), ": ", code(words(why))]).collect();
    let half = if is_open(&Surface::Portal) { "" } else { " --graph-only" };
    Document {
        title: line!["sspr snapshot: wrote ", code(path)],
        blocks: [Block::Section(of.into(), vec![Block::Facts(facts)])]
            .into_iter()
            .chain((!shut.is_empty()).then_some(Block::Lines(shut)))
            .collect(),
        closing: line!["Wrote ", code(path), "."],
        next: vec![line![code(format!("sspr plan --against {}{half}", shell_word(path)))]],
        ..Document::default()
    }
}

/// What was refused, and not what was left out on purpose.
fn closed(snapshot: &Snapshot, surface: Surface) -> impl Iterator<Item = (&str, &Closed)> {
    let is_refused = |why: &Closed| !matches!(why, Closed::LeftOut { .. });
    snapshot.closed(surface).filter(move |(_, why)| is_refused(why))
}

fn words(why: &Closed) -> String {
    match why {
        Closed::Refused { status, code: Some(code) } => format!("{status} {code}"),
        Closed::Refused { status, code: None } => status.to_string(),
        Closed::Odd { odd: why } | Closed::LeftOut { left_out: why } => why.clone(),
    }
}

/// Returns what was written, as `sspr.snapshot-written/1`; the snapshot itself is the file.
pub fn json(snapshot: &Snapshot, path: &str) -> String {
    let list =
        |surface| closed(snapshot, surface).map(|(path, why)| json!({"path": path, "why": words(why)}));
    let closed: Vec<Value> = list(Surface::Portal).chain(list(Surface::Graph)).collect();
    super::json::document(&json!({
        "format": "sspr.snapshot-written/1",
        "path": path,
        "snapshot": SNAPSHOT_FORMAT,
        "taken": snapshot.taken.to_string(),
        "tenant": {"id": snapshot.organization.id, "name": snapshot.organization.display_name},
        "people": snapshot.has_people,
        "without": (!snapshot.has_people).then_some(WITHOUT_PEOPLE),
        "closed": closed,
        "digest": snapshot.digest(),
    }))
}

/// Returns what was read from a snapshot and as of when: to the minute on a screen, in days on a page.
pub fn read_from(mark: &SnapshotMark, is_page: bool) -> Line {
    let age = if is_page { mark.age_in_days() } else { mark.age() };
    let (begin, end) = match mark.is_portal_only {
        true => ("Portal half as of ", "; Graph's half was read now."),
        false => ("As of ", "; nothing was read from the tenant."),
    };
    line![begin, moment(mark.taken), format!(" ({age}), from "), code(&mark.path), end]
}

/// As [`read_from`], as plain text.
pub fn read_from_text(mark: &SnapshotMark) -> String {
    let plain = |span: Span| match span.kind {
        Kind::Moment => clock(&span.text, &TimeZone::UTC),
        _ => visible(&span.text),
    };
    read_from(mark, true).0.into_iter().map(plain).collect()
}

/// Returns the mark as a field of a document.
pub fn mark(mark: &SnapshotMark) -> Value {
    let surfaces: &[Surface] =
        if mark.is_portal_only { &[Surface::Portal] } else { &[Surface::Portal, Surface::Graph] };
    json!({
        "path": mark.path,
        "taken": mark.taken.to_string(),
        "age_days": mark.days(),
        "digest": mark.digest,
        "surfaces": surfaces,
        "people": mark.has_people,
    })
}
