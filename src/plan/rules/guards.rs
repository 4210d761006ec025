//! Rules that refuse dangerous writes.

use super::context::{Rule, RuleContext};
use crate::plan::Severity::{Error, Info, Warning};
use crate::plan::{Finding, Severity};
use crate::tenant::Scope;
use crate::text::visible;

pub(super) const RULES: [Rule; 8] = [
    unreadable_setting,
    scope_all,
    group_not_security,
    group_security_unknown,
    required_raised,
    administrators_delay,
    too_many_people,
    count_unknown,
];

fn unreadable_setting(context: &RuleContext<'_>) -> Option<Finding> {
    let key = context.desired.unreadable.first()?;
    let message = format!(
        "Unreadable in the tenant's policy: {} (missing, or in an unknown form)",
        context.desired.unreadable.join(", ")
    );
    let help = "sspr never writes what it cannot read. Remove the key from the spec, or set it in the portal. Please report the form of the field.";
    Some(Finding::new("setting-unreadable", Error, key, message, help))
}

fn scope_all(context: &RuleContext<'_>) -> Option<Finding> {
    let change = context.change("scope")?;
    (change.to == Scope::All.as_str()).then_some(())?;
    let severity = Severity::guarded(context.options.overrides.all_users);
    let message =
        "Every user in the tenant could reset their password, and must register if that is required";
    let help = "For a pilot, set `group:` instead. To include every user, pass --allow-all-users.";
    Some(Finding::new("scope-all", severity, "scope", message, help))
}

fn group_not_security(context: &RuleContext<'_>) -> Option<Finding> {
    let group = context.tenant.group.as_ref()?;
    (group.security_enabled == Some(false)).then_some(())?;
    let message = format!("{} ({}) is not a security group", visible(&group.display_name), group.id);
    let help =
        "Password reset needs a security group. Create one, add these people to it, and set `group:` to it.";
    Some(Finding::new("group-not-security", Error, "group", message, help))
}

fn group_security_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    let group = context.tenant.group.as_ref()?;
    group.security_enabled.is_none().then_some(())?;
    let message = format!(
        "Graph does not say whether {} ({}) is a security group",
        visible(&group.display_name),
        group.id
    );
    let help = "Check the group in the portal before you apply: password reset needs a security group.";
    Some(Finding::new("group-security-unknown", Warning, "group", message, help))
}

fn required_raised(context: &RuleContext<'_>) -> Option<Finding> {
    let change = context.change("methods.required")?;
    (change.to.as_u64() > change.from.as_u64()).then_some(())?;
    let severity = Severity::guarded(context.options.overrides.raising_required);
    let message = "Requiring 2 methods locks out people who registered only one";
    let help =
        "Have them register a second method first. To require it anyway, pass --allow-raising-required.";
    Some(Finding::new("required-raised", severity, "methods.required", message, help))
}

fn administrators_delay(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("administrators.allow_sspr")?;
    let message = "This affects administrators only, not the pilot, and can take up to 60 minutes";
    let help = "Keep administrators out of the pilot group: while this is off, they are asked to register but cannot.";
    Some(Finding::new("administrators-delay", Info, "administrators.allow_sspr", message, help))
}

fn too_many_people(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("scope").or(context.change("group"))?;
    let members = context.tenant.group.as_ref()?.members?;
    let limit = context.options.overrides.max_people?;
    (members > limit && !context.is_switched_off()).then_some(())?;
    let message = format!("The group has {members} people, and the limit is {limit}");
    let help = format!("Name a smaller group, or pass --max-people {members}.");
    Some(Finding::new("too-many-people", Error, "group", message, help))
}

/// A limit applies to an unknown number too: the scope may let everyone in.
fn count_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("scope").or(context.change("group"))?;
    let group = context.tenant.group.as_ref().filter(|group| group.members.is_none())?;
    let why = match group.hides_members {
        true => "it hides its members (Member.Read.Hidden)",
        false => "Graph did not list or count them",
    };
    (!context.is_switched_off()).then_some(())?;
    let severity = Severity::guarded(context.options.overrides.max_people.is_none());
    let message =
        format!("Unknown how many people are in {} ({}): {why}", visible(&group.display_name), group.id);
    let help = "Sign in with the permission, or wait some minutes if the group is new. To apply without a limit, pass --max-people any.";
    Some(Finding::new("count-unknown", severity, "group", message, help))
}
