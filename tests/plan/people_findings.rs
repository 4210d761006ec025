//! What a plan tells about the people of the group, and what changes for them.

use serde_json::json;
use snapbox::str;
use sspr::tenant::{Candidate, DirectoryContacts};

use super::{AROUND, Case, Row, some, told};
use crate::common::assert_shown;

pub(super) const PEOPLE: [Row; 35] = [
    ("none of anything", |case| {
        let people = &mut case.people;
        for tally in [&mut people.admins, &mut people.other_roles, &mut people.eligible, &mut people.guests] {
            *tally = some(0);
        }
        for tally in [&mut people.disabled, &mut people.unlicensed, &mut people.synced] {
            *tally = some(0);
        }
        people.is_tenant_licensed = Some(true);
        people.writeback = Some(false);
    }),
    ("one of each kind", |case| {
        let people = &mut case.people;
        for tally in [&mut people.admins, &mut people.other_roles, &mut people.eligible, &mut people.guests] {
            *tally = some(1);
        }
        for tally in [&mut people.disabled, &mut people.unlicensed] {
            *tally = some(1);
        }
    }),
    ("two of some", |case| {
        case.people.admins = some(2);
        case.people.guests = some(2);
        case.people.disabled = some(2);
    }),
    ("two of each, and the pilot ends", |case| {
        case.people.admins = some(2);
        case.people.guests = some(2);
        case.want("scope", json!("none"));
    }),
    ("synchronised people, and no writeback", |case| {
        case.people.synced = some(3);
        case.people.writeback = Some(false);
    }),
    ("synchronised people, and writeback unknown", |case| {
        case.people.synced = some(3);
        case.people.writeback = None;
    }),
    ("synchronised people, and writeback on", |case| case.people.synced = some(3)),
    ("synchronised people, and the spec turns writeback on", |case| {
        case.people.synced = some(3);
        case.people.writeback = Some(false);
        case.want("writeback.enabled", json!(true));
    }),
    ("synchronised people, and the spec leaves writeback off", |case| {
        case.people.synced = some(3);
        case.people.writeback = Some(false);
        case.want("writeback.enabled", json!(false));
    }),
    ("numbers in the directory, and methods that are enough or not allowed", |case| {
        case.people.candidates = vec![candidate(&["email"], OTHER_MAIL), candidate(&[], MOBILE)];
    }),
    ("an address in the directory alone", |case| {
        case.people.candidates =
            vec![candidate(&[], OTHER_MAIL), unknown(OTHER_MAIL), candidate(&["email"], MOBILE)];
    }),
    ("addresses in the directory alone, and the pilot ends", |case| {
        case.people.candidates = vec![candidate(&[], OTHER_MAIL)];
        case.want("scope", json!("none"));
    }),
    ("people without methods, and registration is not required", |case| {
        case.people.candidates =
            vec![candidate(&[], None), candidate(&[], None), candidate(&["email"], None)];
        case.policy["registrationRequiredOnSignIn"] = json!(false);
    }),
    ("a person without methods, and the spec turns registration off", |case| {
        case.people.candidates = vec![candidate(&["mobilePhone"], None), unknown(None)];
        case.want("registration", json!({"required": false}));
    }),
    ("people without methods, and registration is required", |case| {
        case.people.candidates = vec![candidate(&[], None)];
        case.policy["registrationRequiredOnSignIn"] = json!(false);
        case.want("registration", json!({"required": true}));
    }),
    ("no product", |case| case.people.is_tenant_licensed = Some(false)),
    ("not all could be read", |case| {
        case.people.unread =
            vec!["roles (RoleManagement.Read.Directory)".into(), "licences (User.Read.All)".into()];
    }),
    ("phones allowed", |case| case.want("methods.allowed", json!(["email", "mobile_phone"]))),
    ("office phones allowed", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.want("methods.allowed", json!(["email", "office_phone"]));
    }),
    ("questions allowed", |case| case.want("methods.allowed", json!(["email", "security_questions"]))),
    ("registered, and nothing changes", |case| register(case, vec![row(&["email"]), None])),
    ("registered, and only a notice changes", |case| {
        register(case, vec![row(&["email"]), None]);
        case.want("notifications.users", json!(false));
    }),
    ("the scope opens", |case| {
        register(case, vec![row(&["email"]), row(&["mobilePhone"]), None]);
        case.policy["enablementType"] = json!(0);
    }),
    ("another group so far", |case| {
        register(case, vec![row(&["email"])]);
        case.policy["passwordResetEnabledGroupIds"] = json!(["other"]);
    }),
    ("the group around it so far", |case| {
        register(case, vec![row(&["email"])]);
        case.policy["passwordResetEnabledGroupIds"] = json!([AROUND.to_uppercase()]);
    }),
    ("everyone so far", |case| {
        register(case, vec![row(&["email"])]);
        case.policy["enablementType"] = json!(2);
    }),
    ("more required than registered", |case| {
        register(case, vec![row(&["email"]), row(&["email", "securityQuestion"]), None, None]);
        case.want("methods.required", json!(2));
        case.want("methods.allowed", json!(["email", "security_questions"]));
        case.overrides.raising_required = true;
    }),
    ("more required than registered, and meant", |case| {
        register(case, vec![row(&["email"])]);
        case.want("methods.required", json!(2));
        case.want("methods.allowed", json!(["email", "security_questions"]));
        case.overrides.raising_required = true;
        case.overrides.lockout = true;
    }),
    ("before the migration, a method is taken", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        register(case, vec![row(&["email"]), row(&["mobilePhone"])]);
        case.policy["mobilePhoneOptionEnabled"] = json!(true);
    }),
    ("before the migration, a method is taken, and what people registered is unknown", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.policy["mobilePhoneOptionEnabled"] = json!(true);
    }),
    ("before the migration, a method is taken, of a scope that is closed", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.policy["mobilePhoneOptionEnabled"] = json!(true);
        case.policy["enablementType"] = json!(0);
    }),
    ("before the migration, a method is taken, and no group is named", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.policy["mobilePhoneOptionEnabled"] = json!(true);
        case.spec = json!({"version": 1, "methods": {"allowed": ["email"]}});
        case.group = None;
        case.overrides.lockout = true;
    }),
    ("during the migration, the other policy still gives it", |case| {
        case.methods["policyMigrationState"] = json!("migrationInProgress");
        register(case, vec![row(&["email"]), row(&["mobilePhone"])]);
        case.policy["mobilePhoneOptionEnabled"] = json!(true);
        case.give("Sms", &[AROUND]);
    }),
    ("what reaches them is unknown", |case| {
        register(case, vec![row(&["email"])]);
        case.policy["enablementType"] = json!(0);
        case.group.as_mut().unwrap().within = None;
    }),
    ("the pilot ends, and people could reset", |case| {
        register(case, vec![row(&["email"])]);
        case.want("scope", json!("none"));
    }),
];

const MOBILE: Option<DirectoryContacts> =
    Some(DirectoryContacts { mobile_phone: true, office_phone: false, other_mail: false });
const OTHER_MAIL: Option<DirectoryContacts> =
    Some(DirectoryContacts { mobile_phone: false, office_phone: false, other_mail: true });

fn candidate(words: &[&str], directory: Option<DirectoryContacts>) -> Candidate {
    let (name, registered) = ("ada@contoso.com".to_owned(), row(words));
    Candidate { name, registered, directory, is_synced: false, is_certain: true }
}

/// Says what each member registered; nothing else stands in their way.
fn register(case: &mut Case, rows: Vec<Option<Vec<String>>>) {
    let one = |row: &Option<Vec<String>>| Candidate { registered: row.clone(), ..candidate(&[], None) };
    case.people.candidates = rows.iter().map(one).collect();
    case.people.registered = Some(rows);
}

/// Someone of whom the report has no row.
fn unknown(directory: Option<DirectoryContacts>) -> Candidate {
    Candidate { registered: None, ..candidate(&[], directory) }
}

fn row(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn people_findings_by_kind_and_impact() {
    assert_shown!(
        told(&PEOPLE),
        str![[r#"
none of anything:
one of each kind:
  + info disabled-in-group [group] 1 disabled account in the group: they cannot reset, and the registration report omits them
  + info eligible-in-group [group] 1 member who can activate a role: Microsoft does not document which policy governs them
  + info guest-in-group [group] 1 guest in the group: guests reset their password in their home tenant
  + info other-role-in-group [group] 1 member with another role: Microsoft does not document which policy governs them
  + warning admin-in-group [group] 1 administrator in the group: Microsoft's own policy applies to them, not this spec
  + warning unlicensed-in-group [group] 1 member without a licence for password reset
two of some:
  + info disabled-in-group [group] 2 disabled accounts in the group: they cannot reset, and the registration report omits them
  + info guest-in-group [group] 2 guests in the group: guests reset their password in their home tenant
  + warning admin-in-group [group] 2 administrators in the group: Microsoft's own policy applies to them, not this spec
two of each, and the pilot ends:
  - info explicit-registration
  + info methods-stay [scope] People keep their methods, for sign-in too: the Authentication methods policy does not change
synchronised people, and no writeback:
  + warning synced-without-writeback [group] 3 members synchronised from on-premises cannot reset: password writeback is off
synchronised people, and writeback unknown:
  + warning synced-without-writeback [group] 3 members synchronised from on-premises can reset only with password writeback, which is unknown
synchronised people, and writeback on:
synchronised people, and the spec turns writeback on:
synchronised people, and the spec leaves writeback off:
  + warning synced-without-writeback [group] 3 members synchronised from on-premises cannot reset: password writeback is off
numbers in the directory, and methods that are enough or not allowed:
an address in the directory alone:
  + warning directory-only [group] 1 member with numbers or addresses in the directory alone, announced not to count from 2026-11-09
addresses in the directory alone, and the pilot ends:
  - info explicit-registration
  + info methods-stay [scope] People keep their methods, for sign-in too: the Authentication methods policy does not change
people without methods, and registration is not required:
  + warning registration-not-required [registration.required] 2 members without enough methods, and no one is asked to register: it is not required at sign-in
a person without methods, and the spec turns registration off:
  + warning registration-not-required [registration.required] 1 member without enough methods, and no one is asked to register: it is not required at sign-in
people without methods, and registration is required:
no product:
  + warning tenant-unlicensed [group] The tenant has no product that covers password reset
not all could be read:
  + info people-unknown [group] Unknown, because it could not be read: roles (RoleManagement.Read.Directory); licences (User.Read.All)
phones allowed:
  + warning enables-sign-in [methods.allowed] SMS and Voice call become usable for sign-in too, for Pilot
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
office phones allowed:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
questions allowed:
  + warning security-questions-retire [methods.allowed] In 2027-03, security questions will be retired from password reset
registered, and nothing changes:
registered, and only a notice changes:
the scope opens:
  + info reach [group] Ready to reset: 0 people today, 1 after this plan; unknown of 1 member
another group so far:
  + info reach [group] Ready to reset: unknown today, 1 after this plan
the group around it so far:
  + info reach [group] Ready to reset: 1 person today, 1 after this plan
everyone so far:
  + info reach [group] Ready to reset: 1 person today, 1 after this plan
more required than registered:
  + error people-stranded [methods.allowed] 1 member can reset today but not after this plan
  + info reach [group] Ready to reset: 2 people today, 1 after this plan; unknown of 2 members
  + warning required-raised [methods.required] Requiring 2 methods locks out people who registered only one
  + warning security-questions-retire [methods.allowed] In 2027-03, security questions will be retired from password reset
more required than registered, and meant:
  + info reach [group] Ready to reset: 1 person today, 0 after this plan
  + warning people-stranded [methods.allowed] 1 member can reset today but not after this plan
  + warning required-raised [methods.required] Requiring 2 methods locks out people who registered only one
  + warning security-questions-retire [methods.allowed] In 2027-03, security questions will be retired from password reset
before the migration, a method is taken:
  - info legacy-toggles-ignored
  + error people-stranded [methods.allowed] 1 member can reset today but not after this plan
  + info reach [group] Ready to reset: 2 people today, 1 after this plan
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
before the migration, a method is taken, and what people registered is unknown:
  - info legacy-toggles-ignored
  + error lockout-unknown [methods.allowed] Unknown how many people this locks out: sspr could not read all their registrations
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
before the migration, a method is taken, of a scope that is closed:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
before the migration, a method is taken, and no group is named:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
  + warning lockout-unknown [methods.allowed] Unknown how many people this locks out: the spec names no group
during the migration, the other policy still gives it:
  - info legacy-toggles-ignored
  + info reach [group] Ready to reset: 2 people today, 2 after this plan
  + warning extra-methods [methods.allowed] More reset methods than the spec allows, for Pilot: Mobile phone (SMS from Everyone)
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
what reaches them is unknown:
  + info reach [group] Ready to reset: 0 people today, unknown after this plan
  + warning nesting-unknown [methods.allowed] The pilot group's parent groups, which may add or exclude methods, could not be read
the pilot ends, and people could reset:
  - info explicit-registration
  + info methods-stay [scope] People keep their methods, for sign-in too: the Authentication methods policy does not change
  + info reach [group] Ready to reset: 1 person today, 0 after this plan

"#]]
    );
}

#[test]
fn names_are_for_the_screen_and_no_more_than_a_few() {
    let mut case = Case::new();
    let names = |count: u64| (0..count.min(5)).map(|at| format!("user{at}@contoso.com")).collect();
    case.people.admins = sspr::tenant::Tally { count: Some(5), first: names(5) };
    case.people.guests = sspr::tenant::Tally { count: Some(6), first: names(6) };
    case.people.synced = some(0);
    let plan = case.plan();
    assert_eq!(plan.names.keys().copied().collect::<Vec<_>>(), ["admin-in-group", "guest-in-group"]);
    assert_eq!(plan.names["admin-in-group"].last().unwrap(), "user4@contoso.com");
    assert_eq!(plan.names["guest-in-group"][4..], ["user4@contoso.com", "…"]);
    let saved = format!("{:?}", plan.findings);
    assert!(!saved.contains("user4"), "{saved}");
    assert!(plan.without_names().names.is_empty());
}
