//! Every signal that ends a run, wherever it meets it: a read, a write, a question, a program that signs in, a file.
//!
//! Windows has no signal that a parent could send one child alone; what follows it is tested with `Stop`.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process};
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{On, Scene, Shown, Terminal, until};

/// Each signal, and what it is called.
const SIGNALS: [(Signal, &str); 3] = [
    (Signal::INT, "interrupted by Ctrl-C"),
    (Signal::TERM, "interrupted by SIGTERM"),
    (Signal::HUP, "interrupted by SIGHUP"),
];

/// Returns the signals that reach a child. One whose parent ignores SIGHUP (`nohup`, some runners of pipelines) ignores
/// it too; only Linux tells.
fn signals() -> impl Iterator<Item = (Signal, &'static str)> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim();
    let ignored = u64::from_str_radix(ignored, 16).unwrap();
    SIGNALS.into_iter().filter(move |(signal, _)| ignored & 1 << (signal.as_raw() - 1) == 0)
}

/// The program under way.
struct Run<'a> {
    scene: &'a Scene,
    child: Child,
    stdout: mpsc::Receiver<String>,
    stderr: mpsc::Receiver<String>,
    seen: String,
}

impl<'a> Run<'a> {
    fn start(scene: &'a Scene, args: &[&str]) -> Self {
        Self::of(scene, scene.process(args))
    }

    fn of(scene: &'a Scene, mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { scene, child, stdout, stderr, seen: String::new() }
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until something is so, which it is before the program ends.
    async fn wait_until(&mut self, is_so: impl Fn() -> bool) {
        while !is_so() {
            assert!(self.child.try_wait().unwrap().is_none(), "it ended by itself: {}", self.end().await);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until stderr says something.
    fn wait_for(&mut self, said: &str) {
        while !self.seen.contains(said) {
            self.seen.push_str(&self.stderr.recv().unwrap());
        }
    }

    async fn end(&mut self) -> Shown {
        let status = tokio::task::block_in_place(|| self.child.wait().unwrap());
        self.seen.extend(self.stderr.iter());
        let stdout: String = self.stdout.iter().collect();
        let (stdout, stderr) = (stdout.into_bytes(), self.seen.clone().into_bytes());
        self.scene.shown(&std::process::Output { status, stdout, stderr })
    }
}

fn lines(stream: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (to, from) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let _ = to.send(format!("{}\n", line.unwrap()));
        }
    });
    from
}

async fn sandbox() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    (sandbox, scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_ends_at_once_and_nothing_was_changed() {
    const COMMANDS: [&[&str]; 6] =
        [&["plan"], &["apply", "--yes"], &["people"], &["report"], &["verify"], &["doctor"]];
    for (signal, said) in signals() {
        for command in COMMANDS {
            let (sandbox, scene) = sandbox().await;
            let tenant = sandbox.tenant();
            // Held for ever: only stopping can end it.
            sandbox.fail("GET /v1.0/ hang".parse().unwrap());
            let mut run = Run::start(&scene, command);
            run.wait_until(|| sandbox.is_held_up()).await;
            run.send(signal);
            let shown = run.end().await.code(1);
            let last = shown.stderr.lines().last().unwrap();
            assert!(last.starts_with(&format!("error: {said}")), "{command:?}\n{shown}");
            assert!(last.ends_with("; nothing was changed"), "{command:?}\n{shown}");
            assert!(sandbox.tenant() == tenant);
        }
    }
}

/// The report is what a plan can do without, but not what it makes up when it is told to end.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_could_be_done_without_ends_the_run_too() {
    let (sandbox, scene) = sandbox().await;
    let _ = scene.run(&["plan"]).code(0);
    let others = sandbox.take_requests().len() - 1;
    sandbox.fail("GET /v1.0/reports hang".parse().unwrap());
    let mut run = Run::start(&scene, &["plan"]);
    let answered = std::cell::Cell::new(0);
    let is_answered = |request: &sspr::sandbox::ReceivedRequest| !request.target.contains("/v1.0/reports");
    run.wait_until(|| {
        answered.set(
            answered.get() + sandbox.take_requests().iter().filter(|request| is_answered(request)).count(),
        );
        answered.get() == others && sandbox.is_held_up()
    })
    .await;
    run.send(Signal::INT);
    let shown = run.end().await.code(1);
    assert!(shown.stdout.is_empty(), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_one_document_where_json_is_asked_for() {
    let (sandbox, scene) = sandbox().await;
    sandbox.fail("GET /v1.0/ hang".parse().unwrap());
    let mut run = Run::start(&scene, &["plan", "--format", "json"]);
    run.wait_until(|| sandbox.is_held_up()).await;
    run.send(Signal::TERM);
    let shown = run.end().await.code(1);
    let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["format"], "sspr.error/1");
    assert_eq!(document["error"], "interrupted by SIGTERM; nothing was changed");
    assert_eq!(document["exit"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_finished_and_no_other_begun() {
    for (signal, said) in signals() {
        let (sandbox, scene) = sandbox().await;
        sandbox.fail("PATCH / slow=1000".parse().unwrap());
        let mut run = Run::start(&scene, &["apply", "--yes"]);
        run.wait_until(|| sandbox.is_held_up()).await;
        run.send(signal);
        let shown = run.end().await.code(4);
        assert!(shown.stderr.contains(said), "{shown}");
        assert!(shown.stderr.contains("finishing the current write first"), "{shown}");
        let writes = sandbox.take_requests().into_iter().filter(|request| request.method != "GET");
        let statuses: Vec<u16> = writes.map(|request| request.status).collect();
        assert_eq!(statuses, [204], "{shown}");
        assert_eq!(sandbox.tenant().policy["enablementType"], 0);
        let history = scene.run(&["history"]).code(0);
        assert!(history.stdout.contains("part-way"), "{history}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_waits_for_no_write_and_the_record_says_that_it_was_sent() {
    for hold in ["hang", "landed-then-hang"] {
        for second in signals().map(|(second, _)| second) {
            let (sandbox, scene) = sandbox().await;
            sandbox.fail(format!("PATCH / {hold}").parse().unwrap());
            let mut run = Run::start(&scene, &["apply", "--yes"]);
            run.wait_until(|| sandbox.is_held_up()).await;
            run.send(Signal::TERM);
            tokio::task::block_in_place(|| run.wait_for("finishing the current write first"));
            run.send(second);
            let shown = run.end().await.code(4);
            assert!(shown.stderr.contains("stopped part-way"), "{shown}");
            let journal = journal(&scene.state_dir());
            for event in
                [r#""event":"writing""#, r#""event":"written""#, r#""answer":"lost""#, r#""event":"stopped""#]
            {
                assert!(journal.contains(event), "{event}\n{journal}");
            }
            let history = scene.run(&["history"]).code(0);
            assert!(history.stdout.contains("part-way"), "{history}");
            // What is there now is found out, and gone on from.
            sandbox.heal();
            let _ = scene.run(&["apply", "--yes"]).code(0);
        }
    }
}

/// Returns the only journal below a folder.
fn journal(folder: &Path) -> String {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.is_dir() {
                true => open.push(entry),
                false if entry.ends_with("journal.jsonl") => found.push(entry),
                false => {}
            }
        }
    }
    let [journal] = found.as_slice() else { panic!("{found:?}") };
    std::fs::read_to_string(journal).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_watch_names_no_request() {
    for (signal, said) in signals() {
        let (_sandbox, scene) = sandbox().await;
        let _ = scene.run(&["apply", "--yes"]).code(0);
        let user = ["verify", "--user", "ada@contoso.onmicrosoft.com", "--watch"];
        let mut run = Run::start(&scene, &user);
        tokio::task::block_in_place(|| run.wait_for("Watching the audit log"));
        run.send(signal);
        let shown = run.end().await.code(1);
        assert!(shown.stderr.contains(&format!("error: {said}")), "{shown}");
        assert!(shown.stderr.ends_with("; nothing was changed\n"), "{shown}");
    }
}

#[test]
fn a_question_ends_with_its_run() {
    for (signal, said) in signals() {
        for (args, question) in [(&["apply", "--sandbox"][..], "[y/N] "), (&["init"], "[none] ")] {
            let scene = Scene::new();
            let scene = match args {
                ["init"] => scene,
                _ => scene.file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n"),
            };
            let mut terminal = Terminal::run(&scene, args, On::ALL, 100);
            terminal.wait_for(question);
            terminal.signal(signal);
            let (seen, code) = terminal.end();
            assert_eq!(code, 3, "{seen}");
            assert!(seen.contains(said) && seen.contains("before the question was answered"), "{seen}");
            assert!(seen.contains("Nothing was changed."), "{seen}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_sandbox_ends_well() {
    for (signal, _) in signals() {
        let scene = Scene::new();
        let mut run = Run::start(&scene, &["sandbox", "serve"]);
        tokio::task::block_in_place(|| run.wait_for("Serving the pretend tenant"));
        run.send(signal);
        let _ = run.end().await.code(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_signs_in_ends_with_the_run() {
    for (signal, said) in signals() {
        let scene = Scene::new().example("pilot.yaml");
        let (az, called) = (scene.path().join("az"), scene.path().join("called"));
        crate::common::executable(
            &az,
            "#!/bin/sh\nsleep 1000 &\necho $! > \"$CALLED.new\"; mv \"$CALLED.new\" \"$CALLED\"; wait\n",
        );
        let path = format!("{}:/usr/bin:/bin", scene.path().display());
        let scene = scene.env("PATH", &path).env("CALLED", &called.display().to_string());
        let mut run = Run::start(&scene, &["plan", "--graph-only"]);
        run.wait_until(|| called.exists()).await;
        run.send(signal);
        let shown = run.end().await.code(1);
        assert!(shown.stderr.contains(said), "{shown}");
        let child = std::fs::read_to_string(&called).unwrap();
        let is_running = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
            stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['R', 'S', 'D']))
        };
        until(|| !is_running()).await;
    }
}

/// A pipe as the spec: opening it waits for whoever writes to it.
fn pipe(scene: &Scene) {
    let made = Command::new("mkfifo").arg(scene.path().join("pipe.yaml")).status().unwrap();
    assert!(made.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_never_ends_is_not_waited_for() {
    for (signal, said) in signals() {
        for command in ["plan", "validate"] {
            let scene = Scene::new();
            pipe(&scene);
            let mut run = Run::start(&scene, &[command, "pipe.yaml"]);
            // There is a writer as soon as there is a reader, and it never writes.
            let path = scene.path().join("pipe.yaml");
            let writer = tokio::task::block_in_place(|| File::options().write(true).open(path).unwrap());
            run.send(signal);
            let shown = run.end().await.code(1);
            assert!(shown.stderr.starts_with(&format!("error: {said}")), "{command}\n{shown}");
            drop(writer);
        }
    }
    let scene = Scene::new();
    pipe(&scene);
    let shown = scene.run(&["validate", "pipe.yaml", "--timeout", "1"]).code(1);
    assert_eq!(shown.stderr, "error: the time limit of 1 s is over; nothing was changed\n");
}

/// Returns both ends of a pipe that is full.
fn full_pipe() -> (std::io::PipeReader, std::io::PipeWriter) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    while writer.write(&[b' '; 4096]).is_ok() {}
    fcntl_setfl(&writer, flags).unwrap();
    (reader, writer)
}

/// Whoever opened the pipe and does not read it keeps no run from ending.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_result_without_a_reader_is_not_waited_for() {
    // Each waits for a second or two: all at once.
    let mut runs = tokio::task::JoinSet::new();
    for (signal, said) in signals() {
        for (args, code, shows) in
            [(&["plan"][..], 1, "Nothing was written."), (&["apply", "--yes"], 74, "Contoso matches")]
        {
            runs.spawn(async move {
                let (_sandbox, scene) = sandbox().await;
                let (_reader, writer) = full_pipe();
                let pipe = format!("/proc/{}/fd/{}", std::process::id(), writer.as_raw_fd());
                let mut run = Run::start(&scene, &[args, &["--json-into", &pipe]].concat());
                // The file comes last.
                tokio::task::block_in_place(|| while !run.stdout.recv().unwrap().contains(shows) {});
                run.send(signal);
                let shown = run.end().await.code(code);
                assert!(
                    shown.stderr.contains(said) && shown.stderr.contains(", and no one read it"),
                    "{shown}"
                );
            });
        }
    }
    for args in [&["plan"][..], &["plan", "--format", "json"], &["people"], &["plan", "-vv"]] {
        runs.spawn(async move {
            let (_sandbox, scene) = sandbox().await;
            let (_reader, writer) = full_pipe();
            let mut command = scene.process(&[args, &["--timeout", "1"]].concat());
            let is_loud = args.contains(&"-vv");
            match is_loud {
                true => command.stderr(writer),
                false => command.stdout(writer),
            };
            let output = tokio::task::block_in_place(|| command.stdin(Stdio::null()).output().unwrap());
            let shown = scene.shown(&output).code(1);
            assert!(is_loud || shown.stderr.contains("the time limit of 1 s is over"), "{shown}");
        });
    }
    runs.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_started_to_outlive_its_terminal_does() {
    let (sandbox, scene) = sandbox().await;
    sandbox.fail("GET /v1.0/organization slow=1000 1".parse().unwrap());
    let prepared = scene.process(&["plan"]);
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(prepared.get_program())
        .args(prepared.get_args());
    command.current_dir(scene.path()).env_clear();
    command.envs(prepared.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut run = Run::of(&scene, command);
    run.wait_until(|| sandbox.is_held_up()).await;
    run.send(Signal::HUP);
    let _ = run.end().await.code(0);
}

/// The first process of a container gets no signal that it did not ask for.
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr, reason = "a skipped test says why")]
#[tokio::test(flavor = "multi_thread")]
async fn process_1_of_a_container_ends_as_any_other() {
    let contained = |command: &mut Command| {
        command.args(["--user", "--map-root-user", "--pid", "--fork"]);
    };
    let mut probe = Command::new("unshare");
    contained(&mut probe);
    if !probe.arg("true").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this machine makes no containers for those who are not its administrators");
        return;
    }
    for (signal, said) in signals() {
        let (sandbox, scene) = sandbox().await;
        sandbox.fail("GET /v1.0/ hang".parse().unwrap());
        let prepared = scene.process(&["plan"]);
        let mut command = Command::new("unshare");
        contained(&mut command);
        command.arg(prepared.get_program()).args(prepared.get_args()).current_dir(scene.path()).env_clear();
        command.envs(prepared.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut run = Run::of(&scene, command);
        run.wait_until(|| sandbox.is_held_up()).await;
        let outer = run.child.id();
        let inner = std::fs::read_to_string(format!("/proc/{outer}/task/{outer}/children")).unwrap();
        let inner = Pid::from_raw(inner.trim().parse().unwrap()).unwrap();
        kill_process(inner, signal).unwrap();
        let shown = run.end().await.code(1);
        assert!(shown.stderr.contains(&format!("error: {said}")), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_the_wait_for_proof_leaves_everything_written() {
    let (sandbox, scene) = sandbox().await;
    // The first look is the one before anything is written.
    sandbox.fail("GET /v1.0/auditLogs hang 2-".parse().unwrap());
    let mut run = Run::start(&scene, &["apply", "--yes", "--prove"]);
    run.wait_until(|| sandbox.is_held_up()).await;
    run.send(Signal::TERM);
    let shown = run.end().await.code(5);
    assert!(shown.stdout.contains("interrupted by SIGTERM") && !shown.stdout.contains("GET"), "{shown}");
    assert_eq!(sandbox.tenant().policy["enablementType"], 1);
}
