//! Whom a plan reaches beyond the pilot, in words: as a mark in a change's own line, and as a sentence to say yes to.

use super::document::{Line, Tone, words};
use super::values::group;
use crate::diff::Change;
use crate::plan::{Beyond, Plan};
use crate::tenant::Scope;
use crate::text::{grouped, visible};

/// Returns the mark of a change that reaches beyond the pilot.
pub(super) fn mark(plan: &Plan, beyond: &Beyond) -> Line {
    let whom = match beyond {
        Beyond::EveryUser => "every user of the tenant".to_owned(),
        Beyond::EveryoneWith { method, is_every_user, .. } => everyone_with(method.label(), *is_every_user),
        Beyond::EveryoneElse if plan.scope == Some(Scope::None) => {
            "every user loses password reset".to_owned()
        }
        Beyond::EveryoneElse => "everyone else loses password reset".to_owned(),
        Beyond::OtherGroups(ids) => format!("people of {} lose password reset", groups(plan, ids)),
        Beyond::Administrators => "every administrator".to_owned(),
        Beyond::Synchronised => "everyone synchronised from on-premises".to_owned(),
    };
    words(Tone::Bad, format!("! {whom}")).into()
}

/// Returns what makes a plan wide, in sentences: whom it reaches beyond the pilot, and the guards that were lifted for
/// it.
pub(super) fn dangers(plan: &Plan) -> Vec<String> {
    let beyond = plan.changes.iter().filter_map(|change| Some(danger(plan, change, &plan.beyond(change)?)));
    let mut dangers: Vec<String> = beyond.collect();
    // That everyone is reached was said.
    let guards = plan.lifted_guards().filter(|finding| finding.code != "scope-all");
    dangers.extend(guards.map(|finding| format!("{}.", finding.message)));
    dangers
}

fn danger(plan: &Plan, change: &Change, beyond: &Beyond) -> String {
    let tenant = visible(&plan.tenant_name);
    let label = super::values::label(plan, change);
    match beyond {
        Beyond::EveryUser if change.key == "scope" => match plan.people.everyone {
            Some(count) => {
                format!("This lets all {} users of {tenant} reset their password.", grouped(count))
            }
            None => {
                format!("This lets all users of {tenant} reset their password; how many they are is unknown.")
            }
        },
        Beyond::EveryUser => format!("\"{label}\" reaches every user of {tenant}."),
        Beyond::EveryoneWith { method, switches, is_every_user } => {
            let whom = everyone_with(method.label(), *is_every_user);
            let verb = if switches.len() == 1 { "reaches" } else { "reach" };
            format!("\"{}\" {verb} {whom}.", switches.join("\" and \""))
        }
        Beyond::EveryoneElse if plan.scope == Some(Scope::None) => {
            format!("Every user of {tenant} can reset today, and no one after.")
        }
        Beyond::EveryoneElse => format!("Every user of {tenant} can reset today; after, only the pilot can."),
        Beyond::OtherGroups(ids) => {
            format!(
                "The people of {} can reset today; after, only those in the pilot can.",
                groups(plan, ids)
            )
        }
        Beyond::Administrators => format!("\"{label}\" reaches every administrator of {tenant}."),
        Beyond::Synchronised => format!("\"{label}\" reaches everyone synchronised from on-premises."),
    }
}

fn everyone_with(method: &str, is_every_user: bool) -> String {
    match is_every_user {
        true => format!("everyone who has {method}: all users"),
        false => format!("everyone who has {method}"),
    }
}

fn groups(plan: &Plan, ids: &[String]) -> String {
    ids.iter().map(|id| visible(&group(&plan.group_names, id))).collect::<Vec<_>>().join(", ")
}
