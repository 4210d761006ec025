//! How a pilot stands, on one screen: the answer first, what is unknown said, nothing written.

use serde_json::{Value, json};
use snapbox::str;
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

async fn scene(seed: Seed) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    (sandbox, scene)
}

fn json_of(scene: &Scene) -> Value {
    serde_json::from_str(&scene.run(&["status", "--format", "json"]).code(0).stdout).unwrap()
}

#[test]
fn a_tenant_that_nothing_was_applied_to_says_so_and_what_comes_next() {
    assert_shown!(
        Scene::new().example("pilot.yaml").run(&["status", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Password reset is off in Contoso

Since:     unknown (no run of this machine set it, and the last 30 days of the audit log do not show it)
People:    2 of 4 who can be are ready (50 %), 1 unknown; 8 people in SSPR-Pilot, 4 left out
Resets:    none in the last 7 days, in the whole tenant
Settings:  Contoso differs from pilot.yaml in 8 settings; who is ready is judged by the file
Next date: 1 February 2027: SMS and voice calls sent by Microsoft end in the public cloud. No one who is ready relies on phones alone.
Last run:  never applied from here

Next: sspr plan pilot.yaml --sandbox
[exit status: 0]

"#]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_line_is_the_answer_and_looking_writes_nothing() {
    let (sandbox, scene) = scene(Seed::Fresh).await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.take_requests();
    assert_shown!(
        scene.run(&["status"]),
        str![[r#"
Password reset is on for SSPR-Pilot in Contoso, since @@TIME@@ UTC by sandbox.admin@contoso.onmicrosoft.com

People:    2 of 4 who can be are ready (50 %), 1 unknown; 8 people in SSPR-Pilot, 4 left out
Resets:    none in the last 7 days, in the whole tenant
Settings:  Contoso matches pilot.yaml
Next date: 1 February 2027: SMS and voice calls sent by Microsoft end in the public cloud. No one who is ready relies on phones alone.
Last run:  @@TIME@@ UTC, done, in effect: 8 changes from pilot.yaml, by sandbox.admin@contoso.onmicrosoft.com (@@RUN@@)

Next: sspr people pilot.yaml --only nudge
[exit status: 0]

"#]]
    );
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
    let page = scene.run(&["status", "--format", "markdown"]).code(0);
    assert!(
        page.stdout.contains("### sspr status: password reset is on for `SSPR-Pilot` in `Contoso`"),
        "{page}"
    );
    assert!(!page.stdout.contains("sandbox.admin"), "a page names no one\n{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_form_has_every_fact() {
    let (_sandbox, scene) = scene(Seed::Fresh).await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let status = json_of(&scene);
    assert_eq!((&status["format"], &status["rings"]), (&json!("sspr.status/1"), &Value::Null));
    let reset = &status["reset"];
    assert_eq!((&reset["state"], &reset["reaches_group"]), (&json!("groups"), &json!(true)));
    assert_eq!(reset["groups"], json!([{"id": id("SSPR-Pilot"), "name": "SSPR-Pilot"}]));
    assert_eq!(reset["since"]["by"], json!(["sandbox.admin@contoso.onmicrosoft.com"]));
    assert_eq!(status["people"]["members"], 8);
    assert_eq!(
        (&status["people"]["adoption"]["ready"], &status["people"]["adoption"]["can_be"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(status["resets"], json!({"days": 7, "log": "whole", "done": 0, "failed": 0}));
    assert_eq!(status["next"][0]["code"], "sms-voice-retire");
    assert_eq!((&status["last_run"]["changes"], &status["last_run"]["outcome"]), (&json!(8), &json!("done")));
    assert_eq!(status["spec"], json!({"path": "pilot.yaml", "pending_changes": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_switched_it_to_another_group_and_when_is_told_from_the_audit_log() {
    let (sandbox, scene) = scene(Seed::Fresh).await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.edit_as("ivo@contoso.com", |tenant| {
        tenant.policy["passwordResetEnabledGroupIds"] = json!([id("SSPR-Pilot-Branch")]);
    });
    let shown = scene.run(&["status"]).code(0);
    let first = shown.stdout.lines().next().unwrap();
    assert_eq!(
        first,
        "Password reset is on for SSPR-Pilot-Branch in Contoso, not for SSPR-Pilot, since @@TIME@@ UTC by ivo@contoso.com"
    );
    assert!(shown.stdout.contains("Contoso differs from pilot.yaml in 1 setting"), "{shown}");
    assert!(shown.stdout.contains("Next: sspr plan pilot.yaml"), "{shown}");
    let reset = json_of(&scene)["reset"].take();
    assert_eq!((&reset["since"]["witness"], &reset["reaches_group"]), (&json!("audit-log"), &Value::Null));
    sandbox.edit_as("ivo@contoso.com", |tenant| tenant.policy["enablementType"] = json!(2));
    let shown = scene.run(&["status"]).code(0);
    assert!(
        shown.stdout.starts_with("Password reset is on for everyone in Contoso, since @@TIME@@ UTC by ivo"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_unknown_and_said() {
    let (sandbox, scene) = scene(Seed::Fresh).await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let members = format!("GET /v1.0/groups/{}/transitiveMembers status=403", id("SSPR-Pilot"));
    let with = |rule: &str| {
        sandbox.heal();
        sandbox.fail(rule.parse().unwrap());
        (scene.run(&["status"]).code(0), json_of(&scene))
    };
    let (shown, status) = with("GET /v1.0/auditLogs status=403");
    assert!(shown.stdout.contains("Resets:      unknown (the audit log was not read)"), "{shown}");
    assert!(shown.stdout.contains("Last change: unknown (AuditLog.Read.All"), "{shown}");
    assert_eq!((&status["resets"]["done"], &status["resets"]["log"]), (&Value::Null, &json!("unread")));
    assert_eq!(status["reset"]["since"]["witness"], "journal", "this machine knows who it was");
    let (shown, status) = with("GET /v1.0/reports status=403");
    assert!(shown.stdout.contains("who is ready is unknown; 8 people in SSPR-Pilot, 4 left out"), "{shown}");
    assert_eq!(status["people"]["adoption"]["ready"], 0);
    assert_eq!(status["people"]["is_registration_read"], false);
    let (shown, status) = with(&members);
    assert!(shown.stdout.contains("People:    unknown ("), "{shown}");
    assert_eq!(status["people"], Value::Null);
    sandbox.heal();
    let shown = scene.run(&["status", "--graph-only"]).code(0);
    let first =
        "Unknown whether password reset is on in Contoso: the admin centre was left out by --graph-only\n";
    assert!(shown.stdout.starts_with(first), "{shown}");
    assert!(
        shown.stdout.contains("Graph's half of Contoso matches pilot.yaml; the portal half was not read"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_records_and_a_log_without_the_change_know_no_since() {
    let (_sandbox, scene) = scene(Seed::Configured).await;
    let status = json_of(&scene);
    assert!(
        status["reset"]["since"]["unknown"].as_str().unwrap().starts_with("no run of this machine set it")
    );
    assert_eq!(status["last_run"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_out_shows_each_ring_in_a_line_and_what_the_next_one_waits_for() {
    let (_sandbox, scene) = scene(Seed::Rings).await;
    let spec = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\nrollout:\n  open: 1\n  rings:\n    \
        - group: SSPR-Ring-IT\n    - group: SSPR-Ring-Office\n      after: {ready: 80%, days: 7}\n";
    let scene = scene.file("pilot.yaml", spec);
    let _ = scene.run(&["apply", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["status"]),
        str![[r#"
Password reset is on for SSPR-Pilot in Contoso, since @@TIME@@ UTC by sandbox.admin@contoso.onmicrosoft.com

People:    7 of 7 who can be are ready (100 %); 8 people in SSPR-Pilot, 1 left out
Rings:     1 of 2 open
Resets:    none in the last 7 days, in the whole tenant
Settings:  Contoso matches pilot.yaml
Next date: 1 February 2027: SMS and voice calls sent by Microsoft end in the public cloud. No one who is ready relies on phones alone.
Last run:  @@TIME@@ UTC, done, in effect: 6 changes from pilot.yaml, by sandbox.admin@contoso.onmicrosoft.com (@@RUN@@)

RING              OPEN SINCE  PEOPLE  READY      RESETS  GATE
SSPR-Ring-IT      2026-11-22  7       6 (100 %)  0
SSPR-Ring-Office  –           11      7 (70 %)   –       0 of 7 days

Not yet: 0 of 7 days. When the gate holds, set rollout.open: 2 in pilot.yaml.
[exit status: 0]

"#]]
    );
    let of = |args: &[&str]| -> Value { serde_json::from_str(&scene.run(args).code(0).stdout).unwrap() };
    let rings = of(&["rings", "--format", "json"])["rings"].take();
    assert_eq!(rings[0]["group"]["name"], "SSPR-Ring-IT");
    assert_eq!(of(&["status", "--format", "json"])["rings"], rings);
    assert_eq!(of(&["report", "--format", "json"])["rings"], rings);
}
