//! Rules about the effect on people: who can reset today, who can after, who is locked out.

use jiff::civil::Date;
use serde_json::Value;

use super::context::{Rule, RuleContext};
use crate::diff::Desired;
use crate::plan::{
    Finding, Impact, ResetPolicy, Severity, Writeback, explicit_registration, locked_out, ready,
};
use crate::spec_file::Spec;
use crate::tenant::{MemberCounts, Surface, Tenant};
use crate::text::counted;

pub(super) const RULES: [Rule; 3] = [reach, locks_out, lockout_unknown];

/// Returns the impact of the plan on the group; `None` where what people registered is unknown.
pub(in crate::plan) fn reached(spec: &Spec, tenant: &Tenant, desired: &Desired, on: Date) -> Option<Impact> {
    let MemberCounts { registered, candidates, writeback, .. } = &tenant.people;
    let registered = registered.as_ref()?;
    let today = ResetPolicy::today(spec, tenant);
    let after = ResetPolicy::after(spec, tenant, desired);
    let managed = spec.value("writeback.enabled").and_then(Value::as_bool);
    let writeback = Writeback { today: *writeback, after: managed.or(*writeback) };
    let (able_today, able_after, unknown) =
        ready(&today, &after, candidates, writeback, explicit_registration(on));
    let locked_out = locked_out(&today, &after, registered.iter().map(Option::as_deref));
    Some(Impact { able_today, able_after, unknown, locked_out })
}

fn reach(context: &RuleContext<'_>) -> Option<Finding> {
    let Impact { able_today, able_after, locked_out: _, unknown } = *context.impact?;
    let today = match able_today {
        None => "unknown".to_owned(),
        Some(1) => "1 person".to_owned(),
        Some(count) => format!("{count} people"),
    };
    let after = able_after.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let mut message = format!("Ready to reset: {today} today, {after} after this plan");
    if unknown > 0 {
        message.push_str(&format!("; unknown of {}", counted(unknown, "member")));
    }
    let help = "The registration report can be 36 hours old and omits disabled accounts. `sspr people` lists who is ready, and why others are not.";
    Some(Finding::new("reach", Severity::Info, "group", message, help))
}

fn locks_out(context: &RuleContext<'_>) -> Option<Finding> {
    let count = context.impact?.locked_out;
    // Setting the scope to None takes it from everyone on purpose.
    (count > 0 && !context.is_switched_off()).then_some(())?;
    let severity = Severity::guarded(context.options.overrides.lockout);
    let message = format!("{} can reset today but not after this plan", counted(count, "member"));
    let help = "Have them register an allowed method first; `sspr people` lists them. To lock them out anyway, pass --allow-lockout.";
    Some(Finding::new("people-stranded", severity, "methods.allowed", message, help))
}

/// Where the changes can take the ability to reset from people, and from how many was not read. Single members of
/// whom the report says nothing are in [`reach`].
fn lockout_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    let message = match (&context.tenant.group, context.impact) {
        (_, Some(_)) => return None,
        (None, None) => "Unknown how many people this locks out: the spec names no group",
        (Some(_), None) => {
            "Unknown how many people this locks out: sspr could not read all their registrations"
        }
    };
    (can_lock_out(context) && !context.is_switched_off()).then_some(())?;
    let severity = Severity::guarded(context.options.overrides.lockout);
    let help = "Have people register an allowed method first; `sspr people` lists who has not. To apply anyway, pass --allow-lockout.";
    Some(Finding::new("lockout-unknown", severity, "methods.allowed", message, help))
}

/// Whether the changes are of a kind that can lock someone out.
fn can_lock_out(context: &RuleContext<'_>) -> bool {
    let today = ResetPolicy::today(context.spec, context.tenant);
    if today.is_open == Some(false) {
        return false;
    }
    let words = |value: &Value| value.as_array().cloned();
    context.changes.iter().any(|change| match change.key.as_str() {
        "methods.required" => change.to.as_u64() > change.from.as_u64(),
        // Methods of Graph's policy are only ever added to.
        "methods.allowed" if change.surface == Surface::Portal => {
            let (from, to) = (words(&change.from), words(&change.to).unwrap_or_default());
            from.is_none_or(|from| from.iter().any(|word| !to.contains(word)))
        }
        _ => false,
    })
}
