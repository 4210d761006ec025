//! What a reviewer should know beside the changes: each a named rule over the situation.

use serde::Serialize;

use super::method_findings::{self, Written};
use super::people::PEOPLE;
use super::reach::REACH;
use super::{Circumstances, Impact, ServiceChange};
use crate::diff::{Change, Desired};
use crate::spec::Spec;
use crate::tenant::{Method, Scope, Tenant, setting};
use crate::text::visible;

/// How grave a finding is; an error forbids applying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Applying is refused.
    Error,
    /// Someone should decide.
    Warning,
    /// Good to know.
    Info,
}

/// Something a reviewer should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Kebab-case name; the heading of its section in docs/findings.md.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The spec key it is about.
    pub key: &'static str,
    /// What is the case.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// All that a rule may look at.
pub(super) struct Situation<'a> {
    pub(super) spec: &'a Spec,
    pub(super) tenant: &'a Tenant,
    pub(super) desired: &'a Desired,
    pub(super) changes: &'a [Change],
    pub(super) circumstances: Circumstances,
    /// What the changes mean for the people of the group; `None` where that is unknown, or nothing.
    pub(super) impact: Option<&'a Impact>,
    pub(super) written: &'a [Written<'a>],
}

impl Situation<'_> {
    fn change(&self, key: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.key == key)
    }

    fn allows(&self, method: Method) -> bool {
        self.spec.allowed().is_some_and(|allowed| allowed.contains(&method))
    }

    /// With scope None nobody resets, so advice about how they would is noise.
    pub(super) fn is_switched_off(&self) -> bool {
        self.spec.scope() == Some(Scope::None)
    }
}

pub(super) type Rule = fn(&Situation<'_>) -> Option<Finding>;

/// Findings that stand for a guard: errors until a flag lifts them.
pub(super) const GUARDED: [&str; 4] = ["scope-all", "required-raised", "too-many-people", "people-stranded"];

/// Rules about what would be written, and to whom.
const GUARDS: [Rule; 7] = [
    unreadable_setting,
    scope_all,
    group_not_security,
    group_security_unknown,
    required_raised,
    administrators_delay,
    too_many_people,
];

/// Rules about a pilot that is on.
const ADVICE: [Rule; 8] = [
    group_empty,
    fewer_methods_than_required,
    security_questions,
    questions_asked_and_registered,
    sms_voice,
    explicit_registration,
    reconfirm_without_registration,
    no_helpdesk,
];

/// Runs every rule. Gravest first, then by code.
pub(super) fn find(situation: &Situation<'_>) -> Vec<Finding> {
    let (advice, people) = match situation.is_switched_off() {
        true => (&[][..], &[][..]),
        false => (&ADVICE[..], &PEOPLE[..]),
    };
    let rules = GUARDS.iter().chain(&method_findings::RULES).chain(advice).chain(people).chain(&REACH);
    let mut findings: Vec<Finding> = rules.filter_map(|rule| rule(situation)).collect();
    findings.sort_by(|a, b| (a.severity, a.code, a.key).cmp(&(b.severity, b.code, b.key)));
    findings
}

fn unreadable_setting(situation: &Situation<'_>) -> Option<Finding> {
    let key = situation.desired.unreadable.first()?;
    Some(Finding {
        code: "setting-unreadable",
        severity: Severity::Error,
        key,
        message: format!(
            "The tenant's policy does not tell {} in a form sspr knows, so it is unknown",
            situation.desired.unreadable.join(", ")
        ),
        help:
            "sspr never writes what it cannot read. Remove the key from the spec, or set it in the portal; \
               please report the shape of the field."
                .to_owned(),
    })
}

fn scope_all(situation: &Situation<'_>) -> Option<Finding> {
    let change = situation.change("scope")?;
    (change.to == Scope::All.word()).then(|| Finding {
        code: "scope-all",
        severity: if situation.circumstances.allowances.all_users {
            Severity::Warning
        } else {
            Severity::Error
        },
        key: "scope",
        message:
            "Every user of the tenant would be able to reset their password, and be asked to register if \
                  registration is required"
                .to_owned(),
        help: "If that is meant, pass --allow-all-users. For a pilot, name a group instead.".to_owned(),
    })
}

fn group_not_security(situation: &Situation<'_>) -> Option<Finding> {
    let group = situation.tenant.group.as_ref()?;
    (group.security_enabled == Some(false)).then(|| Finding {
        code: "group-not-security",
        severity: Severity::Error,
        key: "group",
        message: format!("{} ({}) is not a security group", visible(&group.display_name), group.id),
        help: "Password reset is scoped to a security group. Make one, nest this group's people in it, and name that."
            .to_owned(),
    })
}

fn group_security_unknown(situation: &Situation<'_>) -> Option<Finding> {
    let group = situation.tenant.group.as_ref()?;
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

fn required_raised(situation: &Situation<'_>) -> Option<Finding> {
    let change = situation.change("methods.required")?;
    let is_meant = situation.circumstances.allowances.raising_required;
    (change.to.as_u64() > change.from.as_u64()).then(|| Finding {
        code: "required-raised",
        severity: if is_meant { Severity::Warning } else { Severity::Error },
        key: "methods.required",
        message: "People who registered one method can no longer reset once 2 are required".to_owned(),
        help: "Let them register a second method first. If this is meant, pass --allow-raising-required."
            .to_owned(),
    })
}

fn too_many_people(situation: &Situation<'_>) -> Option<Finding> {
    situation.change("scope").or(situation.change("group"))?;
    let members = situation.tenant.group.as_ref()?.members?;
    let limit = situation.circumstances.allowances.max_people?;
    (members > limit && !situation.is_switched_off()).then(|| Finding {
        code: "too-many-people",
        severity: Severity::Error,
        key: "group",
        message: format!("{members} people would be reached, and {limit} are allowed"),
        help: format!("Name a smaller group, or pass --max-people {members}."),
    })
}

fn group_empty(situation: &Situation<'_>) -> Option<Finding> {
    let group = situation.tenant.group.as_ref()?;
    (group.members == Some(0)).then(|| Finding {
        code: "group-empty",
        severity: Severity::Warning,
        key: "group",
        message: format!("{} has no members, not even through nested groups", visible(&group.display_name)),
        help: "Nobody will be able to reset. Add the pilot's people; a group just filled can take some minutes to count."
            .to_owned(),
    })
}

/// Returns a dated service change as a finding.
pub(super) fn dated(
    situation: &Situation<'_>,
    code: &str,
    severity: Severity,
    key: &'static str,
    help: &str,
) -> Option<Finding> {
    let change = ServiceChange::find(code)?;
    Some(Finding {
        code: change.code,
        severity,
        key,
        message: change.told_on(situation.circumstances.today),
        help: format!("{help} {}", change.source),
    })
}

fn administrators_delay(situation: &Situation<'_>) -> Option<Finding> {
    situation.change("administrators.allow_sspr").map(|_| Finding {
        code: "administrators-delay",
        severity: Severity::Info,
        key: "administrators.allow_sspr",
        message: "This is about administrators alone, never the pilot, and can take up to 60 minutes to take effect"
            .to_owned(),
        help: "If administrators are in the pilot group, they are asked to register but cannot once this is off; keep them out of it."
            .to_owned(),
    })
}

fn security_questions(situation: &Situation<'_>) -> Option<Finding> {
    situation.allows(Method::SecurityQuestions).then_some(())?;
    let help = "Allow another method, and let people register it before then.";
    dated(situation, "security-questions-retire", Severity::Warning, "methods.allowed", help)
}

/// Where the spec manages one of the two counts, or neither, and the tenant holds the other.
fn questions_asked_and_registered(situation: &Situation<'_>) -> Option<Finding> {
    const COUNTS: [&str; 2] = ["methods.security_questions.register", "methods.security_questions.reset"];
    let managed = COUNTS.into_iter().find(|key| situation.spec.value(key).is_some())?;
    let policy = situation.desired.policy.as_ref()?;
    let [registered, asked] = COUNTS.map(|key| setting(key)?.read(policy)?.as_u64());
    let (registered, asked) = (registered?, asked?);
    (asked > registered).then(|| Finding {
        code: "questions-not-registered",
        severity: Severity::Warning,
        key: managed,
        message: format!(
            "{asked} security questions would be asked to reset, but people register only {registered}"
        ),
        help: "Set both counts in the spec, `reset` at most `register`.".to_owned(),
    })
}

/// Where the spec manages the methods and the tenant holds how many a reset takes; within a spec the loader
/// refuses it.
fn fewer_methods_than_required(situation: &Situation<'_>) -> Option<Finding> {
    let required = setting("methods.required")?.read(situation.desired.policy.as_ref()?)?.as_u64()?;
    let allowed = situation.spec.allowed()?.len() as u64;
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

fn sms_voice(situation: &Situation<'_>) -> Option<Finding> {
    (situation.allows(Method::MobilePhone) || situation.allows(Method::OfficePhone)).then_some(())?;
    let help = "Do not build the pilot on phones alone: allow e-mail or the authenticator app beside them.";
    dated(situation, "sms-voice-retire", Severity::Warning, "methods.allowed", help)
}

fn explicit_registration(situation: &Situation<'_>) -> Option<Finding> {
    let help = "Have the pilot's people register at https://aka.ms/ssprsetup.";
    dated(situation, "explicit-registration", Severity::Info, "registration.required", help)
}

fn reconfirm_without_registration(situation: &Situation<'_>) -> Option<Finding> {
    situation.spec.value("registration.reconfirm_days")?;
    let is_required = setting("registration.required")?.read(situation.desired.policy.as_ref()?)?;
    (is_required == false).then(|| Finding {
        code: "reconfirm-unused",
        severity: Severity::Warning,
        key: "registration.reconfirm_days",
        message: "The tenant does not require registration, so nobody is asked to reconfirm".to_owned(),
        help: "Set `registration.required: true` in the spec, or remove `reconfirm_days`.".to_owned(),
    })
}

fn no_helpdesk(situation: &Situation<'_>) -> Option<Finding> {
    let helpdesk = setting("customization.helpdesk")?.read(situation.desired.policy.as_ref()?)?;
    (helpdesk == "none").then(|| Finding {
        code: "no-helpdesk",
        severity: Severity::Info,
        key: "customization.helpdesk",
        message:
            "There is no helpdesk link; \"Contact your administrator\" mails the tenant's administrators"
                .to_owned(),
        help: "Microsoft recommends a helpdesk address or URL in `customization.helpdesk`.".to_owned(),
    })
}
