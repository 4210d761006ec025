//! What would be sent: no more than the change takes, and everything the service needs with it.

use serde_json::json;
use snapbox::str;
use sspr::plan::ResetPolicy;
use sspr::tenant::{Object, Resource};

use super::{AROUND, Case, PILOT, Row};
use crate::common::assert_shown;

const STEPS: [Row; 14] = [
    ("nothing differs", |_| {}),
    ("the tenant spells the group in its own way", |case| {
        case.policy["passwordResetEnabledGroupIds"] = json!([PILOT.to_uppercase()]);
    }),
    ("another group", |case| {
        case.policy["passwordResetEnabledGroupIds"] = json!(["other"]);
        case.policy["passwordResetEnabledGroupName"] = json!("Other");
    }),
    ("another group, in a policy that names none", |case| {
        case.policy["passwordResetEnabledGroupIds"] = json!(["other"]);
        case.policy.as_object_mut().unwrap().remove("passwordResetEnabledGroupName");
    }),
    ("the same group, under another name", |case| {
        case.policy["passwordResetEnabledGroupName"] = json!("Renamed since");
        case.want("notifications.admins", json!(false));
    }),
    ("the pilot ends, and another group is selected", |case| {
        case.policy["passwordResetEnabledGroupIds"] = json!(["other"]);
        case.want("scope", json!("none"));
    }),
    ("nobody is given methods while the pilot is off", |case| {
        case.give("Email", &["sales"]);
        case.want("scope", json!("none"));
    }),
    ("a method of which the tenant tells no type", |case| case.give("Email", &["sales"])),
    ("a method of which the tenant tells the type", |case| {
        case.give("Email", &["sales"]);
        case.method("Email")["@odata.type"] = json!("#as.the.tenant.has.it");
    }),
    ("the app waits for the group, for any use", |case| {
        case.want("methods.allowed", json!(["email", "mobile_app_notification"]));
        case.method("MicrosoftAuthenticator")["includeTargets"] =
            json!([{"id": PILOT, "authenticationMode": "any", "future": 1}]);
    }),
    ("the app waits for the group, for passwordless sign-in alone", |case| {
        case.want("methods.allowed", json!(["email", "mobile_app_notification"]));
        case.method("MicrosoftAuthenticator")["includeTargets"] =
            json!([{"id": PILOT, "authenticationMode": "deviceBasedPush"}]);
    }),
    ("the app waits for passwordless sign-in alone, and only its code is asked for", |case| {
        case.want("methods.allowed", json!(["email", "mobile_app_code"]));
        case.method("MicrosoftAuthenticator")["includeTargets"] =
            json!([{"id": PILOT, "authenticationMode": "deviceBasedPush"}]);
    }),
    ("phones, for sign-in as well where they wait", |case| {
        case.want("methods.allowed", json!(["email", "mobile_phone"]));
        case.method("Sms")["includeTargets"] = json!([{"id": PILOT, "isUsableForSignIn": true}]);
    }),
    ("a switch that is not told", |case| {
        case.want("methods.allowed", json!(["email", "office_phone"]));
        case.give("Voice", &[PILOT]);
        case.method("Voice").as_object_mut().unwrap().remove("isOfficePhoneAllowed");
    }),
];

/// Of the password reset policy, which goes out whole, what changes, and the name that goes with the group; of
/// all others what is sent.
fn sent(rows: &[Row]) -> String {
    let mut text = String::new();
    for (name, change) in rows {
        let mut case = Case::new();
        change(&mut case);
        text.push_str(&format!("{name}:\n"));
        for step in case.plan().steps {
            let sent = match step.resource() {
                Resource::PasswordReset => {
                    format!(
                        "{} name {}",
                        json!(step.record().to),
                        step.body()["passwordResetEnabledGroupName"]
                    )
                }
                _ => step.body().to_string(),
            };
            text.push_str(&format!("  {} {sent}\n", step.resource()));
        }
    }
    text
}

#[test]
fn what_is_sent_is_what_changes() {
    assert_shown!(
        sent(&STEPS),
        str![[r##"
nothing differs:
the tenant spells the group in its own way:
another group:
  PasswordResetPolicies {"passwordResetEnabledGroupIds":["b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"]} name "Pilot"
another group, in a policy that names none:
  PasswordResetPolicies {"passwordResetEnabledGroupIds":["b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"]} name null
the same group, under another name:
  PasswordResetPolicies {"notifyOnAdminPasswordReset":false} name "Renamed since"
the pilot ends, and another group is selected:
  PasswordResetPolicies {"enablementType":0} name "Pilot"
nobody is given methods while the pilot is off:
  PasswordResetPolicies {"enablementType":0} name "Pilot"
a method of which the tenant tells no type:
  authenticationMethodConfigurations/Email {"@odata.type":"#microsoft.graph.emailAuthenticationMethodConfiguration","includeTargets":[{"id":"sales","targetType":"group"},{"id":"b4cc8a36-de1e-5d5b-9644-4edc3fc96a73","isRegistrationRequired":false,"targetType":"group"}]}
a method of which the tenant tells the type:
  authenticationMethodConfigurations/Email {"@odata.type":"#as.the.tenant.has.it","includeTargets":[{"id":"sales","targetType":"group"},{"id":"b4cc8a36-de1e-5d5b-9644-4edc3fc96a73","isRegistrationRequired":false,"targetType":"group"}]}
the app waits for the group, for any use:
  authenticationMethodConfigurations/MicrosoftAuthenticator {"@odata.type":"#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration","state":"enabled"}
the app waits for the group, for passwordless sign-in alone:
  authenticationMethodConfigurations/MicrosoftAuthenticator {"@odata.type":"#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration","includeTargets":[{"authenticationMode":"push","id":"b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"}],"state":"enabled"}
the app waits for passwordless sign-in alone, and only its code is asked for:
  authenticationMethodConfigurations/MicrosoftAuthenticator {"@odata.type":"#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration","isSoftwareOathEnabled":true,"state":"enabled"}
  authenticationMethodConfigurations/SoftwareOath {"@odata.type":"#microsoft.graph.softwareOathAuthenticationMethodConfiguration","includeTargets":[{"id":"b4cc8a36-de1e-5d5b-9644-4edc3fc96a73","isRegistrationRequired":false,"targetType":"group"}],"state":"enabled"}
phones, for sign-in as well where they wait:
  authenticationMethodConfigurations/Sms {"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","includeTargets":[{"id":"b4cc8a36-de1e-5d5b-9644-4edc3fc96a73","isUsableForSignIn":false}],"state":"enabled"}
  authenticationMethodConfigurations/Voice {"@odata.type":"#microsoft.graph.voiceAuthenticationMethodConfiguration","includeTargets":[{"id":"b4cc8a36-de1e-5d5b-9644-4edc3fc96a73","isRegistrationRequired":false,"targetType":"group"}],"state":"enabled"}
a switch that is not told:

"##]]
    );
}

#[test]
fn the_spec_judges_people_where_it_says_and_the_tenant_elsewhere() {
    let rule = |change: fn(&mut Case)| {
        let mut case = Case::new();
        change(&mut case);
        let rule = ResetPolicy::rule(&case.spec(), &case.tenant(), true);
        let words = rule.allowed.map(|allowed| allowed.iter().map(|method| method.as_str()).collect());
        (words.map(|words: Vec<_>| words.join(" ")), rule.required, rule.writeback)
    };
    let told = |words: &str, required| (Some(words.to_owned()), Some(required), None);
    assert_eq!(rule(|_| {}), told("email", 1));
    assert_eq!(rule(|case| case.want("methods.required", json!(1))), told("email", 1));
    let given = |case: &mut Case| {
        case.spec = json!({"version": 1, "group": "Pilot"});
        case.give("SoftwareOath", &[AROUND]);
        case.policy["securityQuestionsOptionEnabled"] = json!(true);
        case.policy["numberOfAuthenticationMethodsRequired"] = json!(2);
    };
    assert_eq!(rule(given), told("email mobile_app_code security_questions", 2));
    assert_eq!(
        rule(|case| case.spec = json!({"version": 1, "group": "Pilot", "scope": "none"})),
        told("email", 1),
        "switched off, the group's methods are as they were"
    );
    for (is_on, writeback) in [(true, Some(true)), (false, None)] {
        let mut case = Case::new();
        case.want("writeback.enabled", json!(is_on));
        assert_eq!(ResetPolicy::rule(&case.spec(), &case.tenant(), true).writeback, writeback);
    }
    let unknown: [fn(&mut Case); 4] = [
        |case| case.method("Voice")["state"] = json!("default"),
        |case| case.group.as_mut().unwrap().within = None,
        |case| case.group = None,
        |case| case.methods["policyMigrationState"] = json!("paused"),
    ];
    for (at, change) in unknown.into_iter().enumerate() {
        let mut case = Case::new();
        case.spec = json!({"version": 1});
        change(&mut case);
        assert_eq!(ResetPolicy::rule(&case.spec(), &case.tenant(), true).allowed, None, "{at}");
    }
}

#[test]
fn what_graph_cannot_hold_is_left_for_a_person_in_the_words_of_the_pages() {
    let mut case = Case::new();
    case.is_graph_only = true;
    case.want("methods.allowed", json!(["email", "security_questions"]));
    case.want("methods.required", json!(2));
    case.want("registration.required", json!(true));
    case.want("notifications.admins", json!(false));
    case.want("customization.helpdesk", json!("help@contoso.com"));
    let steps = |case: &Case| {
        let steps = case.plan().portal_steps.unwrap().into_iter();
        steps.map(|step| format!("{} > {}: {}\n", step.page, step.label, step.value)).collect::<String>()
    };
    assert_shown!(
        steps(&case),
        str![[r#"
Properties > Self service password reset enabled: Selected
Properties > Select group: Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73)
Authentication methods > Number of methods required to reset: 2
Authentication methods > Methods available to users: Security questions
Registration > Require users to register when signing in: Yes
Notifications > Notify all admins when other admins reset their password: No
Customization > Customize helpdesk link: Yes, help@contoso.com

"#]]
    );
    case.methods["policyMigrationState"] = json!("preMigration");
    assert!(steps(&case).contains(": Email, Security questions\n"), "{}", steps(&case));
    case.want("customization.helpdesk", json!("none"));
    assert!(steps(&case).contains("Customize helpdesk link: No\n"), "{}", steps(&case));
    case.is_graph_only = false;
    assert_eq!(case.plan().portal_steps, None);
}

#[test]
fn the_order_of_targets_means_nothing_and_that_of_all_else_does() {
    let sms = |json| Object::from_json(Resource::Method("Sms".to_owned()), json).unwrap();
    let order = |field: &str, resource: fn(serde_json::Value) -> Object| {
        let [one, two] = [json!({"id": "a"}), json!({"id": "b"})];
        let fields = |list: [&serde_json::Value; 2]| json!({"objectId": "default", field: list});
        resource(fields([&one, &two])).differing_fields(&resource(fields([&two, &one])))
    };
    assert_eq!(order("includeTargets", sms), [""; 0]);
    assert_eq!(order("excludeTargets", sms), [""; 0]);
    assert_eq!(order("future", sms), ["future"]);
    let policy = |json| Object::from_json(Resource::PasswordReset, json).unwrap();
    assert_eq!(order("futureTargets", policy), ["futureTargets"]);
}
