//! A saved plan does what was reviewed, and nothing else.

use serde_json::{Value, json};
use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\nnotifications:\n  admins: true\n";

async fn reviewed() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    assert_eq!(scene.run(&["plan", "--out", "plan.json"]).code, 0);
    (sandbox, scene)
}

fn edit(scene: &Scene, change: impl FnOnce(&mut Value)) {
    let path = scene.path().join("plan.json");
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut document);
    std::fs::write(path, document.to_string()).unwrap();
}

fn writes(sandbox: &Sandbox) -> usize {
    sandbox.take_requests().iter().filter(|request| request.method != "GET").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewed_plan_is_applied_and_a_second_time_is_already_there() {
    let (sandbox, scene) = reviewed().await;
    assert_eq!(scene.run(&["apply", "plan.json", "--yes"]).code, 0);
    assert_eq!(sandbox.tenant().policy["enablementType"], json!(1));
    sandbox.take_requests();
    assert_eq!(scene.run(&["apply", "plan.json", "--yes"]).code, 0);
    assert_eq!(writes(&sandbox), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_already_there_is_left_out_and_unmanaged_drift_is_no_reason_to_stop() {
    let (sandbox, scene) = reviewed().await;
    sandbox.edit(|tenant| {
        tenant.policy["notifyOnAdminPasswordReset"] = json!(true);
        tenant.policy["securityQuestions"] = json!(["someone else's"]);
    });
    let shown = scene.run(&["apply", "plan.json", "--yes"]).code(0);
    assert!(shown.stdout.contains("Applied 3 changes"), "{shown}");
    assert_eq!(sandbox.tenant().policy["securityQuestions"], json!(["someone else's"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn anything_that_was_not_reviewed_is_refused_with_the_difference() {
    let (sandbox, scene) = reviewed().await;
    sandbox.edit(|tenant| {
        tenant.policy["enablementType"] = json!(2);
        tenant.policy["notifyOnAdminPasswordReset"] = json!(true);
    });
    assert_shown!(
        scene.run(&["apply", "plan.json", "--yes"]),
        str![[r#"
------- stderr -------
error: the plan is no longer what was reviewed: scope was "none" → "selected", is now "all" → "selected"
Nothing was changed.
hint: make and review a new plan: `sspr plan --out FILE`
[exit status: 3]

"#]]
    );
    // Reviewed when there was nothing to do about it.
    sandbox.edit(|tenant| tenant.policy["notifyOnAdminPasswordReset"] = json!(true));
    assert_eq!(scene.run(&["plan", "--out", "plan.json"]).code, 0);
    sandbox.edit(|tenant| tenant.policy["notifyOnAdminPasswordReset"] = json!(false));
    let shown = scene.run(&["apply", "plan.json", "--yes"]).code(3);
    assert!(shown.stderr.contains("notifications.admins is now also false → true"), "{shown}");
    assert_eq!(writes(&sandbox), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_not_what_was_saved_is_refused_and_sends_nothing() {
    let (sandbox, scene) = reviewed().await;
    sandbox.take_requests();
    let saved = std::fs::read_to_string(scene.path().join("plan.json")).unwrap();
    let restore = || std::fs::write(scene.path().join("plan.json"), &saved).unwrap();
    let refused = |why: &str| {
        let shown = scene.run(&["apply", "plan.json", "--yes"]).code(3);
        assert!(shown.stderr.contains(why), "{why}\n{shown}");
        assert!(shown.stderr.contains("Nothing was changed."), "{shown}");
        restore();
    };
    edit(&scene, |plan| plan["changes"] = json!([]));
    refused("was edited after it was made");
    edit(&scene, |plan| plan["format"] = json!("sspr.plan/2"));
    refused("has the format sspr.plan/2");
    edit(&scene, |plan| {
        plan.as_object_mut().unwrap().remove("digest");
    });
    refused("was edited after it was made");
    std::fs::write(scene.path().join("plan.json"), &saved[..saved.len() / 2]).unwrap();
    refused("cannot be read");
    std::fs::write(scene.path().join("pilot.yaml"), SPEC.replace("required: 1", "required: 2")).unwrap();
    refused("pilot.yaml changed since the plan was made");
    assert_eq!(sandbox.take_requests(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_another_tenant_or_too_old_is_refused() {
    let (sandbox, scene) = reviewed().await;
    let mut elsewhere = TenantState::seeded(Seed::Fresh);
    elsewhere.tenant_id = uuid::Uuid::from_u128(7);
    let elsewhere = Sandbox::start(elsewhere).await.unwrap();
    let scene = scene.at(&elsewhere);
    let shown = scene.run(&["apply", "plan.json", "--yes"]).code(3);
    assert!(
        shown.stderr.contains("but you are signed in to 00000000-0000-0000-0000-000000000007"),
        "{shown}"
    );
    let scene = scene.at(&sandbox);
    let late = |extra: &[&str]| {
        let args = [&["apply", "plan.json", "--yes"], extra].concat();
        scene.command_on(jiff::civil::date(2026, 12, 1), &args).output().unwrap().status.code()
    };
    assert_eq!(late(&[]), Some(3));
    assert_eq!(writes(&sandbox), 0);
    assert_eq!(late(&["--max-age", "9"]), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_file_cannot_make_sspr_show_another_file() {
    let (sandbox, scene) = reviewed().await;
    let scene = scene.file("secret.txt", "password: hunter2\n");
    edit(&scene, |plan| {
        plan["spec"]["path"] = json!("secret.txt");
        plan["digest"] = json!(sspr::plan::digest(plan));
    });
    let shown = scene.run(&["apply", "plan.json", "--yes"]).code(3);
    assert!(!shown.to_string().contains("hunter2"), "{shown}");
    drop(sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_holds_no_token_and_no_persons_name() {
    let (sandbox, scene) = reviewed().await;
    let saved = std::fs::read_to_string(scene.path().join("plan.json")).unwrap();
    for secret in [sandbox.graph_token(), sandbox.portal_token(), "eyJ"] {
        assert!(!saved.contains(secret));
    }
    for user in &sandbox.tenant().users {
        assert!(!saved.contains(&user.name) && !saved.contains(&user.alias), "{}", user.name);
    }
}

#[test]
fn each_guard_names_the_flag_that_lifts_it() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 2\n");
    assert_eq!(scene.run(&["sandbox", "reset", "--seed", "configured"]).code, 0);
    for (lifted, flag) in
        [(&[][..], "--max-people 8"), (&["--max-people", "8"][..], "--allow-raising-required")]
    {
        let mut args = vec!["apply", "--sandbox", "--yes"];
        args.extend(if lifted.is_empty() { &["--max-people", "7"][..] } else { lifted });
        let shown = scene.run(&args).code(3);
        assert!(shown.stdout.contains(flag), "{shown}");
    }
    let args = ["apply", "--sandbox", "--yes", "--max-people", "8", "--allow-raising-required"];
    assert_eq!(scene.run(&args).code, 0);
    assert_eq!(
        scene.run(&["plan", "--sandbox", "--max-people", "1"]).code,
        0,
        "nothing changes, nothing to guard"
    );
}

/// Some of the pilot's people registered a phone and nothing else that counts.
#[test]
fn people_who_would_fall_off_are_counted_and_guarded() {
    let phones = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\n";
    let scene = Scene::new().file("pilot.yaml", phones);
    assert_eq!(scene.run(&["sandbox", "reset", "--seed", "configured"]).code, 0);
    assert_eq!(scene.run(&["apply", "--sandbox", "--yes"]).code, 0);
    let scene = scene.file("pilot.yaml", phones.replace("mobile_phone", "mobile_app_code"));
    let shown = scene.run(&["plan", "--sandbox", "--format", "json"]).code(3);
    let plan: Value = serde_json::from_str(&shown.stdout).unwrap();
    let locked_out = plan["people"]["stranded"].as_u64().unwrap();
    assert_eq!(plan["people"]["locked_out"], locked_out, "both names stand for one count: {plan}");
    assert!(locked_out > 0, "{plan}");
    let finding =
        plan["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "people-stranded");
    assert!(finding.unwrap()["message"].as_str().unwrap().starts_with(&locked_out.to_string()), "{plan}");
    assert_eq!(scene.run(&["apply", "--sandbox", "--yes"]).code, 3);
    assert_eq!(scene.run(&["apply", "--sandbox", "--yes", "--allow-lockout"]).code, 0);
    let shown = scene.run(&["plan", "--sandbox", "--format", "json"]).code(0);
    let plan: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert!(plan["people"]["stranded"].is_null(), "nothing that matters to people changes");
}

/// Dropping every method someone has takes the ability to reset from them: the guard is the same.
#[tokio::test(flavor = "multi_thread")]
async fn dropping_every_method_someone_has_is_refused_and_names_the_flag() {
    let allowing = |methods: &str| {
        format!("version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [{methods}]\n")
    };
    for (registered, after, count) in [
        // Adas only method goes; hers and Bolas; hers, while Bola keeps one.
        (["email", ""], "mobile_phone", "1 member can"),
        (["email", "email"], "mobile_phone, mobile_app_code", "2 members can"),
        (["email", "email mobilePhone"], "mobile_phone", "1 member can"),
        // One of two goes: she still can. And whoever could not before loses nothing.
        (["email mobilePhone", ""], "mobile_phone", ""),
        (["officePhone", ""], "mobile_phone", ""),
    ] {
        let mut tenant = TenantState::seeded(Seed::Configured);
        for user in &mut tenant.users {
            let words = match user.alias.as_str() {
                "ada" => registered[0],
                "bola" => registered[1],
                _ => "",
            };
            user.methods = words.split_whitespace().map(str::to_owned).collect();
        }
        let sandbox = Sandbox::start(tenant).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", allowing("email, mobile_phone"));
        let _ = scene.run(&["apply", "--yes"]).code(0);
        let before = sandbox.tenant();
        let scene = scene.file("pilot.yaml", allowing(after));
        let is_refused = !count.is_empty();
        let shown = scene.run(&["apply", "--yes"]).code(if is_refused { 3 } else { 0 });
        if is_refused {
            assert!(shown.stdout.contains(count) && shown.stdout.contains("--allow-lockout"), "{shown}");
            assert!(sandbox.tenant() == before, "{shown}");
            // Its name of old, which scripts have.
            let _ = scene.run(&["apply", "--yes", "--allow-stranding"]).code(0);
        }
    }
}

/// A report of more than a page would cost a plan its speed; what it tells is unknown then, not zero.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_whole_report_the_reach_is_unknown() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.generated.size = 2000;
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    let plan: Value = serde_json::from_str(&scene.run(&["plan", "--format", "json"]).code(0).stdout).unwrap();
    assert!(plan["people"]["stranded"].is_null(), "{plan}");
}
