//! Rules between keys: combinations that no tenant could have are refused before anything is sent.

use super::problem::Problem;
use super::{ROLLOUT, Rollout, Spec};
use crate::tenant::{Method, Scope};
use crate::text::visible;

/// Returns every rule the spec breaks.
pub(super) fn check(spec: &Spec) -> Vec<Problem> {
    const RULES: [fn(&Spec) -> Option<Problem>; 7] = [
        selected_needs_a_group,
        all_takes_no_group,
        something_is_allowed,
        enough_is_allowed,
        app_is_not_alone,
        questions_asked_are_registered,
        reconfirming_needs_registering,
    ];
    RULES.iter().filter_map(|rule| rule(spec)).chain(rollout_problems(spec)).collect()
}

/// What a roll-out cannot be.
fn rollout_problems(spec: &Spec) -> Vec<Problem> {
    let Some(Rollout { open, rings, listed, place }) = spec.rollout() else { return Vec::new() };
    let mut problems = Vec::new();
    if spec.place("group").is_none() {
        problems.push(
            problem(spec, ROLLOUT, "`rollout` needs a group: its rings are nested into it")
                .help("add `group:` with the pilot group's display name or object id"),
        );
    }
    if open > listed {
        let message = format!(
            "{open} rings are open, but only {} listed",
            match listed {
                1 => "1 is".to_owned(),
                many => format!("{many} are"),
            }
        );
        problems.push(
            Problem::at(place.clone(), message)
                .key("rollout.open")
                .help("write at most as many as there are"),
        );
    }
    for (at, ring) in rings.iter().enumerate() {
        let named = visible(&ring.group.to_string());
        let said = match () {
            () if rings[..at].iter().any(|before| before.group.is_same(&ring.group)) => {
                Some((format!("`{named}` is listed twice"), "keep one"))
            }
            () if spec.group().is_some_and(|pilot| pilot.is_same(&ring.group)) => Some((
                format!("`{named}` is the pilot group, which cannot be nested into itself"),
                "remove this ring",
            )),
            () => None,
        };
        let key = format!("rollout.rings[{}].group", at + 1);
        problems.extend(
            said.map(|(message, help)| Problem::at(ring.place.clone(), message).key(&key).help(help)),
        );
    }
    problems
}

fn problem(spec: &Spec, key: &str, message: impl Into<String>) -> Problem {
    Problem::at(spec.place(key).unwrap_or_default(), message).key(key)
}

fn selected_needs_a_group(spec: &Spec) -> Option<Problem> {
    let is_named = spec.place("group").is_some();
    (spec.scope() == Some(Scope::Selected) && !is_named).then(|| {
        problem(spec, "scope", "`scope: selected` needs a group")
            .help("add `group:` with the group's display name or object id")
    })
}

fn all_takes_no_group(spec: &Spec) -> Option<Problem> {
    (spec.scope() == Some(Scope::All) && spec.place("group").is_some()).then(|| {
        problem(spec, "scope", "`scope: all` reaches everyone, but a group is named too")
            .help("remove `scope` to pilot with the group, or remove `group` to reach everyone")
    })
}

fn something_is_allowed(spec: &Spec) -> Option<Problem> {
    spec.allowed()?.is_empty().then(|| {
        problem(spec, "methods.allowed", "no method is allowed, so no one could reset")
            .help("list at least one, or remove the key to leave it unmanaged")
    })
}

fn enough_is_allowed(spec: &Spec) -> Option<Problem> {
    let (allowed, required) = (spec.allowed()?, spec.required()?);
    (allowed.len() == 1 && required == 2).then(|| {
        problem(spec, "methods.allowed", "2 methods are required to reset, but only 1 is allowed")
            .help("allow another method, or set `methods.required: 1`")
    })
}

/// Microsoft's rule for the authenticator app (facts 3.5, concept-sspr-howitworks).
fn app_is_not_alone(spec: &Spec) -> Option<Problem> {
    let allowed = spec.allowed()?;
    (!allowed.is_empty() && allowed.iter().all(|method| method.is_mobile_app())).then(|| {
        problem(spec, "methods.allowed", "the authenticator app cannot be the only method")
            .help(format!("allow another method beside it, such as `{}`", Method::Email.as_str()))
    })
}

fn questions_asked_are_registered(spec: &Spec) -> Option<Problem> {
    const ASKED: &str = "methods.security_questions.reset";
    let asked = spec.value(ASKED)?.as_u64()?;
    let registered = spec.value("methods.security_questions.register")?.as_u64()?;
    (asked > registered).then(|| {
        problem(
            spec,
            ASKED,
            format!("{asked} questions are asked to reset, but people register only {registered}"),
        )
        .help("set `reset` to at most `register`")
    })
}

fn reconfirming_needs_registering(spec: &Spec) -> Option<Problem> {
    let is_not_required = spec.value("registration.required")? == false;
    (is_not_required && spec.value("registration.reconfirm_days").is_some()).then(|| {
        problem(
            spec,
            "registration.reconfirm_days",
            "the portal only takes this when registration is required",
        )
        .help("set `registration.required: true`, or remove `reconfirm_days`")
    })
}
