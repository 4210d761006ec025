//! Rules about the people of the group: each a count, and what to do about it.
//! Names are not part of a finding, because findings are saved and sent around; [`names`] has the first few
//! for the screen alone.

use std::collections::BTreeMap;

use super::context::{Rule, RuleContext};
use crate::plan::Severity::{Info, Warning};
use crate::plan::{Finding, Severity};
use crate::tenant::{FIRST, MemberCounts, Tally};
use crate::text::counted;

pub(super) const RULES: [Rule; 9] = [
    admin_in_group,
    other_role_in_group,
    eligible_in_group,
    guest_in_group,
    disabled_in_group,
    unlicensed_in_group,
    synced_without_writeback,
    tenant_unlicensed,
    people_unknown,
];

/// Returns the first few names behind a finding, by its code. Foreign text; never saved.
pub(in crate::plan) fn names(counts: &MemberCounts) -> BTreeMap<&'static str, Vec<String>> {
    let tallies = [
        ("admin-in-group", &counts.admins),
        ("other-role-in-group", &counts.other_roles),
        ("eligible-in-group", &counts.eligible),
        ("guest-in-group", &counts.guests),
        ("disabled-in-group", &counts.disabled),
        ("unlicensed-in-group", &counts.unlicensed),
        ("synced-without-writeback", &counts.synced),
    ];
    let found = tallies.into_iter().filter(|(_, tally)| !tally.first.is_empty());
    let named = found.map(|(code, tally)| {
        let is_cut = tally.count.is_some_and(|count| count > FIRST as u64);
        let rest = is_cut.then(|| "…".to_owned());
        (code, tally.first.iter().cloned().chain(rest).collect())
    });
    named.collect()
}

/// Returns how many there are in words, where there are any. Those who were found are there, also where others could
/// not be looked at.
fn some(tally: &Tally, noun: &str) -> Option<String> {
    match (tally.count, tally.first.len()) {
        (Some(0), _) | (None, 0) => None,
        (Some(count), _) => Some(counted(count, noun)),
        (None, found) => Some(format!("at least {}", counted(found, noun))),
    }
}

fn members(tally: &Tally) -> Option<String> {
    some(tally, "member")
}

fn finding(code: &'static str, severity: Severity, message: String, help: &str) -> Option<Finding> {
    Some(Finding::new(code, severity, "group", message, help))
}

fn admin_in_group(context: &RuleContext<'_>) -> Option<Finding> {
    let who = some(&context.tenant.people.admins, "administrator")?;
    let message = format!("{who} in the group: Microsoft's own policy applies to them, not this spec");
    let help = "Never test with an administrator. Remove them from the group, or expect them to need two methods always.";
    finding("admin-in-group", Warning, message, help)
}

fn other_role_in_group(context: &RuleContext<'_>) -> Option<Finding> {
    let who = members(&context.tenant.people.other_roles)?;
    let message = format!("{who} with another role: Microsoft does not document which policy governs them");
    finding("other-role-in-group", Info, message, "Choose another test user.")
}

fn eligible_in_group(context: &RuleContext<'_>) -> Option<Finding> {
    let who = members(&context.tenant.people.eligible)?;
    let message =
        format!("{who} who can activate a role: Microsoft does not document which policy governs them");
    finding("eligible-in-group", Info, message, "Choose another test user.")
}

fn guest_in_group(context: &RuleContext<'_>) -> Option<Finding> {
    let who = some(&context.tenant.people.guests, "guest")?;
    let message = format!("{who} in the group: guests reset their password in their home tenant");
    let help = "Leave guests out of the pilot; the spec has no effect on them.";
    finding("guest-in-group", Info, message, help)
}

fn disabled_in_group(context: &RuleContext<'_>) -> Option<Finding> {
    let who = some(&context.tenant.people.disabled, "disabled account")?;
    let message = format!("{who} in the group: they cannot reset, and the registration report omits them");
    let help = "Enable them, or remove them from the group so that the pilot's numbers are right.";
    finding("disabled-in-group", Info, message, help)
}

fn unlicensed_in_group(context: &RuleContext<'_>) -> Option<Finding> {
    let who = members(&context.tenant.people.unlicensed)?;
    let message = format!("{who} without a licence for password reset");
    let help = "Assign Entra ID P1 or P2, or Microsoft 365 Business Standard for cloud accounts. Reset may work without a licence, but Microsoft requires one for each user who benefits.";
    finding("unlicensed-in-group", Warning, message, help)
}

fn synced_without_writeback(context: &RuleContext<'_>) -> Option<Finding> {
    let who = members(&context.tenant.people.synced)?;
    if context.spec.value("writeback.enabled").is_some_and(|is_on| is_on == true) {
        return None;
    }
    let state = match context.tenant.people.writeback {
        Some(true) => return None,
        Some(false) => "cannot reset: password writeback is off",
        None => "can reset only with password writeback, which is unknown",
    };
    let message = format!("{who} synchronised from on-premises {state}");
    let help = "Turn on password writeback in Entra Connect and in the portal under On-premises integration. To read its state, sspr needs OnPremDirectorySynchronization.Read.All.";
    finding("synced-without-writeback", Warning, message, help)
}

fn tenant_unlicensed(context: &RuleContext<'_>) -> Option<Finding> {
    (context.tenant.people.is_tenant_licensed == Some(false)).then_some(())?;
    let message = "The tenant has no product that covers password reset".to_owned();
    let help =
        "Get Entra ID P1 (a trial is enough for a pilot), or Microsoft 365 Business Standard or Premium.";
    finding("tenant-unlicensed", Warning, message, help)
}

fn people_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    let unread = &context.tenant.people.unread;
    (!unread.is_empty()).then_some(())?;
    let message = format!("Unknown, because it could not be read: {}", unread.join("; "));
    let help = "The reason is in brackets. If it is a permission, sign in with it. If it is a licence, no permission helps.";
    finding("people-unknown", Info, message, help)
}
