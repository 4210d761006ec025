//! The composite action's scripts, run as a runner runs them, with a stand-in for GitHub's own program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use sspr::digest::sha256;
use sspr::sandbox::{Sandbox, Seed, TenantState};
use tempfile::TempDir;

use crate::common::{Scene, repository};

/// Answers as `gh` does, from files in its folder, and keeps what it was asked.
const GH: &str = r#"#!/usr/bin/env bash
here=$(cd "$(dirname "$0")/.." && pwd)
echo "$*" >> "$here/asked"
case "$1 $2" in
  "release download") cp "$here"/release/* . ;;
  "attestation verify") test ! -e "$here/forged" ;;
  "api --paginate") cat "$here/comments.json" ;;
  *)
    for word in "$@"; do
      case "$word" in body=@*) cp "${word#body=@}" "$here/sent" ;; esac
    done
    ;;
esac
"#;

/// A runner: its folders, and the programs on its PATH.
struct Runner {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Runner {
    /// Returns a runner; `None`, with the reason on stderr, where the scripts' own programs are missing.
    #[allow(clippy::print_stderr, reason = "a skipped test says why")]
    fn new() -> Option<Self> {
        for program in ["bash", "jq", "tar"] {
            if Command::new(program).arg("--version").output().is_err() {
                eprintln!("skipped: no {program} on this machine");
                return None;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        for name in ["bin", "temp", "release"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let runner = Self { folder, environment: Vec::new() };
        runner.program("gh", GH);
        fs::write(runner.path("comments.json"), "[]").unwrap();
        Some(runner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn env(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.environment.push((name.to_owned(), value.as_ref().display().to_string()));
        self
    }

    fn run(&self, script: &str) -> Output {
        let path = std::env::var("PATH").unwrap();
        Command::new("bash")
            .arg(repository(".github/actions/sspr").join(script))
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_PATH", self.path("github-path"))
            .env("GITHUB_OUTPUT", self.path("github-output"))
            .env("GITHUB_STEP_SUMMARY", self.path("github-summary"))
            .env("GITHUB_REPOSITORY", "contoso/identity")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

fn told(output: &Output) -> String {
    [output.stdout.clone(), output.stderr.clone()].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

/// A runner with a release to install, whose checksums file says `sum`, or the truth.
fn with_release(sum: Option<&str>, pinned: &str) -> Option<Runner> {
    let name = "sspr-1.2.3-x86_64-unknown-linux-musl";
    let runner = Runner::new()?
        .env("RUNNER_OS", "Linux")
        .env("RUNNER_ARCH", "X64")
        .env("SSPR_VERSION", "1.2.3")
        .env("SSPR_REPOSITORY", "contoso/sspr")
        .env("SSPR_SHA256", pinned);
    let inside = runner.path("inside").join(name);
    fs::create_dir_all(&inside).unwrap();
    fs::write(inside.join("sspr"), "#!/bin/sh\necho sspr 1.2.3\n").unwrap();
    let archive = runner.path("release").join(format!("{name}.tar.gz"));
    let packed = Command::new("tar")
        .args(["-czf", archive.to_str().unwrap(), "-C", runner.path("inside").to_str().unwrap(), name])
        .status();
    assert!(packed.unwrap().success());
    let truth = sha256(&fs::read(&archive).unwrap()).trim_start_matches("sha256:").to_owned();
    let sums = format!("0000  other-{name}.tar.gz\n{}  {name}.tar.gz\n", sum.unwrap_or(&truth));
    fs::write(runner.path("release").join("SHA256SUMS"), sums).unwrap();
    Some(runner)
}

#[test]
fn install_puts_a_released_binary_on_path() {
    let Some(runner) = with_release(None, "") else { return };
    let output = runner.run("install.sh");
    assert!(output.status.success(), "{}", told(&output));
    let folder = runner.read("github-path");
    assert!(Path::new(folder.trim()).join("sspr").exists(), "{folder}");
    assert!(runner.read("asked").contains("attestation verify sspr-1.2.3-x86_64-unknown-linux-musl.tar.gz"));
}

#[test]
fn install_refuses_what_was_not_released() {
    let zeros = "0".repeat(64);
    for (sum, pinned, is_forged) in [(Some(&*zeros), "", false), (None, &*zeros, false), (None, "", true)] {
        let Some(runner) = with_release(sum, pinned) else { return };
        if is_forged {
            fs::write(runner.path("forged"), "").unwrap();
        }
        let output = runner.run("install.sh");
        assert!(!output.status.success(), "{sum:?} {pinned} {is_forged}");
        assert_eq!(runner.read("github-path"), "", "{sum:?} {pinned} {is_forged}");
    }
}

/// Runs the action's plan against a tenant, with the program under test on PATH.
async fn plan(seed: Seed, spec: &str) -> Option<(Runner, Output)> {
    plan_with(seed, spec, &[]).await
}

/// As [`plan`], with more inputs of the action.
async fn plan_with(seed: Seed, spec: &str, inputs: &[(&str, &str)]) -> Option<(Runner, Output)> {
    let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
    let scene = Scene::against(&sandbox);
    let prepared = scene.command(&[]);
    let mut runner = Runner::new()?.env("SSPR_FILE", "pilot.yaml").env("SSPR_GRAPH_ONLY", "true");
    std::os::unix::fs::symlink(prepared.get_program(), runner.path("bin").join("sspr")).unwrap();
    for (name, value) in prepared.get_envs() {
        if let (Some(name), Some(value)) = (name.to_str().filter(|name| *name != "PATH"), value) {
            runner = runner.env(name, value);
        }
    }
    for (name, value) in inputs {
        runner = runner.env(name, value);
    }
    fs::write(runner.path("pilot.yaml"), spec).unwrap();
    let output = runner.run("plan.sh");
    Some((runner, output))
}

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  allowed: [email, mobile_app_code]\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_with_changes_is_on_the_runs_page_and_no_failure() {
    let Some((runner, output)) = plan(Seed::Fresh, SPEC).await else { return };
    assert!(output.status.success(), "{}", told(&output));
    let said = runner.read("github-output");
    assert!(said.contains("changes=true\n"), "{said}");
    assert!(
        runner.read("github-summary").starts_with("<!-- sspr:plan:pilot.yaml -->"),
        "{}",
        runner.read("github-summary")
    );
    let saved: Value = serde_json::from_str(&runner.read("temp/sspr-plan.json")).unwrap();
    assert_eq!(saved["format"], "sspr.plan/1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_handed_on_and_said_on_the_runs_page() {
    let Some((runner, output)) =
        plan_with(Seed::Fresh, SPEC, &[("SSPR_EXCEPT", "methods.allowed notifications")]).await
    else {
        return;
    };
    assert!(output.status.success(), "{}", told(&output));
    assert!(
        told(&output).contains("title=left-out::left out with --except: methods.allowed"),
        "{}",
        told(&output)
    );
    assert!(runner.read("github-summary").contains("left out with `--except`: `methods.allowed`"));
    let saved: Value = serde_json::from_str(&runner.read("temp/sspr-plan.json")).unwrap();
    assert_eq!(saved["except"], json!(["methods.allowed"]));
    let Some((_, output)) = plan_with(Seed::Fresh, SPEC, &[("SSPR_EXCEPT", "$(id) -h")]).await else {
        return;
    };
    assert_eq!(output.status.code(), Some(64), "{}", told(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_refused_is_on_the_runs_page_and_fails() {
    let Some((runner, output)) = plan(Seed::Fresh, "version: 1\ngroup: Nobody\n").await else { return };
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert!(runner.read("github-output").contains("changes=false\n"));
    assert!(runner.read("github-summary").contains("Nobody"), "{}", runner.read("github-summary"));
    assert!(told(&output).starts_with("::error "), "{}", told(&output));
}

const PLAN: &str = "<!-- sspr:plan:pilot.yaml -->\n### 2 changes\n\n| a | b |\n";

fn commented(comments: &Value) -> Option<Runner> {
    let runner = Runner::new()?.env("PULL_REQUEST", "7");
    let markdown = runner.path("plan.md");
    fs::write(&markdown, PLAN).unwrap();
    fs::write(runner.path("comments.json"), comments.to_string()).unwrap();
    let runner = runner.env("MARKDOWN", markdown);
    let output = runner.run("comment.sh");
    assert!(output.status.success(), "{}", told(&output));
    Some(runner)
}

fn comment(kind: &str, body: &str) -> Value {
    json!({"id": 42, "user": {"type": kind}, "body": body})
}

#[test]
fn one_comment_is_written_and_then_edited_in_place() {
    let theirs = comment("User", PLAN);
    let others = comment("Bot", "<!-- sspr:plan:other.yaml -->\n");
    let Some(first) = commented(&json!([theirs, others])) else { return };
    assert!(first.read("asked").contains("--method POST repos/contoso/identity/issues/7/comments"));
    assert_eq!(first.read("sent"), PLAN);

    let before = comment("Bot", "<!-- sspr:plan:pilot.yaml -->\r\n### 3 changes\r\n");
    let edited = commented(&json!([theirs, others, before])).unwrap();
    assert!(edited.read("asked").contains("--method PATCH repos/contoso/identity/issues/comments/42"));
    assert!(!edited.read("asked").contains("POST"));

    let same = comment("Bot", &PLAN.replace('\n', "\r\n"));
    let left = commented(&json!([same])).unwrap();
    assert_eq!(left.read("asked").lines().count(), 1, "{}", left.read("asked"));
}

#[test]
fn a_plan_too_long_for_a_comment_is_cut_and_says_so() {
    let Some(runner) = Runner::new() else { return };
    let runner = runner.env("PULL_REQUEST", "7");
    let markdown = runner.path("plan.md");
    fs::write(&markdown, format!("{PLAN}{}", "a line of the plan\n".repeat(10_000))).unwrap();
    let runner = runner.env("MARKDOWN", markdown);
    assert!(runner.run("comment.sh").status.success());
    let sent = runner.read("sent");
    assert!(sent.starts_with(PLAN) && sent.len() < 65_536 && sent.contains("cut here"), "{}", sent.len());
}
