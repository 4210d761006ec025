//! Locks, journals and their history.

use serde_json::Value;
use snapbox::str;
use sspr::outcome::{ApplyError, Refusal};
use sspr::sandbox::{Sandbox, Seed, TenantState};
use sspr::store::RunEnd;

use super::killed::spawn;
use crate::common::{Bench, Scene, assert_shown, leave, spec};

const SPEC: &str = "version: 1\nnotifications:\n  admins: true\n";

#[tokio::test]
async fn while_one_writes_another_is_refused() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    let plan = bench.plan(&spec(SPEC)).await;
    let lock = bench.state.lock(plan.tenant_id).unwrap();
    let error = bench.apply_plan(&plan).await.unwrap_err();
    let ApplyError::NothingWritten { source } = error else { panic!("{error}") };
    assert!(matches!(source.downcast_ref(), Some(Refusal::Locked { .. })), "{source}");
    assert_eq!(bench.take_writes(), []);
    drop(lock);
    bench.apply_plan(&plan).await.unwrap();
}

/// Two state directories, as two checkouts or a person and a nightly job have: the second would write what the first
/// has just changed.
#[tokio::test(flavor = "multi_thread")]
async fn another_state_directory_does_not_let_a_second_run_in() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let (first, second) = (Scene::against(&sandbox), Scene::against(&sandbox));
    // What is this user's on Windows, of which each scene has its own otherwise.
    let local = first.path().join("local").display().to_string();
    let (first, second) = (first.file("pilot.yaml", SPEC), second.file("pilot.yaml", SPEC));
    let second = second.env("LOCALAPPDATA", &local);
    sandbox.fail("PUT / hang 1".parse().unwrap());
    let mut writing = spawn(&first, &["apply", "--yes"]);
    while !sandbox.is_held_up() {
        assert!(writing.try_wait().unwrap().is_none(), "it ended before it wrote");
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    sandbox.heal();
    let history = first.run(&["history"]).code(0);
    assert!(history.stdout.contains("  in progress, may be in effect: "), "{history}");
    sandbox.take_requests();
    let refused = second.run(&["apply", "--yes"]).code(3);
    assert!(refused.stderr.contains("another sspr on this machine is writing to tenant"), "{refused}");
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"), "{refused}");
    assert!(!second.state_dir().exists(), "{refused}");
    // Another pretend tenant has the same id, and is another.
    let other = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let elsewhere = Scene::against(&other).file("pilot.yaml", SPEC).env("LOCALAPPDATA", &local);
    let _ = elsewhere.run(&["apply", "--yes"]).code(0);
    // A run that was killed holds nothing.
    writing.kill().unwrap();
    writing.wait().unwrap();
    let history = first.run(&["history"]).code(0);
    assert!(history.stdout.contains("  cut off, may be in effect: "), "{history}");
    let _ = second.run(&["apply", "--yes"]).code(0);
}

#[test]
fn history_lists_the_latest_first() {
    let scene = Scene::new().file("pilot.yaml", SPEC);
    assert_shown!(
        scene.run(&["history", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Nothing was applied from this machine yet.
[exit status: 0]

"#]]
    );
    assert!(!scene.state_dir().exists());
    assert_eq!(scene.run(&["apply", "--sandbox", "--yes"]).code, 0);
    assert_shown!(
        scene.run(&["history", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

@@TIME@@ UTC  @@RUN@@  done, in effect: 1 change from pilot.yaml, by sandbox.admin@contoso.onmicrosoft.com
  tenant 204a15ea-fa2c-550c-86c1-f84caa53d849
  @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@
[exit status: 0]

"#]]
    );
    let json: Value =
        serde_json::from_str(&scene.run(&["history", "--sandbox", "--format", "json"]).stdout).unwrap();
    assert_eq!(
        (json["format"].as_str(), json["runs"][0]["outcome"].as_str()),
        (Some("sspr.history/1"), Some("done"))
    );
    assert_eq!(
        scene.run(&["history"]).stdout,
        "Nothing was applied from this machine yet.\n",
        "the sandbox is not a tenant"
    );
}

#[test]
fn history_tells_times_as_the_screen_has_them_and_documents_in_utc() {
    let scene = Scene::new().file("pilot.yaml", SPEC).env("TZ", "IST-5:30");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    let history = |format: &str| {
        let output = scene.command(&["history", "--sandbox", "--format", format]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&history("json")).unwrap();
    let started = json["runs"][0]["started"].as_str().unwrap();
    let started: jiff::Timestamp = started.parse().unwrap();
    let at = |offset: jiff::tz::Offset| {
        started.to_zoned(offset.to_time_zone()).strftime("%Y-%m-%d %H:%M").to_string()
    };
    let india = jiff::tz::Offset::from_seconds(5 * 3600 + 1800).unwrap();
    let (local, utc) = (format!("{} IST  ", at(india)), format!("`{} UTC`", at(jiff::tz::Offset::UTC)));
    assert!(history("text").contains(&local), "{local}\n{}", history("text"));
    assert!(history("markdown").contains(&utc), "{utc}\n{}", history("markdown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_names_who_was_signed_in_to_what_was_written_and_no_one_else() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).env("SSPR_GRAPH_TOKEN", sandbox.application_token());
    for (spec, by) in [
        ("version: 1\nadministrators:\n  allow_sspr: false\n", &["Sandbox pipeline"][..]),
        (SPEC, &["sandbox.admin@contoso.onmicrosoft.com"]),
    ] {
        std::fs::write(scene.path().join("pilot.yaml"), spec).unwrap();
        let _ = scene.run(&["apply", "--yes"]).code(0);
        let shown = scene.run(&["history", "--format", "json"]).code(0);
        let history: Value = serde_json::from_str(&shown.stdout).unwrap();
        let last = history["runs"].as_array().unwrap().iter().max_by_key(|run| run["id"].to_string());
        assert_eq!(last.unwrap()["by"], serde_json::json!(by), "{shown}");
    }
}

/// Puts a journal on disk as a run that ended there would have left it.
fn left(bench: &Bench, run: &str, journal: &str) {
    let directory = bench.state.root().join(TenantState::seeded(Seed::Fresh).tenant_id.to_string()).join(run);
    leave(&directory.join("journal.jsonl"), journal);
}

#[tokio::test]
async fn every_end_a_run_can_have_is_read_or_left_alone() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    let started = r#"{"event":"started","format":"sspr.journal/1","at":"2026-11-22T10:00:00Z","spec":{"path":"p.yaml"},"changes":[1,2]}"#;
    let writing = r#"{"event":"writing","resource":"PasswordResetPolicies"}"#;
    let written = r#"{"event":"written","resource":"PasswordResetPolicies"}"#;
    let stopped = r#"{"event":"stopped","reason":"because"}"#;
    let cut_off = |writing: Option<&str>| RunEnd::CutOff { writing: writing.map(str::to_owned) };
    let stop = |is_touched| RunEnd::Stopped { reason: "because".to_owned(), is_touched };
    let cases = [
        ("", cut_off(None)),
        (started, cut_off(None)),
        (&format!("{started}\n{writing}\n"), cut_off(Some("PasswordResetPolicies"))),
        (&format!("{started}\n{writing}\n{}", &written[..20]), cut_off(Some("PasswordResetPolicies"))),
        (&format!("{started}\n{writing}\n{written}\n"), cut_off(Some("PasswordResetPolicies"))),
        (&format!("{started}\n{stopped}\n"), stop(false)),
        (&format!("{started}\n{writing}\n{written}\n{stopped}\n"), stop(true)),
        (&format!("{started}\n{writing}\n{written}\n{{\"event\":\"finished\"}}\n"), RunEnd::Done),
        (&started.replace("journal/1", "journal/2"), RunEnd::Unreadable),
        ("nonsense\n", RunEnd::Unreadable),
        ("[]\n", RunEnd::Unreadable),
    ];
    for (at, (journal, _)) in cases.iter().enumerate() {
        left(&bench, &format!("20261122T1000{at:02}Z-000000"), journal);
    }
    let runs = bench.state.load_history().unwrap();
    let ends: Vec<&RunEnd> = runs.iter().map(|run| &run.end).collect();
    assert_eq!(ends, cases.iter().map(|(_, end)| end).collect::<Vec<_>>());
    assert_eq!((runs[1].spec.as_str(), runs[1].changes), ("p.yaml", 2));
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_reported_once_and_then_superseded() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    left(
        &bench,
        "20261122T100000Z-000000",
        "{\"event\":\"started\",\"format\":\"sspr.journal/1\"}\n{\"event\":\"writing\",\"resource\":\"PasswordResetPolicies\"}\n",
    );
    let tenant = TenantState::seeded(Seed::Fresh).tenant_id.into();
    let unfinished = || {
        let last = bench.state.load_runs(tenant).unwrap().pop();
        last.filter(|run| matches!(run.end, RunEnd::CutOff { .. }))
    };
    let run = unfinished().unwrap();
    assert!(
        run.message().contains("was interrupted while it wrote PasswordResetPolicies"),
        "{}",
        run.message()
    );
    bench.apply(&spec(SPEC)).await.unwrap();
    assert_eq!(unfinished(), None);
}

#[tokio::test]
async fn the_name_of_a_run_sorts_after_every_earlier_one_even_when_the_clock_goes_back() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    left(&bench, "20991231T235959Z-000000", "{\"event\":\"started\",\"format\":\"sspr.journal/1\"}\n");
    bench.apply(&spec(SPEC)).await.unwrap();
    let runs = bench.state.load_history().unwrap();
    assert_eq!(runs.last().unwrap().end, RunEnd::Done, "{runs:?}");
}

/// A shell lets no file grow, as a full disk does; there is no such limit to set on Windows.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_before_the_write() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    let prepared = scene.command(&["apply", "--yes"]);
    let mut full = std::process::Command::new("sh");
    full.args(["-c", r#"trap '' XFSZ; ulimit -f 0; exec "$0" "$@""#]).arg(prepared.get_program());
    full.args(prepared.get_args()).current_dir(scene.path()).env_clear();
    for (name, value) in prepared.get_envs() {
        if let Some(value) = value {
            full.env(name, value);
        }
    }
    let output = full.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("the baseline could not be saved under"), "{stderr}");
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"), "something was written");
    let again = scene.run(&["apply", "--yes"]);
    assert_eq!(again.code, 0, "{again}");
}
