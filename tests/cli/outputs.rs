//! Files of results: none is lost to them, and one that cannot be written is known before anything is done.

use std::fs;
#[cfg(unix)]
use std::process::Stdio;

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\nnotifications:\n  admins: true\n";

async fn met() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    (sandbox, scene)
}

#[track_caller]
fn assert_says(shown: &Shown, said: &str) {
    assert!(shown.stderr.contains(said), "{said}\n{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_result_takes_the_place_of_what_the_run_reads() {
    let (sandbox, scene) = met().await;
    let _ = scene.run(&["plan", "--out", "plan.json"]).code(0);
    let _ = sandbox.take_requests();
    fs::create_dir(scene.path().join("below")).unwrap();
    fs::hard_link(scene.path().join("pilot.yaml"), scene.path().join("again.txt")).unwrap();
    let plan = fs::read(scene.path().join("plan.json")).unwrap();
    for args in [
        &["plan", "--out", "pilot.yaml"][..],
        &["plan", "--out", "below/../pilot.yaml"],
        &["plan", "--out", "again.txt"],
        &["plan", "--json-into", "pilot.yaml"],
        &["plan", "--markdown-into", "./pilot.yaml"],
        &["validate", "--json-into", "pilot.yaml"],
        &["validate", "no.yaml", "--json-into", "pilot.yaml"],
        &["apply", "--yes", "--json-into", "pilot.yaml"],
        &["apply", "plan.json", "--yes", "--json-into", "plan.json"],
        &["apply", "plan.json", "--yes", "--json-into", "again.txt"],
        &["cleanup", "--yes", "--markdown-into", "again.txt"],
        &["rollback", "--spec", "pilot.yaml", "--json-into", "again.txt"],
        &["verify", "--json-into", "pilot.yaml"],
        &["people", "--json-into", "pilot.yaml"],
        &["report", "--out", "pilot.yaml"],
        &["report", "--csv", "again.txt"],
        // Refused for another reason, and what is written then is no more welcome.
        &["report", "--markdown-into", "pilot.yaml"],
        &["doctor", "--report", "again.txt"],
        &["schema", "--out", "pilot.yaml"],
        &["history", "--json-into", "pilot.yaml"],
    ] {
        let shown = scene.run(args).code(64);
        assert_says(&shown, "would write over");
        assert_eq!(fs::read_to_string(scene.path().join("pilot.yaml")).unwrap(), SPEC, "{args:?}");
        assert_eq!(fs::read(scene.path().join("plan.json")).unwrap(), plan, "{args:?}");
    }
    assert!(sandbox.take_requests().is_empty());
}

#[test]
fn what_signs_in_is_no_place_for_a_result() {
    let scene = Scene::new().file("pilot.yaml", SPEC).file("app.pem", "the key");
    let scene = scene.env("AZURE_CLIENT_CERTIFICATE_PATH", "app.pem");
    assert_says(&scene.run(&["plan", "--out", "app.pem"]).code(64), "--out would write over app.pem");
    assert_eq!(fs::read(scene.path().join("app.pem")).unwrap(), b"the key");
}

#[test]
fn two_results_are_two_files() {
    let scene = Scene::new().file("pilot.yaml", SPEC).file("there.json", "");
    for args in [
        &["plan", "--out", "p.json", "--json-into", "./p.json"][..],
        &["plan", "--out", "there.json", "--markdown-into", "there.json"],
        &["report", "--out", "r", "--csv", "r"],
        &["people", "--json-into", "p", "--markdown-into", "p"],
    ] {
        let shown = scene.run(&[args, &["--sandbox"]].concat()).code(64);
        assert_says(&shown, "name the same file");
    }
    // What goes nowhere gets in no one's way.
    #[cfg(unix)]
    let _ = scene.run(&["plan", "--sandbox", "--out", "/dev/null", "--json-into", "/dev/null", "-q"]).code(0);
}

#[cfg(unix)]
#[test]
fn a_link_is_refused_and_what_it_leads_to_stays() {
    let scene = Scene::new().file("pilot.yaml", SPEC).file("notes.txt", "mine");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, scene.path().join(name)).unwrap();
    link("notes.txt", "plan.json");
    link("pilot.yaml", "spec.json");
    link("nowhere", "new.json");
    for args in [
        &["plan", "--out", "plan.json"][..],
        &["plan", "--out", "new.json"],
        &["plan", "--json-into", "plan.json"],
        &["plan", "--out", "spec.json"],
        &["report", "--out", "plan.json"],
        &["doctor", "--report", "plan.json"],
        &["import", "--force", "plan.json"],
        &["schema", "--out", "plan.json"],
        // The spec is the link here, and the result the file behind it.
        &["plan", "spec.json", "--out", "pilot.yaml"],
    ] {
        let _ = scene.run(&[args, &["--sandbox"]].concat()).code(64);
        assert_eq!(fs::read(scene.path().join("notes.txt")).unwrap(), b"mine", "{args:?}");
        assert_eq!(fs::read_to_string(scene.path().join("pilot.yaml")).unwrap(), SPEC, "{args:?}");
    }
    assert!(!scene.path().join("nowhere").exists());
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_take_results_as_ever() {
    let scene = Scene::new().file("pilot.yaml", SPEC);
    let shown = scene.run(&["plan", "--sandbox", "--json-into", "/dev/stderr"]).code(0);
    assert!(shown.stderr.starts_with("{\n  \"format\": \"sspr.plan/1\""), "{shown}");
    let shown = scene.run(&["people", "--sandbox", "-q", "--json-into", "/dev/stderr"]).code(0);
    assert!(shown.stderr.starts_with("{\n\"format\": \"sspr.people/1\""), "{shown}");
    // Into the file that stdout is: behind what is there, not over it.
    let log = fs::File::options().create(true).append(true).open(scene.path().join("log")).unwrap();
    let mut command = scene.process(&["plan", "--sandbox", "--out", "/dev/stdout"]);
    let output = command.stdin(Stdio::null()).stdout(log).output().unwrap();
    let _ = scene.shown(&output).code(0);
    let log = fs::read_to_string(scene.path().join("log")).unwrap();
    assert!(log.starts_with('{') && log.contains("Nothing was written."), "{log}");
}

/// A pipe is no file to be tried: whether it has a reader is found out by opening it, and it stays open.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_without_a_reader_is_refused_before_anything_is_sent() {
    let (sandbox, scene) = met().await;
    let pipe = scene.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let before = sandbox.tenant().policy;
    for args in [
        &["plan", "--json-into", "pipe"][..],
        &["apply", "--yes", "--markdown-into", "pipe"],
        &["report", "--csv", "pipe"],
        &["schema", "--out", "pipe"],
    ] {
        let shown = scene.run(args).code(1);
        assert_says(&shown, "pipe cannot be written\n  caused by: this pipe has no reader");
    }
    assert!(sandbox.take_requests().is_empty());
    assert_eq!(sandbox.tenant().policy, before);
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    let _ = scene.run(&["apply", "--yes", "--json-into", "pipe"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(document["format"], "sspr.outcome/1");
}

#[cfg(target_os = "linux")]
#[test]
fn stdout_carries_one_document() {
    let scene = Scene::new().file("pilot.yaml", SPEC);
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        for args in [
            &["plan", "--format", "json", "--json-into", name][..],
            &["plan", "--format", "json", "--out", name],
            &["plan", "--format", "markdown", "--markdown-into", name],
            &["people", "--format", "csv", "--json-into", name],
        ] {
            // A pipe, and a file.
            let shown = scene.run(&[args, &["--sandbox"]].concat()).code(64);
            assert_says(&shown, "and each is a document");
            let file = fs::File::create(scene.path().join("result")).unwrap();
            let mut command = scene.process(&[args, &["--sandbox"]].concat());
            let shown = scene.shown(&command.stdin(Stdio::null()).stdout(file).output().unwrap()).code(64);
            assert_says(&shown, "and each is a document");
        }
    }
    let both = ["plan", "--sandbox", "--json-into", "/dev/stderr", "--markdown-into", "/proc/self/fd/2"];
    assert_says(&scene.run(&both).code(64), "name the same file");
}

#[cfg(unix)]
#[test]
fn stdout_and_a_result_are_two_files() {
    let scene = Scene::new().file("pilot.yaml", SPEC);
    let stdout = fs::File::create(scene.path().join("plan.json")).unwrap();
    let mut command = scene.process(&["plan", "--sandbox", "--out", "plan.json"]);
    let shown = scene.shown(&command.stdin(Stdio::null()).stdout(stdout).output().unwrap()).code(64);
    assert_says(&shown, "stdout and --out name the same file");
}

#[cfg(unix)]
#[test]
fn results_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new().file("pilot.yaml", SPEC).file("plan.json", "an old one, for all to read");
    for args in [
        &["plan", "--out", "plan.json", "--json-into", "result.json", "--markdown-into", "plan.md"][..],
        &["people", "--json-into", "people.json", "--markdown-into", "people.md"],
        &["report", "--out", "report.html", "--csv", "report.csv"],
        &["doctor", "--report", "doctor.json"],
    ] {
        let _ = scene.run(&[args, &["--sandbox"]].concat()).code(0);
        for file in args.iter().filter(|word| word.contains('.')) {
            let mode = fs::metadata(scene.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
    let left: Vec<_> = fs::read_dir(scene.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_is_known_before_anything_is_sent() {
    let (sandbox, scene) = met().await;
    let scene = scene.file("file", "");
    for place in ["no/such/folder", "file/below"] {
        for args in [
            &["plan", "--out"][..],
            &["plan", "--json-into"],
            &["plan", "--markdown-into"],
            &["apply", "--yes", "--json-into"],
            &["apply", "--yes", "--markdown-into"],
            &["cleanup", "--yes", "--json-into"],
            &["rollback", "--yes", "--json-into"],
            &["verify", "--json-into"],
            &["people", "--json-into"],
            &["report", "--out"],
            &["report", "--csv"],
            &["doctor", "--report"],
            &["import"],
        ] {
            let shown = scene.run(&[args, &[place]].concat()).code(1);
            assert_says(&shown, "cannot be written");
            assert_eq!(shown.stdout, "", "{args:?}");
        }
    }
    assert!(sandbox.take_requests().is_empty());
}

/// After the writes a lost result is 74: everything is written, and a script that reads 1 as "nothing was changed"
/// would do it again.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_lost_after_the_writes_is_not_nothing_was_changed() {
    let (sandbox, scene) = met().await;
    for args in [&["apply", "--yes"][..], &["rollback", "--yes"], &["apply", "--yes"], &["cleanup", "--yes"]]
    {
        let before = sandbox.tenant().policy;
        let shown = scene.run(&[args, &["--json-into", "/dev/full"]].concat()).code(74);
        assert_ne!(sandbox.tenant().policy, before, "{args:?}");
        assert_says(&shown, "everything was written and read back, but the result could not be delivered");
        assert_says(&shown, "caused by: the result could not be written to /dev/full");
    }
    // Nothing to write, nothing written.
    let _ = scene.run(&["cleanup", "--yes", "--json-into", "/dev/full"]).code(1);
    let _ = scene.run(&["plan", "--detailed-exitcode", "--json-into", "/dev/full"]).code(1);
    let written = scene.run(&["doctor", "--probe-write", "--yes", "--report", "/dev/full"]).code(74);
    assert_says(&written, "could not be delivered");
}

/// A disk that takes the first byte and not the rest.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_after_the_writes_is_not_nothing_was_changed() {
    const LIMIT: u64 = 128 * 512;
    let (sandbox, scene) = met().await;
    let run = |room: u64| {
        let stdout = scene.path().join("stdout");
        fs::File::create(&stdout).unwrap().set_len(LIMIT - room).unwrap();
        let stdout = fs::File::options().append(true).open(stdout).unwrap();
        let program = scene.process(&["apply", "--yes", "--format", "json"]);
        let mut command = std::process::Command::new("sh");
        command.args(["-c", r#"trap "" XFSZ; ulimit -f 128; exec "$0" "$@""#]);
        command.arg(program.get_program()).args(program.get_args()).current_dir(scene.path()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        scene.shown(&command.stdin(Stdio::null()).stdout(stdout).output().unwrap())
    };
    let before = sandbox.tenant().policy;
    let shown = run(0).code(1);
    assert_says(&shown, "stdout could not be written");
    assert_eq!(sandbox.tenant().policy, before);
    let shown = run(1).code(74);
    assert_says(&shown, "everything was written and read back, but the result could not be delivered");
    assert_ne!(sandbox.tenant().policy, before);
    let _ = scene.run(&["verify"]).code(0);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_if_the_result_cannot_be_reported() {
    let (sandbox, scene) = met().await;
    let before = sandbox.tenant().policy;
    for format in ["text", "json", "markdown", "github"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = scene.process(&["apply", "--yes", "--format", format]);
        let shown = scene.shown(&command.stdin(Stdio::null()).stdout(writer).output().unwrap()).code(1);
        assert_says(&shown, "stdout is closed, so sspr cannot report the result and writes nothing");
    }
    assert_eq!(sandbox.tenant().policy, before);
}

/// The shell closes it, or opens it for reading alone, and the runtime below us tells of neither.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_to_a_closed_stdout_is_not_done() {
    let (sandbox, scene) = met().await;
    let run = |args: &[&str], stdout: &str| {
        let program = scene.process(args);
        let mut command = std::process::Command::new("sh");
        command.arg("-c").arg(format!(r#"exec "$0" "$@" {stdout}"#));
        command.arg(program.get_program()).args(program.get_args()).current_dir(scene.path()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        scene.shown(&command.stdin(Stdio::null()).output().unwrap())
    };
    for args in [&["apply", "--yes"][..], &["cleanup", "--yes"], &["rollback", "--yes"]] {
        let before = sandbox.tenant().policy;
        for stdout in [">&-", "1<pilot.yaml"] {
            let shown = run(args, stdout).code(1);
            assert_says(&shown, "stdout is closed, so sspr cannot report the result and writes nothing");
        }
        assert_eq!(sandbox.tenant().policy, before, "{args:?}");
        // Who sends it nowhere, or to a file, is told as they wish.
        let (stdout, into) =
            if args[0] == "apply" { (">/dev/null", &[][..]) } else { (">&-", &["--json-into", "done"][..]) };
        let _ = run(&[args, into].concat(), stdout).code(0);
    }
}

#[test]
fn no_result_goes_among_the_records() {
    let scene = Scene::new().file("pilot.yaml", SPEC);
    // Whether the folder is there or not.
    for _ in 0..2 {
        for args in [
            &["plan", "--json-into", "state/lock"][..],
            &["plan", "--out", "./state/../state/plan.json"],
            &["report", "--csv", "state/sandbox/tenant.json"],
            &["init", "state/pilot.yaml"],
        ] {
            let shown = scene.run(&[args, &["--sandbox"]].concat()).code(64);
            assert_says(&shown, "is in the state directory");
        }
        let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    }
    let _ = scene.run(&["plan", "--sandbox", "--out", "state.json"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_log_that_cannot_be_read_keeps_no_rows_back() {
    for fault in ["status=500", "status=403", "body=null"] {
        let (sandbox, scene) = met().await;
        sandbox.fail(format!("GET /v1.0/auditLogs {fault}").parse().unwrap());
        let shown = scene.run(&["report", "--csv", "who.csv", "--pace", "1"]).code(0);
        let rows = fs::read_to_string(scene.path().join("who.csv")).unwrap();
        assert!(rows.lines().count() > 2, "{fault}\n{rows}\n{shown}");
        let page = fs::read_to_string(scene.path().join("pilot-report.html")).unwrap();
        assert!(page.contains("the audit log ("), "{fault}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_streamed_document_replaces_no_file() {
    let (sandbox, scene) = met().await;
    let scene = scene.file("people.json", "before").file("who.csv", "before");
    // The group is found, and its people are not read.
    sandbox.fail("GET /transitiveMembers status=500".parse().unwrap());
    let _ = scene.run(&["report", "--csv", "who.csv", "--pace", "1"]).code(1);
    assert_eq!(fs::read(scene.path().join("who.csv")).unwrap(), b"before");
    let shown = scene.run(&["people", "--json-into", "people.json", "--pace", "1"]).code(1);
    let document = fs::read(scene.path().join("people.json")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(
        (&document["format"], &document["complete"]),
        (&"sspr.people/1".into(), &false.into()),
        "{shown}"
    );
}
