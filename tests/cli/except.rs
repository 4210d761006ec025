//! `--except`: one goes on without a part of the spec, and everything that is claimed says so.

use serde_json::Value;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

const ALL_BUT: &str = "all of pilot.yaml but methods.allowed";
const EXCEPT: [&str; 2] = ["--except", "methods.allowed"];

async fn sandbox() -> Sandbox {
    Sandbox::start(TenantState::seeded(Seed::Migrated)).await.unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn run(scene: &Scene, args: &[&str]) -> Shown {
    scene.run(&[args, &EXCEPT].concat())
}

/// With the scopes that `az login` gives: everything but the methods is planned, applied and proven.
#[tokio::test(flavor = "multi_thread")]
async fn with_the_azure_clis_scopes_all_but_the_methods_is_planned_applied_and_proven() {
    let sandbox = sandbox().await;
    let scene =
        Scene::against(&sandbox).example("pilot.yaml").env("SSPR_GRAPH_TOKEN", sandbox.azure_cli_token());
    let plan = run(&scene, &["plan", "--out", "plan.json"]).code(0);
    assert!(plan.stdout.contains("\n  left out with --except: methods.allowed\n"), "{plan}");
    let saved = json(&std::fs::read_to_string(scene.path().join("plan.json")).unwrap());
    assert_eq!(saved["except"], serde_json::json!(["methods.allowed"]));
    let keys: Vec<&str> =
        saved["changes"].as_array().unwrap().iter().filter_map(|change| change["key"].as_str()).collect();
    assert!(
        keys.contains(&"scope") && keys.contains(&"group") && !keys.contains(&"methods.allowed"),
        "{keys:?}"
    );
    let applied = scene.run(&["apply", "plan.json", "--yes", "--prove=60", "--pace", "1"]).code(0);
    assert!(applied.stdout.contains(&format!("Contoso matches {ALL_BUT}, and the audit log")), "{applied}");
    let verified = run(&scene, &["verify"]).code(0);
    assert!(verified.stdout.starts_with(&format!("Contoso matches {ALL_BUT}\n")), "{verified}");
    let again = run(&scene, &["plan", "--detailed-exitcode"]).code(0);
    assert!(again.stdout.contains(&format!("No changes: Contoso matches {ALL_BUT}.")), "{again}");
    let history = scene.run(&["history"]).code(0);
    assert!(history.stdout.contains(&format!("from {ALL_BUT}")), "{history}");
    for request in sandbox.take_requests() {
        assert!(
            request.status < 400 || request.target.contains("role") || request.target.contains("Skus"),
            "{request:?}"
        );
        assert!(!request.target.contains("authenticationMethodsPolicy"), "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_every_claim_says_what_was_left_out() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let page = run(&scene, &["plan", "--format", "markdown"]).code(0).stdout;
    assert!(page.contains("changes; left out with `--except`: `methods.allowed`"), "{page}");
    let notes = run(&scene, &["plan", "--format", "github"]).code(0).stdout;
    let note = "::notice file=pilot.yaml,title=left-out::left out with --except: methods.allowed\n";
    assert!(notes.contains(note), "{notes}");
    let drift = run(&scene, &["verify", "--format", "github"]).code(5).stdout;
    assert!(drift.contains("::warning file=pilot.yaml,title=left-out::"), "{drift}");
    assert!(drift.contains(&format!("differences from {ALL_BUT}")), "{drift}");
    let outcome = json(&run(&scene, &["apply", "--yes", "--format", "json"]).code(0).stdout);
    assert_eq!(outcome["except"], serde_json::json!(["methods.allowed"]));
    let page = run(&scene, &["apply", "--yes", "--format", "markdown"]).code(0).stdout;
    assert!(page.contains("all of `pilot.yaml` but `methods.allowed`"), "{page}");
    let verified = json(&run(&scene, &["verify", "--format", "json"]).code(0).stdout);
    assert_eq!(verified["except"], serde_json::json!(["methods.allowed"]));
    let runs = json(&scene.run(&["history", "--format", "json"]).code(0).stdout);
    assert_eq!(runs["runs"][0]["except"], serde_json::json!(["methods.allowed"]));
    let people = run(&scene, &["people"]).code(0).stdout;
    assert!(people.contains("Left out of the spec with --except: methods.allowed."), "{people}");
    let people = json(&run(&scene, &["people", "--format", "json"]).code(0).stdout);
    assert_eq!(people["except"], serde_json::json!(["methods.allowed"]));
    let report = json(&run(&scene, &["report", "--format", "json"]).code(0).stdout);
    assert_eq!(report["except"], serde_json::json!(["methods.allowed"]));
    // Where nothing is left out, nothing is said of it; nor where the file has no such key.
    for args in [&["plan", "--format", "json"][..], &["plan", "--format", "json", "--except", "writeback"]] {
        let plan = json(&scene.run(args).code(0).stdout);
        assert_eq!(plan.get("except"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_applied_with_what_it_left_out_and_nothing_else() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let _ = run(&scene, &["plan", "--out", "part.json"]).code(0);
    let _ = scene.run(&["plan", "--out", "whole.json"]).code(0);
    sandbox.take_requests();
    for (args, said) in [
        (
            &["apply", "part.json", "--yes", "--except", "group"][..],
            "the saved plan leaves out methods.allowed, and this run group\n",
        ),
        (
            &["apply", "whole.json", "--yes", "--except", "methods.allowed"],
            "the saved plan leaves out nothing, and this run methods.allowed\n",
        ),
    ] {
        let shown = scene.run(args).code(3);
        assert!(shown.stderr.contains(said), "{shown}");
    }
    assert_eq!(sandbox.take_requests(), []);
    let _ = run(&scene, &["apply", "part.json", "--yes"]).code(0);
    let _ = scene.run(&["apply", "part.json", "--yes"]).code(0);
}

#[test]
fn an_unknown_key_is_a_usage_error_with_the_nearest() {
    let scene = Scene::new().example("pilot.yaml");
    for command in ["plan", "apply", "verify", "people", "report", "rings", "status"] {
        let shown = scene.run(&[command, "--except", "methods.alowed", "--sandbox"]).code(64);
        let said = "there is no key `methods.alowed`; did you mean `methods.allowed`?";
        assert!(shown.stderr.contains(said), "{shown}");
    }
    let shown = scene.run(&["plan", "--except", "tenant", "--sandbox"]).code(64);
    assert!(shown.stderr.contains("`tenant` is not left out"), "{shown}");
}

#[test]
fn the_rules_between_keys_see_what_is_left() {
    let spec =
        "version: 1\nscope: selected\ngroup: SSPR-Pilot\nmethods:\n  required: 2\n  allowed: [email]\n";
    let scene = Scene::new().file("pilot.yaml", spec);
    // One method is too few for two; without the list no one knows.
    let _ = scene.run(&["plan", "--sandbox"]).code(65);
    let lifted = ["--allow-raising-required", "--allow-lockout"];
    let args = [&["plan", "--sandbox", "--except", "methods.allowed"][..], &lifted].concat();
    let _ = scene.run(&args).code(0);
    let _ = scene.run(&["plan", "--sandbox", "--except", "methods"]).code(0);
    let shown = scene.run(&["plan", "--sandbox", "--except", "methods", "--except", "group"]).code(65);
    assert!(shown.stderr.contains("`scope: selected` needs a group"), "{shown}");
    // What is written under a key is looked at all the same.
    let scene =
        scene.file("pilot.yaml", "version: 1\nmethods:\n  required: 7\nnotifications:\n  users: true\n");
    let _ = scene.run(&["plan", "--sandbox", "--except", "methods"]).code(65);
}

/// Who may reset stays as it is, also where a group alone says it; whom the pilot is about is still set.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_scope_the_group_is_set_and_no_one_is_let_in() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox).file("pilot.yaml", "version: 1\ngroup: SSPR-Pilot\n");
    let before = sandbox.tenant().policy["enablementType"].clone();
    let applied = scene.run(&["apply", "--yes", "--except", "scope"]).code(0);
    assert!(applied.stdout.contains("Contoso matches all of pilot.yaml but scope"), "{applied}");
    let after = sandbox.tenant();
    assert_eq!(after.policy["enablementType"], before);
    assert_ne!(after.policy["passwordResetEnabledGroupIds"], serde_json::json!([]));
}
