//! The way back: exact, in steps, and never over someone else's edit unless told.

use serde_json::{Value, json};
use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, World};

use crate::common::{Scene, assert_shown};

const FIRST: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\nregistration:\n  required: true\n";
const SECOND: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_app_code]\n\
                      customization:\n  helpdesk: help@contoso.com\nadministrators:\n  allow_sspr: false\nwriteback:\n  enabled: true\n";

fn applied(scene: Scene, specs: &[&str]) -> Scene {
    specs.iter().fold(scene, |scene, spec| {
        let scene = scene.file("pilot.yaml", spec);
        let _ = scene.run(&["apply", "--yes", "--allow-stranding"]).code(0);
        scene
    })
}

fn run_ids(scene: &Scene) -> Vec<String> {
    let output = scene.command(&["history", "--format", "json"]).output().unwrap();
    let history: Value = serde_json::from_slice(&output.stdout).unwrap();
    history["runs"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback_goes_back_one_run_at_a_time_exactly() {
    for seed in Seed::ALL {
        let before = World::seeded(seed);
        let sandbox = Sandbox::start(before.clone()).await.unwrap();
        let scene = applied(Scene::against(&sandbox), &[FIRST]);
        let between = sandbox.world();
        let scene = applied(scene, &[SECOND]);
        assert!(sandbox.world() != between, "{seed:?}");
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert!(sandbox.world() == between, "{seed:?}: not the state between the two");
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert!(sandbox.world() == before, "{seed:?}: not the state before");
        let shown = scene.run(&["rollback", "--yes"]).code(0);
        assert!(shown.stdout.contains("No changes"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback_to_an_early_run_takes_the_later_ones_back_too() {
    let before = World::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST, SECOND]);
    let ids = run_ids(&scene);
    assert_eq!(ids.len(), 2);
    let _ = scene.run(&["rollback", &ids[0], "--yes"]).code(0);
    assert!(sandbox.world() == before);
    assert_shown!(
        scene.run(&["rollback", "20200101T000000Z-000000", "--yes"]),
        str![[r#"
------- stderr -------
error: there is no run `20200101T000000Z-000000` to take back in @@STATE@@
Nothing was changed.
hint: `sspr history` lists the runs; one that was taken back already is not taken back again
[exit status: 3]

"#]]
    );
    let taken_back = scene.run(&["rollback", &ids[1], "--yes"]).code(3);
    assert!(taken_back.stderr.contains("there is no run"), "{taken_back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_elses_edit_is_kept_or_the_way_back_is_refused() {
    let before = World::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let edit = |world: &mut World| world.policy["securityQuestions"] = json!(["theirs"]);
    sandbox.edit_as("mallory@contoso.com", edit);
    let edited = sandbox.world();
    assert_shown!(
        scene.run(&["rollback", "--yes"]),
        str![[r#"
rollback → Contoso (contoso.onmicrosoft.com, 204a15ea-fa2c-550c-86c1-f84caa53d849)

Properties
  ~ Select group: SSPR-Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73) → SSPR-Pilot-Branch (9bcfe32a-79dc-56ec-8a85-c50b1398fc1c)  [portal: group]

Authentication methods
  ~ Methods available to users: 3 methods
      + Security questions  [portal: methods.allowed]

Other fields
  ~ securityQuestions: ["theirs"] → [{"isPredefined":false,"questionText":"In welcher Straße bis…  [portal: securityQuestions]

Findings
  error changed-since [scope]: Someone else changed securityQuestions in the password reset policy; going back would undo that too. The audit log last names mallory@contoso.com at @@TIME@@.
      Change by hand what should go back, or pass --overwrite-changes.

------- stderr -------
error: the plan has 1 error
Nothing was changed.
hint: each error above says what to do about it
[exit status: 3]

"#]]
    );
    assert_eq!(scene.run(&["cleanup", "--restore", "--yes"]).code, 3);
    assert!(sandbox.world() == edited, "a refused way back wrote");
    let _ = scene.run(&["rollback", "--yes", "--overwrite-changes"]).code(0);
    assert!(sandbox.world() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_two_runs_is_someone_elses_too() {
    let sandbox = Sandbox::start(World::seeded(Seed::Configured)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    sandbox.edit(|world| world.policy["futureNested"] = json!("theirs"));
    let scene = applied(scene, &[SECOND]);
    let shown = scene.run(&["cleanup", "--restore", "--yes"]).code(3);
    assert!(shown.stdout.contains("Someone else changed futureNested"), "{shown}");
    let _ = scene.run(&["rollback", "--yes"]).code(0);
    assert_eq!(sandbox.world().policy["futureNested"], json!("theirs"), "the last run's way back keeps it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_another_version_is_not_misread() {
    let sandbox = Sandbox::start(World::seeded(Seed::Fresh)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let run = scene.state_dir().join(sandbox.world().tenant_id.to_string()).join(&run_ids(&scene)[0]);
    for (file, from, to) in [
        ("journal.jsonl", "sspr.journal/1", "sspr.journal/2"),
        ("baseline.json", "sspr.baseline/1", "sspr.baseline/9"),
        ("baseline.json", "{", "not json"),
    ] {
        let path = run.join(file);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let shown = scene.run(&["rollback", "--yes"]).code(1);
        assert!(shown.stderr.contains("cannot be used"), "{shown}");
        std::fs::write(&path, whole).unwrap();
    }
    let _ = scene.run(&["rollback", "--yes"]).code(0);
}
