//! Rules about the people of the group: each a count, and what to do about it.
//! Names are not part of a finding, because findings are saved and sent around; [`names`] has the first few
//! for the screen alone.

use std::collections::BTreeMap;

use super::context::{Rule, RuleContext};
use crate::people;
use crate::plan::Severity::{Info, Warning};
use crate::plan::{Finding, ResetPolicy, ServiceChange, Severity};
use crate::tenant::{Candidate, FIRST, Tally, setting};
use crate::text::counted;

pub(super) const RULES: [Rule; 11] = [
    admin_in_group,
    other_role_in_group,
    eligible_in_group,
    guest_in_group,
    disabled_in_group,
    unlicensed_in_group,
    synced_without_writeback,
    directory_only,
    registration_not_required,
    tenant_unlicensed,
    people_unknown,
];

/// Returns the first few names behind a finding, by its code. Foreign text; never saved.
pub(in crate::plan) fn names(context: &RuleContext<'_>) -> BTreeMap<&'static str, Vec<String>> {
    let counts = &context.tenant.people;
    let tallies = [
        (DIRECTORY_ONLY, &tally(context, relies_on_directory)),
        (NOT_REQUIRED, &tally(context, lacks_methods)),
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

const DIRECTORY_ONLY: &str = "directory-only";
const NOT_REQUIRED: &str = "registration-not-required";

/// Tallies those of whom something is known to hold, by what people are judged by.
fn tally(context: &RuleContext<'_>, holds: fn(&people::Rule, &Candidate) -> Option<bool>) -> Tally {
    let rule = ResetPolicy::rule(context.spec, context.tenant, true);
    let candidates = context.tenant.people.candidates.iter();
    let found: Vec<&Candidate> = candidates.filter(|of| holds(&rule, of) == Some(true)).collect();
    let first = found.iter().take(FIRST).map(|of| of.name.clone()).collect();
    Tally { count: Some(found.len() as u64), first }
}

fn relies_on_directory(rule: &people::Rule, of: &Candidate) -> Option<bool> {
    rule.relies_on(of.directory, of.registered.as_ref()?)
}

fn lacks_methods(rule: &people::Rule, of: &Candidate) -> Option<bool> {
    Some(!rule.is_met_by(of.registered.as_ref()?)?)
}

fn directory_only(context: &RuleContext<'_>) -> Option<Finding> {
    let who = members(&tally(context, relies_on_directory))?;
    let change = ServiceChange::find("explicit-registration")?;
    let message = format!(
        "{who} with numbers or addresses in the directory alone, announced not to count from {}",
        change.announced
    );
    let help = format!(
        "Have them register at https://aka.ms/ssprsetup, or register a method for them; `sspr people --only directory-only` lists them. Microsoft's Learn page gives other dates. {}",
        change.source
    );
    finding("directory-only", Warning, message, &help)
}

/// Where registration is not required Microsoft asks no one to register, also not ahead of the announced change (facts
/// 2026-11 A2).
fn registration_not_required(context: &RuleContext<'_>) -> Option<Finding> {
    let is_required = setting("registration.required")?.read(context.desired.policy.as_ref()?)?;
    (is_required == false).then_some(())?;
    let who = members(&tally(context, lacks_methods))?;
    let message = format!(
        "{who} without enough methods, and no one is asked to register: it is not required at sign-in"
    );
    let help =
        "Set `registration.required: true`, or reach them yourself: `sspr people --only nudge` lists them.";
    Some(Finding::new("registration-not-required", Warning, "registration.required", message, help))
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
