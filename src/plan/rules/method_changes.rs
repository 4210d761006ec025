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

pub(super) const RULES: [Rule; 7] =
    [everyone, enables_sign_in, wide_switch, targets_set_aside, extra_methods, policy_size, methods_stay];

fn everyone(context: &RuleContext<'_>) -> Option<Finding> {
    (audience(context.spec, context.tenant) == Audience::Everyone && !context.written.is_empty())
        .then_some(())?;
    let severity = Severity::guarded(context.options.overrides.all_users);
    let message = "Every user in the tenant could use these methods, for sign-in too";
    let help = "For a pilot, set `group:` instead. To include every user, pass --allow-all-users.";
    Some(finding("methods-for-everyone", severity, message, help))
}

fn enables_sign_in(context: &RuleContext<'_>) -> Option<Finding> {
    (!context.written.is_empty()).then_some(())?;
    let methods = match context.written {
        [only] => format!("{} becomes", only.method.label()),
        [one, other] => format!("{} and {} become", one.method.label(), other.method.label()),
        methods => format!("{} become", counted(methods.len(), "method")),
    };
    let message = format!("{methods} usable for sign-in too, for {}", named(context.spec, context.tenant));
    let help = "One policy covers sign-in and reset. Check that no Conditional Access policy relies on these people not having the method.";
    Some(finding("enables-sign-in", Severity::Warning, message, help))
}

fn wide_switch(context: &RuleContext<'_>) -> Option<Finding> {
    let mut described = Vec::new();
    for Written { method, desired, fields, .. } in context.written {
        for label in fields.iter().filter_map(|field| GraphMethod::switch_label(field)) {
            let (method, whom) = (method.label(), reached(context, desired));
            described.push(format!("\"{label}\" is one switch for everyone who has {method}: {whom}"));
        }
    }
    (!described.is_empty()).then_some(())?;
    let message = described.join("; ");
    let help = "If that is too many people, remove the method from the spec.";
    Some(finding("tenant-wide-switch", Severity::Warning, message, help))
}

/// Who a method reaches, in words.
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
    (!methods.is_empty()).then_some(())?;
    let (are, list, them) = if methods.len() == 1 { ("is", "lists", "it") } else { ("are", "list", "them") };
    let message = format!(
        "{} {are} off but {list} other targets; sspr turns {them} on for {} only",
        labels(methods),
        named(context.spec, context.tenant)
    );
    let help = "`sspr cleanup --restore` turns methods off again and restores their targets.";
    Some(finding("targets-set-aside", Severity::Info, message, help))
}

fn extra_methods(context: &RuleContext<'_>) -> Option<Finding> {
    matches!(migration(context)?, Migration::InProgress | Migration::Complete).then_some(())?;
    let allowed = context.spec.allowed()?;
    let extra = Method::ALL.into_iter().filter(|method| !allowed.contains(method));
    let described = extra.filter_map(|method| {
        let from: BTreeSet<String> = method.needs().iter().flat_map(|need| givers(context, need)).collect();
        let from = from.into_iter().collect::<Vec<_>>().join(", ");
        (!from.is_empty()).then(|| format!("{} ({from})", method.label()))
    });
    let described: Vec<String> = described.collect();
    (!described.is_empty()).then_some(())?;
    let message = format!(
        "More reset methods than the spec allows, for {}: {}",
        named(context.spec, context.tenant),
        described.join("; ")
    );
    let help = "sspr removes no one's methods. Allow these in the spec, or restrict them in the portal if others do not need them.";
    Some(finding("extra-methods", Severity::Warning, message, help))
}

/// Where a method that satisfies a need comes from, in words.
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
    (size > POLICY_BYTES * 8 / 10).then_some(())?;
    let message = format!(
        "The Authentication methods policy grows to about {} KB, and Microsoft's limit is about 20 KB",
        size.div_ceil(1024)
    );
    Some(finding(
        "methods-policy-size",
        Severity::Warning,
        message,
        "Near the limit, saving or registering can fail. Replace groups that are listed one by one with one group that contains them.",
    ))
}

/// `cleanup` and `scope: none` end the pilot, not what its people were given for sign-in.
fn methods_stay(context: &RuleContext<'_>) -> Option<Finding> {
    let change =
        context.changes.iter().find(|change| change.key == "scope" && change.surface == Surface::Portal)?;
    (change.to == "none").then_some(())?;
    let message =
        "People keep their methods, for sign-in too: the Authentication methods policy does not change";
    let help = "`sspr cleanup --restore` removes what `sspr apply` added there.";
    Some(Finding::new("methods-stay", Severity::Info, "scope", message, help))
}
