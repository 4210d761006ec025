//! Rules with advice for a pilot that is switched on.

use super::context::{Rule, RuleContext, dated};
use crate::plan::Finding;
use crate::plan::Severity::{Info, Warning};
use crate::tenant::{Method, setting};
use crate::text::visible;

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
    (group.members == Some(0)).then_some(())?;
    let message = format!("{} has no members, not even through nested groups", visible(&group.display_name));
    let help =
        "No one can reset until the group has members. Microsoft can take some minutes to count new members.";
    Some(Finding::new("group-empty", Warning, "group", message, help))
}

/// Where the spec manages the methods and the tenant holds how many a reset takes; within a spec the loader
/// refuses it.
fn fewer_methods_than_required(context: &RuleContext<'_>) -> Option<Finding> {
    let required = setting("methods.required")?.read(context.desired.policy.as_ref()?)?.as_u64()?;
    let allowed = context.spec.allowed()?.len() as u64;
    (allowed < required).then_some(())?;
    let message =
        format!("The tenant requires {required} methods to reset, and the spec allows only {allowed}");
    let help = "Allow another method, or set `methods.required: 1`.";
    Some(Finding::new("methods-fewer-than-required", Warning, "methods.allowed", message, help))
}

fn security_questions(context: &RuleContext<'_>) -> Option<Finding> {
    context.allows(Method::SecurityQuestions).then_some(())?;
    let help = "Allow another method, and have people register it before then.";
    dated(context, "security-questions-retire", Warning, "methods.allowed", help)
}

/// Where the spec manages one of the two counts, or neither, and the tenant holds the other.
fn questions_asked_and_registered(context: &RuleContext<'_>) -> Option<Finding> {
    const COUNTS: [&str; 2] = ["methods.security_questions.register", "methods.security_questions.reset"];
    let managed = COUNTS.into_iter().find(|key| context.spec.value(key).is_some())?;
    let policy = context.desired.policy.as_ref()?;
    let [registered, asked] = COUNTS.map(|key| setting(key)?.read(policy)?.as_u64());
    let (registered, asked) = (registered?, asked?);
    (asked > registered).then_some(())?;
    let message = format!("A reset asks {asked} security questions, but people register only {registered}");
    let help = "Set both counts in the spec, `reset` at most `register`.";
    Some(Finding::new("questions-not-registered", Warning, managed, message, help))
}

fn sms_voice(context: &RuleContext<'_>) -> Option<Finding> {
    (context.allows(Method::MobilePhone) || context.allows(Method::OfficePhone)).then_some(())?;
    let help =
        "Allow e-mail or the authenticator app too, so that the pilot does not depend on phones alone.";
    dated(context, "sms-voice-retire", Warning, "methods.allowed", help)
}

fn explicit_registration(context: &RuleContext<'_>) -> Option<Finding> {
    let help = "Have the pilot's people register at https://aka.ms/ssprsetup, or register methods for them. Numbers and addresses that are only in the directory would not count; Microsoft's Learn page gives other dates.";
    dated(context, "explicit-registration", Info, "registration.required", help)
}

fn reconfirm_without_registration(context: &RuleContext<'_>) -> Option<Finding> {
    context.spec.value("registration.reconfirm_days")?;
    let is_required = setting("registration.required")?.read(context.desired.policy.as_ref()?)?;
    (is_required == false).then_some(())?;
    let message = "`reconfirm_days` has no effect, because the tenant does not require registration";
    let help = "Set `registration.required: true` in the spec, or remove `reconfirm_days`.";
    Some(Finding::new("reconfirm-unused", Warning, "registration.reconfirm_days", message, help))
}

fn no_helpdesk(context: &RuleContext<'_>) -> Option<Finding> {
    let helpdesk = setting("customization.helpdesk")?.read(context.desired.policy.as_ref()?)?;
    (helpdesk == "none").then_some(())?;
    let message =
        "No helpdesk link is set, so \"Contact your administrator\" mails the tenant's administrators";
    let help = "Set `customization.helpdesk` to an e-mail address or a URL, as Microsoft recommends.";
    Some(Finding::new("no-helpdesk", Info, "customization.helpdesk", message, help))
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
    (is_asked && !is_supported).then_some(())?;
    let message =
        format!("Turning on {what} has no effect, because the admin centre says it is not supported here");
    let help = "Set password writeback up in Entra Connect or Cloud Sync first, and look under On-premises integration \
               in the portal whether an agent answers.";
    Some(Finding::new("writeback-unsupported", Warning, key, message, help))
}
