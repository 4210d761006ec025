//! Rules with advice for a pilot that is switched on.

use super::context::{Rule, RuleContext, dated};
use crate::plan::{Finding, Severity};
use crate::tenant::{Method, setting};
use crate::text::visible;

/// Rules about a pilot that is on.
pub(super) const RULES: [Rule; 10] = [
    group_empty,
    fewer_methods_than_required,
    security_questions,
    questions_asked_and_registered,
    sms_voice,
    explicit_registration,
    reconfirm_without_registration,
    no_helpdesk,
    writeback_unsupported,
    unlock_unsupported,
];

fn group_empty(context: &RuleContext<'_>) -> Option<Finding> {
    let group = context.tenant.group.as_ref()?;
    (group.members == Some(0)).then(|| Finding {
        code: "group-empty",
        severity: Severity::Warning,
        key: "group",
        message: format!("{} has no members, not even through nested groups", visible(&group.display_name)),
        help: "No one can reset until the group has members. Microsoft can take some minutes to count new members."
            .to_owned(),
    })
}

/// Where the spec manages the methods and the tenant holds how many a reset takes; within a spec the loader
/// refuses it.
fn fewer_methods_than_required(context: &RuleContext<'_>) -> Option<Finding> {
    let required = setting("methods.required")?.read(context.desired.policy.as_ref()?)?.as_u64()?;
    let allowed = context.spec.allowed()?.len() as u64;
    (allowed < required).then(|| Finding {
        code: "methods-fewer-than-required",
        severity: Severity::Warning,
        key: "methods.allowed",
        message: format!(
            "The tenant requires {required} methods to reset, and the spec allows only {allowed}"
        ),
        help: "Allow another method, or set `methods.required: 1`.".to_owned(),
    })
}

fn security_questions(context: &RuleContext<'_>) -> Option<Finding> {
    context.allows(Method::SecurityQuestions).then_some(())?;
    let help = "Allow another method, and have people register it before then.";
    dated(context, "security-questions-retire", Severity::Warning, "methods.allowed", help)
}

/// Where the spec manages one of the two counts, or neither, and the tenant holds the other.
fn questions_asked_and_registered(context: &RuleContext<'_>) -> Option<Finding> {
    const COUNTS: [&str; 2] = ["methods.security_questions.register", "methods.security_questions.reset"];
    let managed = COUNTS.into_iter().find(|key| context.spec.value(key).is_some())?;
    let policy = context.desired.policy.as_ref()?;
    let [registered, asked] = COUNTS.map(|key| setting(key)?.read(policy)?.as_u64());
    let (registered, asked) = (registered?, asked?);
    (asked > registered).then(|| Finding {
        code: "questions-not-registered",
        severity: Severity::Warning,
        key: managed,
        message: format!("A reset asks {asked} security questions, but people register only {registered}"),
        help: "Set both counts in the spec, `reset` at most `register`.".to_owned(),
    })
}

fn sms_voice(context: &RuleContext<'_>) -> Option<Finding> {
    (context.allows(Method::MobilePhone) || context.allows(Method::OfficePhone)).then_some(())?;
    let help =
        "Allow e-mail or the authenticator app too, so that the pilot does not depend on phones alone.";
    dated(context, "sms-voice-retire", Severity::Warning, "methods.allowed", help)
}

fn explicit_registration(context: &RuleContext<'_>) -> Option<Finding> {
    let help = "Have the pilot's people register at https://aka.ms/ssprsetup.";
    dated(context, "explicit-registration", Severity::Info, "registration.required", help)
}

fn reconfirm_without_registration(context: &RuleContext<'_>) -> Option<Finding> {
    context.spec.value("registration.reconfirm_days")?;
    let is_required = setting("registration.required")?.read(context.desired.policy.as_ref()?)?;
    (is_required == false).then(|| Finding {
        code: "reconfirm-unused",
        severity: Severity::Warning,
        key: "registration.reconfirm_days",
        message: "`reconfirm_days` has no effect, because the tenant does not require registration"
            .to_owned(),
        help: "Set `registration.required: true` in the spec, or remove `reconfirm_days`.".to_owned(),
    })
}

fn no_helpdesk(context: &RuleContext<'_>) -> Option<Finding> {
    let helpdesk = setting("customization.helpdesk")?.read(context.desired.policy.as_ref()?)?;
    (helpdesk == "none").then(|| Finding {
        code: "no-helpdesk",
        severity: Severity::Info,
        key: "customization.helpdesk",
        message:
            "No helpdesk link is set, so \"Contact your administrator\" mails the tenant's administrators"
                .to_owned(),
        help: "Set `customization.helpdesk` to an e-mail address or a URL, as Microsoft recommends."
            .to_owned(),
    })
}

fn writeback_unsupported(context: &RuleContext<'_>) -> Option<Finding> {
    unsupported(context, "writeback.enabled", "passwordWritebackSupported", "password writeback")
}

fn unlock_unsupported(context: &RuleContext<'_>) -> Option<Finding> {
    unsupported(context, "writeback.unlock", "accountUnlockSupported", "unlocking accounts")
}

/// Where the spec turns on what the admin centre says the tenant's synchronisation cannot do (facts 2026-11 F).
fn unsupported(context: &RuleContext<'_>, key: &'static str, field: &str, what: &str) -> Option<Finding> {
    let is_asked = context.spec.value(key).is_some_and(|value| value == true);
    let is_supported = context.tenant.writeback.as_ref()?.field(field)?.as_bool()?;
    (is_asked && !is_supported).then(|| Finding {
        code: "writeback-unsupported",
        severity: Severity::Warning,
        key,
        message: format!("Turning on {what} has no effect, because the admin centre says it is not supported here"),
        help: "Set password writeback up in Entra Connect or Cloud Sync first, and look under On-premises integration \
               in the portal whether an agent answers."
            .to_owned(),
    })
}
