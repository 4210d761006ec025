//! people and verify as a user meets them.

use snapbox::str;

use crate::common::{Scene, assert_shown};

#[test]
fn people_say_who_is_ready_and_why_not() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["people", "--sandbox"]),
        str![[r#"
SSPR-Pilot in Contoso

ready    ada@contoso.onmicrosoft.com                   email, mobilePhone
ready    bola@contoso.onmicrosoft.com                  microsoftAuthenticatorPush, softwareOneTimePasscode
no       chen@contoso.onmicrosoft.com                  no methods — too few methods registered
unknown  dana@contoso.onmicrosoft.com                  mobilePhone — administrator: two-gate policy — (Helpdesk Administrator)
no       emil_fabrikam.com#EXT#@contoso.onmicrosoft.com  no methods — guest: resets at home; no licence that covers it; too few methods registered
no       farid@contoso.onmicrosoft.com                 account is disabled; no row in the report (up to 36 h late)
no       grace@contoso.onmicrosoft.com                 mobilePhone — no licence that covers it
unknown  hana@contoso.onmicrosoft.com                  no row in the report (up to 36 h late)

8 members: 2 ready, 4 not ready, 2 unknown
1 registered; 0 registered and stranded; 1 administrator; 1 guest; 1 disabled; 2 unlicensed
Registration as of 2026-11-21T18:00:00Z; the report can be 36 hours late.
[exit status: 0]

"#]]
    );
}

#[test]
fn people_in_json_are_one_document() {
    let scene = Scene::new().example("pilot.yaml");
    let shown = scene.run(&["people", "--sandbox", "--format", "json", "--json-into", "people.json"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(std::fs::read_to_string(scene.path().join("people.json")).unwrap(), shown.stdout);
    assert_eq!(document["format"], "sspr.people/1");
    assert_eq!(document["people"].as_array().unwrap().len(), 8);
    assert_eq!(document["summary"]["members"], 8);
    assert_eq!(document["complete"], true);
    assert_eq!(document["people"][7]["registered"], serde_json::Value::Null);
}

#[test]
fn people_in_csv_are_for_a_spreadsheet() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["people", "--sandbox", "--format", "csv", "--only", "not-ready"]),
        str![[r#"
id,user principal name,display name,enabled,guest,synced,licensed,licence,administrator,roles,methods,registered,capable,ready,why
ad052469-a1a2-5e10-8ef2-947f04db82dd,chen@contoso.onmicrosoft.com,Chen Wei,yes,no,no,yes,Entra ID P1,no,,,no,no,no,too-few-methods
31050921-a2e4-52c2-b8cc-2cf05c2b2b57,dana@contoso.onmicrosoft.com,Dana Novák,yes,no,no,yes,Entra ID P1,yes,Helpdesk Administrator,mobilePhone,no,no,unknown,administrator
7457f485-1e08-5c78-a8dd-2de616032690,emil_fabrikam.com#EXT#@contoso.onmicrosoft.com,Emil Brandt (Fabrikam),yes,yes,no,no,,no,,,no,no,no,"guest; unlicensed; too-few-methods"
5002a3c3-1d56-53be-94ba-3fe92bd79003,farid@contoso.onmicrosoft.com,Farid Haddad,no,no,no,yes,Entra ID P1,no,,,unknown,unknown,no,"disabled; no-report-row"
7f16700a-d147-59ba-88ef-1451aeacafc7,grace@contoso.onmicrosoft.com,"Grace O'Neil",yes,no,no,no,,no,,mobilePhone,no,no,no,unlicensed
d1d30053-6b4c-5d2e-a435-00fcca673542,hana@contoso.onmicrosoft.com,Hana Sato,yes,no,no,yes,Entra ID P1,no,,,unknown,unknown,unknown,no-report-row
[exit status: 0]

"#]]
    );
    let _ = scene.run(&["plan", "--sandbox", "--format", "csv"]).code(64);
}

#[test]
fn a_gate_that_is_not_reached_is_5() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["people", "--sandbox", "--gate", "80%"]).code(5);
    let _ = scene.run(&["people", "--sandbox", "--gate", "20"]).code(0);
    let _ = scene.run(&["people", "--sandbox", "--gate", "much"]).code(64);
    let _ = scene.run(&["people", "--sandbox", "--no-registration", "--gate", "1%"]).code(5);
}

#[test]
fn people_stopped_midway_still_close_their_document() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["sandbox", "reset", "--people", "3000"]).code(0);
    let shown =
        scene.run(&["people", "--sandbox", "--no-registration", "--format", "json", "--timeout", "1"]);
    let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    // On a fast machine nothing is stopped; either way the document says what it covers.
    assert_eq!(document["complete"], shown.code == 0);
}

#[test]
fn verify_tells_drift_by_its_code() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["verify", "--sandbox"]),
        str![[r#"
no       settings: 8 differences from pilot.yaml
no       group: desired ["b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"], actual []  [portal: PasswordResetPolicies]
no       methods.allowed: desired {"state":"enabled","targets":["b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"]}, actual {"state":"disabled","targets":["all_users"]}  [graph: authenticationMethodConfigurations/Sms]
no       methods.allowed: desired {"state":"enabled","targets":["b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"]}, actual {"state":"disabled","targets":["all_users"]}  [graph: authenticationMethodConfigurations/SoftwareOath]
no       methods.allowed: desired {"isOfficePhoneAllowed":true,"state":"enabled","targets":["b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"]}, actual {"isOfficePhoneAllowed":false,"state":"disabled","targets":["all_users"]}  [graph: authenticationMethodConfigurations/Voice]
no       methods.required: desired 1, actual 2  [portal: PasswordResetPolicies]
no       notifications.admins: desired true, actual false  [portal: PasswordResetPolicies]
no       registration.required: desired true, actual false  [portal: PasswordResetPolicies]
no       scope: desired "selected", actual "none"  [portal: PasswordResetPolicies]
[exit status: 5]

"#]]
    );
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["verify", "--sandbox"]),
        str![[r#"
ok       settings: the tenant matches pilot.yaml
[exit status: 0]

"#]]
    );
}

#[test]
fn verify_walks_a_user_through_the_test() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["verify", "--sandbox", "--user", "grace@contoso.onmicrosoft.com"]),
        str![[r#"
ok       settings: the tenant matches pilot.yaml
ok       account: the account is enabled
ok       member: in SSPR-Pilot through SSPR-Pilot-Branch
ok       ordinary-user: no administrator role
no       licence: nothing assigned covers password reset
ok       registered: mobilePhone

In a private browser window, as grace@contoso.onmicrosoft.com:
  1. register at https://aka.ms/ssprsetup
  2. sign out, then reset the password at https://aka.ms/sspr
  3. `sspr verify --user … --watch` sees the reset in the audit log, 5 to 10 minutes later
[exit status: 5]

"#]]
    );
    assert_shown!(
        scene.run(&["verify", "--sandbox", "--user", "dana@contoso.onmicrosoft.com"]),
        str![[r#"
ok       settings: the tenant matches pilot.yaml
ok       account: the account is enabled
ok       member: directly in SSPR-Pilot
no       ordinary-user: an administrator falls under Microsoft's two-gate policy: Helpdesk Administrator
ok       licence: Entra ID P1
ok       registered: mobilePhone

In a private browser window, as dana@contoso.onmicrosoft.com:
  1. register at https://aka.ms/ssprsetup
  2. sign out, then reset the password at https://aka.ms/sspr
  3. `sspr verify --user … --watch` sees the reset in the audit log, 5 to 10 minutes later
[exit status: 5]

"#]]
    );
}

#[test]
fn verify_watches_a_reset_that_another_process_makes() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    let args = [
        "verify",
        "--sandbox",
        "--user",
        "ada@contoso.onmicrosoft.com",
        "--watch",
        "--pace",
        "200",
        "--watch-for",
        "60",
    ];
    std::thread::scope(|threads| {
        let watching = threads.spawn(|| scene.run(&args));
        while !watching.is_finished() {
            let _ = scene.run(&["sandbox", "act", "reset", "--user", "ada"]).code(0);
        }
        let shown = watching.join().unwrap().code(0);
        assert!(shown.stdout.contains("the audit log shows a successful reset"), "{shown}");
    });
}

#[test]
fn the_report_adds_up_as_people_do() {
    let scene = Scene::new().example("pilot.yaml");
    let people = scene.run(&["people", "--sandbox", "--format", "json"]).code(0);
    let report = scene.run(&["report", "--sandbox", "--format", "json"]).code(0);
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (people, report) = (read(&people.stdout), read(&report.stdout));
    assert_eq!(report["format"], "sspr.report/1");
    assert_eq!(report["summary"], people["summary"]);
}
