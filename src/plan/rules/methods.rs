//! Rules about where methods are managed, and what prevents allowing them.

use super::context::{Rule, RuleContext, dated};
use crate::diff::{Audience, Blocker, audience};
use crate::plan::Severity::{Error, Info, Warning};
use crate::plan::{Finding, Severity};
use crate::spec_file::Spec;
use crate::tenant::{GraphMethod, Migration, Tenant, setting};
use crate::text::{page, visible};

pub(super) const KEY: &str = "methods.allowed";

pub(super) const RULES: [Rule; 10] = [
    state_unknown,
    toggles_ignored,
    toggles_frozen,
    authenticator_needs_others,
    excluded,
    missing,
    unreadable,
    passwordless_only,
    no_audience,
    nesting_unknown,
];

pub(super) fn finding(
    code: &'static str,
    severity: Severity,
    message: impl Into<String>,
    help: &str,
) -> Finding {
    Finding::new(code, severity, KEY, message, help)
}

/// The state of the migration, where the spec manages methods.
pub(super) fn migration(context: &RuleContext<'_>) -> Option<Migration> {
    context.spec.allowed()?;
    Some(context.tenant.methods.as_ref()?.migration())
}

pub(super) fn named(spec: &Spec, tenant: &Tenant) -> String {
    match audience(spec, tenant) {
        Audience::Group(group) => visible(&group.display_name),
        Audience::Everyone => "every user".to_owned(),
        Audience::Nobody | Audience::Unspecified => "no one".to_owned(),
    }
}

pub(super) fn labels(methods: impl IntoIterator<Item = GraphMethod>) -> String {
    methods.into_iter().map(GraphMethod::label).collect::<Vec<_>>().join(", ")
}

fn state_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    context.spec.allowed()?;
    let what = match migration(context) {
        Some(Migration::Unknown(state)) => {
            format!("Unknown method migration state `{}`", visible(&state))
        }
        Some(_) => return None,
        None => "Graph has no Authentication methods policy for this tenant".to_owned(),
    };
    let message = format!("{what}, so no method is written");
    let help = "Check Entra > Authentication methods > Policies > Manage migration, and set the methods by hand. sspr plans the rest of the spec.";
    Some(finding("migration-state-unknown", Warning, message, help))
}

fn toggles_ignored(context: &RuleContext<'_>) -> Option<Finding> {
    (migration(context)? == Migration::Complete).then_some(())?;
    let message = "The legacy method toggles are not written, because this tenant no longer uses them";
    let help = format!("{} explains the two policies.", page("docs/methods.md"));
    Some(finding("legacy-toggles-ignored", Info, message, &help))
}

fn toggles_frozen(context: &RuleContext<'_>) -> Option<Finding> {
    matches!(migration(context)?, Migration::PreMigration | Migration::InProgress).then_some(())?;
    let help = format!(
        "Finish the migration soon ({}); Microsoft's pages disagree on how long these toggles still work.",
        page("docs/methods.md")
    );
    dated(context, "legacy-methods-frozen", Warning, KEY, &help)
}

/// Microsoft's rule where the legacy policy still counts (facts 3.5).
fn authenticator_needs_others(context: &RuleContext<'_>) -> Option<Finding> {
    matches!(migration(context)?, Migration::PreMigration | Migration::InProgress).then_some(())?;
    let required = setting("methods.required")?.read(context.desired.policy.as_ref()?)?;
    let allowed = context.spec.allowed()?;
    let others = allowed.iter().filter(|method| !method.is_mobile_app()).count();
    (required == 2 && others < 2 && others < allowed.len()).then_some(())?;
    let message =
        "Before the migration is finished, 2 required methods need two others besides the authenticator app";
    Some(finding(
        "authenticator-needs-others",
        Error,
        message,
        "Allow two methods besides the app, or set `methods.required: 1`.",
    ))
}

fn excluded(context: &RuleContext<'_>) -> Option<Finding> {
    let excluded = context.desired.methods.obstacles.iter().filter_map(|blocker| match blocker {
        Blocker::Excluded(method, group) => {
            Some(format!("{} (by {})", method.label(), visible(&group.display_name)))
        }
        _ => None,
    });
    let excluded: Vec<_> = excluded.collect();
    (!excluded.is_empty()).then_some(())?;
    let message = format!("{} is excluded from {}", named(context.spec, context.tenant), excluded.join(", "));
    let help = "Find out who excluded them, and why. Then remove the exclusion in the portal, or the method from the spec.";
    Some(finding("pilot-excluded", Error, message, help))
}

fn obstructed(context: &RuleContext<'_>, pick: fn(&Blocker) -> Option<GraphMethod>) -> Option<String> {
    let methods: Vec<_> = context.desired.methods.obstacles.iter().filter_map(pick).collect();
    (!methods.is_empty()).then(|| labels(methods))
}

fn missing(context: &RuleContext<'_>) -> Option<Finding> {
    let methods = obstructed(context, |blocker| match blocker {
        Blocker::Missing(method) => Some(*method),
        _ => None,
    })?;
    let message = format!("The Authentication methods policy of this tenant has no {methods}");
    let help = "Remove the method from the spec; some clouds lack some methods.";
    Some(finding("method-missing", Error, message, help))
}

fn unreadable(context: &RuleContext<'_>) -> Option<Finding> {
    let methods = obstructed(context, |blocker| match blocker {
        Blocker::Unreadable(method) => Some(*method),
        _ => None,
    })?;
    let message = format!("Unreadable in the Authentication methods policy: {methods} (unknown form)");
    let help = "sspr never writes what it cannot read. Set the method in the portal, or remove it from the spec. Please report the form.";
    Some(finding("method-unreadable", Error, message, help))
}

fn passwordless_only(context: &RuleContext<'_>) -> Option<Finding> {
    context.desired.methods.obstacles.contains(&Blocker::PasswordlessOnly).then_some(())?;
    let message = format!(
        "{} has Microsoft Authenticator in passwordless mode only, which cannot approve a reset",
        named(context.spec, context.tenant)
    );
    let help =
        "Set its mode to Any or Push in the portal, or remove `mobile_app_notification` from the spec.";
    Some(finding("authenticator-passwordless-only", Error, message, help))
}

fn no_audience(context: &RuleContext<'_>) -> Option<Finding> {
    let is_graph = matches!(migration(context)?, Migration::InProgress | Migration::Complete);
    (is_graph && audience(context.spec, context.tenant) == Audience::Unspecified).then_some(())?;
    let message = "This tenant enables methods per group, and the spec names no group";
    let help = "Add `group:`, or remove `methods.allowed`.";
    Some(finding("methods-without-group", Error, message, help))
}

fn nesting_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    matches!(migration(context)?, Migration::InProgress | Migration::Complete).then_some(())?;
    context.tenant.group.as_ref()?.within.is_none().then_some(())?;
    let message = "The pilot group's parent groups, which may add or exclude methods, could not be read";
    let help = "A new group can take some minutes to appear. Run `sspr plan` again.";
    Some(finding("nesting-unknown", Warning, message, help))
}
