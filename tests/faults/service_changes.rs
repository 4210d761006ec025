//! What the service changes by itself is no one's edit: stamps, fields that differ at every read, fields that come
//! and go.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const SPEC: &str = "version: 1\nnotifications:\n  admins: false\n";
const OTHER: &str = "version: 1\nnotifications:\n  admins: false\nregistration:\n  reconfirm_days: 30\n";

async fn started() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    (sandbox, scene)
}

/// Lets the service do something to the policy with every request of a method.
fn at_every(sandbox: &Sandbox, method: &str, change: impl Fn(&mut Value, u32) + Send + Sync + 'static) {
    let turn = AtomicU32::new(0);
    sandbox.fail_and_edit(format!("{method} {POLICY} none").parse().unwrap(), move |tenant| {
        change(&mut tenant.policy, turn.fetch_add(1, Ordering::Relaxed));
    });
}

/// Compares the policy with the seed's, a few fields of the service's own left out.
#[track_caller]
fn assert_as_seeded(sandbox: &Sandbox, besides: &[&str]) {
    let (mut now, mut seeded) = (sandbox.tenant().policy, TenantState::seeded(Seed::Configured).policy);
    for policy in [&mut now, &mut seeded] {
        policy.as_object_mut().unwrap().retain(|name, _| !besides.contains(&name.as_str()));
    }
    assert_eq!(now, seeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_the_service_stamps_on_write_never_stops_the_rollback() {
    for is_new in [true, false] {
        let (sandbox, scene) = started().await;
        if !is_new {
            sandbox.edit(|tenant| tenant.policy["lastModified"] = json!("2026-01-01"));
        }
        at_every(&sandbox, "PUT", |policy, turn| {
            policy["lastModified"] = json!(format!("2026-11-{turn:02}"))
        });
        let shown = scene.run(&["apply", "--yes"]).code(0);
        assert!(shown.stdout.contains("the service itself also changed lastModified"), "{shown}");
        std::fs::write(scene.path().join("pilot.yaml"), OTHER).unwrap();
        let _ = scene.run(&["apply", "--yes"]).code(0);
        // Stamped once more by what someone did and undid.
        sandbox.edit(|tenant| tenant.policy["lastModified"] = json!("2026-12-24"));
        let shown = scene.run(&["rollback", "--yes"]).code(0);
        assert!(shown.stdout.contains("Applied"), "{shown}");
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert_as_seeded(&sandbox, &["lastModified"]);
    }
}

/// An edit of anything else is still an edit.
#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_does_not_hide_an_edit() {
    let (sandbox, scene) = started().await;
    at_every(&sandbox, "PUT", |policy, turn| policy["lastModified"] = json!(turn));
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.edit(|tenant| tenant.policy["futureNested"] = json!("theirs"));
    let shown = scene.run(&["rollback", "--yes"]).code(3);
    assert!(shown.stdout.contains("Someone else changed futureNested in"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_differs_at_every_read_stops_nothing_and_is_said() {
    for (seed, change) in [
        (json!(0), (|policy: &mut Value, turn: u32| policy["etag"] = json!(turn + 1)) as fn(&mut Value, u32)),
        // One answer has it, the next lacks it.
        (json!("here"), |policy, turn| match turn % 2 {
            0 => drop(policy.as_object_mut().unwrap().remove("etag")),
            _ => policy["etag"] = json!("here"),
        }),
    ] {
        let (sandbox, scene) = started().await;
        sandbox.edit(|tenant| tenant.policy["etag"] = seed);
        at_every(&sandbox, "GET", change);
        let shown = scene.run(&["apply", "--yes"]).code(0);
        assert!(
            shown.stdout.contains("etag differs from one read of PasswordResetPolicies to the next"),
            "{shown}"
        );
        assert_eq!(sandbox.tenant().policy["notifyOnAdminPasswordReset"], json!(false));
        let journal = journals(&scene);
        assert!(journal.contains(r#""volatile":["etag"]"#), "{journal}");
        let _ = scene.run(&["plan", "--detailed-exitcode"]).code(0);
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert_as_seeded(&sandbox, &["etag"]);
        let _ = scene.run(&["cleanup", "--yes"]).code(0);
        let _ = scene.run(&["cleanup", "--restore", "--yes"]).code(0);
        assert_as_seeded(&sandbox, &["etag"]);
    }
}

fn journals(scene: &Scene) -> String {
    let tenant = scene.state_dir().join(TenantState::seeded(Seed::Configured).tenant_id.to_string());
    let runs = std::fs::read_dir(tenant).unwrap().map(|run| run.unwrap().path().join("journal.jsonl"));
    runs.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

/// A field whose meaning is known is never the service's clock: that it differs is an edit.
#[tokio::test(flavor = "multi_thread")]
async fn a_documented_field_that_differs_is_an_edit_however_often_it_does() {
    let (sandbox, scene) = started().await;
    at_every(&sandbox, "GET", |policy, turn| policy["skipRegistrationMaxAllowedDays"] = json!(turn));
    let shown = scene.run(&["apply", "--yes"]).code(3);
    assert!(
        shown.stderr.contains("changed since the plan was made: skipRegistrationMaxAllowedDays"),
        "{shown}"
    );
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
}

/// What no one documents and someone changed once stays changed: an edit.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_that_changed_once_is_an_edit() {
    let (sandbox, scene) = started().await;
    sandbox.fail_and_edit(format!("GET {POLICY} none 1").parse().unwrap(), |tenant| {
        tenant.policy["futureNested"] = json!("theirs");
    });
    let shown = scene.run(&["apply", "--yes"]).code(3);
    assert!(shown.stderr.contains("changed since the plan was made: futureNested"), "{shown}");
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unmanaged_field_that_vanishes_on_write_is_part_way_and_comes_back() {
    for field in ["futureNested", "skipRegistrationMaxAllowedDays"] {
        let (sandbox, scene) = started().await;
        at_every(&sandbox, "PUT", move |policy, _| {
            policy.as_object_mut().unwrap().remove(field);
        });
        let shown = scene.run(&["apply", "--yes", "--wait", "1"]).code(4);
        assert!(shown.stderr.contains(&format!("dropped {field} of PasswordResetPolicies")), "{shown}");
        assert!(shown.stderr.contains("sspr rollback"), "{shown}");
        // The way back puts it back, where the service lets it.
        sandbox.heal();
        let shown = scene.run(&["rollback", "--yes"]).code(0);
        assert_as_seeded(&sandbox, &[]);
        assert!(shown.stdout.contains("Applied"), "{shown}");
    }
}

/// Null says as much as nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_null_that_vanishes_is_a_note() {
    let (sandbox, scene) = started().await;
    sandbox.edit(|tenant| tenant.policy["futureNull"] = Value::Null);
    at_every(&sandbox, "PUT", |policy, _| {
        policy.as_object_mut().unwrap().remove("futureNull");
    });
    let shown = scene.run(&["apply", "--yes"]).code(0);
    assert!(shown.stdout.contains("the service itself also changed futureNull"), "{shown}");
    let _ = scene.run(&["rollback", "--yes"]).code(0);
    assert_as_seeded(&sandbox, &["futureNull"]);
}

/// `accountUnlockEnabled` takes a write of its own after `enablementForTenant`, on the object the first one stamped.
#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_by_our_own_first_write_does_not_stop_our_second() {
    let (sandbox, scene) = started().await;
    let scene = scene.file("pilot.yaml", "version: 1\nwriteback:\n  enabled: true\n  unlock: true\n");
    let turn = AtomicU32::new(0);
    sandbox.fail_and_edit("PUT /OnPremisesPasswordResetPolicies none".parse().unwrap(), move |tenant| {
        tenant.writeback["changedAt"] = json!(turn.fetch_add(1, Ordering::Relaxed));
    });
    let _ = scene.run(&["apply", "--yes"]).code(0);
    assert_eq!(sandbox.tenant().writeback["accountUnlockEnabled"], json!(true));
    let _ = scene.run(&["rollback", "--yes"]).code(0);
    assert_eq!(sandbox.tenant().writeback["accountUnlockEnabled"], json!(false));
}

/// Where a field no one documents is all there is to write, it alone tells whether the write landed.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_of_unknown_fields_alone_that_did_not_land_is_not_taken_for_done() {
    let (sandbox, scene) = started().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    // Someone took the change back by hand, and changed another field.
    sandbox.edit(|tenant| {
        tenant.policy = TenantState::seeded(Seed::Configured).policy;
        tenant.policy["futureNested"] = json!("theirs");
    });
    let back = ["rollback", "--yes", "--overwrite-changes", "--pace", "1", "--wait", "0"];
    for (fault, code) in [("status=403", 77), ("status=409", 1), ("lying-success", 4)] {
        sandbox.fail(format!("PUT {POLICY} {fault}").parse().unwrap());
        let shown = scene.run(&back).code(code);
        assert_eq!(shown.stderr.contains("othing was changed"), code != 4, "{fault}\n{shown}");
        if code == 4 {
            assert!(shown.stderr.contains("as before the write in futureNested"), "{fault}\n{shown}");
        }
        sandbox.heal();
    }
    let _ = scene.run(&back).code(0);
    assert_as_seeded(&sandbox, &[]);
}

/// What the service drops for good stops neither the rest of the way back nor its good end.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_the_service_dropped_for_good_does_not_block_the_rollback() {
    for field in ["futureNested", "skipRegistrationMaxAllowedDays"] {
        for way in 0..3 {
            let (sandbox, scene) = started().await;
            let scene = scene.file(
                "pilot.yaml",
                "version: 1\nnotifications:\n  admins: false\nadministrators:\n  allow_sspr: false\n",
            );
            at_every(&sandbox, "PUT", move |policy, _| {
                policy.as_object_mut().unwrap().remove(field);
            });
            let _ = scene.run(&["apply", "--yes", "--wait", "1"]).code(4);
            let history = scene.command(&["history", "--format", "json"]).output().unwrap();
            let history: Value = serde_json::from_slice(&history.stdout).unwrap();
            let id = history["runs"][0]["id"].as_str().unwrap();
            let ways = [vec!["rollback"], vec!["rollback", id], vec!["cleanup", "--restore"]];
            let shown = scene.run(&[&ways[way][..], &["--yes", "--wait", "1"]].concat()).code(0);
            let said = format!("  dropped-by-service  The service dropped {field} of PasswordResetPolicies");
            assert!(shown.stdout.contains(&said), "{shown}");
            assert!(shown.stdout.contains("and may drop it again"), "{shown}");
            assert_eq!(shown.stdout.contains("which sspr does not know"), field == "futureNested", "{shown}");
            assert_as_seeded(&sandbox, &[field]);
            assert_eq!(sandbox.tenant().authorization, TenantState::seeded(Seed::Configured).authorization);
            let shown = scene.run(&["rollback", "--yes"]).code(0);
            assert!(shown.stdout.contains("there is nothing to roll back"), "{shown}");
        }
    }
}

/// No one can tell the service's stamp from an edit of the same moment, so it is named before it is written over.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_moved_along_with_a_write_is_named_before_it_goes_back() {
    let (sandbox, scene) = started().await;
    sandbox.edit(|tenant| tenant.policy["futureNumber"] = json!(5));
    at_every(&sandbox, "PUT", |policy, _| policy["futureNumber"] = json!(9));
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let shown = scene.run(&["rollback", "--yes"]).code(0);
    let said = "  moved-along  futureNumber of PasswordResetPolicies changed during a write";
    assert!(shown.stdout.contains(said), "{shown}");
    let is_it = |line: &str| line.starts_with("  ~ futureNumber ") && line.ends_with(" 9 → 5");
    assert!(shown.stdout.lines().any(is_it), "{shown}");
}
