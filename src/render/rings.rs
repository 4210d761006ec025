//! A roll-out, for people and machines.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::document::{Block, Document, Line, Tone, code, foreign, line, listed, words};
use super::end_state::{left_out, spec_name};
use crate::outcome::{Besides, BoardRing, NextRing, RingBoard};
use crate::people::LastSignIn;
use crate::plan::{GateState, counted_people};
use crate::tenant::{NamedGroup, PeopleOfRing, Resets, Share, Witness};
use crate::text::{counted, shell_word};

/// Returns `sspr.rings/1`.
pub fn json(board: &RingBoard) -> String {
    let next = match board.next() {
        NextRing::Ring(at) => json!({
            "ring": at + 1, "holds": board.rings[at].gate.holds(),
            "set": {"key": "rollout.open", "value": at + 1},
        }),
        NextRing::None | NextRing::NotApplied(_) => Value::Null,
    };
    let mut document = json!({
        "format": "sspr.rings/1",
        "tenant": {"id": board.tenant_id, "name": board.tenant_name},
        "spec": {"path": board.spec_path},
        "group": {"id": board.group_id, "name": board.group_name},
        "open": board.open(),
        "wanted": board.wanted,
        "people": board.people(),
        "share": board.share().map(share_json),
        "besides": besides_json(&board.besides),
        "rings": rings_json(board),
        "is_applied": !matches!(board.next(), NextRing::NotApplied(_)),
        "is_time": board.is_time(),
        "next": next,
    });
    if !board.except.is_empty() {
        document["except"] = json!(board.except);
    }
    super::json::document(&document)
}

/// Returns each ring, in order.
pub(super) fn rings_json(board: &RingBoard) -> Value {
    board.rings.iter().map(ring_json).collect()
}

fn ring_json(ring: &BoardRing) -> Value {
    let by = |witness| match witness {
        Witness::Journal => "journal",
        Witness::AuditLog => "audit-log",
    };
    let parts = ring.gate.parts.iter().map(|part| json!({"holds": part.is_met, "text": part.text}));
    json!({
        "group": {"id": ring.id, "name": ring.name},
        "open": ring.is_open,
        "opened": ring.opened.map(|opened| json!({"at": whole_seconds(opened.at), "by": by(opened.by)})),
        "people": ring.people.as_ref().map(people_json),
        "resets": ring.resets.map(|Resets { done, blocked }| json!({"done": done, "blocked": blocked})),
        "gate": {"holds": ring.gate.holds(), "parts": parts.collect::<Vec<_>>()},
    })
}

fn besides_json(besides: &Besides) -> Value {
    let named = |group: &NamedGroup| json!({"id": group.id, "name": group.display_name});
    let groups = besides.groups.as_ref().map(|groups| groups.iter().map(named).collect::<Vec<_>>());
    json!({"people": besides.people, "groups": groups})
}

fn people_json(people: &PeopleOfRing) -> Value {
    let PeopleOfRing {
        members,
        already_in,
        share,
        unregistered,
        unreachable,
        admins,
        guests,
        disabled,
        unlicensed,
    } = people;
    json!({
        "members": members, "already_in": already_in, "share": share_json(*share),
        "unregistered": unregistered, "unreachable": unreachable,
        "admins": admins, "guests": guests, "disabled": disabled, "unlicensed": unlicensed,
    })
}

fn share_json(share: Share) -> Value {
    json!({"ready": share.ready, "not_ready": share.not_ready, "unknown": share.unknown})
}

/// Returns the board for people.
pub fn document(board: &RingBoard) -> Document {
    let (open, all) = (board.open(), board.rings.len());
    let people = board.people().map_or_else(|| "an unknown number of people".to_owned(), counted_people);
    let ready = match board.share() {
        Some(share) => format!("{} ready{}", share.ready, percent(share)),
        None => "unknown how many are ready".to_owned(),
    };
    let counts = if open == 0 { String::new() } else { format!(", {people}, {ready}") };
    let head = line![
        "Roll-out of ",
        foreign(&board.group_name).with(Tone::Strong),
        " in ",
        foreign(&board.tenant_name),
        format!(": {open} of {all} rings open{counts}")
    ];
    let left_out = left_out(&board.except).map(|line| Block::Lines(vec![line]));
    let beside: Vec<Line> = unreachable(board).into_iter().chain(besides(board)).collect();
    let beside = (!beside.is_empty()).then_some(Block::Lines(beside));
    let blocks = [Some(Block::Lines(vec![head])), left_out, Some(table(board)), beside];
    Document {
        title: line![format!("sspr rings: {open} of {all} rings open{counts}")],
        note: next(board),
        blocks: blocks.into_iter().flatten().collect(),
        closing: next(board),
        next: vec![],
    }
}

/// Returns a row for each ring.
pub(super) fn table(board: &RingBoard) -> Block {
    let heads = &["ring", "open since", "people", "ready", "resets", "gate"];
    Block::Table(heads, board.rings.iter().enumerate().map(|(at, ring)| row(board, at, ring)).collect())
}

fn row(board: &RingBoard, at: usize, ring: &BoardRing) -> Vec<Line> {
    let since = match (ring.is_open, ring.opened) {
        (false, _) => "–".to_owned(),
        (true, None) => "unknown".to_owned(),
        (true, Some(opened)) => opened.at.to_zoned(TimeZone::UTC).date().to_string(),
    };
    let unknown = || "?".to_owned();
    let people = ring.people.as_ref();
    let ready =
        people.map_or_else(unknown, |people| format!("{}{}", people.share.ready, percent(people.share)));
    let resets = match (ring.is_open, ring.resets) {
        (false, _) => "–".to_owned(),
        (true, None) => unknown(),
        (true, Some(Resets { done, blocked: 0 })) => done.to_string(),
        (true, Some(Resets { done, blocked })) => format!("{done}, {blocked} blocked"),
    };
    vec![
        line![foreign(&ring.name)],
        line![since],
        line![people.map_or_else(unknown, |people| people.members.to_string())],
        line![ready],
        line![resets],
        if ring.is_open { Line::default() } else { gate(board, at, &ring.gate) },
    ]
}

/// Returns how many people no prompt to register reaches; nothing where there are none.
fn unreachable(board: &RingBoard) -> Option<Line> {
    let days = LastSignIn::RECENT_DAYS;
    let counted = |ring: &BoardRing| {
        let people = ring.people.as_ref()?;
        (people.unregistered != Some(0)).then_some((ring.name.clone(), people.unreachable))
    };
    let rings: Vec<(String, Option<u64>)> = board.rings.iter().filter_map(counted).collect();
    if rings.iter().any(|(_, count)| count.is_none()) {
        return Some(line![format!(
            "Unknown how many of those not registered signed in within {days} days: that takes AuditLog.Read.All and Entra ID P1."
        )]);
    }
    let some = rings.into_iter().filter_map(|(name, count)| Some((name, count.filter(|count| *count > 0)?)));
    let some: Vec<Line> = some.map(|(name, count)| line![format!("{count} in "), foreign(&name)]).collect();
    (!some.is_empty()).then(|| {
        let who = format!("Not registered, and no sign-in in {days} days, so that no prompt reaches them: ");
        line![who, joined(some, ", "), "."]
    })
}

fn joined(lines: Vec<Line>, by: &str) -> Line {
    let apart = lines.into_iter().enumerate().map(|(at, line)| if at > 0 { line![by, line] } else { line });
    apart.collect()
}

/// Returns what is in the pilot group besides the rings; nothing where that is nothing.
fn besides(board: &RingBoard) -> Option<Line> {
    let Besides { people, groups } = &board.besides;
    let people = match people {
        Some(0) => None,
        Some(people) => Some(line![format!("{} directly", counted_people(*people))]),
        None => Some(line!["an unknown number of people directly"]),
    };
    let groups = match groups.as_deref() {
        Some([]) => None,
        Some(groups) => {
            let names = listed(groups.iter().map(|group| foreign(&group.display_name)));
            Some(line![format!("{} outside the roll-out (", counted(groups.len(), "group")), names, ")"])
        }
        None => Some(line!["an unknown number of groups outside the roll-out"]),
    };
    let both: Vec<Line> = [people, groups].into_iter().flatten().collect();
    (!both.is_empty()).then(|| {
        let left = "; sspr leaves them there.";
        line![foreign(&board.group_name), " also holds ", joined(both, " and "), left]
    })
}

fn gate(board: &RingBoard, at: usize, gate: &GateState) -> Line {
    match gate.holds() {
        _ if gate.parts.is_empty() => {
            let before = at.checked_sub(1).map(|before| &board.rings[before]).filter(|ring| !ring.is_open);
            before.map_or_else(|| line!["waits for nothing"], |ring| line!["after ", foreign(&ring.name)])
        }
        Some(true) => line![words(Tone::Good, "holds")],
        Some(false) => line![gate.lacking()],
        None => line!["unknown: ", gate.lacking()],
    }
}

fn percent(share: Share) -> String {
    share.percent().map_or_else(String::new, |percent| format!(" ({percent} %)"))
}

/// Returns what to do next.
pub(super) fn next(board: &RingBoard) -> Line {
    let path = || spec_name(&board.spec_path);
    match board.next() {
        NextRing::None => line![
            "Every ring is open. To let everyone reset, set ",
            code("scope: all"),
            " in place of ",
            code("group"),
            " and ",
            code("rollout"),
            " in ",
            path(),
            "."
        ],
        NextRing::NotApplied(at) => {
            let ring = &board.rings[at];
            if !ring.is_open && ring.gate.holds() != Some(true) {
                let unknown = if ring.gate.holds().is_none() { ", as far as is known" } else { "" };
                return line![
                    foreign(&ring.name),
                    " is to be open by ",
                    path(),
                    ", and its gate holds it",
                    unknown,
                    ": ",
                    ring.gate.lacking(),
                    ". Until then ",
                    code(format!("sspr apply {}", shell_word(&board.spec_path))),
                    " is refused; ",
                    code(format!("rollout.open: {at}")),
                    " takes it back."
                ];
            }
            let state = if ring.is_open {
                " is open, and is not to be by "
            } else {
                " is not open yet, and is to be by "
            };
            line![
                foreign(&ring.name),
                state,
                path(),
                ": ",
                code(format!("sspr apply {}", shell_word(&board.spec_path))),
                "."
            ]
        }
        NextRing::Ring(at) => {
            let ring = &board.rings[at];
            let when = match ring.gate.holds() {
                Some(true) => line![words(Tone::Good, "It is time"), " for ", foreign(&ring.name), ": set "],
                Some(false) => line!["Not yet: ", ring.gate.lacking(), ". When the gate holds, set "],
                None => {
                    line!["Unknown whether it is time: ", ring.gate.lacking(), ". When the gate holds, set "]
                }
            };
            line![when, code(format!("rollout.open: {}", at + 1)), " in ", path(), "."]
        }
    }
}

fn whole_seconds(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}
