//! What is said where not the tenant but something around the program is not as it should be.

use std::fs;
#[cfg(unix)]
use std::process::{Output, Stdio};

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown, leave};

const SPEC: &str = "version: 1\nnotifications:\n  admins: true\n";

fn scene() -> Scene {
    Scene::new().file("pilot.yaml", SPEC)
}

#[track_caller]
fn assert_says(shown: &Shown, said: &[&str]) {
    for said in said {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
}

/// Runs the program with a stdout of its own.
#[cfg(unix)]
fn into(scene: &Scene, args: &[&str], stdout: impl Into<Stdio>) -> Output {
    let mut command = scene.process(args);
    command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
    command.spawn().unwrap().wait_with_output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_a_failure_and_known_before_the_write() {
    let scene = scene();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for format in ["text", "json", "markdown"] {
        let output = into(&scene, &["plan", "--sandbox", "--format", format], full());
        let shown = scene.shown(&output).code(1);
        assert_says(&shown, &["stdout could not be written", "No space left"]);
    }
    for format in ["text", "json", "markdown"] {
        let output = into(&scene, &["apply", "--sandbox", "--yes", "--format", format], full());
        assert_says(&scene.shown(&output).code(1), &["stdout could not be written"]);
    }
    let _ = scene.run(&["verify", "--sandbox"]).code(5);
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let scene = scene();
    for format in ["text", "json"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = into(&scene, &["plan", "--sandbox", "--format", format], writer);
        assert_eq!(scene.shown(&output).code(0).stderr, "");
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let scene = scene();
    fs::create_dir(scene.path().join("folder.yaml")).unwrap();
    for (args, code, said) in [
        (&["validate", "folder.yaml"][..], 1, "error: folder.yaml is a folder"),
        (&["apply", "folder.yaml", "--sandbox"], 1, "error: folder.yaml is a folder"),
        (&["validate", "no.yaml"], 1, "there is no file no.yaml"),
        (&["report", "--sandbox"], 3, "set `group:` in the spec to the pilot's group"),
        (&["people", "--sandbox"], 3, "set `group:` in the spec to the pilot's group"),
    ] {
        let shown = scene.run(args);
        assert_says(&shown, &[said]);
        assert_eq!(shown.code, code, "{shown}");
    }
}

#[test]
fn while_another_run_writes_the_tenant_this_one_is_refused() {
    let scene = scene();
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    let tenant = TenantState::seeded(Seed::Fresh).tenant_id.to_string();
    let lock =
        fs::File::options().write(true).open(scene.state_dir().join("sandbox").join(tenant).join("lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    let scene = scene.file("pilot.yaml", SPEC.replace("true", "false"));
    let shown = scene.run(&["apply", "--sandbox", "--yes"]).code(3);
    assert_says(&shown, &["wait until it has finished, then run `sspr plan --sandbox` again"]);
    drop(lock);
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_cannot_be_meant_are_named() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let two = format!("{0}\n{0}", sandbox.graph_token());
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC).env("SSPR_GRAPH_TOKEN", &two);
    let shown = scene.run(&["plan"]).code(77);
    assert_says(
        &shown,
        &[
            "set SSPR_GRAPH_TOKEN and SSPR_PORTAL_TOKEN to the bare token, without quotes or `Bearer`, or unset them",
        ],
    );
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
        let mut command = scene.process(&["plan"]);
        command.env("SSPR_STATE_DIR", std::ffi::OsStr::from_bytes(b"/tmp/\xff"));
        let shown = scene.shown(&command.output().unwrap());
        assert_says(&shown, &["SSPR_STATE_DIR is not text", "set it again, or unset it"]);
    }
}

#[test]
fn records_that_cannot_be_read_are_no_empty_history() {
    let scene = scene().file("state", "a file where the records should be");
    for args in [&["history"][..], &["history", "--sandbox"]] {
        assert_says(&scene.run(args).code(1), &["could not be read", "caused by"]);
    }
}

/// A roaming profile follows its user to other machines, where a journal of this one is wrong.
#[cfg(windows)]
#[test]
fn state_stays_on_this_machine_and_what_is_in_the_roaming_profile_is_pointed_at() {
    let scene = scene().env("SSPR_STATE_DIR", "");
    let roaming = scene.path().join("roaming").display().to_string();
    let scene = scene.env("APPDATA", &roaming);
    assert_eq!(scene.run(&["apply", "--sandbox", "--yes"]).code(0).stderr.find("are not read"), None);
    assert!(scene.path().join("local").join("sspr").join("sandbox").join("tenant.json").is_file());
    fs::create_dir_all(scene.path().join("roaming").join("sspr")).unwrap();
    assert_says(&scene.run(&["history"]).code(0), &["are not read: move them to"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_shows_how_each_run_ended() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    let started = r#"{"event":"started","format":"sspr.journal/1","at":"2026-11-22T10:00:00Z","spec":{"path":"p.yaml"},"changes":[1]}"#;
    let writing = r#"{"event":"writing","resource":"PasswordResetPolicies"}"#;
    let written = r#"{"event":"written","resource":"PasswordResetPolicies"}"#;
    let stopped = r#"{"event":"stopped","reason":"because"}"#;
    let tenant = scene.state_dir().join(TenantState::seeded(Seed::Fresh).tenant_id.to_string());
    for (at, journal) in [
        format!("{started}\n{stopped}\n"),
        format!("{started}\n{writing}\n{written}\n{stopped}\n"),
        format!("{started}\n{writing}\n"),
        "nonsense\n".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let run = tenant.join(format!("20261122T10000{at}Z-000000"));
        leave(&run.join("journal.jsonl"), &journal);
    }
    let shown = scene.run(&["history", "--format", "json"]).code(0);
    let history: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let outcomes: Vec<_> = history["runs"].as_array().unwrap().iter().map(|run| &run["outcome"]).collect();
    assert_eq!(outcomes, ["nothing written", "part-way", "cut off", "unreadable"], "{shown}");
    let page = scene.run(&["history", "--format", "markdown"]).code(0);
    assert!(
        page.stdout.contains("| nothing written: 0 of 1 change from `p.yaml`<br>")
            && page.stdout.contains("4 runs"),
        "{page}"
    );
    let nothing = Scene::against(&sandbox).run(&["history", "--format", "markdown"]).code(0);
    assert!(nothing.stdout.contains("nothing was applied from this machine yet"), "{nothing}");
}
