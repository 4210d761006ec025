//! What a plan tells about where methods live, and whom they reach.

use serde_json::json;
use snapbox::str;

use super::{AROUND, PILOT, Row, told};
use crate::common::assert_shown;

pub(super) const METHODS: [Row; 42] = [
    ("a migration state nobody knows", |case| case.methods["policyMigrationState"] = json!("paused")),
    ("no Authentication methods policy", |case| case.methods = json!(null)),
    ("no Authentication methods policy, and no methods managed", |case| {
        case.methods = json!(null);
        case.spec = json!({"version": 1, "group": "Pilot"});
    }),
    ("before the migration", |case| case.methods["policyMigrationState"] = json!("preMigration")),
    ("during the migration", |case| case.methods["policyMigrationState"] = json!("migrationInProgress")),
    ("no methods managed", |case| case.spec = json!({"version": 1, "group": "Pilot"})),
    ("before the migration: two methods, of which one the app", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.want("methods.required", json!(2));
        case.policy["numberOfAuthenticationMethodsRequired"] = json!(2);
        case.want("methods.allowed", json!(["email", "mobile_app_code"]));
    }),
    ("during the migration: two methods, of which one the app", |case| {
        case.methods["policyMigrationState"] = json!("migrationInProgress");
        case.policy["numberOfAuthenticationMethodsRequired"] = json!(2);
        case.want("methods.allowed", json!(["email", "mobile_app_notification", "mobile_app_code"]));
    }),
    ("before the migration: two methods beside the app", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.policy["numberOfAuthenticationMethodsRequired"] = json!(2);
        case.want("methods.allowed", json!(["email", "security_questions", "mobile_app_code"]));
    }),
    ("before the migration: two methods and no app", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.policy["numberOfAuthenticationMethodsRequired"] = json!(2);
        case.want("methods.allowed", json!(["email", "security_questions"]));
    }),
    ("before the migration: one method, the app among them", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.want("methods.allowed", json!(["email", "mobile_app_code"]));
    }),
    ("before the migration: fewer methods allowed than the tenant requires", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.policy["numberOfAuthenticationMethodsRequired"] = json!(2);
    }),
    ("the group is excluded", |case| {
        case.method("Email")["excludeTargets"] = json!([{"id": PILOT.to_uppercase()}])
    }),
    ("the group around it is excluded", |case| {
        case.method("Email")["excludeTargets"] = json!([{"id": "other"}, {"id": AROUND}]);
    }),
    ("another group is excluded", |case| case.method("Email")["excludeTargets"] = json!([{"id": "other"}])),
    ("the tenant has no such method", |case| {
        case.want("methods.allowed", json!(["email", "mobile_app_code"]));
        case.method("Email")["id"] = json!("SomethingElse");
        case.method("SoftwareOath")["id"] = json!("SomethingElse");
    }),
    ("the tenant lacks a method nobody asks for", |case| case.method("Voice")["id"] = json!("SomethingElse")),
    ("a method in a form nobody knows", |case| case.method("Email")["state"] = json!("default")),
    ("a method nobody asks for in a form nobody knows", |case| {
        case.method("Sms")["state"] = json!("default")
    }),
    ("the app for passwordless sign-in alone", |case| {
        case.give("MicrosoftAuthenticator", &[PILOT]);
        case.method("MicrosoftAuthenticator")["includeTargets"][0]["authenticationMode"] =
            json!("deviceBasedPush");
        case.want("methods.allowed", json!(["email", "mobile_app_notification"]));
    }),
    ("methods, and no group named", |case| {
        case.spec = json!({"version": 1, "methods": {"allowed": ["email"]}});
        case.group = None;
    }),
    ("methods, no group named, and no migration", |case| {
        case.spec = json!({"version": 1, "methods": {"allowed": ["email"]}});
        case.methods["policyMigrationState"] = json!("preMigration");
        case.group = None;
    }),
    ("methods for everyone", |case| {
        case.spec = json!({"version": 1, "scope": "all", "methods": {"allowed": ["email"]}});
        case.group = None;
    }),
    ("methods for everyone, and meant", |case| {
        case.spec = json!({"version": 1, "scope": "all", "methods": {"allowed": ["email"]}});
        case.overrides.all_users = true;
        case.group = None;
    }),
    ("methods for everyone who had them", |case| {
        case.spec = json!({"version": 1, "scope": "all", "methods": {"allowed": ["email"]}});
        case.give("Email", &["all_users"]);
        case.group = None;
    }),
    ("a method that was off", |case| case.want("methods.allowed", json!(["email", "mobile_phone"]))),
    ("a method that was off, and was for others", |case| {
        case.want("methods.allowed", json!(["email", "mobile_phone"]));
        case.method("Sms")["includeTargets"] = json!([{"id": "sales"}, {"id": PILOT}]);
        case.give("Voice", &["sales"]);
    }),
    ("a method that was off, and was for the group alone", |case| {
        case.want("methods.allowed", json!(["email", "mobile_phone"]));
        case.method("Sms")["includeTargets"] = json!([{"id": PILOT.to_uppercase()}]);
        case.give("Voice", &["all_users"]);
    }),
    ("a switch that others feel", |case| {
        case.want("methods.allowed", json!(["email", "office_phone", "mobile_app_code"]));
        case.give("Voice", &[PILOT, AROUND, "sales"]);
        case.give("MicrosoftAuthenticator", &["all_users", "sales"]);
        case.give("SoftwareOath", &["all_users"]);
    }),
    ("a switch that is on", |case| {
        case.want("methods.allowed", json!(["email", "office_phone"]));
        case.give("Voice", &[PILOT]);
        case.method("Voice")["isOfficePhoneAllowed"] = json!(true);
    }),
    ("a method the group has from elsewhere", |case| {
        case.give("Sms", &[AROUND, "sales"]);
        case.give("Voice", &["all_users", PILOT]);
        case.give("SoftwareOath", &["sales"]);
        case.give("MicrosoftAuthenticator", &[PILOT]);
    }),
    ("a method the group has from elsewhere, but is excluded from", |case| {
        case.give("Sms", &["all_users"]);
        case.method("Sms")["excludeTargets"] = json!([{"id": PILOT}]);
    }),
    ("the app, for passwordless sign-in alone, from elsewhere", |case| {
        case.give("MicrosoftAuthenticator", &[PILOT]);
        case.method("MicrosoftAuthenticator")["includeTargets"][0]["authenticationMode"] =
            json!("deviceBasedPush");
    }),
    ("the app from elsewhere, of which for passwordless sign-in alone", |case| {
        case.give("MicrosoftAuthenticator", &["all_users", PILOT]);
        case.method("MicrosoftAuthenticator")["includeTargets"][1]["authenticationMode"] =
            json!("deviceBasedPush");
    }),
    ("a method that comes with another", |case| {
        case.want("methods.allowed", json!(["email", "mobile_phone"]));
        case.method("Voice")["isOfficePhoneAllowed"] = json!(true);
    }),
    ("a method the group has from elsewhere, before the migration", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.give("Sms", &[AROUND]);
    }),
    ("the groups around it unknown", |case| case.group.as_mut().unwrap().within = None),
    ("the groups around it unknown, before the migration", |case| {
        case.methods["policyMigrationState"] = json!("preMigration");
        case.group.as_mut().unwrap().within = None;
    }),
    ("a policy near Microsoft's limit", |case| {
        case.give("Email", &["sales"]);
        case.methods["future"] = json!("x".repeat(17_000));
    }),
    ("a policy near Microsoft's limit, not written", |case| {
        case.methods["future"] = json!("x".repeat(17_000));
    }),
    ("a policy well below Microsoft's limit", |case| {
        case.give("Email", &["sales"]);
        case.methods["future"] = json!("x".repeat(14_000));
    }),
    ("the pilot ends", |case| case.spec = json!({"version": 1, "scope": "none"})),
];

#[test]
fn method_findings_by_migration_state_and_audience() {
    assert_shown!(
        told(&METHODS),
        str![[r#"
a migration state nobody knows:
  - info legacy-toggles-ignored
  + warning migration-state-unknown [methods.allowed] Unknown method migration state `paused`, so no method is written
no Authentication methods policy:
  - info legacy-toggles-ignored
  + warning migration-state-unknown [methods.allowed] Graph has no Authentication methods policy for this tenant, so no method is written
no Authentication methods policy, and no methods managed:
  - info legacy-toggles-ignored
before the migration:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
during the migration:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
no methods managed:
  - info legacy-toggles-ignored
before the migration: two methods, of which one the app:
  - info legacy-toggles-ignored
  + error authenticator-needs-others [methods.allowed] Before the migration is finished, 2 required methods need two others besides the authenticator app
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
during the migration: two methods, of which one the app:
  - info legacy-toggles-ignored
  + error authenticator-needs-others [methods.allowed] Before the migration is finished, 2 required methods need two others besides the authenticator app
  + warning enables-sign-in [methods.allowed] Microsoft Authenticator and Third-party software OATH tokens become usable for sign-in too, for Pilot
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
  + warning tenant-wide-switch [methods.allowed] "Authenticator codes" is one switch for everyone who has Microsoft Authenticator: Pilot
before the migration: two methods beside the app:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
  + warning security-questions-retire [methods.allowed] In 2027-03, security questions will be retired from password reset
before the migration: two methods and no app:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
  + warning security-questions-retire [methods.allowed] In 2027-03, security questions will be retired from password reset
before the migration: one method, the app among them:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
before the migration: fewer methods allowed than the tenant requires:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
  + warning methods-fewer-than-required [methods.allowed] The tenant requires 2 methods to reset, and the spec allows only 1
the group is excluded:
  + error pilot-excluded [methods.allowed] Pilot is excluded from Email OTP (by Pilot)
the group around it is excluded:
  + error pilot-excluded [methods.allowed] Pilot is excluded from Email OTP (by Everyone)
another group is excluded:
the tenant has no such method:
  + error method-missing [methods.allowed] The Authentication methods policy of this tenant has no Email OTP, Third-party software OATH tokens
  + warning enables-sign-in [methods.allowed] Microsoft Authenticator becomes usable for sign-in too, for Pilot
  + warning extra-methods [methods.allowed] More reset methods than the spec allows, for Pilot: Mobile app notification (Microsoft Authenticator, which the spec's other methods need)
  + warning tenant-wide-switch [methods.allowed] "Authenticator codes" is one switch for everyone who has Microsoft Authenticator: Pilot
the tenant lacks a method nobody asks for:
a method in a form nobody knows:
  + error method-unreadable [methods.allowed] Unreadable in the Authentication methods policy: Email OTP (unknown form)
a method nobody asks for in a form nobody knows:
the app for passwordless sign-in alone:
  + error authenticator-passwordless-only [methods.allowed] Pilot has Microsoft Authenticator in passwordless mode only, which cannot approve a reset
methods, and no group named:
  + error methods-without-group [methods.allowed] This tenant enables methods per group, and the spec names no group
methods, no group named, and no migration:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
methods for everyone:
  + error methods-for-everyone [methods.allowed] Every user in the tenant could use these methods, for sign-in too
  + error scope-all [scope] Every user in the tenant could reset their password, and must register if that is required
  + warning enables-sign-in [methods.allowed] Email OTP becomes usable for sign-in too, for every user
methods for everyone, and meant:
  + warning enables-sign-in [methods.allowed] Email OTP becomes usable for sign-in too, for every user
  + warning methods-for-everyone [methods.allowed] Every user in the tenant could use these methods, for sign-in too
  + warning scope-all [scope] Every user in the tenant could reset their password, and must register if that is required
methods for everyone who had them:
  + error scope-all [scope] Every user in the tenant could reset their password, and must register if that is required
a method that was off:
  + warning enables-sign-in [methods.allowed] SMS and Voice call become usable for sign-in too, for Pilot
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
a method that was off, and was for others:
  + info targets-set-aside [methods.allowed] SMS is off but lists other targets; sspr turns it on for Pilot only
  + warning enables-sign-in [methods.allowed] SMS and Voice call become usable for sign-in too, for Pilot
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
a method that was off, and was for the group alone:
  + warning enables-sign-in [methods.allowed] SMS becomes usable for sign-in too, for Pilot
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
a switch that others feel:
  + warning enables-sign-in [methods.allowed] Voice call and Microsoft Authenticator become usable for sign-in too, for Pilot
  + warning extra-methods [methods.allowed] More reset methods than the spec allows, for Pilot: Mobile phone (Voice call from Everyone, Voice call from Pilot); Mobile app notification (Microsoft Authenticator from all users)
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
  + warning tenant-wide-switch [methods.allowed] "Office phones" is one switch for everyone who has Voice call: Pilot, Everyone, 1 other group; "Authenticator codes" is one switch for everyone who has Microsoft Authenticator: all users
a switch that is on:
  + warning extra-methods [methods.allowed] More reset methods than the spec allows, for Pilot: Mobile phone (Voice call from Pilot)
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
a method the group has from elsewhere:
  + warning extra-methods [methods.allowed] More reset methods than the spec allows, for Pilot: Mobile phone (SMS from Everyone, Voice call from Pilot, Voice call from all users); Mobile app notification (Microsoft Authenticator from Pilot)
a method the group has from elsewhere, but is excluded from:
the app, for passwordless sign-in alone, from elsewhere:
the app from elsewhere, of which for passwordless sign-in alone:
  + warning extra-methods [methods.allowed] More reset methods than the spec allows, for Pilot: Mobile app notification (Microsoft Authenticator from all users)
a method that comes with another:
  + warning enables-sign-in [methods.allowed] SMS and Voice call become usable for sign-in too, for Pilot
  + warning extra-methods [methods.allowed] More reset methods than the spec allows, for Pilot: Office phone (Voice call, which the spec's other methods need)
  + warning sms-voice-retire [methods.allowed] On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
a method the group has from elsewhere, before the migration:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
the groups around it unknown:
  + warning nesting-unknown [methods.allowed] The pilot group's parent groups, which may add or exclude methods, could not be read
the groups around it unknown, before the migration:
  - info legacy-toggles-ignored
  + warning legacy-methods-frozen [methods.allowed] On 2025-09-30, methods were no longer managed in the legacy MFA and SSPR policies
a policy near Microsoft's limit:
  + warning enables-sign-in [methods.allowed] Email OTP becomes usable for sign-in too, for Pilot
  + warning methods-policy-size [methods.allowed] The Authentication methods policy grows to about 18 KB, and Microsoft's limit is about 20 KB
a policy near Microsoft's limit, not written:
a policy well below Microsoft's limit:
  + warning enables-sign-in [methods.allowed] Email OTP becomes usable for sign-in too, for Pilot
the pilot ends:
  - info explicit-registration
  - info legacy-toggles-ignored
  + info methods-stay [scope] People keep their methods, for sign-in too: the Authentication methods policy does not change

"#]]
    );
}
