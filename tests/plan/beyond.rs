//! What reaches beyond the pilot is marked in its line, and only that is not confirmed by habit.

use anstream::adapter::strip_str;
use serde_json::json;
use snapbox::str;
use sspr::outcome::Question;
use sspr::render::text::Layout;
use sspr::render::{plan, question, text};

use super::{AROUND, Case, PILOT, Row};

const OTHER: &str = "d9f7817b-aa09-50aa-9e2a-57603b7fb4f7";

const REACHES: [Row; 17] = [
    ("a setting for the pilot", |case| {
        case.want("registration.required", json!(true));
        case.policy["registrationRequiredOnSignIn"] = json!(false);
    }),
    ("a method for the pilot", |case| case.want("methods.allowed", json!(["email", "mobile_phone"]))),
    ("a switch of a method that only the pilot has", |case| {
        case.want("methods.allowed", json!(["email", "office_phone"]));
    }),
    ("a switch of a method that all users have", |case| {
        case.want("methods.allowed", json!(["email", "mobile_app_code"]));
        case.give("MicrosoftAuthenticator", &["all_users"]);
    }),
    ("two switches", |case| {
        case.want("methods.allowed", json!(["email", "office_phone", "mobile_app_code"]));
    }),
    ("everyone, counted", |case| {
        case.spec = json!({"version": 1, "scope": "all"});
        case.group = None;
        case.people.everyone = Some(1204);
    }),
    ("everyone, not counted", |case| {
        case.spec = json!({"version": 1, "scope": "all"});
        case.group = None;
    }),
    ("a method for everyone", |case| {
        case.spec = json!({"version": 1, "scope": "all", "methods": {"allowed": ["email"]}});
        case.policy["enablementType"] = json!(2);
        case.group = None;
    }),
    ("a setting where everyone can reset", |case| {
        case.spec = json!({"version": 1, "registration": {"required": true}});
        case.policy["enablementType"] = json!(2);
        case.policy["registrationRequiredOnSignIn"] = json!(false);
        case.group = None;
    }),
    ("from everyone to the pilot", |case| case.policy["enablementType"] = json!(2)),
    ("from everyone to no one", |case| {
        case.spec = json!({"version": 1, "scope": "none"});
        case.policy["enablementType"] = json!(2);
        case.group = None;
    }),
    ("from another group to the pilot", |case| {
        case.policy["passwordResetEnabledGroupIds"] = json!([OTHER]);
        case.policy["passwordResetEnabledGroupName"] = json!("Finance");
    }),
    ("from another group that nobody can reset with", |case| {
        case.policy["enablementType"] = json!(0);
        case.policy["passwordResetEnabledGroupIds"] = json!([OTHER]);
    }),
    ("the pilot, switched off", |case| case.want("scope", json!("none"))),
    ("the pilot's name in another spelling", |case| {
        case.policy["passwordResetEnabledGroupIds"] = json!([PILOT.to_uppercase(), AROUND]);
    }),
    ("administrators", |case| {
        case.want("administrators.allow_sspr", json!(true));
        case.authorization = Some(json!({"allowedToUseSSPR": false}));
    }),
    ("writeback", |case| {
        case.want("writeback.enabled", json!(true));
        case.writeback = Some(json!({"enablementForTenant": false, "accountUnlockEnabled": false}));
    }),
];

/// For each row the lines of the plan that carry a mark, and what a person is asked.
#[test]
fn the_mark_and_the_question_are_one_decision() {
    let mut shown = String::new();
    for (name, change) in REACHES {
        let mut case = Case::new();
        // No guard is what this is about.
        case.overrides.all_users = true;
        change(&mut case);
        let made = case.plan();
        let layout = Layout::default();
        let screen = strip_str(&text::render(&plan::document(&made), &layout)).to_string();
        let marked: Vec<&str> = screen.lines().filter(|line| line.contains("  ! ")).collect();
        let asked = strip_str(&question::text(&Question::Apply(&made), &layout)).to_string();
        assert_eq!(made.is_wide(), asked.contains("\n! "), "{name}\n{asked}");
        let is_marked = !marked.is_empty();
        let is_lifted = made.lifted_guards().next().is_some();
        assert_eq!(made.is_wide(), is_marked || is_lifted, "{name}\n{screen}");
        let marked: String = marked.iter().map(|line| format!("{line}\n")).collect();
        shown += &format!("{name}:\n{marked}{}\n\n", asked.trim_end());
    }
    snapbox::assert_data_eq!(
        shown,
        str![[r#"
a setting for the pilot:
Apply 1 change to Contoso (contoso.com) for Pilot (unknown how many people)? [y/N]

a method for the pilot:
Apply 2 changes to Contoso (contoso.com) for Pilot (unknown how many people), 2 warnings? [y/N]

a switch of a method that only the pilot has:
      Office phones  No → Yes  ! everyone who has Voice call
1 change for Pilot (unknown how many people) in Contoso (contoso.com), 4 warnings.
! "Office phones" reaches everyone who has Voice call.
Type contoso.com to apply, anything else stops:

a switch of a method that all users have:
      Authenticator codes             No → Yes  ! everyone who has Microsoft Authenticator: all users
2 changes for Pilot (unknown how many people) in Contoso (contoso.com), 3 warnings.
! "Authenticator codes" reaches everyone who has Microsoft Authenticator: all users.
Type contoso.com to apply, anything else stops:

two switches:
      Authenticator codes             No → Yes  ! everyone who has Microsoft Authenticator
      Office phones                   No → Yes  ! everyone who has Voice call
3 changes for Pilot (unknown how many people) in Contoso (contoso.com), 4 warnings.
! "Authenticator codes" reaches everyone who has Microsoft Authenticator.
! "Office phones" reaches everyone who has Voice call.
Type contoso.com to apply, anything else stops:

everyone, counted:
  ~ Self service password reset enabled  Selected → All  ! every user of the tenant
1 change in Contoso (contoso.com), 1 warning.
! This lets all 1,204 users of Contoso reset their password.
Type contoso.com to apply, anything else stops:

everyone, not counted:
  ~ Self service password reset enabled  Selected → All  ! every user of the tenant
1 change in Contoso (contoso.com), 1 warning.
! This lets all users of Contoso reset their password; how many they are is unknown.
Type contoso.com to apply, anything else stops:

a method for everyone:
  ~ Email OTP  on for all users too, sign-in too  ! every user of the tenant
1 change in Contoso (contoso.com), 2 warnings.
! "Email OTP" reaches every user of Contoso.
Type contoso.com to apply, anything else stops:

a setting where everyone can reset:
  ~ Require users to register when signing in  No → Yes  ! every user of the tenant
1 change in Contoso (contoso.com).
! "Require users to register when signing in" reaches every user of Contoso.
Type contoso.com to apply, anything else stops:

from everyone to the pilot:
  ~ Self service password reset enabled  All → Selected  ! everyone else loses password reset
1 change for Pilot (unknown how many people) in Contoso (contoso.com).
! Every user of Contoso can reset today; after, only the pilot can.
Type contoso.com to apply, anything else stops:

from everyone to no one:
  ~ Self service password reset enabled  All → None  ! every user loses password reset
1 change in Contoso (contoso.com).
! Every user of Contoso can reset today, and no one after.
Type contoso.com to apply, anything else stops:

from another group to the pilot:
  ~ Select group  Finance → Pilot  ! people of Finance lose password reset
1 change for Pilot (unknown how many people) in Contoso (contoso.com).
! The people of Finance can reset today; after, only those in the pilot can.
Type contoso.com to apply, anything else stops:

from another group that nobody can reset with:
Apply 2 changes to Contoso (contoso.com) for Pilot (unknown how many people)? [y/N]

the pilot, switched off:
Apply 1 change to Contoso (contoso.com) for Pilot (unknown how many people)? [y/N]

the pilot's name in another spelling:
  ~ Select group  Pilot, Everyone → Pilot  ! people of Everyone lose password reset
1 change for Pilot (unknown how many people) in Contoso (contoso.com).
! The people of Everyone can reset today; after, only those in the pilot can.
Type contoso.com to apply, anything else stops:

administrators:
  ~ Administrators may reset their own password  No → Yes  ! every administrator
1 change for Pilot (unknown how many people) in Contoso (contoso.com).
! "Administrators may reset their own password" reaches every administrator of Contoso.
Type contoso.com to apply, anything else stops:

writeback:
  ~ Write back passwords to the on-premises directory  No → Yes  ! everyone synchronised from on-premises
1 change for Pilot (unknown how many people) in Contoso (contoso.com).
! "Write back passwords to the on-premises directory" reaches everyone synchronised from on-premises.
Type contoso.com to apply, anything else stops:


"#]]
    );
}

#[test]
fn only_the_domain_confirms_what_is_marked_and_y_or_yes_the_rest() {
    let narrow = Case::new().plan();
    let mut case = Case::new();
    case.want("methods.allowed", json!(["email", "office_phone"]));
    let wide = case.plan();
    for (plan, answer, is_taken) in [
        (&narrow, "y\n", true),
        (&narrow, " YES\n", true),
        (&narrow, "contoso.com\n", false),
        (&narrow, "\n", false),
        (&narrow, "yes please\n", false),
        (&wide, "y\n", false),
        (&wide, "yes\n", false),
        (&wide, "\n", false),
        (&wide, "contoso.co\n", false),
        (&wide, " Contoso.COM \n", true),
    ] {
        assert_eq!(Question::Apply(plan).takes(answer), is_taken, "{answer:?}");
    }
}

#[test]
fn what_the_owner_accepts_is_counted_and_no_longer_shown() {
    let mut case = Case::new();
    case.people.admins = super::some(2);
    let before = case.plan();
    case.want("accept", json!(["admin-in-group", "reach", "no-helpdesk"]));
    let after = case.plan();
    let codes =
        |plan: &sspr::plan::Plan| plan.findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert!(codes(&before).contains(&"admin-in-group") && before.accepted.is_empty());
    assert_eq!(after.accepted.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["admin-in-group"]);
    let left: Vec<&str> = codes(&before).into_iter().filter(|code| *code != "admin-in-group").collect();
    assert_eq!(codes(&after), left);
    assert_eq!((&after.changes, after.is_wide()), (&before.changes, before.is_wide()));
    let screen = strip_str(&text::render(&plan::document(&after), &Layout::default().whole())).to_string();
    assert!(screen.contains(", 1 accepted; ") && !screen.contains("admin-in-group"), "{screen}");
    let json: serde_json::Value = serde_json::from_str(&sspr::render::json::plan(&after)).unwrap();
    assert_eq!((&json["accepted"], &json["summary"]["accepted"]), (&json!(["admin-in-group"]), &json!(1)));
    assert!(!sspr::render::github::findings(&after, Some("pilot.yaml")).contains("admin-in-group"));
}
