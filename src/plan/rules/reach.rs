//! What a plan means for the people it reaches: how many can reset today, how many after, who falls off.

use super::situation::{Rule, Situation};
use crate::diff::{Change, Desired};
use crate::plan::{Finding, Impact, Severity, Terms, impact};
use crate::spec::Spec;
use crate::tenant::Tenant;
use crate::text::counted;

/// Rules about what changes for people.
pub(super) const RULES: [Rule; 2] = [reach, stranded];

/// Returns the impact of the changes on the group; `None` where what people registered is unknown, or where
/// nothing that matters to them changes.
pub(in crate::plan) fn reached(
    spec: &Spec,
    tenant: &Tenant,
    desired: &Desired,
    changes: &[Change],
) -> Option<Impact> {
    let matters = |key: &str| key == "scope" || key == "group" || key.starts_with("methods.");
    changes.iter().any(|change| matters(&change.key)).then_some(())?;
    let registered = tenant.people.registered.as_ref()?;
    let today = Terms::today(spec, tenant);
    let after = Terms::after(spec, tenant, desired);
    Some(impact(&today, &after, registered.iter().map(Option::as_deref)))
}

fn reach(situation: &Situation<'_>) -> Option<Finding> {
    let Impact { able_today, able_after, stranded: _, unknown } = *situation.impact?;
    let shown =
        |count: Option<u64>| count.map_or_else(|| "an unknown number".to_owned(), |count| count.to_string());
    let mut message = format!(
        "By what people registered, {} could reset today and {} after",
        shown(able_today),
        shown(able_after)
    );
    if unknown > 0 {
        let people = counted(unknown, "member");
        message.push_str(&format!("; of {people} the report says nothing"));
    }
    Some(Finding {
        code: "reach",
        severity: Severity::Info,
        key: "group",
        message,
        help: "The report can be 36 hours old and lacks disabled accounts. `sspr people` says who is ready, and why not."
            .to_owned(),
    })
}

fn stranded(situation: &Situation<'_>) -> Option<Finding> {
    let count = situation.impact?.stranded.len();
    // Whoever sets the scope to None means to take it from everyone.
    (count > 0 && !situation.is_switched_off()).then(|| Finding {
        code: "people-stranded",
        severity: if situation.circumstances.allowances.stranding { Severity::Warning } else { Severity::Error },
        key: "methods.allowed",
        message: format!("{} who can reset today could not after", counted(count, "member")),
        help: "Let them register what the spec allows first; `sspr people` names them. If this is meant, pass --allow-stranding."
            .to_owned(),
    })
}
