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
            "The tenant's policy does not tell {} in a form sspr knows, so it is unknown",
            context.desired.unreadable.join(", ")
        ),
        help:
            "sspr never writes what it cannot read. Remove the key from the spec, or set it in the portal; \
               please report the shape of the field."
                .to_owned(),
    })
}

fn scope_all(context: &RuleContext<'_>) -> Option<Finding> {
    let change = context.change("scope")?;
    (change.to == Scope::All.as_str()).then(|| Finding {
        code: "scope-all",
        severity: if context.options.overrides.all_users { Severity::Warning } else { Severity::Error },
        key: "scope",
        message:
            "Every user of the tenant would be able to reset their password, and be asked to register if \
                  registration is required"
                .to_owned(),
        help: "If that is meant, pass --allow-all-users. For a pilot, name a group instead.".to_owned(),
    })
}

fn group_not_security(context: &RuleContext<'_>) -> Option<Finding> {
    let group = context.tenant.group.as_ref()?;
    (group.security_enabled == Some(false)).then(|| Finding {
        code: "group-not-security",
        severity: Severity::Error,
        key: "group",
        message: format!("{} ({}) is not a security group", visible(&group.display_name), group.id),
        help: "Password reset is scoped to a security group. Make one, nest this group's people in it, and name that."
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
            "Graph did not say whether {} ({}) is a security group",
            visible(&group.display_name),
            group.id
        ),
        help:
            "Look at the group in the portal before applying: password reset is scoped to a security group."
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
        message: "People who registered one method can no longer reset once 2 are required".to_owned(),
        help: "Let them register a second method first. If this is meant, pass --allow-raising-required."
            .to_owned(),
    })
}

fn administrators_delay(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("administrators.allow_sspr").map(|_| Finding {
        code: "administrators-delay",
        severity: Severity::Info,
        key: "administrators.allow_sspr",
        message: "This is about administrators alone, never the pilot, and can take up to 60 minutes to take effect"
            .to_owned(),
        help: "If administrators are in the pilot group, they are asked to register but cannot once this is off; keep them out of it."
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
        message: format!("{members} people would be reached, and {limit} are allowed"),
        help: format!("Name a smaller group, or pass --max-people {members}."),
    })
}

/// A limit on a number nobody knows holds: whom the scope would let in may be everybody.
fn count_unknown(context: &RuleContext<'_>) -> Option<Finding> {
    context.change("scope").or(context.change("group"))?;
    let group = context.tenant.group.as_ref().filter(|group| group.members.is_none())?;
    let is_meant = context.options.overrides.max_people.is_none();
    let why = match group.hides_members {
        true => "the group hides its members (Member.Read.Hidden)",
        false => "Graph did not list or count the group's members",
    };
    (!context.is_switched_off()).then(|| Finding {
        code: "count-unknown",
        severity: if is_meant { Severity::Warning } else { Severity::Error },
        key: "group",
        message: format!(
            "How many people {} ({}) would let in is unknown: {why}",
            visible(&group.display_name),
            group.id
        ),
        help: "Sign in with the permission it takes; a group just made can take some minutes to show. If any number \
               is meant, pass --max-people any."
            .to_owned(),
    })
}
