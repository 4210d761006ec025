//! A plan that is carried out: one line for each write, as it is read back.

use std::time::Duration;

use super::document::{Line, Tone, code, foreign, line, words};
use super::text::{self, Layout};
use super::values;
use crate::plan::{Operation, Plan};
use crate::tenant::{Resource, setting};
use crate::text::{capitalized, counted};

/// Returns what is said of a write until it is read back.
pub fn under_way(operation: &Operation) -> String {
    format!("{}: reading back", label(operation))
}

/// Returns the line of a write that was read back: what was written, and what it is now.
pub fn landed(plan: &Plan, operation: &Operation, elapsed: Duration, layout: &Layout) -> String {
    let width = |operation: &Operation| label(operation).chars().count();
    let widest = plan.steps.iter().map(width).max().unwrap_or_default();
    let gap = " ".repeat(widest.saturating_sub(width(operation)) + 2);
    let done = line![words(Tone::Good, "  ✓ "), foreign(label(operation)), gap, now(plan, operation)];
    text::line_beside(&done, &line![format!("{:.1} s", elapsed.as_secs_f64())], layout)
}

/// Returns what people call the object of a write, as it begins a line.
fn label(operation: &Operation) -> String {
    let label = operation.label();
    let bare = label.strip_prefix("the ").unwrap_or(&label);
    // A group is called as it is called.
    if matches!(operation.resource(), Resource::Membership { .. }) {
        return label;
    }
    capitalized(bare)
}

fn now(plan: &Plan, operation: &Operation) -> Line {
    let changes = operation.changes();
    match (operation.resource(), changes.as_slice()) {
        (Resource::Method(_), [change, ..]) => values::method_now(plan, change),
        (Resource::Membership { .. }, [change, ..]) => line![if change.to == true { "in" } else { "out" }],
        (_, [change]) => match setting(&change.key) {
            Some(setting) => {
                line![setting.label, ": ", code(values::value(&plan.group_names, setting, &change.to))]
            }
            None => line![code(&change.key)],
        },
        (_, changes) => {
            let of = |key: &str| {
                let change = changes.iter().find(|change| change.key == key)?;
                Some(values::value(&plan.group_names, setting(key)?, &change.to))
            };
            let (scope, group) = (of("scope"), of("group").filter(|group| group != "none"));
            let shown = [&scope, &group].into_iter().flatten().count();
            let whom = match (scope, group) {
                (Some(scope), Some(group)) => Some(format!("{scope} for {group}")),
                (scope, group) => scope.or(group),
            };
            let rest = changes.len() - shown;
            let rest = (rest > 0).then(|| match shown {
                0 => counted(rest, "setting"),
                _ => format!("{rest} more"),
            });
            line![whom.into_iter().chain(rest).collect::<Vec<_>>().join(", ")]
        }
    }
}
