//! The half that an application can do, and the words for the other.

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn an_application_plans_and_applies_graphs_half_and_says_what_is_left_to_click() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.methods["policyMigrationState"] = "migrationComplete".into();
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let scene = Scene::against(&sandbox)
        .example("pilot.yaml")
        .env("SSPR_GRAPH_TOKEN", sandbox.application_token())
        .env("SSPR_PORTAL_TOKEN", "");
    let policy = sandbox.tenant().policy;
    let shown = scene.run(&["plan"]).code(77);
    assert!(shown.stderr.contains("not signed in to the admin centre"), "{shown}");
    let shown = scene.run(&["plan", "--graph-only"]).code(0);
    assert!(shown.stdout.contains("so its state is unknown"), "{shown}");
    for (label, value) in [
        ("Self service password reset enabled", "Selected"),
        ("Select group", "SSPR-Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73)"),
        ("Number of methods required to reset", "1"),
        ("Require users to register when signing in", "Yes"),
    ] {
        let is_it =
            |line: &str| line.trim_start().starts_with(label) && line.ends_with(&format!("  {value}"));
        assert!(shown.stdout.lines().any(is_it), "{label}\n{shown}");
    }
    assert!(!shown.stdout.contains("Methods available to users"), "{shown}");
    let shown = scene.run(&["apply", "--graph-only", "--yes"]).code(0);
    assert!(shown.stdout.contains("Graph's half of Contoso matches pilot.yaml"), "{shown}");
    assert!(shown.stdout.contains("Set by hand in the Entra admin center:"), "{shown}");
    assert_eq!(sandbox.tenant().policy, policy);
    let requests = sandbox.take_requests();
    assert!(requests.iter().all(|request| request.target.starts_with("/v1.0/")), "{requests:?}");
    assert!(requests.iter().any(|request| request.method == "PATCH"), "{requests:?}");
    let shown = scene.run(&["plan", "--graph-only", "--detailed-exitcode"]).code(0);
    assert!(shown.stdout.contains("Set by hand in the Entra admin center:"), "{shown}");
}

/// Where Graph's half matches, and the admin centre's half is nothing like the spec.
#[tokio::test(flavor = "multi_thread")]
async fn an_unread_half_is_named_in_every_form_and_never_matches() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.methods["policyMigrationState"] = "migrationComplete".into();
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let shown = scene.run(&["apply", "--graph-only", "--yes"]).code(0);
    assert!(shown.stdout.contains("Next: make the admin centre changes listed above"), "{shown}");
    let run = |args: &[&str], code: i32| scene.run(&[args, &["--graph-only"]].concat()).code(code);
    let shown = run(&["plan", "--detailed-exitcode"], 0);
    let said = "No changes in Graph's half: it matches pilot.yaml. The portal half was not read.";
    assert!(shown.stdout.contains(said) && !shown.stdout.contains("Contoso matches"), "{shown}");
    let shown = run(&["plan", "--format", "markdown"], 0);
    let said = "### sspr plan: no changes in Graph's half; the portal half was not read\n";
    assert!(shown.stdout.contains(said), "{shown}");
    let shown = run(&["plan", "--format", "github"], 0);
    let said = "title=portal-not-looked-at::the portal half was not read";
    assert!(shown.stdout.contains(said), "{shown}");
    for (format, said) in [
        ("text", "No changes: Graph's half of Contoso matches pilot.yaml; the portal half was not read."),
        (
            "markdown",
            "### No changes: Graph's half of `Contoso` matches `pilot.yaml`; the portal half was not read",
        ),
    ] {
        let shown = run(&["apply", "--yes", "--format", format], 0);
        assert!(shown.stdout.contains(said) && !shown.stdout.contains("have a test user"), "{shown}");
    }
    for (args, code) in
        [(&["plan"][..], 0), (&["apply", "--yes"], 0), (&["verify"], 5), (&["verify", "--allow-unread"], 0)]
    {
        let shown = run(&[args, &["--format", "json"]].concat(), code);
        let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        assert_eq!(document["not_looked_at"], serde_json::json!(["portal"]), "{shown}");
    }
    let shown = run(&["verify"], 5);
    assert!(
        shown
            .stdout
            .contains("? 8 settings of the portal  the portal half was not read: left out by --graph-only"),
        "{shown}"
    );
    assert!(shown.stderr.contains("--allow-unread"), "{shown}");
    let shown = run(&["verify", "--allow-unread", "--format", "markdown"], 0);
    let said = "### sspr verify: every check that could run passed; the portal half was not read\n";
    assert!(shown.stdout.contains(said), "{shown}");
    // What differs is 5, whatever may be unread; and a spec that is Graph's alone has no other half.
    let without = scene.run(&["verify", "--allow-unread"]).code(64);
    assert!(without.stderr.contains("--graph-only"), "{without}");
    let scene = scene.file("pilot.yaml", "version: 1\nadministrators:\n  allow_sspr: true\n");
    let _ = scene.run(&["verify", "--graph-only"]).code(0);
    // With both surfaces at hand, nothing is left out.
    let shown = scene.run(&["plan", "--format", "json"]).code(0);
    assert!(!shown.stdout.contains("not_looked_at"), "{shown}");
}
