//! Each finding is told where it holds, and not one step before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use snapbox::str;
use sspr::finding_docs::{FindingDoc, Gravity};
use sspr::plan::Overrides;

use super::method_findings::METHODS;
use super::people_findings::PEOPLE;
use super::ring_findings::RINGS;
use super::{Case, Row, told};
use crate::common::{assert_shown, repository};

pub(super) const GUARDS: [Row; 31] = [
    ("all is well", |_| {}),
    ("a field is not in a form sspr knows", |case| {
        case.want("registration.required", json!(true));
        case.policy["registrationRequiredOnSignIn"] = json!("yes");
    }),
    ("a method's toggle is not in a form sspr knows", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.policy["officePhoneOptionEnabled"] = json!("on");
    }),
    ("scope All", |case| case.spec = json!({"version": 1, "scope": "all"})),
    ("scope All, and meant", |case| {
        case.spec = json!({"version": 1, "scope": "all"});
        case.overrides.all_users = true;
    }),
    ("no security group", |case| case.group.as_mut().unwrap().security_enabled = Some(false)),
    ("perhaps no security group", |case| case.group.as_mut().unwrap().security_enabled = None),
    ("more methods required", |case| {
        case.want("methods.required", json!(2));
        case.want("methods.allowed", json!(["email", "security_questions"]));
    }),
    ("more methods required, and meant", |case| {
        case.want("methods.required", json!(2));
        case.want("methods.allowed", json!(["email", "security_questions"]));
        case.overrides.raising_required = true;
    }),
    ("fewer methods required", |case| {
        case.want("methods.required", json!(1));
        case.policy["numberOfAuthenticationMethodsRequired"] = json!(2);
    }),
    ("administrators are let", |case| {
        case.want("administrators.allow_sspr", json!(true));
        case.authorization = Some(json!({"allowedToUseSSPR": false}));
    }),
    ("administrators are let already", |case| {
        case.want("administrators.allow_sspr", json!(true));
        case.authorization = Some(json!({"allowedToUseSSPR": true}));
    }),
    ("the scope is opened to more people than meant", |case| {
        case.policy["enablementType"] = json!(0);
        case.overrides.max_people = Some(9);
    }),
    ("another group, with more people than meant", |case| {
        case.policy["passwordResetEnabledGroupIds"] = json!(["other"]);
        case.overrides.max_people = Some(9);
    }),
    ("just as many people as meant", |case| {
        case.policy["enablementType"] = json!(0);
        case.overrides.max_people = Some(10);
    }),
    ("an unknown number of people, and the scope opens", |case| {
        case.policy["enablementType"] = json!(0);
        case.group.as_mut().unwrap().members = None;
        case.overrides.max_people = Some(9);
    }),
    ("hidden people, and any number is meant", |case| {
        case.policy["enablementType"] = json!(0);
        let group = case.group.as_mut().unwrap();
        (group.members, group.hides_members) = (None, true);
    }),
    ("an unknown number of people, and the same scope and group", |case| {
        case.group.as_mut().unwrap().members = None;
        case.overrides.max_people = Some(9);
    }),
    ("an unknown number of people, and the pilot ends", |case| {
        case.want("scope", json!("none"));
        case.group.as_mut().unwrap().members = None;
        case.overrides.max_people = Some(9);
    }),
    ("more people than meant, and the same scope and group", |case| case.overrides.max_people = Some(9)),
    ("the pilot ends, and had more people than meant", |case| {
        case.want("scope", json!("none"));
        case.overrides.max_people = Some(9);
    }),
    ("an empty group", |case| case.group.as_mut().unwrap().members = Some(0)),
    ("a group of one", |case| case.group.as_mut().unwrap().members = Some(1)),
    ("more questions asked than registered in the tenant", |case| {
        case.want("methods.security_questions.register", json!(3));
        case.policy["numberOfQuestionsToReset"] = json!(4);
    }),
    ("as many questions asked as registered in the tenant", |case| {
        case.want("methods.security_questions.reset", json!(4));
        case.policy["numberOfQuestionsToRegister"] = json!(4);
    }),
    ("reconfirming, where the tenant does not require registering", |case| {
        case.want("registration.reconfirm_days", json!(90));
        case.policy["registrationRequiredOnSignIn"] = json!(false);
    }),
    ("no helpdesk link", |case| case.policy["customizeHelpdeskLink"] = json!(false)),
    ("writeback that is not supported", |case| {
        case.want("writeback", json!({"enabled": true, "unlock": true}));
        case.writeback = Some(json!({
            "passwordWritebackSupported": false, "accountUnlockSupported": false,
            "enablementForTenant": true, "accountUnlockEnabled": true,
        }));
    }),
    ("writeback that is not supported, and not wanted", |case| {
        case.want("writeback", json!({"enabled": false}));
        case.writeback = Some(json!({"passwordWritebackSupported": false, "enablementForTenant": false}));
    }),
    ("writeback that is supported", |case| {
        case.want("writeback", json!({"enabled": true}));
        case.writeback = Some(json!({"passwordWritebackSupported": true, "enablementForTenant": true}));
    }),
    ("writeback of which nothing is told", |case| {
        case.want("writeback", json!({"enabled": true}));
        case.writeback = Some(json!({"enablementForTenant": true}));
    }),
];

#[test]
fn guard_findings() {
    assert_shown!(
        told(&GUARDS),
        str![[r#"
all is well:
a field is not in a form sspr knows:
  + error setting-unreadable [registration.required] Unreadable in the tenant's policy: registration.required (missing, or in an unknown form)
a method's toggle is not in a form sspr knows:
  - info legacy-toggles-ignored
  + error setting-unreadable [methods.allowed] Unreadable in the tenant's policy: methods.allowed (missing, or in an unknown form)
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
scope All:
  - info legacy-toggles-ignored
  + error scope-all [scope] Every user in the tenant could reset their password, and must register if that is required
scope All, and meant:
  - info legacy-toggles-ignored
  + warning scope-all [scope] Every user in the tenant could reset their password, and must register if that is required
no security group:
  + error group-not-security [group] Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73) is not a security group
perhaps no security group:
  + warning group-security-unknown [group] Graph does not say whether Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73) is a security group
more methods required:
  + error lockout-unknown [methods.allowed] Unknown how many people this locks out: sspr could not read all their registrations
  + error required-raised [methods.required] Requiring 2 methods locks out people who registered only one
  + warning security-questions-retire [methods.allowed] In 2027-03, security questions will be retired from password reset
more methods required, and meant:
  + error lockout-unknown [methods.allowed] Unknown how many people this locks out: sspr could not read all their registrations
  + warning required-raised [methods.required] Requiring 2 methods locks out people who registered only one
  + warning security-questions-retire [methods.allowed] In 2027-03, security questions will be retired from password reset
fewer methods required:
administrators are let:
  + info administrators-delay [administrators.allow_sspr] This affects administrators only, not the pilot, and can take up to 60 minutes
administrators are let already:
the scope is opened to more people than meant:
  + error too-many-people [group] The group has 10 people, and the limit is 9
another group, with more people than meant:
  + error too-many-people [group] The group has 10 people, and the limit is 9
just as many people as meant:
an unknown number of people, and the scope opens:
  + error count-unknown [group] Unknown how many people are in Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73): Graph did not list or count them
hidden people, and any number is meant:
  + warning count-unknown [group] Unknown how many people are in Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73): it hides its members (Member.Read.Hidden)
an unknown number of people, and the same scope and group:
an unknown number of people, and the pilot ends:
  - info explicit-registration
  + info methods-stay [scope] People keep their methods, for sign-in too: the Authentication methods policy does not change
more people than meant, and the same scope and group:
the pilot ends, and had more people than meant:
  - info explicit-registration
  + info methods-stay [scope] People keep their methods, for sign-in too: the Authentication methods policy does not change
an empty group:
  + warning group-empty [group] Pilot has no members, not even through nested groups
a group of one:
more questions asked than registered in the tenant:
  + warning questions-not-registered [methods.security_questions.register] A reset asks 4 security questions, but people register only 3
as many questions asked as registered in the tenant:
reconfirming, where the tenant does not require registering:
  + warning reconfirm-unused [registration.reconfirm_days] `reconfirm_days` has no effect, because the tenant does not require registration
no helpdesk link:
  + info no-helpdesk [customization.helpdesk] No helpdesk link is set, so "Contact your administrator" mails the tenant's administrators
writeback that is not supported:
  + warning writeback-unsupported [writeback.enabled] Turning on password writeback has no effect, because the admin centre says it is not supported here
  + warning writeback-unsupported [writeback.unlock] Turning on unlocking accounts has no effect, because the admin centre says it is not supported here
writeback that is not supported, and not wanted:
writeback that is supported:
writeback of which nothing is told:

"#]]
    );
}

#[test]
fn every_finding_has_a_row() {
    let page = std::fs::read_to_string(repository("docs/findings.md")).unwrap();
    let sections = page.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`'));
    // Told by `rollback`, by the sign-in, or of the file: a comment has no JSON.
    let elsewhere = [
        "baseline-not-checked",
        "changed-since",
        "comment-in-value",
        "apply-lacks-permission",
        "dropped-by-service",
        "left-out-lacks-permission",
        "method-stays-on",
        "moved-along",
        "opens-again",
    ];
    let sections = sections.filter(|code| !elsewhere.contains(code));
    let told = told(&[&GUARDS[..], &METHODS, &PEOPLE, &RINGS].concat());
    let told: BTreeSet<&str> =
        told.lines().filter_map(|line| line.trim().strip_prefix("+ ")?.split(' ').nth(1)).collect();
    let well = Case::new().plan().findings;
    let is_told = |code: &&str| told.contains(code) || well.iter().any(|finding| finding.code == *code);
    assert_eq!(sections.filter(|code| !is_told(code)).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// What a section says of how grave a finding is decides whether a spec can accept it.
#[test]
fn each_finding_is_as_grave_as_its_section_says() {
    let told = told(&[&GUARDS[..], &METHODS, &PEOPLE, &RINGS].concat());
    let mut seen = BTreeMap::<&str, BTreeSet<&str>>::new();
    for line in told.lines().filter_map(|line| line.trim().strip_prefix("+ ")) {
        let mut words = line.split(' ');
        let (severity, code) = (words.next().unwrap(), words.next().unwrap());
        seen.entry(code).or_default().insert(severity);
    }
    for (code, severities) in seen {
        let section = FindingDoc::find(code).unwrap();
        let allowed: &[&str] = match section.gravity {
            Gravity::Error => &["error"],
            Gravity::Guard => &["error", "warning"],
            Gravity::Warning => &["warning"],
            Gravity::Note => &["info"],
        };
        assert!(severities.iter().all(|severity| allowed.contains(severity)), "{code}: {severities:?}");
    }
}

#[test]
fn the_plan_asks_for_more_than_a_yes_where_a_guard_was_lifted() {
    let is_wide = |change: fn(&mut Case)| {
        let mut case = Case::new();
        change(&mut case);
        case.overrides = Overrides {
            all_users: true,
            raising_required: true,
            lockout: true,
            early: true,
            max_people: None,
        };
        case.plan().is_wide()
    };
    assert!(!is_wide(|_| {}));
    assert!(!is_wide(|case| case.policy["customizeHelpdeskLink"] = json!(false)));
    assert!(is_wide(|case| case.spec = json!({"version": 1, "scope": "all"})));
}
