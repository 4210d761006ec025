//! Values and what a change does to them, in the portal's words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Line, Lines, Mark, Tone, foreign, line};
use crate::diff::Change;
use crate::plan::Plan;
use crate::tenant::{ALL_USERS, GraphMethod, Method, Resource, Setting, ValueKind};
use crate::text::counted;

/// A change in a line, and below it what comes and what goes.
type Described = (Line, Lines);

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
            Some([]) | None => "no group".to_owned(),
            Some(ids) => ids.iter().map(|id| group(names, id)).collect::<Vec<_>>().join(", "),
        },
        ValueKind::Methods => count(value),
        ValueKind::Switch { .. } => if value == true { "Yes" } else { "No" }.to_owned(),
        ValueKind::Helpdesk if value == "none" => "No".to_owned(),
        ValueKind::Helpdesk | ValueKind::Number { .. } => {
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        }
    }
}

fn group(names: &BTreeMap<String, String>, id: &Value) -> String {
    let id = id.as_str().unwrap_or_default();
    match names.get(id) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_owned(),
    }
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
    (line![count(to)], [only(Mark::ADDED, to, from), only(Mark::REMOVED, from, to)].concat())
}

/// Returns the method of Graph's policy that a change is about, where it is about one.
pub(super) fn method(change: &Change) -> Option<String> {
    let Some(Resource::Method(id)) = Resource::from_name(&change.resource) else { return None };
    Some(GraphMethod::from_id(&id).map_or(id, |method| method.label().to_owned()))
}

/// Returns what a change does to a method of Graph's policy: its state, its switches, its targets.
pub(super) fn described(plan: &Plan, change: &Change) -> Described {
    let side = |side: &Value, name: &str| side.get(name).cloned().unwrap_or_default();
    let mut parts = Vec::new();
    if change.to.get("state").is_some() {
        let word = |value: Value| if value == "enabled" { "on" } else { "off" };
        parts.push(format!("{} → {}", word(side(&change.from, "state")), word(side(&change.to, "state"))));
    }
    for (name, value) in change.to.as_object().into_iter().flatten() {
        if let Some(label) = GraphMethod::switch_label(name) {
            let word = |value: &Value| if *value == true { "Yes" } else { "No" };
            parts.push(format!("{label}: {} → {}", word(&side(&change.from, name)), word(value)));
        } else if name != "state" && name != "targets" {
            parts.push(format!("{name} changes"));
        }
    }
    let (from, to) = (side(&change.from, "targets"), side(&change.to, "targets"));
    let only = |mark: Mark, (these, those): (&Value, &Value), state: Value| -> Vec<_> {
        let those = those.as_array().map(Vec::as_slice).unwrap_or_default();
        let these = these.as_array().into_iter().flatten().filter(|id| !those.contains(id));
        let target = |id: &Value| match *id == ALL_USERS {
            true => line!["all users"],
            false => line![foreign(group(&plan.group_names, id))],
        };
        // Targets of a method that is off do not have it.
        let told = |id| match state == "disabled" {
            true => line![target(id), ", listed while it is off"].with(Tone::Dim),
            false => target(id),
        };
        these.map(|id| (Some(mark), told(id))).collect()
    };
    let (before, after) = (side(&change.from, "state"), side(&change.to, "state"));
    let is_off = after == "disabled";
    let added = only(Mark::ADDED, (&to, &from), after);
    let removed = only(Mark::REMOVED, (&from, &to), before);
    if !added.is_empty() && !is_off {
        parts.push("for sign-in too".to_owned());
    }
    (line![parts.join("; ")], [added, removed].concat())
}
