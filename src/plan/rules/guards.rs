//! Rules that refuse dangerous writes.

use super::context::{Rule, RuleContext};
use crate::plan::{Finding, Severity};
use crate::tenant::Scope;
use crate::text::visible;

/// Rules about what would be written, and to whom.
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
    Some(Finding {
        code: "setting-unreadable",
        severity: Severity::Error,
        key,
        message: format!(
            "Unreadable in the tenant's policy: {} (missing, or in an unknown form)",
            context.desired.unreadable.join(", ")
        ),
        help:
            "sspr never writes what it cannot read. Remove the key from the spec, or set it in the portal. Please report the form of the field."
                .to_owned(),
    })
}

fn scope_all(context: &RuleContext<'_>) -> Option<Finding> {
    let change = context.change("scope")?;
    (change.to == Scope::All.as_str()).then(|| Finding {
        code: "scope-all",
        severity: if context.options.overrides.all_users { Severity::Warning } else { Severity::Error },
        key: "scope",
        message: "Every user in the tenant could reset their password, and must register if that is required"
            .to_owned(),
        help: "For a pilot, set `group:` instead. To include every user, pass --allow-all-users.".to_owned(),
    })
}

fn group_not_security(context: &RuleContext<'_>) -> Option<Finding> {
    let group = context.tenant.group.as_ref()?;
    (group.security_enabled == Some(false)).then(|| Finding {
        code: "group-not-security",
        severity: Severity::Error,
        key: "group",
        message: format!("{} ({}) is not a security group", visible(&group.display_name), group.id),
        help: "Password reset needs a security group. Create one, add these people to it, and set `group:` to it."
            .to_owned(),
    })
}

fn group_security_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    let group = context.tenant.group.as_ref()?;
    group.security_enabled.is_none().then(|| Finding {
        code: "group-security-unknown",
        severity: Severity::Warning,
        key: "group",
        message: format!(
            "Graph does not say whether {} ({}) is a security group",
            visible(&group.display_name),
            group.id
        ),
        help: "Check the group in the portal before you apply: password reset needs a security group."
            .to_owned(),
    })
}

fn required_raised(context: &RuleContext<'_>) -> Option<Finding> {
    let change = context.change("methods.required")?;
    let is_meant = context.options.overrides.raising_required;
    (change.to.as_u64() > change.from.as_u64()).then(|| Finding {
        code: "required-raised",
        severity: if is_meant { Severity::Warning } else { Severity::Error },
        key: "methods.required",
        message: "Requiring 2 methods locks out people who registered only one".to_owned(),
        help:
            "Have them register a second method first. To require it anyway, pass --allow-raising-required."
                .to_owned(),
    })
}

fn administrators_delay(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("administrators.allow_sspr").map(|_| Finding {
        code: "administrators-delay",
        severity: Severity::Info,
        key: "administrators.allow_sspr",
        message: "This affects administrators only, not the pilot, and can take up to 60 minutes"
            .to_owned(),
        help: "Keep administrators out of the pilot group: while this is off, they are asked to register but cannot."
            .to_owned(),
    })
}

fn too_many_people(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("scope").or(context.change("group"))?;
    let members = context.tenant.group.as_ref()?.members?;
    let limit = context.options.overrides.max_people?;
    (members > limit && !context.is_switched_off()).then(|| Finding {
        code: "too-many-people",
        severity: Severity::Error,
        key: "group",
        message: format!("The group has {members} people, and the limit is {limit}"),
        help: format!("Name a smaller group, or pass --max-people {members}."),
    })
}

/// A limit on a number nobody knows holds: whom the scope would let in may be everybody.
fn count_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("scope").or(context.change("group"))?;
    let group = context.tenant.group.as_ref().filter(|group| group.members.is_none())?;
    let is_meant = context.options.overrides.max_people.is_none();
    let why = match group.hides_members {
        true => "it hides its members (Member.Read.Hidden)",
        false => "Graph did not list or count them",
    };
    (!context.is_switched_off()).then(|| Finding {
        code: "count-unknown",
        severity: if is_meant { Severity::Warning } else { Severity::Error },
        key: "group",
        message: format!(
            "Unknown how many people are in {} ({}): {why}",
            visible(&group.display_name),
            group.id
        ),
        help: "Sign in with the permission, or wait some minutes if the group is new. To apply without a limit, pass --max-people any."
            .to_owned(),
    })
}
