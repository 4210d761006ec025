//! What a sign-in may do on Graph, compared with what a command needs: before anything is asked or written.

use serde_json::Value;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown, http};

async fn sandbox(seed: Seed) -> Sandbox {
    Sandbox::start(TenantState::seeded(seed)).await.unwrap()
}

/// As someone who has nothing but `az login`.
fn with_azure_cli(sandbox: &Sandbox) -> Scene {
    Scene::against(sandbox).example("pilot.yaml").env("SSPR_GRAPH_TOKEN", sandbox.azure_cli_token())
}

/// What the commands need, but for the permissions named.
fn without(names: &[&str]) -> String {
    const ALL: [&str; 9] = [
        "AuditLog.Read.All",
        "GroupMember.Read.All",
        "OnPremDirectorySynchronization.Read.All",
        "Organization.Read.All",
        "Policy.Read.All",
        "Policy.ReadWrite.AuthenticationMethod",
        "Policy.ReadWrite.Authorization",
        "RoleManagement.Read.Directory",
        "User.Read.All",
    ];
    ALL.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>().join(" ")
}

const ADMINISTRATORS: &str = "version: 1\nadministrators:\n  allow_sspr: false\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_sign_in_certainly_lacks_ends_a_run_before_anything_is_asked() {
    let sandbox = sandbox(Seed::Fresh).await;
    let scene = with_azure_cli(&sandbox);
    assert_shown!(
        scene.run(&["plan"]),
        "\
------- stderr -------
error: this sign-in may not read the Authentication methods policy (Policy.Read.AuthenticationMethod)
  caused by: the Azure CLI's sign-in to Microsoft Graph never can: its scopes are fixed
hint: sspr login --setup                              once in this tenant; then: sspr login
hint: sspr plan pilot.yaml --except methods.allowed   everything else, now
[exit status: 77]
"
    );
    for (args, next) in [
        (&["plan", "--graph-only"][..], "hint: sspr plan pilot.yaml --graph-only --except methods.allowed "),
        (&["apply", "--yes"], "hint: sspr apply pilot.yaml --yes --except methods.allowed "),
        (
            &["plan", "--out", "p.json", "--format", "github"],
            "hint: sspr plan pilot.yaml --out p.json --except methods.allowed ",
        ),
        (
            &["--auth", "token", "verify", "--user", "ada"],
            "hint: sspr verify pilot.yaml --user ada --auth token --except methods.allowed ",
        ),
        (&["verify"], "hint: sspr verify pilot.yaml --except methods.allowed "),
        (&["report"], "hint: sspr report pilot.yaml --except methods.allowed "),
        (
            &["plan", "--except", "group"],
            "hint: sspr plan pilot.yaml --except group --except methods.allowed ",
        ),
    ] {
        let shown = scene.run(args).code(77);
        assert!(!shown.stdout.contains("Plan for") && shown.stderr.contains(next), "{shown}");
    }
    assert_eq!(sandbox.take_requests(), []);
    let json = scene.run(&["plan", "--format", "json"]).code(77).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["causes"][0],
        "the Azure CLI's sign-in to Microsoft Graph never can: its scopes are fixed"
    );
    // Another tenant is the graver mistake, and told without a request too.
    let elsewhere = format!("version: 1\ntenant: {}\nmethods:\n  allowed: [email]\n", uuid::Uuid::new_v4());
    let shown = scene.file("elsewhere.yaml", elsewhere).run(&["plan", "elsewhere.yaml"]).code(3);
    assert!(shown.stderr.contains("but the spec is for"), "{shown}");
    assert_eq!(sandbox.take_requests(), []);
}

/// The README's three lines, on a machine with nothing but an Azure CLI that is signed in.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_three_lines_work_with_nothing_but_the_azure_cli() {
    let readme = std::fs::read_to_string(crate::common::repository("README.md")).unwrap();
    let lines =
        ["az login --tenant contoso.onmicrosoft.com", "sspr init", "sspr plan --except methods.allowed"];
    assert!(readme.contains(&format!("\n{}\n", lines.join("\n"))));
    let road = "sspr plan pilot.yaml --except methods.allowed";
    let sandbox = sandbox(Seed::Migrated).await;
    let scene = super::sign_in::azure_cli_scene(&sandbox);
    for turn in ["1", "2"] {
        for (audience, token) in [("graph", sandbox.azure_cli_token()), ("portal", sandbox.portal_token())] {
            std::fs::write(scene.path().join(format!("bin/{audience}.{turn}")), token).unwrap();
        }
    }
    let doctor = scene.run(&["doctor"]).code(5);
    for said in [
        "ok       permission        graph: AuditLog.Read.All",
        "fails    permission        graph: Policy.Read.AuthenticationMethod",
        "or go on without: --except methods.allowed",
    ] {
        assert!(doctor.stdout.contains(said), "{said}\n{doctor}");
    }
    let stopped = scene.run(&["plan", "pilot.yaml"]).code(77);
    assert!(stopped.stderr.contains(&format!("hint: {road} ")), "{stopped}");
    let args: Vec<&str> = lines[2].split_whitespace().skip(1).chain(["--explain"]).collect();
    let plan = scene.run(&args).code(0);
    for setting in ["scope", "group", "methods.required", "registration.required", "notifications.admins"] {
        assert!(plan.stdout.contains(&format!("  [{setting}]\n")), "{setting}\n{plan}");
    }
    let applied = scene.run(&["apply", "pilot.yaml", "--except", "methods.allowed", "--yes"]).code(0);
    assert!(applied.stdout.contains("Contoso matches all of pilot.yaml but methods.allowed."), "{applied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_missing_is_reported_at_once() {
    let sandbox = sandbox(Seed::Fresh).await;
    let lacks =
        ["Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.Authorization"];
    let both = format!("{ADMINISTRATORS}methods:\n  allowed: [email, mobile_phone]\n");
    let scene = Scene::against(&sandbox)
        .file("pilot.yaml", both)
        .env("SSPR_GRAPH_TOKEN", &sandbox.graph_token_with(&without(&lacks)));
    let shown = scene.run(&["plan"]).code(77);
    for said in [
        "may not read the Authentication methods policy (Policy.Read.AuthenticationMethod), nor read the authorization \
         policy (Policy.Read.All)\n",
        "hint: sspr plan pilot.yaml --except methods.allowed --except administrators.allow_sspr ",
    ] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    // No one knows that this sign-in never can.
    assert!(!shown.stderr.contains("Azure CLI"), "{shown}");
    // What no key's absence mends has no such way on.
    let scene = scene.env("SSPR_GRAPH_TOKEN", &sandbox.graph_token_with("User.Read"));
    let shown = scene.example("pilot.yaml").run(&["people"]).code(77);
    assert!(
        shown.stderr.contains("may not read groups and their members (GroupMember.Read.All)\n"),
        "{shown}"
    );
    assert!(!shown.stderr.contains("--except"), "{shown}");
    assert_eq!(sandbox.take_requests(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_alone_needs_is_asked_for_beforehand() {
    let sandbox = sandbox(Seed::Fresh).await;
    let scene = Scene::against(&sandbox).example("pilot.yaml").env(
        "SSPR_GRAPH_TOKEN",
        &sandbox.graph_token_with(&without(&["AuditLog.Read.All", "User.Read.All"])),
    );
    for (args, said) in [
        (&["apply", "--yes", "--prove=1"][..], "may not read the audit log (AuditLog.Read.All)\n"),
        (&["verify", "--user", "ada@contoso.onmicrosoft.com"], "may not read users (User.Read.All)\n"),
        (
            &["verify", "--user", "ada@contoso.onmicrosoft.com", "--watch"],
            "may not read users (User.Read.All), nor read the audit log (AuditLog.Read.All)\n",
        ),
    ] {
        let shown = scene.run(args).code(77);
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    assert_eq!(sandbox.take_requests(), []);
    let _ = scene.run(&["plan"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_reads_and_does_not_write_is_reported_between_plan_and_question() {
    let sandbox = sandbox(Seed::Migrated).await;
    let reads = without(&["Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.Authorization"]);
    let scene = Scene::against(&sandbox)
        .example("pilot.yaml")
        .file("admins.yaml", ADMINISTRATORS)
        .env("SSPR_GRAPH_TOKEN", &sandbox.graph_token_with(&reads));
    for (file, said, key) in [
        (
            "pilot.yaml",
            "change the Authentication methods policy (Policy.ReadWrite.AuthenticationMethod)",
            "methods.allowed",
        ),
        (
            "admins.yaml",
            "change the authorization policy (Policy.ReadWrite.Authorization)",
            "administrators.allow_sspr",
        ),
    ] {
        let plan = scene.run(&["plan", file, "--out", "plan.json", "--explain"]).code(0);
        assert!(plan.stdout.contains("  apply-lacks-permission  "), "{plan}");
        assert!(
            plan.stdout.ends_with("Next: with a sign-in that may write: sspr apply plan.json\n"),
            "{plan}"
        );
        for (args, next) in [
            (&["apply", file][..], format!("hint: sspr apply {file} --except {key} ")),
            (&["apply", "plan.json", "--yes"], format!("hint: sspr plan {file} --except {key} ")),
        ] {
            let shown = scene.run(args).code(77);
            assert!(shown.stderr.contains(&format!("this sign-in may not {said}\n")), "{shown}");
            assert!(shown.stderr.contains(&next), "{shown}");
        }
    }
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
    // With the key left out there is nothing to lack.
    let shown = scene.run(&["plan", "--except", "methods.allowed"]).code(0);
    assert!(!shown.stdout.contains("apply-lacks-permission"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_tell_goes_on_and_a_403_names_what_its_path_takes() {
    let sandbox = sandbox(Seed::Fresh).await;
    let scene =
        Scene::against(&sandbox).example("pilot.yaml").env("SSPR_GRAPH_TOKEN", &sandbox.graph_token_with(""));
    let shown = scene.run(&["plan"]).code(77);
    for said in ["403 Forbidden", "hint: to read which tenant this is takes Organization.Read.All"] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    assert!(!sandbox.take_requests().is_empty());
    let scene = scene.env("SSPR_GRAPH_TOKEN", sandbox.graph_token());
    sandbox.fail("GET /v1.0/policies/authenticationMethodsPolicy status=403".parse().unwrap());
    let shown = scene.run(&["plan"]).code(77);
    let said = "to read the Authentication methods policy takes Policy.Read.AuthenticationMethod";
    assert!(shown.stderr.contains(said) && !shown.stderr.contains("Organization.Read.All"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_good_to_know_is_not_asked_for_and_reported_with_its_permission() {
    let sandbox = sandbox(Seed::Fresh).await;
    let scene = with_azure_cli(&sandbox);
    let shown = scene.run(&["people"]).code(0);
    for unknown in [
        "the methods policy (Policy.Read.AuthenticationMethod)",
        "administrator roles (RoleManagement.Read.Directory)",
        "roles that can be activated (RoleEligibilitySchedule.Read.Directory)",
    ] {
        assert!(shown.stdout.contains(unknown), "{unknown}\n{shown}");
    }
    let asked: Vec<String> = sandbox.take_requests().into_iter().map(|request| request.target).collect();
    let is_asked = |part: &str| asked.iter().any(|target| target.contains(part));
    assert!(
        !is_asked("policies") && !is_asked("EligibilitySchedule") && !is_asked("onPremisesSynchronization"),
        "{asked:?}"
    );
    // A person's own rights may do.
    assert!(is_asked("roleAssignments"), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_refuses_what_microsofts_table_does_not_open() {
    let sandbox = sandbox(Seed::Fresh).await;
    for (path, code) in [
        ("organization", ""),
        ("groups?$filter=displayName eq 'SSPR-Pilot'", ""),
        ("auditLogs/directoryAudits", ""),
        ("policies/authenticationMethodsPolicy", "accessDenied"),
        ("policies/authorizationPolicy", "accessDenied"),
        ("roleManagement/directory/roleAssignments", "Authorization_RequestDenied"),
        ("roleManagement/directory/roleEligibilityScheduleInstances", "PermissionScopeNotGranted"),
        ("subscribedSkus", "Authorization_RequestDenied"),
        ("directory/onPremisesSynchronization", "Authorization_RequestDenied"),
    ] {
        let request = http().get(format!("{}/v1.0/{path}", sandbox.root()));
        let answer = request.bearer_auth(sandbox.azure_cli_token()).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"].as_str().unwrap_or_default(), code, "{path}: {body}");
        assert_eq!(status, if code.is_empty() { 200 } else { 403 }, "{path}");
    }
    let bare = sandbox.graph_token_with("User.Read");
    let report = format!("{}/v1.0/auditLogs/directoryAudits", sandbox.root());
    let answer = http().get(report).bearer_auth(&bare).send().await.unwrap();
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(body["error"]["code"], "Authentication_MSGraphPermissionMissing");
    let sms = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Sms";
    let patch = http().patch(format!("{}/v1.0/{sms}", sandbox.root())).body("{}");
    let reader = sandbox.graph_token_with("Policy.Read.All");
    assert_eq!(patch.bearer_auth(&reader).send().await.unwrap().status(), 403);
}
