//! Someone edits the tenant while a write waits: the write is never sent from the old look.

use serde_json::{Value, json};
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const VOICE: &str = "/authenticationMethodConfigurations/Voice";

/// What a write can meet and then be sent again after, `1` being its first call.
const WAITS: [&str; 6] =
    ["throttle=0 1", "throttle 1", "unavailable=0 1", "reset 1", "status=502 1", "status=408 1"];

/// One method that is on for others, and the group is added to it.
const ONE_METHOD: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  allowed: [office_phone]\n";
/// Graph's authorization policy, then the portal's policy.
const TWO_OBJECTS: &str =
    "version: 1\nnotifications:\n  admins: false\nadministrators:\n  allow_sspr: false\n";

const APPLY: [&str; 6] = ["apply", "--yes", "--pace", "1", "--wait", "1"];

type Edit = fn(&mut TenantState);

fn voice(tenant: &mut TenantState) -> &mut Value {
    let methods = tenant.methods["authenticationMethodConfigurations"].as_array_mut().unwrap();
    methods.iter_mut().find(|method| method["id"] == "Voice").unwrap()
}

fn add_their_group(tenant: &mut TenantState) {
    let target =
        json!({"id": id("Everyone at Contoso"), "targetType": "group", "isRegistrationRequired": false});
    voice(tenant)["includeTargets"].as_array_mut().unwrap().push(target);
}

fn change_questions(tenant: &mut TenantState) {
    tenant.policy["securityQuestions"] = json!(["theirs"]);
}

async fn started(seed: Seed, spec: &str) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", spec);
    (sandbox, scene)
}

fn writes(sandbox: &Sandbox, path: &str) -> usize {
    let requests = sandbox.take_requests();
    requests.iter().filter(|request| request.method != "GET" && request.target.ends_with(path)).count()
}

fn assert_says(shown: &Shown, words: &[&str], context: &str) {
    for word in words {
        assert!(shown.stderr.contains(word), "{context}: no `{word}` in\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_someone_adds_to_a_method_meanwhile_stays_and_ours_is_added_to_it() {
    for wait in WAITS {
        let (sandbox, scene) = started(Seed::Migrated, ONE_METHOD).await;
        sandbox.fail_and_edit(format!("PATCH {VOICE} {wait}").parse().unwrap(), add_their_group);
        let shown = scene.run(&APPLY).code(0);
        assert_eq!(writes(&sandbox, VOICE), 2, "{wait}\n{shown}");
        let now = voice(&mut sandbox.tenant())["includeTargets"].clone();
        let ids: Vec<&str> =
            now.as_array().unwrap().iter().filter_map(|target| target["id"].as_str()).collect();
        let (theirs, ours) = (id("Everyone at Contoso").to_string(), id("SSPR-Pilot").to_string());
        assert_eq!(ids.len(), 4, "{wait}: {ids:?}");
        assert!(ids.contains(&theirs.as_str()) && ids.contains(&ours.as_str()), "{wait}: {ids:?}");
        assert_says(&shown, &["someone else changed includeTargets", "planned its write again"], wait);
        // The way back takes out what was added, and nothing of theirs.
        sandbox.heal();
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        let mut expected = TenantState::seeded(Seed::Migrated);
        add_their_group(&mut expected);
        assert!(sandbox.tenant() == expected, "{wait}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_that_waits_takes_out_our_group_and_leaves_theirs() {
    for wait in ["throttle=0 1", "reset 1"] {
        let (sandbox, scene) = started(Seed::Migrated, ONE_METHOD).await;
        let _ = scene.run(&APPLY).code(0);
        sandbox.fail_and_edit(format!("PATCH {VOICE} {wait}").parse().unwrap(), add_their_group);
        let _ = scene.run(&["rollback", "--yes", "--pace", "1", "--wait", "1"]).code(0);
        let mut expected = TenantState::seeded(Seed::Migrated);
        add_their_group(&mut expected);
        assert!(sandbox.tenant() == expected, "{wait}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_cannot_be_gone_around_is_refused_with_its_fields() {
    for wait in WAITS {
        let (sandbox, scene) =
            started(Seed::Configured, "version: 1\nnotifications:\n  admins: false\n").await;
        sandbox.fail_and_edit(format!("PUT {POLICY} {wait}").parse().unwrap(), change_questions);
        let shown = scene.run(&APPLY).code(3);
        assert_says(
            &shown,
            &["changed since the plan was made: securityQuestions", "othing was changed"],
            wait,
        );
        assert_eq!(writes(&sandbox, POLICY), 1, "{wait}");
        let mut expected = TenantState::seeded(Seed::Configured);
        change_questions(&mut expected);
        assert!(sandbox.tenant() == expected, "{wait}: their edit is gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_write_that_landed_a_refusal_is_part_way_and_names_the_rollback() {
    let (sandbox, scene) = started(Seed::Configured, TWO_OBJECTS).await;
    sandbox.fail_and_edit(format!("PUT {POLICY} throttle=0 1").parse().unwrap(), change_questions);
    let shown = scene.run(&APPLY).code(4);
    assert_says(&shown, &["changed since the plan was made: securityQuestions", "sspr rollback"], "");
    assert!(!shown.stderr.contains("othing was changed"), "{shown}");
    assert_eq!(sandbox.tenant().authorization["allowedToUseSSPR"], json!(false));
    assert_eq!(sandbox.tenant().policy["notifyOnAdminPasswordReset"], json!(true));
    sandbox.heal();
    let _ = scene.run(&["rollback", "--yes"]).code(0);
    let mut expected = TenantState::seeded(Seed::Configured);
    change_questions(&mut expected);
    assert!(sandbox.tenant() == expected);
}

/// A method that was switched off meanwhile, or that was to be switched on, is no list to add to.
#[tokio::test(flavor = "multi_thread")]
async fn a_method_someone_switches_meanwhile_is_refused() {
    let (sandbox, scene) = started(Seed::Migrated, ONE_METHOD).await;
    let edit = |tenant: &mut TenantState| {
        add_their_group(tenant);
        voice(tenant)["state"] = json!("disabled");
    };
    sandbox.fail_and_edit(format!("PATCH {VOICE} throttle=0 1").parse().unwrap(), edit);
    let shown = scene.run(&APPLY).code(3);
    assert_says(&shown, &["changed since the plan was made: includeTargets, state"], "");
    assert_eq!(writes(&sandbox, VOICE), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn writeback_and_authorization_are_looked_at_again_too() {
    let spec = "version: 1\nwriteback:\n  enabled: true\nadministrators:\n  allow_sspr: false\n";
    let edits: [(&str, &str, Edit); 2] = [
        (
            "PUT /api/PasswordReset/OnPremisesPasswordResetPolicies",
            "cloudProvisioningEnablementForTenant",
            |tenant| {
                tenant.writeback["cloudProvisioningEnablementForTenant"] = json!(true);
            },
        ),
        ("PATCH /v1.0/policies/authorizationPolicy", "blockMsolPowerShell", |tenant| {
            tenant.authorization["blockMsolPowerShell"] = json!(true);
        }),
    ];
    for (request, field, edit) in edits {
        let (sandbox, scene) = started(Seed::Fresh, spec).await;
        sandbox.fail_and_edit(format!("{request} throttle=0 1").parse().unwrap(), edit);
        let shown = scene.run(&APPLY);
        assert_says(&shown, &[&format!("changed since the plan was made: {field}")], request);
        let path = request.split(' ').nth(1).unwrap();
        assert_eq!(writes(&sandbox, path), 1, "{request}\n{shown}");
    }
}

/// All objects are looked at before the first write, and one of the looks takes long.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_grew_old_while_another_waited_is_taken_again() {
    let spec = format!("{ONE_METHOD}notifications:\n  admins: false\n");
    let (sandbox, scene) = started(Seed::Migrated, &spec).await;
    sandbox.fail(format!("GET {POLICY} throttle=1 2").parse().unwrap());
    sandbox.fail_and_edit(format!("GET {POLICY} none 3").parse().unwrap(), add_their_group);
    let shown = scene.run(&APPLY).code(3);
    assert_says(&shown, &["changed since the plan was made: includeTargets", "othing was changed"], "");
    let mut expected = TenantState::seeded(Seed::Migrated);
    add_their_group(&mut expected);
    assert!(sandbox.tenant() == expected, "their edit is gone");
}

/// The next object is looked at while a write is read back, and reading back takes long.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_grew_old_while_a_write_was_read_back_is_taken_again() {
    let (sandbox, scene) = started(Seed::Configured, TWO_OBJECTS).await;
    // The plan's, the look before the first write, and the one that reads it back.
    let authorization = "/v1.0/policies/authorizationPolicy";
    sandbox.fail(format!("GET {authorization} throttle=1 3").parse().unwrap());
    sandbox.fail_and_edit(format!("GET {authorization} none 4").parse().unwrap(), change_questions);
    let shown = scene.run(&APPLY).code(4);
    assert_says(&shown, &["changed since the plan was made: securityQuestions"], "");
    assert_eq!(sandbox.tenant().authorization["allowedToUseSSPR"], json!(false));
    assert_eq!(sandbox.tenant().policy["securityQuestions"], json!(["theirs"]), "their edit is gone");
}

/// Someone else made the same change meanwhile, and another with it: what the service refused is not ours.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_after_the_wait_is_theirs_and_taken_only_where_nothing_else_was_edited() {
    let same: Edit = |tenant| tenant.policy["notifyOnAdminPasswordReset"] = json!(false);
    let and_more: Edit = |tenant| {
        tenant.policy["notifyOnAdminPasswordReset"] = json!(false);
        change_questions(tenant);
    };
    for (edit, code) in [(same, 0), (and_more, 1)] {
        let (sandbox, scene) =
            started(Seed::Configured, "version: 1\nnotifications:\n  admins: false\n").await;
        // What is read back at once is from before the edit.
        sandbox.fail(format!("GET {POLICY} stale 3").parse().unwrap());
        sandbox.fail_and_edit(format!("PUT {POLICY} throttle=0 1").parse().unwrap(), edit);
        let shown = scene.run(&APPLY).code(code);
        assert_eq!(writes(&sandbox, POLICY), 1, "{shown}");
        let said: &[&str] = match code {
            0 => &["someone else made this change meanwhile, so a rollback leaves it"],
            _ => &["the tenant reads back differently in securityQuestions", "othing was changed"],
        };
        assert_says(&shown, said, "");
    }
}

/// The one that writes the policy back unchanged would trample an edit as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_writing_probe_looks_again_too() {
    let (sandbox, scene) = started(Seed::Configured, ONE_METHOD).await;
    sandbox.fail_and_edit(format!("PUT {POLICY} throttle=0 1").parse().unwrap(), change_questions);
    let shown = scene.run(&["doctor", "--probe-write", "--yes", "--pace", "1"]).code(3);
    assert_says(&shown, &["changed since the plan was made: securityQuestions"], "");
    assert_eq!(sandbox.tenant().policy["securityQuestions"], json!(["theirs"]));
    assert_eq!(writes(&sandbox, POLICY), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_tried_a_bounded_number_of_times_and_each_after_a_look() {
    let (sandbox, scene) = started(Seed::Configured, "version: 1\nnotifications:\n  admins: false\n").await;
    sandbox.fail(format!("PUT {POLICY} throttle=0").parse().unwrap());
    let shown = scene.run(&APPLY).code(1);
    assert_says(&shown, &["429", "checking again", "othing was changed"], "");
    let requests = sandbox.take_requests();
    let at: Vec<usize> = (0..requests.len()).filter(|at| requests[*at].method == "PUT").collect();
    assert_eq!(at.len(), 5, "{requests:?}");
    for pair in at.windows(2) {
        let between = &requests[pair[0] + 1..pair[1]];
        assert!(between.iter().any(|request| request.target.contains(POLICY)), "{between:?}");
    }
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Configured));
    let shown = scene.run(&["apply", "--yes", "--pace", "1"]).code(1);
    assert!(shown.stderr.contains("othing was changed"), "{shown}");
}

/// Windows has no signal that a parent could send one child alone.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_the_wait_of_a_write_and_nothing_was_changed() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let (sandbox, scene) = started(Seed::Configured, "version: 1\nnotifications:\n  admins: false\n").await;
    sandbox.fail(format!("PUT {POLICY} throttle=100").parse().unwrap());
    let mut command = scene.process(&["apply", "--yes"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let said = lines.by_ref().find(|line| line.contains("checking again in 1")).unwrap();
    assert!(said.contains("429"), "{said}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("interrupted by Ctrl-C")), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("othing was changed")), "{rest:?}");
    assert_eq!(writes(&sandbox, POLICY), 1);
}

/// The Azure CLI is a program on PATH; the stand-in is a shell script that hands out the renewed token from its
/// second call for an audience on.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_token_had_to_be_renewed_follows_a_new_look() {
    let (sandbox, scene) = started(Seed::Configured, "version: 1\nnotifications:\n  admins: false\n").await;
    drop(scene);
    let scene = super::sign_in::azure_cli_scene(&sandbox)
        .file("pilot.yaml", "version: 1\nnotifications:\n  admins: false\n");
    sandbox.fail_and_edit(format!("PUT {POLICY} expired-token 1").parse().unwrap(), change_questions);
    let shown = scene.run(&APPLY).code(3);
    assert_says(&shown, &["signing in again", "changed since the plan was made: securityQuestions"], "");
    assert_eq!(writes(&sandbox, POLICY), 1);
    assert_eq!(sandbox.tenant().policy["securityQuestions"], json!(["theirs"]));
}
