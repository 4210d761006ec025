//! The process is killed at every request it makes, before the service acts on it and after: then the next run
//! converges, and nothing that was not planned has moved.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use sspr::sandbox::{Sandbox, Seed, TenantState};
use uuid::Uuid;

use crate::common::Scene;

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone, mobile_app_code]\n\
                    registration:\n  required: true\nnotifications:\n  admins: true\nadministrators:\n  allow_sspr: false\n\
                    writeback:\n  enabled: true\n  unlock: true\n";

/// The spec for a seed: one that has rings opens two of them too.
pub(super) fn spec_for(seed: Seed) -> String {
    const ROLLOUT: &str = "rollout:\n  open: 2\n  rings: [{group: SSPR-Ring-IT}, {group: SSPR-Ring-Office}, {group: SSPR-Ring-All}]\n";
    if seed == Seed::Rings { format!("{SPEC}{ROLLOUT}") } else { SPEC.to_owned() }
}

/// A fault that keeps a request waiting for ever: before the service has acted on it, or after.
const HOLDS: [&str; 2] = ["hang", "landed-then-hang"];

pub(super) fn spawn(scene: &Scene, args: &[&str]) -> Child {
    let mut command = scene.process(args);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Runs until the sandbox holds a request, and kills there. Returns whether it was killed; a run that ended by
/// itself never made that request.
pub(super) async fn killed_while_held(sandbox: &Sandbox, child: &mut Child) -> bool {
    loop {
        if sandbox.is_held_up() {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        // Often enough to lose no time, seldom enough to leave the processor to the child.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The same run, unharmed: where every interrupted one must end up.
pub(super) async fn unharmed(seed: Seed, commands: &[&[&str]]) -> TenantState {
    let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", spec_for(seed));
    for args in commands {
        assert_eq!(scene.run(args).code, 0, "{args:?}");
    }
    sandbox.tenant()
}

/// Kills `args` at its n-th request of a method (`*` for any) for every n there is, and returns at how many it
/// was killed.
async fn kill_everywhere(seed: Seed, before: &[&[&str]], args: &[&str], method: &str, hold: &str) -> usize {
    let tenant = TenantState::seeded(seed);
    let started_from = unharmed(seed, before).await;
    let ends_at = unharmed(seed, &[before, &[args]].concat()).await;
    for at in 1.. {
        let sandbox = Sandbox::start(tenant.clone()).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", spec_for(seed));
        for args in before {
            assert_eq!(scene.run(args).code, 0, "{args:?}");
        }
        sandbox.fail(format!("{method} / {hold} {at}").parse().unwrap());
        let mut child = spawn(&scene, args);
        if !killed_while_held(&sandbox, &mut child).await {
            assert!(sandbox.tenant() == ends_at, "{seed:?} {args:?} {hold}: not killed, and not done");
            return at - 1;
        }
        sandbox.heal();
        let context = format!("{seed:?} {args:?} {hold} at request {at}");
        let is_before_a_write = method != "*" && before.is_empty();
        assert_baseline_tells(&scene, &tenant, is_before_a_write, &context);
        assert_between(&started_from, &sandbox.tenant(), &ends_at);
        let again = scene.run(args);
        assert_eq!(again.code, 0, "{context}\n{again}");
        assert!(sandbox.tenant() == ends_at, "{context} does not converge");
        assert_baseline_tells(&scene, &tenant, true, &context);
    }
    unreachable!("a run makes finitely many requests")
}

/// Every field is as before or as planned, never anything else, and never gone.
pub(super) fn assert_between(before: &TenantState, now: &TenantState, after: &TenantState) {
    for (before, now, after) in [
        (&before.policy, &now.policy, &after.policy),
        (&before.writeback, &now.writeback, &after.writeback),
        (&before.authorization, &now.authorization, &after.authorization),
    ] {
        for (name, value) in now.as_object().unwrap() {
            assert!(*value == before[name] || *value == after[name], "{name} became {value}");
        }
        assert_eq!(before.as_object().unwrap().len(), now.as_object().unwrap().len(), "a field came or went");
    }
    for ((before, now), after) in before.groups.iter().zip(&now.groups).zip(&after.groups) {
        let is_known = |id| before.members.contains(id) || after.members.contains(id);
        assert!(now.members.iter().all(is_known), "{} got a member that was not planned", now.name);
        let stays = |id: &&Uuid| after.members.contains(id);
        assert!(
            before.members.iter().filter(stays).all(|id| now.members.contains(id)),
            "{} lost a member",
            now.name
        );
    }
    let configurations = |tenant: &TenantState| {
        tenant.methods["authenticationMethodConfigurations"].as_array().unwrap().clone()
    };
    let (before, now, after) = (configurations(before), configurations(now), configurations(after));
    assert_eq!((before.len(), now.len()), (now.len(), after.len()), "a method came or went");
    for (now, (before, after)) in now.iter().zip(before.iter().zip(&after)) {
        assert!(
            now == before || now == after,
            "a method became neither what it was nor what was planned: {now}"
        );
    }
}

/// The oldest baseline on disk holds every object of its run as it was before anything was written. Where no
/// write can have been sent there may be none; where one was, there must be.
pub(super) fn assert_baseline_tells(scene: &Scene, before: &TenantState, is_needed: bool, context: &str) {
    let tenant = scene.state_dir().join(before.tenant_id.to_string());
    let entries = std::fs::read_dir(&tenant).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut baselines: Vec<_> =
        entries.map(|run| run.join("baseline.json")).filter(|path| path.is_file()).collect();
    baselines.sort();
    let Some(first) = baselines.first() else {
        assert!(!is_needed, "{context}: something was sent, and there is no baseline");
        return;
    };
    let baseline: Value = serde_json::from_slice(&std::fs::read(first).unwrap()).unwrap();
    let objects = baseline["objects"].as_object().unwrap();
    assert!(objects.contains_key("PasswordResetPolicies"), "{context}: {objects:?}");
    for (name, object) in objects {
        let mut object = object.clone();
        let was = match name.as_str() {
            "PasswordResetPolicies" => {
                // What the service works out itself is not stored.
                object["passwordResetEnabledGroupName"] =
                    before.policy["passwordResetEnabledGroupName"].clone();
                &before.policy
            }
            "OnPremisesPasswordResetPolicies" => &before.writeback,
            "authorizationPolicy" => &before.authorization,
            membership if membership.starts_with("groups/") => {
                let ids: Vec<&str> = membership.split('/').collect();
                let group = before.group(ids[1].parse().unwrap()).unwrap();
                assert_eq!(object["isMember"], group.members.contains(&ids[3].parse().unwrap()), "{context}");
                continue;
            }
            method => {
                let methods = before.methods["authenticationMethodConfigurations"].as_array().unwrap();
                let id = method.split('/').next_back().unwrap();
                &as_told(methods.iter().find(|method| method["id"] == id).unwrap())
            }
        };
        let fields = object.as_object_mut().unwrap();
        fields.retain(|name, _| name != "@odata.context");
        assert_eq!(&object, was, "{context}: the first baseline is not the first state of {name}");
    }
}

/// v1.0 has no word of the feature that was retired.
fn as_told(method: &Value) -> Value {
    let mut method = method.clone();
    if let Some(features) = method.get_mut("featureSettings").and_then(Value::as_object_mut) {
        features.remove("numberMatchingRequiredState");
    }
    method
}

#[tokio::test(flavor = "multi_thread")]
async fn apply_killed_at_any_request_loses_nothing_and_converges() {
    let killed = kill_everywhere(Seed::Configured, &[], &["apply", "--yes"], "*", "hang").await;
    assert!(killed >= 20, "only {killed} requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn apply_killed_at_any_write_on_any_seed_loses_nothing_and_converges() {
    for seed in Seed::ALL {
        for hold in HOLDS {
            let put = kill_everywhere(seed, &[], &["apply", "--yes"], "PUT", hold).await;
            let patch = kill_everywhere(seed, &[], &["apply", "--yes"], "PATCH", hold).await;
            assert!(put >= 2 && patch >= 1, "{seed:?} {hold}: only {put} and {patch} writes");
            if seed == Seed::Rings {
                let post = kill_everywhere(seed, &[], &["apply", "--yes"], "POST", hold).await;
                assert_eq!(post, 2, "{hold}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_killed_at_any_request_loses_nothing_and_converges() {
    for hold in HOLDS {
        let killed =
            kill_everywhere(Seed::Configured, &[&["apply", "--yes"]], &["cleanup", "--yes"], "*", hold).await;
        assert!(killed >= 4, "{hold}: only {killed} requests");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rollback_killed_at_any_write_loses_nothing_and_converges() {
    for args in [&["rollback", "--yes"][..], &["cleanup", "--restore", "--yes"]] {
        for hold in HOLDS {
            for (seed, method) in
                [(Seed::Configured, "PUT"), (Seed::Configured, "PATCH"), (Seed::Rings, "DELETE")]
            {
                let killed = kill_everywhere(seed, &[&["apply", "--yes"]], args, method, hold).await;
                assert!(killed >= 1, "{args:?} {hold}: no {method}");
            }
        }
    }
}
