//! Answers that are whole, and not what the service promises: the command goes on without, says so once and why, and
//! no count looks more certain than it is.

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

/// Lists beside the ones a command cannot do without.
const LISTS: [&str; 7] = [
    "/v1.0/groups/",
    "/v1.0/reports/authenticationMethods/userRegistrationDetails",
    "/v1.0/roleManagement/directory/roleAssignments",
    "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances",
    "/v1.0/subscribedSkus",
    "/v1.0/directory/onPremisesSynchronization",
    "/v1.0/auditLogs/directoryAudits",
];

const NO_P1: &str = "error=403,Authentication_RequestFromNonPremiumTenantOrB2CTenant";
const NO_P2: &str = "error=403,AadPremiumLicenseRequired";

async fn fresh() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    (sandbox, scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_odd_row_and_no_missing_list_takes_a_command_down() {
    for list in LISTS {
        for fault in ["odd-rows=3", "null-list"] {
            let (sandbox, scene) = fresh().await;
            sandbox.fail(format!("GET {list} {fault}").parse().unwrap());
            for command in [&["plan"][..], &["people"], &["report"], &["apply", "--yes"], &["verify"]] {
                let shown = scene.run(command);
                assert_eq!(shown.code, 0, "{list} {fault} {command:?}\n{shown}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_does_not_end_ends_every_command_soon() {
    for list in LISTS {
        let (sandbox, scene) = fresh().await;
        sandbox.fail(format!("GET {list} next-link={}{list}?$top=1", sandbox.root()).parse().unwrap());
        for command in [&["plan"][..], &["people"], &["report"], &["apply", "--yes"], &["verify"]] {
            let shown = scene.run(command);
            assert!([0, 1].contains(&shown.code), "{list} {command:?}\n{shown}");
            let requests = sandbox.take_requests().len();
            assert!(requests < 80, "{list} {command:?}: {requests} requests");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_whose_pages_go_in_circles_is_an_error_of_the_service() {
    let tenant = TenantState::seeded(Seed::Fresh).with_generated_users(5000);
    let group = tenant.groups[0].id;
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let path = format!("/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user");
    let link = format!("{}{path}?$count=true&$top=999", sandbox.root());
    sandbox.fail(format!("GET {path} next-link={link}").parse().unwrap());
    let shown = Scene::against(&sandbox).example("pilot.yaml").run(&["people", "--no-registration"]).code(1);
    assert!(
        shown.stderr.contains("the list does not end: it links to a page that was read before"),
        "{shown}"
    );
    assert!(shown.stdout.contains("Incomplete"), "{shown}");
    let requests = sandbox.take_requests().len();
    assert!(requests < 400, "{requests} requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_cannot_be_read_are_members_of_whom_nothing_is_known() {
    let (sandbox, scene) = fresh().await;
    sandbox.fail("GET /transitiveMembers/microsoft.graph.user odd-rows=2".parse().unwrap());
    let shown = scene.run(&["people"]).code(0);
    for said in [
        ": 10 people, 2 ready of 6 who can be (33 %), ",
        "1 not ready, 3 unknown; left out: ",
        "2 rows of the group's members (not in a form sspr knows)",
    ] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    assert_eq!(shown.stdout.matches("2 rows of the group's members").count(), 1, "{shown}");
    // A quarter of those who were read is ready, and a fifth of all.
    assert_eq!(scene.run(&["people", "--gate", "25%"]).code, 5);
    assert_eq!(scene.run(&["people", "--gate", "20%"]).code, 0);
    let shown = scene.run(&["plan", "--explain"]).code(0);
    for said in ["at least 1 administrator", "at least 1 guest", "2 rows of the group's members"] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    let plan: serde_json::Value =
        serde_json::from_str(&scene.run(&["plan", "--format", "json"]).stdout).unwrap();
    for count in ["admins", "guests", "disabled", "unlicensed"] {
        assert!(plan["people"][count].is_null(), "{count}: {}", plan["people"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_with_odd_rows_is_read_to_its_end_and_each_is_counted_once() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh).with_generated_users(3000)).await.unwrap();
    // One page has them, and no other.
    sandbox.fail("GET /transitiveMembers/microsoft.graph.user odd-rows=2 1".parse().unwrap());
    let shown = Scene::against(&sandbox).example("pilot.yaml").run(&["people", "--no-registration"]).code(0);
    assert!(shown.stdout.contains(": 3,010 people, 0 ready of "), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_report_that_cannot_be_read_are_counted_and_said_once() {
    let (sandbox, scene) = fresh().await;
    sandbox.fail("GET /userRegistrationDetails odd-rows=3".parse().unwrap());
    for command in [&["plan"][..], &["people"], &["report"]] {
        let shown = scene.run(command).code(0);
        let said =
            shown.stdout.matches("3 rows of the registration report (not in a form sspr knows)").count();
        assert_eq!(said, 1, "{command:?}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_that_cannot_be_read_may_be_anybodys() {
    let (sandbox, scene) = fresh().await;
    sandbox.fail("GET /roleAssignments odd-rows=1".parse().unwrap());
    let shown = scene.run(&["people"]).code(0);
    assert!(shown.stdout.contains("roles unknown") && shown.stdout.contains("0 ready"), "{shown}");
    assert!(shown.stdout.contains("1 row of administrator roles"), "{shown}");
}

/// Asserts that the licence is named as the reason, and no permission is asked for in its place.
fn assert_says_licence(shown: &Shown, licence: &str, permission: &str) {
    let text = shown.to_string();
    assert!(text.contains(licence) && !text.contains(permission), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_licence_gives_no_hint_about_permissions() {
    let (sandbox, scene) = fresh().await;
    sandbox.fail(format!("GET /roleEligibilityScheduleInstances {NO_P2}").parse().unwrap());
    let licence = "the tenant lacks Entra ID P2 or Entra ID Governance (AadPremiumLicenseRequired)";
    for command in [&["plan"][..], &["people"], &["report", "--format", "json"]] {
        assert_says_licence(&scene.run(command).code(0), licence, "RoleEligibilitySchedule.Read.Directory");
    }
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let ada = "ada@contoso.onmicrosoft.com";
    let shown = scene.run(&["verify", "--user", ada]).code(0);
    assert_says_licence(&shown, licence, "RoleEligibilitySchedule.Read.Directory");
    let shown = scene.run(&["doctor"]);
    assert!(shown.stdout.contains(licence), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_without_any_premium_licence_reads_no_report_and_the_reason_is_shown() {
    let (sandbox, scene) = fresh().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.fail(format!("GET /userRegistrationDetails {NO_P1}").parse().unwrap());
    sandbox.fail(format!("GET /directoryAudits {NO_P1}").parse().unwrap());
    let licence = "the tenant lacks Entra ID P1 or P2, or is a B2C tenant";
    let ada = "ada@contoso.onmicrosoft.com";
    for command in [&["plan"][..], &["people"], &["report", "--format", "json"], &["verify", "--user", ada]] {
        assert_says_licence(&scene.run(command).code(0), licence, "AuditLog.Read.All");
    }
    // What cannot be done without the log fails, and not for want of a sign-in.
    for command in [&["verify", "--user", ada, "--watch"][..], &["cleanup", "--yes", "--prove"]] {
        let shown = scene.run(command).code(1);
        assert!(shown.stderr.contains("no permission helps"), "{shown}");
        assert!(!shown.stderr.contains("az login"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_groups_of_one_name_are_reported_in_a_few_lines() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    let pilot = tenant.groups[0].clone();
    for i in 0..99 {
        tenant.groups.push(sspr::sandbox::tenant::Group {
            id: sspr::sandbox::tenant::id(&format!("g{i}")),
            ..pilot.clone()
        });
    }
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let shown = Scene::against(&sandbox).example("pilot.yaml").run(&["plan"]).code(3);
    assert!(shown.stderr.contains("and 90 more"), "{shown}");
    assert!(shown.stderr.len() < 2000, "{shown}");
}

/// Returns a rule that answers for a user with this id and name.
fn user(id: &str, name: &str) -> sspr::sandbox::Rule {
    let body = serde_json::json!({"id": id, "userPrincipalName": name, "accountEnabled": true});
    format!("GET /v1.0/users/ body={body} 1").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_another_user_is_refused() {
    let (sandbox, scene) = fresh().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let ada = "ada@contoso.onmicrosoft.com";
    let (id, other) =
        (sspr::sandbox::tenant::id("ada").to_string(), sspr::sandbox::tenant::id("hana").to_string());
    for (asked, rule) in [
        (ada, user(&other, "mallory@contoso.onmicrosoft.com")),
        (ada, user(&id, "mallory@contoso.onmicrosoft.com")),
        (ada, user(&id, "")),
        (&id, user(&other, ada)),
    ] {
        sandbox.fail(rule);
        let shown = scene.run(&["verify", "--user", asked]).code(1);
        assert!(shown.stderr.contains("in place of the one asked for"), "{shown}");
        assert!(!shown.stdout.contains("private browser"), "{shown}");
        sandbox.heal();
    }
    for (asked, name) in [
        ("ADA@contoso.onmicrosoft.com", ada),
        (ada, "Ada@Contoso.onmicrosoft.com"),
        ("zo\u{eb}@x", "zoe\u{308}@X"),
    ] {
        sandbox.fail(user(&id, name));
        let shown = scene.run(&["verify", "--user", asked]);
        assert!(shown.stdout.contains("private browser"), "{shown}");
        sandbox.heal();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_the_service_leaves_out_of_members_is_unknown_and_never_zero() {
    let members = "GET /transitiveMembers/microsoft.graph.user";
    for (fields, unknown, untold) in [
        ("assignedPlans", &["unlicensed"][..], &["the licences of 8 members"][..]),
        ("accountEnabled", &["disabled"], &["whether the account is enabled of 8 members"]),
        (
            "userPrincipalName,displayName,accountEnabled,userType,onPremisesSyncEnabled,assignedPlans,assignedLicenses",
            &["unlicensed", "disabled", "guests"],
            &["the licences of 8 members", "the kind of account of 8 members"],
        ),
    ] {
        let (sandbox, scene) = fresh().await;
        sandbox.fail(format!("{members} without={fields}").parse().unwrap());
        let shown = scene.run(&["plan", "--explain"]).code(0);
        for said in untold {
            assert!(
                shown.stdout.contains("people-unknown") && shown.stdout.contains(said),
                "{said}\n{shown}"
            );
        }
        let plan: serde_json::Value =
            serde_json::from_str(&scene.run(&["plan", "--format", "json"]).stdout).unwrap();
        let people: serde_json::Value =
            serde_json::from_str(&scene.run(&["people", "--format", "json"]).stdout).unwrap();
        for count in unknown {
            assert!(plan["people"][count].is_null(), "{fields}: {}", plan["people"]);
            assert!(people["summary"][count].is_null(), "{fields}: {}", people["summary"]);
        }
        let text = scene.run(&["people"]).code(0).stdout;
        let page = scene.run(&["people", "--format", "markdown"]).code(0).stdout;
        let _ = scene.run(&["report"]).code(0);
        let html = std::fs::read_to_string(scene.path().join("pilot-report.html")).unwrap();
        for count in unknown {
            for form in [&text, &page] {
                let is_said = form.contains(&format!("{count} unknown")) || form.contains("at least");
                assert!(is_said && !form.contains(&format!(" 0 {count}")), "{count}\n{form}");
            }
        }
        assert!(html.contains("Not known of everyone: "), "{html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_roles_and_report_no_one_counts_as_registered_or_an_administrator() {
    let (sandbox, scene) = fresh().await;
    for path in ["/roleAssignments", "/userRegistrationDetails"] {
        sandbox.fail(format!("GET {path} status=404").parse().unwrap());
    }
    let shown = scene.run(&["people"]).code(0);
    for said in
        ["registered by the report unknown", "registered and locked out unknown", "administrators unknown"]
    {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_report_that_cannot_be_read_is_no_missing_row() {
    let (sandbox, scene) = fresh().await;
    let ada = sspr::sandbox::tenant::id("ada");
    let body = serde_json::json!({"value": [{"id": ada, "methodsRegistered": [null, 5]}]});
    sandbox.fail(format!("GET /userRegistrationDetails body={body}").parse().unwrap());
    let shown = scene.run(&["people"]).code(0);
    assert!(shown.stdout.contains("unreadable row in the report"), "{shown}");
    assert!(shown.stdout.contains("registration unknown: the report has no row with its date"), "{shown}");
    assert!(!shown.stdout.contains("the report was not read"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_of_a_side_reading_sinks_a_plan_or_is_asked_for_again() {
    for list in LISTS.into_iter().filter(|list| !list.contains("auditLogs") && *list != "/v1.0/groups/") {
        // What ends too soon is another matter: that is asked for again.
        for body in ["<html>", "null", "[]", "\u{feff}<", "12"] {
            let (sandbox, scene) = fresh().await;
            sandbox.fail(format!("GET {list} body={body}").parse().unwrap());
            let shown = scene.run(&["plan", "--explain"]).code(0);
            assert!(
                list.contains("onPremises") || shown.stdout.contains("people-unknown"),
                "{list} {body}\n{shown}"
            );
            let asked = sandbox.take_requests().iter().filter(|asked| asked.target.starts_with(list)).count();
            assert_eq!(asked, 1, "{list} {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_nested_too_deep_for_the_parser_is_reported_at_once() {
    let (sandbox, scene) = fresh().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(150), "]".repeat(150));
    sandbox.fail(format!("GET /api/PasswordReset body={deep}").parse().unwrap());
    let shown = scene.run(&["plan"]).code(1);
    assert!(shown.stderr.contains("nested more than 64 deep"), "{shown}");
    assert!(!shown.stderr.contains("attempt"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_are_not_found_keep_the_reason() {
    let (sandbox, scene) = fresh().await;
    sandbox.fail("GET /transitiveMembers/microsoft.graph.user status=404".parse().unwrap());
    let shown = scene.run(&["plan"]);
    assert!(shown.to_string().contains("the group's members (the service answered 404 Not Found"), "{shown}");
}
