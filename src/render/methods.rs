//! Changes to a method of Graph's policy, for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::style::{DIM, GREEN, RED};
use super::values::group;
use crate::diff::Change;
use crate::plan::Plan;
use crate::tenant::{ALL_USERS, GraphMethod, Resource};
use crate::text::visible;

/// Returns the method a change is about, where it is about one.
pub(super) fn label(change: &Change) -> Option<String> {
    let Some(Resource::Method(id)) = Resource::from_name(&change.resource) else { return None };
    Some(GraphMethod::from_id(&id).map_or_else(|| visible(&id), |method| method.label().to_owned()))
}

/// What a change does to a method.
pub(super) struct Described {
    /// Its state and switches, in one line.
    pub(super) head: String,
    /// Those it is on for, and no longer on for.
    pub(super) lines: Vec<TargetLine>,
}

/// Someone a method comes to be on for, or not.
pub(super) struct TargetLine {
    /// `+` or `-`.
    pub(super) sign: char,
    /// A group with its id, or all users; made visible.
    pub(super) name: String,
    /// A list in a method that is off gives nobody anything.
    pub(super) is_off: bool,
}

/// Returns what a change does to a method: its state, whom it is on for, its switches.
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
            parts.push(format!("{} changes", visible(name)));
        }
    }
    let (from, to) = (side(&change.from, "targets"), side(&change.to, "targets"));
    let only = |these: &Value, those: &Value| -> Vec<String> {
        let those = those.as_array().map(Vec::as_slice).unwrap_or_default();
        let these = these.as_array().into_iter().flatten().filter(|id| !those.contains(id));
        these.map(|id| if *id == ALL_USERS { "all users".to_owned() } else { group(plan, id) }).collect()
    };
    let (added, removed) = (only(&to, &from), only(&from, &to));
    let is_off_before = side(&change.from, "state") == "disabled";
    let is_off_after = side(&change.to, "state") == "disabled";
    if !added.is_empty() && !is_off_after {
        parts.push("for sign-in too".to_owned());
    }
    let line = |sign, is_off| move |name| TargetLine { sign, name, is_off };
    let added = added.into_iter().map(line('+', is_off_after));
    let removed = removed.into_iter().map(line('-', is_off_before));
    Described { head: parts.join("; "), lines: added.chain(removed).collect() }
}

/// Writes what a change does to a method.
pub(super) fn describe(text: &mut String, plan: &Plan, change: &Change) {
    let Described { head, lines } = described(plan, change);
    text.push_str(&head);
    for TargetLine { sign, name, is_off } in lines {
        let style = if sign == '+' { GREEN } else { RED };
        let _ = match is_off {
            true => write!(text, "\n      {DIM}{sign} {name}, listed while it is off{DIM:#}"),
            false => write!(text, "\n      {style}{sign} {name}{style:#}"),
        };
    }
}
