//! Rules about who is reached by the methods that would be written, for sign-in too.

use std::collections::BTreeSet;

use super::context::{Rule, RuleContext, Written};
use super::methods::{finding, labels, migration, named};
use crate::diff::{Audience, audience, is_given};
use crate::plan::{Finding, Severity};
use crate::tenant::{
    ALL_USERS, GraphMethod, Method, MethodView, Migration, Need, Object, Resource, Surface, allows_push,
    target_id,
};
use crate::text::{counted, visible};

/// Microsoft's limit for the policy is about 20 KB (facts 1.4); its way of counting is its own.
const POLICY_BYTES: usize = 20 * 1024;

/// Rules about what changes.
pub(super) const RULES: [Rule; 7] =
    [everyone, enables_sign_in, wide_switch, targets_set_aside, extra_methods, policy_size, methods_stay];

fn everyone(context: &RuleContext<'_>) -> Option<Finding> {
    (audience(context.spec, context.tenant) == Audience::Everyone && !context.written.is_empty()).then(|| {
        let is_meant = context.options.overrides.all_users;
        let severity = if is_meant { Severity::Warning } else { Severity::Error };
        let message = "Every user of the tenant would be allowed these methods, for sign-in too".to_owned();
        finding(
            "methods-for-everyone",
            severity,
            message,
            "If that is meant, pass --allow-all-users. For a pilot, name a group instead.",
        )
    })
}

fn enables_sign_in(context: &RuleContext<'_>) -> Option<Finding> {
    (!context.written.is_empty()).then(|| {
        let methods = labels(context.written.iter().map(|written| written.method));
        let message = format!(
            "Each change to {methods} also enables the method for sign-in, for {}",
            named(context.spec, context.tenant)
        );
        let help = "One policy serves both. Check that Conditional Access does not lean on these people lacking the method.";
        finding("enables-sign-in", Severity::Warning, message, help)
    })
}

fn wide_switch(context: &RuleContext<'_>) -> Option<Finding> {
    let mut described = Vec::new();
    for Written { method, desired, fields, .. } in context.written {
        for label in fields.iter().filter_map(|field| GraphMethod::switch_label(field)) {
            described.push(format!(
                "\"{label}\" reaches everyone {} reaches ({})",
                method.label(),
                reached(context, desired)
            ));
        }
    }
    (!described.is_empty()).then(|| {
        let message =
            format!("A switch holds for a whole method, not for the pilot: {}", described.join("; "));
        finding(
            "tenant-wide-switch",
            Severity::Warning,
            message,
            "If that is too wide, take the method out of the spec.",
        )
    })
}

/// Whom a method reaches, in words.
fn reached(context: &RuleContext<'_>, method: &Object) -> String {
    let ids = MethodView::of(method).map(|view| view.target_ids()).unwrap_or_default();
    if ids.iter().any(|id| id == ALL_USERS) {
        return "all users".to_owned();
    }
    let audience = audience(context.spec, context.tenant);
    let (ours, others): (Vec<_>, Vec<_>) =
        ids.iter().map(|id| audience.reached_by(id, context.tenant)).partition(Option::is_some);
    let mut words: Vec<String> = ours.into_iter().flatten().map(visible).collect();
    if !others.is_empty() {
        words.push(counted(others.len(), "other group"));
    }
    words.join(", ")
}

fn targets_set_aside(context: &RuleContext<'_>) -> Option<Finding> {
    let methods = context.written.iter().filter(|written| {
        let views = (MethodView::of(written.actual), MethodView::of(written.desired));
        let (Some(actual), Some(desired)) = views else { return false };
        let stay: BTreeSet<_> = desired.target_ids().into_iter().collect();
        actual.target_ids().iter().any(|id| !stay.contains(id))
    });
    let methods: Vec<_> = methods.map(|written| written.method).collect();
    (!methods.is_empty()).then(|| {
        let message = format!(
            "Whom {} would be on for is listed although it is off; it is turned on for {} alone, so that nobody else gets it",
            labels(methods),
            named(context.spec, context.tenant)
        );
        finding("targets-set-aside", Severity::Info, message, "`sspr cleanup --restore` turns it off again and puts the list back.")
    })
}

fn extra_methods(context: &RuleContext<'_>) -> Option<Finding> {
    matches!(migration(context)?, Migration::InProgress | Migration::Complete).then_some(())?;
    let allowed = context.spec.allowed()?;
    let mut described = Vec::new();
    for method in Method::ALL.into_iter().filter(|method| !allowed.contains(method)) {
        let from: BTreeSet<String> = method.needs().iter().flat_map(|need| givers(context, need)).collect();
        if !from.is_empty() {
            described.push(format!(
                "{} ({})",
                method.label(),
                from.into_iter().collect::<Vec<_>>().join(", ")
            ));
        }
    }
    (!described.is_empty()).then(|| {
        let message = format!(
            "The Authentication methods policy also lets {} reset with what the spec does not allow: {}",
            named(context.spec, context.tenant),
            described.join("; ")
        );
        let help = "sspr takes nothing from anyone. Allow these in the spec, or narrow them in the portal if that is safe for the others.";
        finding("extra-methods", Severity::Warning, message, help)
    })
}

/// Whom or what a method that satisfies a need comes from, in words.
fn givers(context: &RuleContext<'_>, need: &Need) -> Vec<String> {
    let is_it = |object: &&Object| matches!(object.resource(), Resource::Method(id) if GraphMethod::from_id(id) == Some(need.method));
    let Some(desired) = context.desired.methods.desired.iter().find(is_it) else { return Vec::new() };
    let Some(view) = MethodView::of(desired) else { return Vec::new() };
    let audience = audience(context.spec, context.tenant);
    if !is_given(need, desired, &audience, context.tenant) {
        return Vec::new();
    }
    let actual = context.tenant.object(desired.resource());
    let had = actual.and_then(MethodView::of).filter(|view| view.is_enabled);
    let had = had.map(|view| view.target_ids()).unwrap_or_default();
    let targets = view.targets.iter().filter(|target| !need.is_push || allows_push(target));
    let words = targets.filter_map(|target| {
        let id = target_id(target)?;
        let name = visible(audience.reached_by(&id, context.tenant)?);
        let label = need.method.label();
        Some(match had.contains(&id) {
            true => format!("{label} from {name}"),
            false => format!("{label}, which the spec's other methods need"),
        })
    });
    words.collect()
}

fn policy_size(context: &RuleContext<'_>) -> Option<Finding> {
    (!context.written.is_empty()).then_some(())?;
    let size = context.tenant.methods.as_ref()?.size_with(&context.desired.methods.desired);
    (size > POLICY_BYTES * 8 / 10).then(|| {
        let message = format!(
            "The Authentication methods policy would take about {} KB; Microsoft's limit is about 20 KB, and saving or registering can fail near it",
            size.div_ceil(1024)
        );
        finding("methods-policy-size", Severity::Warning, message, "Take groups out that need not be listed one by one; one group that holds them takes less room.")
    })
}

/// `cleanup` and `scope: none` end the pilot, not what its people were given for sign-in.
fn methods_stay(context: &RuleContext<'_>) -> Option<Finding> {
    let change =
        context.changes.iter().find(|change| change.key == "scope" && change.surface == Surface::Portal)?;
    (change.to == "none").then(|| Finding {
        code: "methods-stay",
        severity: Severity::Info,
        key: "scope",
        message: "Methods stay as they are: people keep what the Authentication methods policy gives them, for sign-in too".to_owned(),
        help: "`sspr cleanup --restore` takes back what `sspr apply` added there.".to_owned(),
    })
}
