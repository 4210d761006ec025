//! What a reviewer should know about where methods live, and whom they reach.

use std::collections::BTreeSet;

use super::finding::{Finding, Rule, Severity, Situation, dated};
use crate::diff::{Audience, Desired, Obstacle, audience, is_given};
use crate::spec::Spec;
use crate::tenant::{
    ALL_USERS, GraphMethod, Method, MethodView, Migration, Need, Object, Resource, Surface, Tenant,
    allows_push, setting, target_id,
};
use crate::text::{counted, visible};

const KEY: &str = "methods.allowed";

/// Microsoft's limit for the policy is about 20 KB (facts 1.4); its way of counting is its own.
const POLICY_BYTES: usize = 20 * 1024;

/// Every rule of this page.
pub(super) const RULES: [Rule; 17] = [
    state_unknown,
    toggles_ignored,
    toggles_frozen,
    authenticator_needs_others,
    excluded,
    missing,
    unreadable,
    passwordless_only,
    no_audience,
    everyone,
    enables_sign_in,
    wide_switch,
    targets_set_aside,
    extra_methods,
    nesting_unknown,
    policy_size,
    methods_stay,
];

fn finding(code: &'static str, severity: Severity, message: String, help: &str) -> Finding {
    Finding { code, severity, key: KEY, message, help: help.to_owned() }
}

/// The state of the migration, where the spec manages methods.
fn migration(situation: &Situation<'_>) -> Option<Migration> {
    situation.spec.allowed()?;
    Some(situation.tenant.methods.as_ref()?.migration())
}

/// A method of Graph's policy that would be written.
pub(super) struct Written<'a> {
    method: GraphMethod,
    actual: &'a Object,
    desired: &'a Object,
    fields: Vec<String>,
}

/// Returns the methods of Graph's policy that would be written.
pub(super) fn written<'a>(tenant: &'a Tenant, desired: &'a Desired) -> Vec<Written<'a>> {
    let methods = desired.methods.desired.iter().filter_map(|desired| {
        let Resource::Method(id) = desired.resource() else { return None };
        let actual = tenant.object(desired.resource())?;
        let fields = desired.differing_fields(actual);
        (!fields.is_empty()).then_some(Written { method: GraphMethod::from_id(id)?, actual, desired, fields })
    });
    methods.collect()
}

fn named(spec: &Spec, tenant: &Tenant) -> String {
    match audience(spec, tenant) {
        Audience::Group(group) => visible(&group.display_name),
        Audience::Everyone => "every user".to_owned(),
        Audience::Nobody | Audience::Unsaid => "nobody".to_owned(),
    }
}

fn labels(methods: impl IntoIterator<Item = GraphMethod>) -> String {
    methods.into_iter().map(GraphMethod::label).collect::<Vec<_>>().join(", ")
}

fn state_unknown(situation: &Situation<'_>) -> Option<Finding> {
    situation.spec.allowed()?;
    let what = match migration(situation) {
        Some(Migration::Unknown(state)) => {
            format!("The tenant's method migration state is `{}`, which sspr does not know", visible(&state))
        }
        Some(_) => return None,
        None => {
            "Graph has no Authentication methods policy for this tenant, so where its methods live is unknown"
                .to_owned()
        }
    };
    let message = format!("{what}: no method is written, the rest is planned");
    let help = "Look at Entra > Authentication methods > Policies > Manage migration, and set the methods there by hand.";
    Some(finding("migration-state-unknown", Severity::Warning, message, help))
}

fn toggles_ignored(situation: &Situation<'_>) -> Option<Finding> {
    (migration(situation)? == Migration::Complete).then(|| {
        let message = "This tenant has moved to the Authentication methods policy and ignores the method toggles of password reset, so they are not written".to_owned();
        finding("legacy-toggles-ignored", Severity::Info, message, "docs/methods.md explains the two policies.")
    })
}

fn toggles_frozen(situation: &Situation<'_>) -> Option<Finding> {
    matches!(migration(situation)?, Migration::PreMigration | Migration::InProgress).then_some(())?;
    let help = "Finish the migration soon (docs/methods.md); Microsoft's pages disagree on how long these toggles are still honoured.";
    dated(situation, "legacy-methods-frozen", Severity::Warning, KEY, help)
}

/// Microsoft's rule where the legacy policy still counts (facts 3.5).
fn authenticator_needs_others(situation: &Situation<'_>) -> Option<Finding> {
    matches!(migration(situation)?, Migration::PreMigration | Migration::InProgress).then_some(())?;
    let required = setting("methods.required")?.read(situation.desired.policy.as_ref()?)?;
    let allowed = situation.spec.allowed()?;
    let others = allowed.iter().filter(|method| !method.is_mobile_app()).count();
    (required == 2 && others < 2 && others < allowed.len()).then(|| {
        let message = "With 2 methods required, the authenticator app and one other method are not enough in a tenant that has not finished the migration".to_owned();
        finding("authenticator-needs-others", Severity::Error, message, "Allow two methods beside the app, or set `methods.required: 1`.")
    })
}

fn excluded(situation: &Situation<'_>) -> Option<Finding> {
    let excluded = situation.desired.methods.obstacles.iter().filter_map(|obstacle| match obstacle {
        Obstacle::Excluded(method, group) => {
            Some(format!("{} (by {})", method.label(), visible(&group.display_name)))
        }
        _ => None,
    });
    let excluded: Vec<_> = excluded.collect();
    (!excluded.is_empty()).then(|| {
        let message = format!("{} is excluded from {}", named(situation.spec, situation.tenant), excluded.join(", "));
        let help = "Someone excluded these people on purpose. Ask who and why; take the exclusion out in the portal, or the method out of the spec.";
        finding("pilot-excluded", Severity::Error, message, help)
    })
}

fn obstructed(situation: &Situation<'_>, pick: fn(&Obstacle) -> Option<GraphMethod>) -> Option<String> {
    let methods: Vec<_> = situation.desired.methods.obstacles.iter().filter_map(pick).collect();
    (!methods.is_empty()).then(|| labels(methods))
}

fn missing(situation: &Situation<'_>) -> Option<Finding> {
    let methods = obstructed(situation, |obstacle| match obstacle {
        Obstacle::Missing(method) => Some(*method),
        _ => None,
    })?;
    let message = format!("The Authentication methods policy of this tenant has no {methods}");
    Some(finding(
        "method-missing",
        Severity::Error,
        message,
        "Remove the method from the spec; some clouds lack some methods.",
    ))
}

fn unreadable(situation: &Situation<'_>) -> Option<Finding> {
    let methods = obstructed(situation, |obstacle| match obstacle {
        Obstacle::Unreadable(method) => Some(*method),
        _ => None,
    })?;
    let message = format!(
        "The Authentication methods policy does not tell {methods} in a form sspr knows, so it is unknown"
    );
    let help = "sspr never writes what it cannot read. Set the method in the portal, or remove it from the spec; please report the shape.";
    Some(finding("method-unreadable", Severity::Error, message, help))
}

fn passwordless_only(situation: &Situation<'_>) -> Option<Finding> {
    situation.desired.methods.obstacles.contains(&Obstacle::PasswordlessOnly).then(|| {
        let message = format!(
            "{} has Microsoft Authenticator in passwordless mode alone, which cannot approve a reset",
            named(situation.spec, situation.tenant)
        );
        let help =
            "Set its mode to Any or Push in the portal, or take `mobile_app_notification` out of the spec.";
        finding("authenticator-passwordless-only", Severity::Error, message, help)
    })
}

fn no_audience(situation: &Situation<'_>) -> Option<Finding> {
    let is_graph = matches!(migration(situation)?, Migration::InProgress | Migration::Complete);
    (is_graph && audience(situation.spec, situation.tenant) == Audience::Unsaid).then(|| {
        let message = "Methods are given to a group in this tenant, and the spec names none".to_owned();
        finding(
            "methods-without-group",
            Severity::Error,
            message,
            "Add `group:`, or remove `methods.allowed`.",
        )
    })
}

fn everyone(situation: &Situation<'_>) -> Option<Finding> {
    (audience(situation.spec, situation.tenant) == Audience::Everyone && !situation.written.is_empty()).then(
        || {
            let is_meant = situation.circumstances.allowances.all_users;
            let severity = if is_meant { Severity::Warning } else { Severity::Error };
            let message =
                "Every user of the tenant would be allowed these methods, for sign-in too".to_owned();
            finding(
                "methods-for-everyone",
                severity,
                message,
                "If that is meant, pass --allow-all-users. For a pilot, name a group instead.",
            )
        },
    )
}

fn enables_sign_in(situation: &Situation<'_>) -> Option<Finding> {
    (!situation.written.is_empty()).then(|| {
        let methods = labels(situation.written.iter().map(|written| written.method));
        let message = format!(
            "Each change to {methods} also enables the method for sign-in, for {}",
            named(situation.spec, situation.tenant)
        );
        let help = "One policy serves both. Check that Conditional Access does not lean on these people lacking the method.";
        finding("enables-sign-in", Severity::Warning, message, help)
    })
}

fn wide_switch(situation: &Situation<'_>) -> Option<Finding> {
    let mut told = Vec::new();
    for Written { method, desired, fields, .. } in situation.written {
        for label in fields.iter().filter_map(|field| GraphMethod::switch_label(field)) {
            told.push(format!(
                "\"{label}\" reaches everyone {} reaches ({})",
                method.label(),
                reached(situation, desired)
            ));
        }
    }
    (!told.is_empty()).then(|| {
        let message = format!("A switch holds for a whole method, not for the pilot: {}", told.join("; "));
        finding(
            "tenant-wide-switch",
            Severity::Warning,
            message,
            "If that is too wide, take the method out of the spec.",
        )
    })
}

/// Whom a method reaches, in words.
fn reached(situation: &Situation<'_>, method: &Object) -> String {
    let ids = MethodView::of(method).map(|view| view.target_ids()).unwrap_or_default();
    if ids.iter().any(|id| id == ALL_USERS) {
        return "all users".to_owned();
    }
    let audience = audience(situation.spec, situation.tenant);
    let (ours, others): (Vec<_>, Vec<_>) =
        ids.iter().map(|id| audience.reached_by(id, situation.tenant)).partition(Option::is_some);
    let mut words: Vec<String> = ours.into_iter().flatten().map(visible).collect();
    if !others.is_empty() {
        words.push(counted(others.len(), "other group"));
    }
    words.join(", ")
}

fn targets_set_aside(situation: &Situation<'_>) -> Option<Finding> {
    let methods = situation.written.iter().filter(|written| {
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
            named(situation.spec, situation.tenant)
        );
        finding("targets-set-aside", Severity::Info, message, "`sspr cleanup --restore` turns it off again and puts the list back.")
    })
}

fn extra_methods(situation: &Situation<'_>) -> Option<Finding> {
    matches!(migration(situation)?, Migration::InProgress | Migration::Complete).then_some(())?;
    let allowed = situation.spec.allowed()?;
    let mut told = Vec::new();
    for method in Method::ALL.into_iter().filter(|method| !allowed.contains(method)) {
        let from: BTreeSet<String> = method.needs().iter().flat_map(|need| givers(situation, need)).collect();
        if !from.is_empty() {
            told.push(format!("{} ({})", method.label(), from.into_iter().collect::<Vec<_>>().join(", ")));
        }
    }
    (!told.is_empty()).then(|| {
        let message = format!(
            "The Authentication methods policy also lets {} reset with what the spec does not allow: {}",
            named(situation.spec, situation.tenant),
            told.join("; ")
        );
        let help = "sspr takes nothing from anyone. Allow these in the spec, or narrow them in the portal if that is safe for the others.";
        finding("extra-methods", Severity::Warning, message, help)
    })
}

/// Whom or what a method that satisfies a need comes from, in words.
fn givers(situation: &Situation<'_>, need: &Need) -> Vec<String> {
    let is_it = |object: &&Object| matches!(object.resource(), Resource::Method(id) if GraphMethod::from_id(id) == Some(need.method));
    let Some(desired) = situation.desired.methods.desired.iter().find(is_it) else { return Vec::new() };
    let Some(view) = MethodView::of(desired) else { return Vec::new() };
    let audience = audience(situation.spec, situation.tenant);
    if !is_given(need, desired, &audience, situation.tenant) {
        return Vec::new();
    }
    let actual = situation.tenant.object(desired.resource());
    let had = actual.and_then(MethodView::of).filter(|view| view.is_enabled);
    let had = had.map(|view| view.target_ids()).unwrap_or_default();
    let targets = view.targets.iter().filter(|target| !need.is_push || allows_push(target));
    let words = targets.filter_map(|target| {
        let id = target_id(target)?;
        let name = visible(audience.reached_by(&id, situation.tenant)?);
        let label = need.method.label();
        Some(match had.contains(&id) {
            true => format!("{label} from {name}"),
            false => format!("{label}, which the spec's other methods need"),
        })
    });
    words.collect()
}

fn nesting_unknown(situation: &Situation<'_>) -> Option<Finding> {
    matches!(migration(situation)?, Migration::InProgress | Migration::Complete).then_some(())?;
    situation.tenant.group.as_ref()?.within.is_none().then(|| {
        let message = "The groups that the pilot group sits in could not be read, so what they are given or excluded from is unknown".to_owned();
        finding("nesting-unknown", Severity::Warning, message, "A group just made can take some minutes to show; plan again.")
    })
}

fn policy_size(situation: &Situation<'_>) -> Option<Finding> {
    (!situation.written.is_empty()).then_some(())?;
    let size = situation.tenant.methods.as_ref()?.size_with(&situation.desired.methods.desired);
    (size > POLICY_BYTES * 8 / 10).then(|| {
        let message = format!(
            "The Authentication methods policy would take about {} KB; Microsoft's limit is about 20 KB, and saving or registering can fail near it",
            size.div_ceil(1024)
        );
        finding("methods-policy-size", Severity::Warning, message, "Take groups out that need not be listed one by one; one group that holds them takes less room.")
    })
}

/// `cleanup` and `scope: none` end the pilot, not what its people were given for sign-in.
fn methods_stay(situation: &Situation<'_>) -> Option<Finding> {
    let change =
        situation.changes.iter().find(|change| change.key == "scope" && change.surface == Surface::Portal)?;
    (change.to == "none").then(|| Finding {
        code: "methods-stay",
        severity: Severity::Info,
        key: "scope",
        message: "Methods stay as they are: people keep what the Authentication methods policy gives them, for sign-in too".to_owned(),
        help: "`sspr cleanup --restore` takes back what `sspr apply` added there.".to_owned(),
    })
}
