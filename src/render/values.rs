//! Values for people: in the portal's words, whatever is shown around them.

use serde_json::Value;

use crate::plan::Plan;
use crate::tenant::{Method, Setting, ValueKind};
use crate::text::{counted, visible};

/// Returns a setting's value in the portal's words.
pub(super) fn value(plan: &Plan, setting: &Setting, value: &Value) -> String {
    if value.is_null() {
        return "unknown".to_owned();
    }
    match setting.kind {
        ValueKind::Scope => match value.as_str() {
            Some("none") => "None".to_owned(),
            Some("selected") => "Selected".to_owned(),
            Some("all") => "All".to_owned(),
            _ => visible(&value.to_string()),
        },
        ValueKind::Group => match value.as_array().map(Vec::as_slice) {
            Some([]) | None => "no group".to_owned(),
            Some(ids) => ids.iter().map(|id| group(plan, id)).collect::<Vec<_>>().join(", "),
        },
        ValueKind::Methods => match methods(value).count() {
            0 => "none".to_owned(),
            count => counted(count, "method"),
        },
        ValueKind::Switch { .. } => if value == true { "Yes" } else { "No" }.to_owned(),
        ValueKind::Helpdesk if value == "none" => "No".to_owned(),
        ValueKind::Helpdesk | ValueKind::Number { .. } => {
            visible(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        }
    }
}

/// Returns a group by name and id, where its name is known.
pub(super) fn group(plan: &Plan, id: &Value) -> String {
    let id = id.as_str().unwrap_or_default();
    match plan.group_names.get(id) {
        Some(name) => format!("{} ({})", visible(name), visible(id)),
        None => visible(id),
    }
}

/// Returns the methods a list of the spec's words means.
pub(super) fn methods(value: &Value) -> impl Iterator<Item = Method> {
    value.as_array().into_iter().flatten().filter_map(|word| word.as_str().and_then(Method::from_word))
}

/// Returns so many people, in the right number.
pub(super) fn counted_people(members: u64) -> String {
    if members == 1 { "1 person".to_owned() } else { format!("{members} people") }
}
