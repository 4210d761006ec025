//! The way back: exact, in steps, and never over someone else's edit unless told.

use serde_json::{Value, json};
use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

const FIRST: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\nregistration:\n  required: true\n";
const SECOND: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_app_code]\n\
                      customization:\n  helpdesk: help@contoso.com\nadministrators:\n  allow_sspr: false\nwriteback:\n  enabled: true\n";

fn applied(scene: Scene, specs: &[&str]) -> Scene {
    specs.iter().fold(scene, |scene, spec| {
        let scene = scene.file("pilot.yaml", spec);
        let _ = scene.run(&["apply", "--yes", "--allow-lockout"]).code(0);
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
        let before = TenantState::seeded(seed);
        let sandbox = Sandbox::start(before.clone()).await.unwrap();
        let scene = applied(Scene::against(&sandbox), &[FIRST]);
        let between = sandbox.tenant();
        let scene = applied(scene, &[SECOND]);
        assert!(sandbox.tenant() != between, "{seed:?}");
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert!(sandbox.tenant() == between, "{seed:?}: not the state between the two");
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert!(sandbox.tenant() == before, "{seed:?}: not the state before");
        let shown = scene.run(&["rollback", "--yes"]).code(0);
        let said =
            "No changes: there is nothing to roll back; no earlier run is in effect: password reset is ";
        assert!(shown.stdout.contains(said), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback_to_an_early_run_takes_the_later_ones_back_too() {
    let before = TenantState::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST, SECOND]);
    let ids = run_ids(&scene);
    assert_eq!(ids.len(), 2);
    let _ = scene.run(&["rollback", &ids[0], "--yes"]).code(0);
    assert!(sandbox.tenant() == before);
    assert_shown!(
        scene.run(&["rollback", "20200101T000000Z-000000", "--yes"]),
        str![[r#"
------- stderr -------
error: there is no run `20200101T000000Z-000000` to roll back in @@STATE@@
Nothing was changed.
hint: `sspr history` lists the runs; a run that was rolled back cannot be rolled back again
[exit status: 3]

"#]]
    );
    let taken_back = scene.run(&["rollback", &ids[1], "--yes"]).code(3);
    assert!(taken_back.stderr.contains("there is no run"), "{taken_back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_named_by_the_begin_of_its_id() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let before = sandbox.tenant();
    let scene = applied(scene, &[SECOND]);
    let ids = run_ids(&scene);
    let _ = sandbox.take_requests();
    let day = &ids[0][..3];
    let shown = scene.command(&["rollback", day, "--yes"]).output().unwrap();
    assert_eq!(shown.status.code(), Some(64));
    let stderr = String::from_utf8(shown.stderr).unwrap();
    let said = format!(
        "error: 2 runs have a name that begins with `{day}`\nhint: type more of one of them: {}\n",
        ids.join(", ")
    );
    assert_eq!(stderr, said);
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));

    let history = scene.command(&["history"]).output().unwrap();
    let history = String::from_utf8(history.stdout).unwrap();
    let short = history.split_once(" UTC  ").unwrap().1.split(' ').next().unwrap();
    assert!(short.len() <= ids[1].len(), "{history}");
    let _ = scene.run(&["rollback", short, "--yes"]).code(0);
    assert!(sandbox.tenant() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_elses_edit_is_kept_or_the_way_back_is_refused() {
    let before = TenantState::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let edit = |tenant: &mut TenantState| tenant.policy["securityQuestions"] = json!(["theirs"]);
    sandbox.edit_as("mallory@contoso.com", edit);
    let edited = sandbox.tenant();
    assert_shown!(
        scene.run(&["rollback", "--yes"]),
        str![[r#"
Plan for rollback: Contoso (contoso.onmicrosoft.com)
  3 changes (2 settings, 1 other field)
  1 error, 1 warning, 0 notes

Password reset > Properties                                               portal
  ~ Select group                SSPR-Pilot → SSPR-Pilot-Branch

Password reset > Authentication methods                                   portal
  ~ Methods available to users  3 methods
                                + Security questions

Other fields                                                              portal
  ~ securityQuestions           ["theirs"] → [{"isCustomQuestion":true,"objectId":"ce05d6cf2f6a58d198018a…

Errors
  changed-since  Someone else changed securityQuestions in the password reset policy, and this rollback would undo that. Last editor in the audit log: mallory@contoso.com at @@TIME@@
                 Restore the settings by hand, or pass --overwrite-changes to undo the other edits too.

Warnings
  opens-again  This rollback turns password reset on again for SSPR-Pilot-Branch

------- stderr -------
Rolling back 1 run, to before the apply of @@RUN@@.
error: the plan has 1 error
Nothing was changed.
hint: the plan above says how to resolve each error
[exit status: 3]

"#]]
    );
    assert_eq!(scene.run(&["cleanup", "--restore", "--yes"]).code, 3);
    assert!(sandbox.tenant() == edited, "a refused way back wrote");
    let _ = scene.run(&["rollback", "--yes", "--overwrite-changes"]).code(0);
    assert!(sandbox.tenant() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_two_runs_is_someone_elses_too() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    sandbox.edit(|tenant| tenant.policy["futureNested"] = json!("theirs"));
    let scene = applied(scene, &[SECOND]);
    let shown = scene.run(&["cleanup", "--restore", "--yes"]).code(3);
    assert!(shown.stdout.contains("Someone else changed futureNested"), "{shown}");
    let _ = scene.run(&["rollback", "--yes"]).code(0);
    assert_eq!(sandbox.tenant().policy["futureNested"], json!("theirs"), "the last run's way back keeps it");
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_from_a_cleanup_opens_the_pilot_again_and_says_so() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let applied = sandbox.tenant();
    let _ = scene.run(&["cleanup", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["rollback", "--yes"]),
        str![[r#"
Plan for rollback: Contoso (contoso.onmicrosoft.com)
  1 change
  1 warning, 0 notes

Password reset > Properties                                               portal
  ~ Self service password reset enabled  None → Selected

Warnings
  opens-again  This rollback turns password reset on again for SSPR-Pilot

  ✓ Password reset policy  Self service password reset enabled: Selected

Record: @@STATE@@/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@

Applied 1 change; the changes of the cleanup of @@RUN@@ are rolled back; the apply of @@RUN@@ is in effect: password reset is on for SSPR-Pilot.
Next: `sspr rollback` undoes that apply too; `sspr cleanup` sets password reset to None
------- stderr -------
Rolling back 1 run, to before the cleanup of @@RUN@@.
[exit status: 0]

"#]]
    );
    assert!(sandbox.tenant() == applied);
    let page = scene.run(&["cleanup", "--yes"]).code(0);
    // What a probe found in between was taken back too, and is no one's edit.
    let _ = scene.run(&["doctor", "--probe-write", "--yes"]);
    assert!(page.stdout.contains("`sspr cleanup --restore` undoes them"), "{page}");
    let page = scene.run(&["rollback", "--yes", "--format", "markdown"]).code(0);
    let said = "the changes of the cleanup are rolled back; the apply is in effect: password reset is on for `SSPR-Pilot`";
    assert!(page.stdout.contains(said), "{page}");
    assert!(!page.stdout.contains("@@"), "a run's name or a path on this machine:\n{page}");
    let json = scene.run(&["rollback", "--yes", "--format", "json"]).code(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["scope"], &json["standing"]), (&json!("none"), &json!([])));
}

/// Each lets a run begin that writes nothing; what stands before it is what `rollback` goes back from.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_wrote_nothing_is_no_run_to_go_back_from() {
    const OTHER: &str = "version: 1\nnotifications:\n  admins: false\n";
    const PUT: &str = "PUT /api/PasswordReset";
    for (fault, code) in [
        (Some(format!("{PUT} status=409")), None),
        (Some(format!("{PUT} status=400")), None),
        (Some(format!("{PUT} status=401")), None),
        (Some(format!("{PUT} status=403")), None),
        // It may have been written, and reads as before.
        (Some(format!("{PUT} lying-success")), Some(4)),
        (None, None),
    ] {
        let before = TenantState::seeded(Seed::Configured);
        let sandbox = Sandbox::start(before.clone()).await.unwrap();
        let scene = applied(Scene::against(&sandbox), &[FIRST]).file("pilot.yaml", OTHER);
        let first = run_ids(&scene).remove(0);
        let stands = sandbox.tenant();
        let shown = match &fault {
            Some(fault) => {
                sandbox.fail(fault.parse().unwrap());
                scene.run(&["apply", "--yes", "--wait", "0"])
            }
            None => scene.run(&["doctor", "--probe-write", "--yes"]),
        };
        assert!(code.is_none_or(|code| shown.code == code), "{fault:?}\n{shown}");
        assert!(sandbox.tenant() == stands, "{fault:?}");
        sandbox.heal();
        assert_eq!(run_ids(&scene).len(), 2, "{fault:?}: the run is on record");
        let shown = scene.run(&["rollback", "--yes"]).code(0);
        assert!(sandbox.tenant() == before, "{fault:?}: the run before it still stands\n{shown}");
        let shown = scene.run(&["history", "--format", "json"]).code(0);
        let history: Value = serde_json::from_str(&shown.stdout).unwrap();
        let standing: Vec<_> =
            history["runs"].as_array().unwrap().iter().map(|run| &run["standing"]).collect();
        assert_eq!((standing[0], standing[2]), (&json!("taken back"), &json!("way back")), "{shown}");
        let shown = scene.run(&["rollback", &first, "--yes"]).code(3);
        assert!(shown.stderr.contains("there is no run"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_moved_and_a_kill_before_the_write_leave_nothing_to_go_back_from() {
    let before = TenantState::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST])
        .file("pilot.yaml", "version: 1\nnotifications:\n  admins: false\n");
    // The look before the write meets the kill; then the write itself, which may have been sent.
    for hold in ["GET /api/PasswordReset/PasswordResetPolicies hang 2", "PUT / hang"] {
        sandbox.fail(hold.parse().unwrap());
        let mut child = super::killed::spawn(&scene, &["apply", "--yes"]);
        assert!(super::killed::killed_while_held(&sandbox, &mut child).await, "{hold}");
        sandbox.heal();
        while sandbox.is_held_up() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
    let shown = scene.run(&["rollback", "--yes"]).code(0);
    assert!(shown.stderr.contains("Skipping the apply of "), "{shown}");
    assert!(sandbox.tenant() == before, "{shown}");
}

/// To undo the last run alone would put in place again what the restore took back before it stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_stopped_part_way_is_finished_before_anything_else_is_undone() {
    let before = TenantState::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST, SECOND]);
    sandbox.fail("PATCH / status=409".parse().unwrap());
    let _ = scene.run(&["cleanup", "--restore", "--yes"]).code(4);
    sandbox.heal();
    let shown = scene.run(&["rollback", "--yes"]).code(0);
    assert!(shown.stderr.contains("An earlier rollback that goes further back stopped part-way"), "{shown}");
    assert!(sandbox.tenant() == before, "{shown}");
}

/// What someone took back by hand is said to be gone, and the way to the run before it is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_undone_by_hand_is_said_to_be_gone_and_what_stands_is_named() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let stands = sandbox.tenant();
    let scene = applied(scene, &["version: 1\nnotifications:\n  admins: false\n"]);
    sandbox.edit(|tenant| tenant.policy = stands.policy.clone());
    let ids = run_ids(&scene);
    let output = scene.command(&["rollback", "--yes"]).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let said = format!(
        "the changes of the apply of {} are no longer in the tenant; the apply of {} is in effect: password reset is on for \
         SSPR-Pilot",
        ids[1], ids[0]
    );
    assert!(stdout.contains(&said), "{stdout}");
    // That is on record, so that there is a way on.
    let shown = scene.run(&["rollback", "--yes"]).code(0);
    assert!(shown.stdout.contains("no earlier run is in effect"), "{shown}");
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Configured));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_records_that_are_needed_have_to_be_whole() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let between = sandbox.tenant();
    let scene = applied(scene, &[SECOND]);
    let after = sandbox.tenant();
    let tenant = scene.state_dir().join(after.tenant_id.to_string());
    let ids = run_ids(&scene);
    for (file, from, to) in [
        ("journal.jsonl", "\"event\":\"writing\"", "\"event\":\"wri{\"event\":\"writing\""),
        ("journal.jsonl", "sspr.journal/1", "sspr.journal/9"),
        ("baseline.json", "{", "not json"),
        ("baseline.json", "\"enablementType\": 1", "\"enablementType\": 2"),
    ] {
        let path = tenant.join(&ids[0]).join(file);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap() != whole, "{file}: {from}");
        // Going back to before the newer one does not need it; going on to before the older one does.
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert!(sandbox.tenant() == between, "{file} {to}");
        for args in
            [&["rollback", "--yes"][..], &["cleanup", "--restore", "--yes"], &["rollback", &ids[0], "--yes"]]
        {
            let shown = scene.run(args).code(3);
            assert!(
                shown.stderr.contains("the record in @@STATE@@/") && shown.stderr.contains("cannot be used"),
                "{shown}"
            );
            assert!(sandbox.tenant() == between, "{file} {to}");
        }
        let doctor = scene.run(&["doctor"]).stdout;
        assert_eq!(
            doctor.contains("rollback cannot use 1 record; the first is of "),
            file == "journal.jsonl",
            "{doctor}"
        );
        std::fs::write(&path, whole).unwrap();
        sandbox.edit(|tenant| *tenant = after.clone());
        std::fs::remove_dir_all(tenant.join(run_ids(&scene).pop().unwrap())).unwrap();
    }
}

/// Scope All written into the file is not what was there, and is not written to the tenant.
#[tokio::test(flavor = "multi_thread")]
async fn an_edited_baseline_is_not_restored() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let applied = sandbox.tenant();
    let path =
        scene.state_dir().join(applied.tenant_id.to_string()).join(&run_ids(&scene)[0]).join("baseline.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    let edited = whole.replacen("\"enablementType\": 0", "\"enablementType\": 2", 1);
    std::fs::write(&path, &edited).unwrap();
    assert_shown!(
        scene.run(&["rollback", "--yes"]),
        str![[r#"
------- stderr -------
error: the record in @@STATE@@/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@/baseline.json cannot be used: it was edited after it was saved
Nothing was changed.
hint: `sspr history` lists the runs; a rollback to before a newer one does not need this record
hint: otherwise restore the settings by hand, and move the folder out of the state directory
[exit status: 3]

"#]]
    );
    // Nor with its digest taken out, as an early version would have left it: the journal tells it too.
    let mut bare: Value = serde_json::from_str(&edited).unwrap();
    bare.as_object_mut().unwrap().remove("digest");
    std::fs::write(&path, bare.to_string()).unwrap();
    let _ = scene.run(&["rollback", "--yes"]).code(3);
    let other = whole.replace(&applied.tenant_id.to_string(), "11111111-1111-1111-1111-111111111111");
    std::fs::write(&path, other).unwrap();
    let shown = scene.run(&["rollback", "--yes"]).code(3);
    assert!(shown.stderr.contains("it belongs to another tenant"), "{shown}");
    assert!(sandbox.tenant() == applied);
}

/// What early versions left has no digest: it is restored, and what could not be checked is said.
#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_without_a_digest_is_restored_with_a_warning() {
    let before = TenantState::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[SECOND]);
    let run = scene.state_dir().join(before.tenant_id.to_string()).join(&run_ids(&scene)[0]);
    for name in ["baseline.json", "journal.jsonl"] {
        let text = std::fs::read_to_string(run.join(name)).unwrap();
        let without = |line: &str| {
            let mut json: Value = serde_json::from_str(line).unwrap();
            json.as_object_mut().unwrap().remove(if name == "baseline.json" { "digest" } else { "baseline" });
            format!("{json}\n")
        };
        let early: String =
            if name == "baseline.json" { without(&text) } else { text.lines().map(without).collect() };
        std::fs::write(run.join(name), early).unwrap();
    }
    std::fs::remove_file(run.join("seal.json")).unwrap();
    let shown = scene.run(&["rollback", "--yes"]).code(0);
    assert!(shown.stdout.contains("  baseline-not-checked  "), "{shown}");
    assert!(sandbox.tenant() == before);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_others_could_have_planted_is_not_used() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let applied = sandbox.tenant();
    let tenant = scene.state_dir().join(applied.tenant_id.to_string());
    let run = tenant.join(&run_ids(&scene)[0]);
    let (journal, baseline) = (run.join("journal.jsonl"), run.join("baseline.json"));
    for path in [&journal, &baseline, &run, &tenant] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
        let shown = scene.run(&["rollback", "--yes"]).code(3);
        assert!(shown.stderr.contains("other users may write to it"), "{}\n{shown}", path.display());
        let _ = scene.run(&["history"]).code(0);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        let moved = scene.path().join("moved");
        std::fs::rename(path, &moved).unwrap();
        symlink(&moved, path).unwrap();
        let shown = scene.run(&["rollback", "--yes"]).code(3);
        assert!(shown.stderr.contains("it is a link to somewhere else"), "{}\n{shown}", path.display());
        if *path == tenant {
            // Nothing is kept there either, so that nothing is written.
            let shown = scene.run(&["cleanup", "--yes"]).code(3);
            assert!(shown.stderr.contains("it is a link to somewhere else"), "{shown}");
        }
        std::fs::remove_file(path).unwrap();
        std::fs::rename(&moved, path).unwrap();
    }
    assert!(sandbox.tenant() == applied);
    // They can take records out of an open state directory, and nothing more: that is said.
    std::fs::set_permissions(scene.state_dir(), std::fs::Permissions::from_mode(0o777)).unwrap();
    for args in [&["history"][..], &["rollback", "--yes"]] {
        let shown = scene.run(args).code(0);
        assert!(
            shown.stderr.contains("the state directory @@STATE@@: other users may write to it"),
            "{shown}"
        );
    }
}

/// A field nested as deep as the parser reads would be one level too deep in the baseline.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_read_back_from_a_record_is_not_written_over() {
    for (levels, code) in [(60, 0), (126, 1)] {
        let deep = (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let mut before = TenantState::seeded(Seed::Configured);
        before.policy["deep"] = deep;
        let sandbox = Sandbox::start(before.clone()).await.unwrap();
        let scene =
            Scene::against(&sandbox).file("pilot.yaml", "version: 1\nnotifications:\n  admins: false\n");
        let shown = scene.run(&["apply", "--yes"]).code(code);
        assert_eq!(shown.stderr.contains("nested more than 64 deep"), code == 1, "{shown}");
        if code == 0 {
            let _ = scene.run(&["rollback", "--yes"]).code(0);
        }
        assert!(sandbox.tenant() == before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_another_version_is_not_misread() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let run = scene.state_dir().join(sandbox.tenant().tenant_id.to_string()).join(&run_ids(&scene)[0]);
    for (file, from, to) in [
        ("journal.jsonl", "sspr.journal/1", "sspr.journal/2"),
        ("baseline.json", "sspr.baseline/1", "sspr.baseline/9"),
        ("baseline.json", "{", "not json"),
    ] {
        let path = run.join(file);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let shown = scene.run(&["rollback", "--yes"]).code(3);
        assert!(shown.stderr.contains("cannot be used"), "{shown}");
        std::fs::write(&path, whole).unwrap();
    }
    let _ = scene.run(&["rollback", "--yes"]).code(0);
}

/// Every line is on disk before the write it tells of, so that no crash loses one; damage can.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_lost_its_end_is_not_taken_for_that_of_a_run_that_wrote_nothing() {
    let before = TenantState::seeded(Seed::Configured);
    let sandbox = Sandbox::start(before.clone()).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let between = sandbox.tenant();
    let scene = applied(scene, &[SECOND]);
    let after = sandbox.tenant();
    let tenant = scene.state_dir().join(after.tenant_id.to_string());
    let ids = run_ids(&scene);
    let path = tenant.join(&ids[0]).join("journal.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    let first = whole.find('\n').unwrap() + 1;
    let second = first + whole[first..].find('\n').unwrap();
    for left in [Some(0), Some(first / 2), Some(first), Some(first + (second - first) / 2), None] {
        match left {
            Some(left) => std::fs::write(&path, &whole[..left]).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        for args in [&["cleanup", "--restore", "--yes"][..], &["rollback", &ids[0], "--yes"]] {
            let shown = scene.run(args).code(3);
            let said = "the record in @@STATE@@/";
            assert!(
                shown.stderr.contains(said) && shown.stderr.contains("after the run ended"),
                "{left:?}\n{shown}"
            );
            assert!(sandbox.tenant() == after, "{left:?}");
        }
        let shown = scene.run(&["history"]).code(0);
        assert!(shown.stdout.contains("after the run ended"), "{left:?}\n{shown}");
        // The newer run does not need it, and what is not known of the older is said.
        let shown = scene.run(&["rollback", "--yes"]).code(0);
        assert!(shown.stdout.contains("unknown whether earlier runs are in effect"), "{left:?}\n{shown}");
        assert!(sandbox.tenant() == between, "{left:?}");
        sandbox.edit(|tenant| *tenant = after.clone());
        std::fs::remove_dir_all(tenant.join(run_ids(&scene).pop().unwrap())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_whose_journal_is_lost_does_not_make_what_it_took_back_stand_again() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    for is_gone in [false, true] {
        let scene = applied(Scene::against(&sandbox), &[FIRST]);
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        let way = scene.state_dir().join(sandbox.tenant().tenant_id.to_string()).join(&run_ids(&scene)[1]);
        match is_gone {
            true => std::fs::remove_file(way.join("journal.jsonl")).unwrap(),
            false => std::fs::write(way.join("journal.jsonl"), "").unwrap(),
        }
        let shown = scene.run(&["history", "--format", "json"]).code(0);
        let history: Value = serde_json::from_str(&shown.stdout).unwrap();
        let told =
            |run: usize| (history["runs"][run]["outcome"].clone(), history["runs"][run]["standing"].clone());
        assert_eq!(told(0), (json!("done"), json!("may stand")), "{shown}");
        assert_eq!(told(1), (json!("unreadable"), json!("unknown")), "{shown}");
        // What someone sets again by hand since is theirs.
        sandbox.edit(|tenant| tenant.policy["registrationRequiredOnSignIn"] = json!(true));
        for args in [&["rollback", "--yes"][..], &["cleanup", "--restore", "--yes"]] {
            let shown = scene.run(args).code(3);
            assert!(shown.stderr.contains("after the run ended"), "{shown}");
        }
        assert_eq!(sandbox.tenant().policy["registrationRequiredOnSignIn"], json!(true));
    }
}

/// Someone keeps a copy beside a run, and a folder has no journal, as a run leaves it that ended before it began.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_a_run_is_ignored() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = applied(Scene::against(&sandbox), &[FIRST]);
    let tenant = scene.state_dir().join(sandbox.tenant().tenant_id.to_string());
    let id = run_ids(&scene).remove(0);
    for name in [format!("{id}.bak"), format!("{id} (copy)"), "copy".to_owned()] {
        let copy = |file: &str| std::fs::read_to_string(tenant.join(&id).join(file)).unwrap();
        for file in ["journal.jsonl", "baseline.json"] {
            crate::common::leave(&tenant.join(&name).join(file), &copy(file));
        }
    }
    assert_eq!(run_ids(&scene), [id]);
    // Of a time that is still to come, so that the next run cannot have a later one.
    crate::common::leave(&tenant.join("20991231T235959Z-000000").join("baseline.json"), "{}");
    let _ = scene.run(&["rollback", "--yes"]).code(0);
    assert_eq!(run_ids(&scene)[1], "20991231T235959Z-000001");
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Configured));
}

/// Our write never landed, and in that moment someone set a field that it was to set too.
#[tokio::test(flavor = "multi_thread")]
async fn what_someone_set_beside_a_write_that_never_landed_stays_theirs() {
    const PUT: &str = "PUT /api/PasswordReset/PasswordResetPolicies";
    let edit = |tenant: &mut TenantState| tenant.policy["registrationRequiredOnSignIn"] = json!(true);
    let spec = "version: 1\ngroup: SSPR-Pilot\nscope: selected\nregistration:\n  required: true\n";
    for fault in ["status=409", "status=400", "hang"] {
        let before = TenantState::seeded(Seed::Fresh);
        let sandbox = Sandbox::start(before.clone()).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", spec);
        if fault == "hang" {
            sandbox.fail(format!("{PUT} {fault}").parse().unwrap());
            let mut child = super::killed::spawn(&scene, &["apply", "--yes"]);
            assert!(super::killed::killed_while_held(&sandbox, &mut child).await);
            sandbox.heal();
            sandbox.edit(edit);
        } else {
            sandbox.fail_and_edit(format!("{PUT} {fault} 1").parse().unwrap(), edit);
            let shown = scene.run(&["apply", "--yes", "--wait", "1"]).code(4);
            let said =
                "a write is applied completely or not at all, so someone else edited it at the same time";
            assert!(shown.stderr.contains(said), "{fault}\n{shown}");
        }
        let edited = sandbox.tenant();
        for args in [
            &["rollback", "--yes"][..],
            &["rollback", &run_ids(&scene)[0], "--yes"],
            &["cleanup", "--restore", "--yes"],
        ] {
            let shown = scene.run(args).code(3);
            let said = "  changed-since  Someone else may have edited PasswordResetPolicies after a write that sspr \
                        could not confirm: only registrationRequiredOnSignIn changed, not enablementType";
            assert!(shown.stdout.contains(said), "{fault}\n{shown}");
            assert!(sandbox.tenant() == edited, "{fault}\n{shown}");
        }
        let _ = scene.run(&["rollback", "--yes", "--overwrite-changes"]).code(0);
        assert!(sandbox.tenant() == before, "{fault}");
    }
}

/// One that never landed and shows nowhere has nothing to take back, whatever else was edited since.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_never_landed_and_shows_nowhere_is_not_rolled_back() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", "version: 1\nnotifications:\n  admins: false\n");
    sandbox.fail("PUT / hang".parse().unwrap());
    let mut child = super::killed::spawn(&scene, &["apply", "--yes"]);
    assert!(super::killed::killed_while_held(&sandbox, &mut child).await);
    sandbox.heal();
    sandbox.edit(|tenant| tenant.policy["securityQuestions"] = json!(["theirs"]));
    let edited = sandbox.tenant();
    for args in [&["rollback", &run_ids(&scene)[0], "--yes"][..], &["cleanup", "--restore", "--yes"]] {
        let _ = scene.run(args).code(0);
        assert!(sandbox.tenant() == edited, "{args:?}");
    }
}
