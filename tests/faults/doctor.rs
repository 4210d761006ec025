//! `doctor` on healthy and on broken directory_context, and what its report gives away.

use serde_json::Value;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

async fn sandbox(seed: Seed) -> Sandbox {
    Sandbox::start(TenantState::seeded(seed)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_tenant_holds_and_nothing_is_written() {
    let sandbox = sandbox(Seed::Fresh).await;
    let shown = Scene::against(&sandbox).run(&["doctor"]).code(0);
    for said in [
        "graph: @@HOST@@ answers",
        "portal: @@HOST@@ answers",
        "graph: sandbox.admin@contoso.onmicrosoft.com (person) by token; audience https://graph.microsoft.com",
        "portal: Authentication Policy Administrator",
        "ok       permission        graph: AuditLog.Read.All",
        "Contoso (contoso.onmicrosoft.com",
        "Announced for 2026-11-09: ",
        "Every check that could run passed.",
    ] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_reports_each_failed_check_and_exits_5() {
    let sandbox = sandbox(Seed::Fresh).await;
    let healthy = || Scene::against(&sandbox);
    for (scene, said) in [
        (healthy().env("SSPR_PORTAL_TOKEN", sandbox.graph_token()), "portal: GET"),
        (
            healthy().env("SSPR_PORTAL_TOKEN", sandbox.application_token()),
            "not an application's: run `az login`",
        ),
        (
            healthy().env("SSPR_GRAPH_URL", "http://127.0.0.1:1"),
            "127.0.0.1:1 cannot be reached: it refuses the connection\n",
        ),
        (healthy().env("SSPR_GRAPH_TOKEN", "opaque").env("PATH", ""), "graph: GET"),
        (healthy().file("state", "a file"), "is not a directory"),
    ] {
        let shown = scene.run(&["doctor", "--pace", "1"]).code(5);
        assert!(shown.stdout.contains("fails ") && shown.stdout.contains(said), "{said}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_probe_names_no_one() {
    let sandbox = sandbox(Seed::Configured).await;
    let scene = Scene::against(&sandbox);
    let shown = scene.run(&["doctor", "--probe"]).code(0);
    assert!(shown.stderr.contains("A report without names is in sspr-doctor.json"), "{shown}");
    let report = std::fs::read_to_string(scene.path().join("sspr-doctor.json")).unwrap();
    let tenant = sandbox.tenant();
    for name in ["Contoso", "contoso", "sandbox.admin", "Straße", "help."] {
        assert!(!report.contains(name), "{name}\n{report}");
    }
    assert!(!report.contains(&tenant.tenant_id.to_string()), "{report}");
    let report: Value = serde_json::from_str(&report).unwrap();
    let answer = |question: &str| {
        let observations = report["observations"].as_array().unwrap();
        let found = observations.iter().find(|seen| seen["question"] == question);
        found.unwrap_or_else(|| panic!("{question}"))["answer"].clone()
    };
    assert_eq!(answer("policy-unknown-fields"), serde_json::json!(["futureNested", "futurePolicyRevision"]));
    assert_eq!(
        answer("policy-differs-without-getPasswordResetEnabledGroup-in"),
        serde_json::json!(["passwordResetEnabledGroupName"])
    );
    assert_eq!(answer("policy-fields")["securityQuestions"], "list of 3");
    // What is believed is the same in everyone's report.
    let beliefs = sspr::evidence::beliefs();
    for seen in report["beliefs"].as_array().unwrap() {
        let known = beliefs.iter().find(|belief| seen["code"] == *belief.code).unwrap();
        assert_eq!(
            (&seen["statement"], &seen["source"]),
            (&known.statement.as_str().into(), &known.source.into())
        );
    }
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writing_probe_asks_first_and_then_writes_what_it_read() {
    let sandbox = sandbox(Seed::Configured).await;
    let scene = Scene::against(&sandbox);
    let before = sandbox.tenant();
    let _ = scene.run(&["doctor", "--probe-write"]).code(3);
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
    let shown = scene.run(&["doctor", "--probe-write", "--yes"]).code(0);
    assert!(shown.stdout.contains("policy-written-back-unchanged-reads-back: \"as before\""), "{shown}");
    let writes = sandbox.take_requests().into_iter().filter(|request| request.method != "GET").count();
    assert_eq!(writes, 1);
    assert_eq!(sandbox.tenant(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_some_specs_need_is_asked_of_those_alone() {
    let sandbox = sandbox(Seed::Fresh).await;
    let admins = "version: 1\nadministrators:\n  allow_sspr: false\n";
    let scene = Scene::against(&sandbox).example("pilot.yaml").file("admins.yaml", admins);
    let named = "graph: Policy.ReadWrite.Authorization (apply with `administrators.allow_sspr`";
    let shown = scene.run(&["doctor"]).code(0);
    assert!(!shown.stdout.contains(named), "{shown}");
    let shown = scene.run(&["doctor", "admins.yaml"]).code(0);
    assert!(shown.stdout.contains(&format!("ok       permission        {named}")), "{shown}");
    // What is unknown without a right is no reason to fail; nor what only a spec with methods needs.
    let scene = scene
        .env("SSPR_GRAPH_TOKEN", sandbox.azure_cli_token())
        .file("open.yaml", "version: 1\ngroup: SSPR-Pilot\n");
    let shown = scene.run(&["doctor", "open.yaml"]).code(0);
    for optional in [
        "unknown  permission        graph: OnPremDirectorySynchronization.Read.All",
        "unknown  permission        graph: Policy.ReadWrite.AuthenticationMethod",
        "unknown  migration-state   graph: not asked for, without Policy.Read.AuthenticationMethod",
    ] {
        assert!(shown.stdout.contains(optional), "{shown}");
    }
}

/// Says of itself that it is someone's with next to no rights, and that it ended in 1970.
const EXPIRED: &str = "eyJhbGciOiJub25lIn0.eyJ1cG4iOiJhZGFAY29udG9zby5jb20iLCJleHAiOjEsInNjcCI6IlVzZXIuUmVhZCIsIndpZHMiOlsiNjJlOTAzOTQtNjlmNS00MjM3LTkxOTAtMDEyMTc3MTQ1ZTExIl19.x";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sign_in_lacks_is_reported_with_what_to_do() {
    let sandbox = sandbox(Seed::Fresh).await;
    let scene = Scene::against(&sandbox).env("SSPR_GRAPH_TOKEN", EXPIRED).env("SSPR_PORTAL_TOKEN", EXPIRED);
    let shown = scene.run(&["doctor"]).code(5);
    for said in [
        "fails    sign-in           graph: ada@contoso.com (person)",
        "the token has expired: get a new one",
        "fails    permission        graph: GroupMember.Read.All",
        "`sspr login --setup`, once in this tenant; then: sspr login",
        "or go on without: --except methods.allowed",
        "fails    role              portal: no active role Authentication Policy Administrator",
        "activate the role (Privileged Identity Management), then sign in again",
    ] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    let page = scene.run(&["doctor", "--format", "markdown"]).code(5);
    assert!(
        page.stdout.contains("checks failed") && page.stdout.contains("| **fails** | `role` |"),
        "{page}"
    );
}

/// The admin centre's own answer counts, not what a token says of itself.
#[tokio::test(flavor = "multi_thread")]
async fn roles_are_shown_by_the_admin_centre_and_by_name() {
    const ROLES: &str = "GET /api/Permissions/GetUserSystemRoleTemplateIds";
    let every_member = "b79fbf4d-3ef9-4689-8143-76b194e85509";
    let reader = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
    let unknown = "11111111-2222-3333-4444-555555555555";
    let writer = "0526716b-113d-4c15-b2c8-68e3c22b9f80";
    for (answer, code, said) in [
        (
            format!("body=[\"{every_member}\",\"{writer}\"]"),
            0,
            "ok       role              portal: Authentication Policy Administrator\n",
        ),
        (
            format!("body=[\"{every_member}\",\"{reader}\",\"{unknown}\"]"),
            5,
            "fails    role              portal: no active role Authentication Policy Administrator; active: Global Reader, 11111111",
        ),
        (
            format!("body=[\"{every_member}\"]"),
            5,
            "no active role Authentication Policy Administrator; active: none",
        ),
        // No one is without the one that everyone has.
        ("body=[]".to_owned(), 0, "unknown  role              portal: the directory roles are unknown"),
        // The token tells then.
        (
            "status=500".to_owned(),
            0,
            "ok       role              portal: Authentication Policy Administrator",
        ),
        ("body={}".to_owned(), 0, "ok       role              portal: Authentication Policy Administrator"),
    ] {
        let sandbox = sandbox(Seed::Fresh).await;
        sandbox.fail(format!("{ROLES} {answer}").parse().unwrap());
        let shown = Scene::against(&sandbox).run(&["doctor", "--pace", "1", "--timeout", "20"]).code(code);
        assert!(shown.stdout.contains(said), "{answer}: {said}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_migration_state_is_no_failure() {
    let mut tenant = TenantState::seeded(Seed::Migrated);
    tenant.methods["policyMigrationState"] = serde_json::json!("paused");
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let shown = Scene::against(&sandbox).run(&["doctor"]).code(0);
    let said = "unknown  migration-state   graph: sspr does not know the migration state `paused`";
    assert!(shown.stdout.contains(said), "{shown}");
}

/// What is in the profile inherits the profile's access list; nothing is known of other folders.
#[cfg(windows)]
#[tokio::test(flavor = "multi_thread")]
async fn who_can_look_into_a_state_directory_outside_the_profile_is_not_claimed() {
    let sandbox = sandbox(Seed::Fresh).await;
    for (state, said) in [("profile/state", "is writable\n"), ("state", "did not check who else")] {
        let scene = Scene::against(&sandbox);
        std::fs::create_dir_all(scene.path().join("profile/state")).unwrap();
        std::fs::create_dir_all(scene.state_dir()).unwrap();
        let profile = scene.path().join("profile").display().to_string();
        let state = scene.path().join(state).display().to_string();
        let shown = scene.env("USERPROFILE", &profile).env("SSPR_STATE_DIR", &state).run(&["doctor"]).code(0);
        assert!(shown.stdout.contains(said.trim_end()), "{shown}");
    }
}

/// No one here can be kept from a directory by its mode, for tests may run as root.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn doctor_fails_a_state_directory_that_others_can_read_or_is_not_writable() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = sandbox(Seed::Fresh).await;
    let open = Scene::against(&sandbox);
    std::fs::create_dir(open.state_dir()).unwrap();
    for mode in [0o777, 0o755, 0o750, 0o711] {
        std::fs::set_permissions(open.state_dir(), std::fs::Permissions::from_mode(mode)).unwrap();
        let shown = open.run(&["doctor"]).code(5);
        assert!(shown.stdout.contains("other users of this machine can read @@STATE@@"), "{shown}");
        assert!(shown.stdout.contains("run `chmod 700 @@STATE@@`"), "{shown}");
    }
    std::fs::set_permissions(open.state_dir(), std::fs::Permissions::from_mode(0o700)).unwrap();
    assert!(open.run(&["doctor"]).code(0).stdout.contains("@@STATE@@ is writable"));
    let inside = open.path().join("file/inside").display().to_string();
    for (state, said) in [
        ("/proc/self", "/proc/self is not writable"),
        ("/proc/none/at-all", "/proc/none/at-all cannot be created: /proc is not writable"),
        (&inside, "sspr cannot check"),
    ] {
        let scene = Scene::against(&sandbox).env("SSPR_STATE_DIR", state);
        std::fs::write(open.path().join("file"), "").unwrap();
        let shown = scene.run(&["doctor"]).code(5);
        assert!(shown.stdout.contains(said), "{shown}");
        assert!(shown.stdout.contains("set SSPR_STATE_DIR to a directory you can write"), "{shown}");
    }
}
