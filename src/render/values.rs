//! Values and what a change does to them, in the portal's words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Line, Lines, Mark, Tone, code, foreign, line, words};
use crate::diff::Change;
use crate::plan::Plan;
use crate::tenant::{ALL_USERS, GraphMethod, Method, Resource, Setting, ValueKind, setting};
use crate::text::counted;

/// What a change does: in a line, in parts with names of their own, and in what comes and what goes.
#[derive(Default)]
pub(super) struct Described {
    pub(super) text: Line,
    pub(super) parts: Vec<(Line, Line)>,
    pub(super) below: Lines,
}

pub(super) fn value(names: &BTreeMap<String, String>, setting: &Setting, value: &Value) -> String {
    if value.is_null() {
        return "unknown".to_owned();
    }
    match setting.kind {
        ValueKind::Scope => match value.as_str() {
            Some("none") => "None".to_owned(),
            Some("selected") => "Selected".to_owned(),
            Some("all") => "All".to_owned(),
            _ => value.to_string(),
        },
        ValueKind::Group => match value.as_array().map(Vec::as_slice) {
            Some([]) | None => "none".to_owned(),
            Some(ids) => {
                let ids = ids.iter().filter_map(Value::as_str);
                ids.map(|id| group(names, id)).collect::<Vec<_>>().join(", ")
            }
        },
        ValueKind::Methods => count(value),
        ValueKind::Switch { .. } => if value == true { "Yes" } else { "No" }.to_owned(),
        ValueKind::Helpdesk if value == "none" => "No".to_owned(),
        ValueKind::Helpdesk | ValueKind::Number { .. } => {
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        }
    }
}

/// Returns what a group is called; with its id where another one is called the same.
pub(super) fn group(names: &BTreeMap<String, String>, id: &str) -> String {
    let Some(name) = names.get(id) else { return id.to_owned() };
    let is_shared = names.iter().any(|(other, called)| other != id && called == name);
    if is_shared { format!("{name} ({id})") } else { name.clone() }
}

fn methods(value: &Value) -> impl Iterator<Item = Method> {
    value.as_array().into_iter().flatten().filter_map(|word| word.as_str()?.parse().ok())
}

fn count(value: &Value) -> String {
    match methods(value).count() {
        0 => "none".to_owned(),
        count => counted(count, "method"),
    }
}

/// Returns what a change does to the list of methods that the portal has.
pub(super) fn methods_changed(from: &Value, to: &Value) -> Described {
    let only = |mark: Mark, these: &Value, those: &Value| -> Vec<_> {
        let only = methods(these).filter(|method| !methods(those).any(|other| other == *method));
        only.map(|method| (Some(mark), line![method.label()])).collect()
    };
    let below = [only(Mark::ADDED, to, from), only(Mark::REMOVED, from, to)].concat();
    Described { text: line![count(to)], below, ..Described::default() }
}

/// Returns the method of Graph's policy that a change is about, where it is about one.
pub(super) fn method(change: &Change) -> Option<String> {
    let Some(Resource::Method(id)) = Resource::from_name(&change.resource) else { return None };
    Some(GraphMethod::from_id(&id).map_or(id, |method| method.label().to_owned()))
}

/// Returns the ring that an object of the roll-out is about, and the pilot group; `None` of every other object.
pub(super) fn membership(names: &BTreeMap<String, String>, resource: &str) -> Option<(String, String)> {
    let Resource::Membership { group, member } = Resource::from_name(resource)? else { return None };
    let name = |id: String| names.get(&id).cloned().unwrap_or(id);
    Some((name(member.to_string()), name(group.to_string())))
}

/// Returns what an object is called: a ring by its own name and the pilot group's, everything else as Graph does.
pub(super) fn object(names: &BTreeMap<String, String>, resource: &str) -> Line {
    match membership(names, resource) {
        Some((ring, pilot)) => line![foreign(ring), " in ", foreign(pilot)],
        None => line![code(resource)],
    }
}

/// Returns what a change does to a method of Graph's policy: its state, whom it is on for, and its switches; `mark` is
/// what is said beside these.
pub(super) fn described(plan: &Plan, change: &Change, mark: impl Fn(&str) -> Option<Line>) -> Described {
    let side = |side: &Value, name: &str| side.get(name).cloned().unwrap_or_default();
    let (from, to) = (side(&change.from, "targets"), side(&change.to, "targets"));
    let (before, after) = (side(&change.from, "state"), side(&change.to, "state"));
    let target = |id: &Value| target(plan, id);
    let (added, removed) = (only_in(plan, &to, &from), only_in(plan, &from, &to));
    let is_off = after == "disabled";
    let targets = to.as_array().map(|ids| joined(ids.iter().map(target)));
    let text = match (after.is_null(), targets) {
        (false, Some(targets)) if !is_off => line!["off → ", words(Tone::Strong, "on"), " for ", targets],
        (false, _) if is_off && !removed.is_empty() && before == "enabled" => {
            line!["on → ", words(Tone::Strong, "off"), " for ", joined(removed.iter().cloned())]
        }
        (false, _) => {
            let word = |value: &Value| if value == "enabled" { "on" } else { "off" };
            line![word(&before), " → ", words(Tone::Strong, word(&after))]
        }
        (true, _) if !added.is_empty() => line!["on for ", joined(added.iter().cloned()), " too"],
        (true, _) if !removed.is_empty() => line!["no longer on for ", joined(removed.iter().cloned())],
        (true, _) => Line::default(),
    };
    let is_opened = !added.is_empty() && !is_off;
    let text = line![text, if is_opened { ", sign-in too" } else { "" }];
    let part = |(name, value): (&String, &Value)| match GraphMethod::switch_label(name) {
        Some(label) => {
            let word = |value: &Value| if *value == true { "Yes" } else { "No" };
            let (from, to) = (word(&side(&change.from, name)), word(value));
            let mark = mark(label).map(|mark| line!["  ", mark]).unwrap_or_default();
            Some((line![label], line![from, " → ", words(Tone::Strong, to), mark]))
        }
        None if name == "state" || name == "targets" => None,
        None => Some((line![code(name)], line!["changes"])),
    };
    let parts = change.to.as_object().into_iter().flatten().filter_map(part).collect();
    let is_said = after.is_null() && added.is_empty();
    let removed = if is_said { Vec::new() } else { removed };
    let below = [(Mark::ADDED, added, &after), (Mark::REMOVED, removed, &before)].into_iter();
    let below = below.flat_map(|(mark, targets, state)| {
        targets.into_iter().filter_map(move |target| match state == "disabled" {
            // A list in a method that is off gives nobody anything.
            true => Some((Some(mark), line![target, ", listed while it is off"].with(Tone::Dim))),
            // That was said.
            false if mark == Mark::ADDED || is_off => None,
            false => Some((Some(mark), target)),
        })
    });
    Described { text, parts, below: below.collect() }
}

/// Returns what the portal calls what a change is about: a method, or a setting.
pub(super) fn label(plan: &Plan, change: &Change) -> String {
    if let Some((ring, _)) = membership(&plan.group_names, &change.resource) {
        return ring;
    }
    let label = || setting(&change.key).map_or(&*change.key, |setting| setting.label).to_owned();
    method(change).unwrap_or_else(label)
}

/// Returns a change as a difference: what is wanted, and what is there.
pub(super) fn compared(plan: &Plan, change: &Change) -> Described {
    let Change { from, to, .. } = change;
    let sides = |wanted: Line, there: Line| line![wanted.with(Tone::Strong), " wanted, ", there, " there"];
    if method(change).is_some() {
        return compared_method(plan, change, sides);
    }
    if let Some((_, pilot)) = membership(&plan.group_names, &change.resource) {
        let (wanted, there) = if *to == true { ("in ", "not in it") } else { ("not in ", "in it") };
        let text = line![line![wanted, foreign(pilot)].with(Tone::Strong), " wanted, ", there];
        return Described { text, ..Described::default() };
    }
    let text = |value: &Value| match setting(&change.key) {
        Some(Setting { kind: ValueKind::Methods, .. }) if value.is_array() => {
            let names: Vec<&str> = methods(value).map(Method::label).collect();
            if names.is_empty() { line!["none"] } else { line![names.join(", ")] }
        }
        Some(setting) => line![code(self::value(&plan.group_names, setting, value))],
        None => line![code(value.to_string())],
    };
    Described { text: sides(text(to), text(from)), ..Described::default() }
}

fn compared_method(plan: &Plan, change: &Change, sides: impl Fn(Line, Line) -> Line) -> Described {
    let side = |side: &Value, name: &str| side.get(name).cloned().unwrap_or_default();
    let target = |id: &Value| target(plan, id);
    let on_for = |targets: &Value| match targets.as_array().map(Vec::as_slice) {
        None | Some([]) => line!["on"],
        Some(ids) => line!["on for ", joined(ids.iter().map(target))],
    };
    let (from, to) = (side(&change.from, "targets"), side(&change.to, "targets"));
    let text = match (&side(&change.from, "state"), to.is_array()) {
        (Value::Null, false) => Line::default(),
        (Value::Null, true) => {
            let there = from.as_array().map(Vec::as_slice).unwrap_or_default();
            let added =
                to.as_array().into_iter().flatten().filter(|id| !there.contains(id)).cloned().collect();
            sides(on_for(&added), on_for(&from))
        }
        (state, _) if state == "enabled" => sides(on_for(&to), on_for(&from)),
        _ => sides(on_for(&to), line!["off"]),
    };
    let word = |value: &Value| line![if *value == true { "Yes" } else { "No" }];
    let part = |(name, value): (&String, &Value)| {
        let label = GraphMethod::switch_label(name)?;
        Some((line![label], sides(word(value), word(&side(&change.from, name)))))
    };
    let parts = change.to.as_object().into_iter().flatten().filter_map(part).collect();
    Described { text, parts, ..Described::default() }
}

/// Returns what a method of Graph's policy is after a change.
pub(super) fn method_now(plan: &Plan, change: &Change) -> Line {
    let side = |side: &Value, name: &str| side.get(name).cloned().unwrap_or_default();
    let (from, to) = (side(&change.from, "targets"), side(&change.to, "targets"));
    let is_off = side(&change.to, "state") == "disabled";
    let (added, removed) = (only_in(plan, &to, &from), only_in(plan, &from, &to));
    let state = match (is_off, added.is_empty(), removed.is_empty()) {
        (true, ..) => line!["off"],
        (false, false, _) => line!["on for ", joined(added.into_iter())],
        (false, true, false) => line!["no longer on for ", joined(removed.into_iter())],
        (false, true, true) if !side(&change.to, "state").is_null() => line!["on"],
        (false, true, true) => Line::default(),
    };
    let switches = change.to.as_object().into_iter().flatten().filter_map(|(name, value)| {
        let label = GraphMethod::switch_label(name)?;
        Some(line![if *value == true { "" } else { "no " }, label])
    });
    joined([state].into_iter().chain(switches).filter(|line| !line.0.is_empty()))
}

/// Returns the targets of one list that another has not.
fn only_in(plan: &Plan, these: &Value, those: &Value) -> Vec<Line> {
    let those = those.as_array().map(Vec::as_slice).unwrap_or_default();
    let these = these.as_array().into_iter().flatten().filter(|id| !those.contains(id));
    these.map(|id| target(plan, id)).collect()
}

fn target(plan: &Plan, id: &Value) -> Line {
    match id.as_str() {
        Some(ALL_USERS) | None => line!["all users"],
        Some(id) => line![foreign(group(&plan.group_names, id))],
    }
}

fn joined(lines: impl Iterator<Item = Line>) -> Line {
    let comma = |(at, line): (usize, Line)| line![if at > 0 { ", " } else { "" }, line];
    lines.enumerate().map(comma).collect()
}
