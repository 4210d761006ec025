//! From an Azure CLI that is signed in to the whole plan: each command is typed as the output before it told it.

use sspr::sandbox::TenantState;
use sspr::sandbox::{Sandbox, Seed};

use super::{log_in, machine, sign_azure_cli_in_as};
use crate::common::{Scene, Shown};

/// Returns the command that an output tells: from its first words to the end of the line, of the code, or of its column.
#[track_caller]
fn told(shown: &Shown, start: &str) -> String {
    let text = format!("{}{}", shown.stdout, shown.stderr);
    let at = text.find(start).unwrap_or_else(|| panic!("{start} is not told\n{shown}"));
    let command = text[at..].split(['`', '\n']).next().unwrap_or_default();
    command.split("   ").next().unwrap_or_default().trim_end().to_owned()
}

fn typed(scene: &Scene, command: &str, more: &[&str]) -> Shown {
    let words: Vec<&str> = command.split(' ').skip(1).chain(more.iter().copied()).collect();
    scene.run(&words)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_from_the_azure_clis_sign_in_to_the_whole_plan_is_told_by_the_one_before() {
    let (sandbox, authority, scene) = machine().await;
    sign_azure_cli_in_as(&scene, [sandbox.portal_token(), sandbox.azure_cli_token()]);
    let readme = std::fs::read_to_string(crate::common::repository("README.md")).unwrap();
    let lines = readme.split("az login --tenant contoso.onmicrosoft.com\n").nth(1).unwrap();
    let lines: Vec<&str> = lines.lines().take(2).collect();
    // `sspr init` wrote the file that this machine has.
    assert_eq!(lines[0], "sspr init");
    let doctor = scene.run(&["doctor"]).code(5);
    assert_eq!(told(&doctor, "sspr login --"), "sspr login --setup");
    let left_out = typed(&scene, lines[1], &[]).code(0);
    assert!(left_out.stdout.contains("  ~ Self service password reset enabled  "), "{left_out}");

    // Whoever types the plan without it is led to the same.
    let refused = scene.run(&["plan", "pilot.yaml"]).code(77);
    assert_eq!(told(&refused, "sspr plan"), lines[1].replace(" plan ", " plan pilot.yaml "));
    assert_eq!(told(&refused, "sspr login"), "sspr login --setup");
    // And whoever signs in too early.
    let early = scene.run(&["login"]).code(64);
    assert_eq!(told(&early, "sspr login"), "sspr login --setup");

    let setup = told(&left_out, "sspr login");
    assert_eq!(setup, "sspr login --setup");
    let set_up = typed(&scene, &setup, &["--yes"]).code(0);
    let tenant = sandbox.tenant();
    {
        // The authority knows what is in the tenant, and gives what was consented to.
        let mut ledger = authority.ledger();
        ledger.client = tenant.applications[0]["appId"].as_str().unwrap().to_owned();
        ledger.access = sandbox.graph_token_with(tenant.grants[0]["scope"].as_str().unwrap());
    }
    let refused = scene.run(&["plan", "pilot.yaml"]).code(77);
    assert_eq!(told(&refused, "sspr login"), "sspr login", "it is set up already");

    let login = told(&set_up, "sspr login");
    assert_eq!(login, "sspr login");
    let no_keyring = typed(&scene, &login, &[]).code(3);
    let login = told(&no_keyring, "sspr login");
    assert_eq!(login, "sspr login --store file");
    let _ = typed(&scene, &login, &["--pace", "1"]).code(0);
    // Where it is kept need not be said again.
    let signed_in = typed(&scene, "sspr login", &["--pace", "1"]).code(0);
    assert!(signed_in.stdout.contains("in a file that only you can read"), "{signed_in}");
    let plan = told(&signed_in, "sspr plan");
    let whole = typed(&scene, &plan, &[]).code(0);
    for said in ["  ~ Self service password reset enabled  ", "\nAuthentication methods policy  "] {
        assert!(whole.stdout.contains(said), "{said}\n{whole}");
    }
    assert!(!whole.stdout.contains("left out"), "{whole}");
    authority.assert_no_secret(&whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kept_sign_in_lacks_is_added_by_the_command_that_is_told() {
    let (sandbox, authority, scene) = machine().await;
    let scene = scene.file("admins.yaml", "version: 1\nadministrators:\n  allow_sspr: false\n");
    sign_azure_cli_in_as(&scene, [sandbox.portal_token(), sandbox.azure_cli_token()]);
    let _ = scene.run(&["login", "--setup", "--yes"]).code(0);
    let sign_in = || {
        let tenant = sandbox.tenant();
        let mut ledger = authority.ledger();
        ledger.client = tenant.applications[0]["appId"].as_str().unwrap().to_owned();
        ledger.access = sandbox.graph_token_with(tenant.grants[0]["scope"].as_str().unwrap());
    };
    sign_in();
    let _ = scene.run(&["login", "--store", "file", "--pace", "1"]).code(0);
    let refused = scene.run(&["plan", "admins.yaml"]).code(77);
    let setup = told(&refused, "sspr login");
    assert_eq!(setup, "sspr login --setup --for plan,apply,people,administrators");
    let _ = typed(&scene, &setup, &["--yes"]).code(0);
    sign_in();
    let _ = scene.run(&["login", "--store", "file", "--pace", "1"]).code(0);
    let shown = scene.run(&["plan", "admins.yaml"]).code(0);
    assert!(!shown.stdout.contains("lacks"), "{shown}");
}

/// A sign-in to one tenant that is kept says nothing where the Azure CLI is signed in to another, and no tenant is named.
#[tokio::test(flavor = "multi_thread")]
async fn the_azure_clis_tenant_decides_where_nothing_else_does() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let mut other = TenantState::seeded(Seed::Fresh);
    other.tenant_id = uuid::Uuid::new_v4();
    let other = Sandbox::start(other).await.unwrap();
    sign_azure_cli_in_as(&scene, [other.portal_token(), other.azure_cli_token()]);
    let scene = scene.env("SSPR_GRAPH_URL", &other.root()).env("SSPR_PORTAL_URL", &other.root());
    let shown = scene.run(&["plan", "--except", "methods.allowed"]).code(0);
    let said = "graph: the kept sign-in is to contoso.onmicrosoft.com, the admin centre's to the tenant";
    assert!(shown.stderr.contains(said) && shown.stderr.contains("so azure-cli signs in"), "{shown}");
    assert_eq!(authority.asked("token").len(), 1, "the kept sign-in is not used");
    let doctor = scene.run(&["doctor"]);
    assert!(doctor.stdout.contains("azure-cli (skipped"), "{doctor}");
    // What is asked for by name is not passed over, and two tenants are refused.
    for more in [&["--graph-auth", "browser"][..], &["--auth", "browser"]] {
        let shown = scene.run(&[&["plan", "--except", "methods.allowed"], more].concat()).code(3);
        assert!(shown.stderr.contains("graph is signed in to the tenant"), "{shown}");
    }
    let scene = scene.env("AZURE_TENANT_ID", "contoso.onmicrosoft.com");
    let _ = scene.run(&["plan", "--except", "methods.allowed"]).code(3);
}

/// Someone's Azure CLI knows several tenants, and the flag says which.
#[tokio::test(flavor = "multi_thread")]
async fn setup_asks_the_azure_cli_for_the_tenant_that_is_named() {
    let (sandbox, _authority, scene) = machine().await;
    sign_azure_cli_in_as(&scene, [sandbox.portal_token(), sandbox.azure_cli_token()]);
    let scene = scene.env("AZURE_TENANT_ID", "fabrikam.com");
    let _ = scene.run(&["login", "--setup", "--yes", "--tenant", "contoso.onmicrosoft.com"]).code(0);
    let calls = std::fs::read_to_string(scene.path().join("az.calls")).unwrap();
    assert!(calls.contains("--tenant contoso.onmicrosoft.com") && !calls.contains("fabrikam"), "{calls}");
}
