//! Rules about a roll-out: what cannot be one, whom a ring brings in, and whether what it waits for is so.

use super::context::RuleContext;
use crate::people::LastSignIn;
use crate::plan::Severity::{Error, Info};
use crate::plan::{Finding, Severity, counted_people, gate_state};
use crate::spec_file::{ROLLOUT, RingSpec, Rollout};
use crate::tenant::{Group, PeopleOfRing, Ring};
use crate::text::{counted, visible};

/// Returns every finding about the roll-out; none where the spec has none.
pub(super) fn findings(context: &RuleContext<'_>) -> Vec<Finding> {
    let (Some(rollout), Some(pilot)) = (context.spec.rollout(), &context.tenant.group) else {
        return Vec::new();
    };
    let mut findings: Vec<Finding> = not_writable(pilot).into_iter().collect();
    findings.extend(context.tenant.rings.iter().filter_map(|ring| no_ring(&ring.group, pilot)));
    findings.extend(twice(&context.tenant.rings));
    findings.extend(others(context, pilot));
    findings.extend(opening(context, rollout));
    findings
}

fn finding(
    code: &'static str,
    severity: Severity,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Finding {
    Finding::new(code, severity, ROLLOUT, message, help)
}

/// Graph refuses each of these with 403, whatever the sign-in may do (facts 2026-11 B1).
fn not_writable(pilot: &Group) -> Option<Finding> {
    let traits = pilot.traits;
    let why = match () {
        () if traits.is_dynamic => "a rule decides who is in it",
        () if traits.is_synced => "it is synchronised from on-premises",
        () if traits.is_mail_enabled => "it is mail-enabled",
        () if traits.is_role_assignable => "it can hold administrator roles",
        () if pilot.hides_members => "it hides its members",
        () => return None,
    };
    let message = format!("{} cannot hold the rings of a roll-out: {why}", visible(&pilot.display_name));
    let help = "Create a security group with assigned members, and name it under `group:`.";
    Some(finding("pilot-not-writable", Error, message, help))
}

fn no_ring(ring: &Group, pilot: &Group) -> Option<Finding> {
    let name = visible(&ring.display_name);
    if ring.traits.is_microsoft_365 || ring.security_enabled == Some(false) {
        let message = format!("{name} is no security group, so it cannot be a ring");
        let help = "Password reset counts nested security groups alone. Name a security group.";
        return Some(finding("ring-not-security", Error, message, help));
    }
    let message = match &pilot.within {
        _ if ring.id == pilot.id => format!("{name} is the pilot group itself, so it cannot be a ring"),
        Some(within) if within.iter().any(|holder| holder.id == ring.id) => {
            format!("{name} holds the pilot group, so nesting it there would make a circle")
        }
        Some(_) => return None,
        None => format!("Unknown whether {name} holds the pilot group: nesting it there could make a circle"),
    };
    Some(finding("ring-circle", Error, message, "Name a group that does not hold the pilot group."))
}

/// By id: a file may name one group in two ways.
fn twice(rings: &[Ring]) -> Option<Finding> {
    let is_again =
        |(at, ring): &(usize, &Ring)| rings[..*at].iter().any(|before| before.group.id == ring.group.id);
    let (_, ring) = rings.iter().enumerate().find(is_again)?;
    let message = format!(
        "{} ({}) is two of the rings, by its name and by its id",
        visible(&ring.group.display_name),
        ring.group.id
    );
    Some(finding("ring-twice", Error, message, "Keep one."))
}

/// What else is in the pilot group is no one's business here.
fn others(context: &RuleContext<'_>, pilot: &Group) -> Option<Finding> {
    let is_ring = |id| context.tenant.rings.iter().any(|ring| ring.group.id == id);
    let others = context.tenant.nested.iter().flatten().filter(|group| !is_ring(group.id));
    let names: Vec<String> = others.map(|group| visible(&group.display_name)).collect();
    (!names.is_empty()).then_some(())?;
    let message = format!(
        "{} also holds {} outside the roll-out: {}",
        visible(&pilot.display_name),
        counted(names.len(), "group"),
        names.join(", ")
    );
    let help = "sspr leaves them there. To manage one, list it under `rollout.rings`.";
    Some(finding("members-beside-rings", Info, message, help))
}

/// The rings that the plan opens: whom each brings in, and whether it may be opened yet.
fn opening(context: &RuleContext<'_>, rollout: &Rollout) -> Vec<Finding> {
    let rings = &context.tenant.rings;
    let opens = |(at, ring): &(usize, &Ring)| *at < rollout.open && !ring.is_open();
    let opening: Vec<(usize, &Ring)> = rings.iter().enumerate().filter(opens).collect();
    let mut findings = Vec::new();
    for (at, ring) in &opening {
        findings.push(brings_in(context, ring));
        findings.extend(rollout.rings.get(*at).and_then(|spec| too_early(context, spec, &rings[..=*at])));
    }
    let new: Option<u64> = opening.iter().map(|(_, ring)| Some(ring.people.as_ref()?.new_people())).sum();
    findings.extend((!opening.is_empty()).then(|| too_many(context, new)).flatten());
    findings
}

fn too_early(context: &RuleContext<'_>, spec: &RingSpec, rings: &[Ring]) -> Option<Finding> {
    let (ring, before) = rings.split_last()?;
    let state = gate_state(spec.after, before, context.options.now);
    let holds = state.holds();
    (holds != Some(true)).then_some(())?;
    let name = visible(&ring.group.display_name);
    let lacking = state.lacking();
    let message = match holds {
        Some(_) => format!("Too early for {name}: {lacking}"),
        None => format!("Unknown whether it is time for {name}: {lacking}"),
    };
    let help = "`sspr rings` shows how far each ring is. To open it anyway, pass --allow-early.";
    let severity = Severity::guarded(context.options.overrides.early);
    Some(finding("ring-too-early", severity, message, help))
}

fn brings_in(context: &RuleContext<'_>, ring: &Ring) -> Finding {
    let name = visible(&ring.group.display_name);
    let help = "Each person counts in the first ring that has them. `sspr people` lists those who are in the pilot group.";
    let Some(people) = &ring.people else {
        return finding("ring-opens", Info, format!("Unknown whom {name} brings in"), help);
    };
    finding("ring-opens", Info, format!("{name} brings in {}", described(context, people)), help)
}

fn described(context: &RuleContext<'_>, people: &PeopleOfRing) -> String {
    let PeopleOfRing { already_in, share, unregistered, unreachable, .. } = *people;
    let PeopleOfRing { admins, guests, disabled, unlicensed, .. } = *people;
    let asked = match is_registration_required(context) {
        Some(true) => "will be asked to register",
        Some(false) => "not registered and not asked to",
        None => "not registered",
    };
    let some = |count: Option<u64>, words: String| (count != Some(0)).then_some(words);
    let number =
        |count: Option<u64>| count.map_or_else(|| "an unknown number".to_owned(), |count| count.to_string());
    let noun = |count: Option<u64>, noun: &str| match count {
        Some(count) => counted(count, noun),
        None => format!("an unknown number of {noun}s"),
    };
    let parts = [
        Some(format!("{} ready", share.ready)),
        (share.unknown > 0).then(|| format!("{} not known to be", share.unknown)),
        some(unregistered, format!("{} {asked}{}", number(unregistered), out_of_reach(unreachable))),
        some(admins, noun(admins, "administrator")),
        some(guests, noun(guests, "guest")),
        some(disabled, noun(disabled, "disabled account")),
        some(unlicensed, format!("{} without a licence", number(unlicensed))),
        (already_in > 0).then(|| format!("{already_in} of the group in by another way already")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{}: {}", counted_people(people.new_people()), parts.join(", "))
}

/// Returns how many of those who have not registered no prompt reaches.
fn out_of_reach(unreachable: Option<u64>) -> String {
    let days = LastSignIn::RECENT_DAYS;
    match unreachable {
        Some(0) => String::new(),
        Some(count) => format!(" ({count} of them without a sign-in in {days} days)"),
        None => format!(" (unknown how many of them signed in within {days} days)"),
    }
}

/// Returns whether people are asked to register once the plan is applied.
fn is_registration_required(context: &RuleContext<'_>) -> Option<bool> {
    const KEY: &str = "registration.required";
    let wanted = context.spec.value(KEY).cloned();
    let actual = || crate::tenant::setting(KEY)?.read(context.tenant.policy.as_ref()?);
    wanted.or_else(actual)?.as_bool()
}

/// The same limit that a changed group has.
fn too_many(context: &RuleContext<'_>, new: Option<u64>) -> Option<Finding> {
    let limit = context.options.overrides.max_people;
    match (new, limit) {
        (Some(new), Some(limit)) if new > limit => {
            let message = format!("The rings bring in {}, and the limit is {limit}", counted_people(new));
            Some(finding(
                "too-many-people",
                Error,
                message,
                format!("Open fewer rings, or pass --max-people {new}."),
            ))
        }
        (None, limit) => {
            let message = "Unknown how many people the rings bring in: sspr could not read their members";
            let help =
                "Sign in with the permission to read them. To apply without a limit, pass --max-people any.";
            Some(finding("count-unknown", Severity::guarded(limit.is_none()), message, help))
        }
        _ => None,
    }
}
