//! The composite action's scripts, run as a runner runs them, with a stand-in for GitHub's own program.

use std::fs;
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
  "issue list" | "pr list") cat "$here/open" 2>/dev/null || true ;;
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
                assert!(std::env::var_os("CI").is_none(), "no {program} on a machine that has to run this");
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
        crate::common::executable(&path, script);
    }

    fn env(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.environment.push((name.to_owned(), value.as_ref().display().to_string()));
        self
    }

    fn run(&self, script: &str) -> Output {
        self.bash(&[repository(".github/actions/sspr").join(script).to_str().unwrap()])
    }

    fn bash(&self, args: &[&str]) -> Output {
        let path = std::env::var("PATH").unwrap();
        Command::new("bash")
            .args(args)
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
    let mut runner = against(&sandbox)?.env("SSPR_FILE", "pilot.yaml").env("SSPR_GRAPH_ONLY", "true");
    for (name, value) in inputs {
        runner = runner.env(name, value);
    }
    fs::write(runner.path("pilot.yaml"), spec).unwrap();
    let output = runner.run("plan.sh");
    Some((runner, output))
}

/// A runner with the program under test on PATH, which reaches a tenant.
fn against(sandbox: &Sandbox) -> Option<Runner> {
    let scene = Scene::against(sandbox);
    let prepared = scene.command(&[]);
    let mut runner = Runner::new()?;
    std::os::unix::fs::symlink(prepared.get_program(), runner.path("bin").join("sspr")).unwrap();
    for (name, value) in prepared.get_envs() {
        if let (Some(name), Some(value)) = (name.to_str().filter(|name| *name != "PATH"), value) {
            runner = runner.env(name, value);
        }
    }
    Some(runner)
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
async fn with_a_snapshot_an_apps_sign_in_shows_all_eight_changes_of_the_tutorial() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let person = Scene::against(&sandbox).example("pilot.yaml");
    let _ = person.run(&["snapshot", "--out", "pilot.snapshot.json"]).code(0);
    let snapshot = fs::read(person.path().join("pilot.snapshot.json")).unwrap();
    let app = sandbox.application_token();
    let Some(runner) = against(&sandbox) else { return };
    let runner = runner
        .env("SSPR_GRAPH_TOKEN", app)
        .env("SSPR_PORTAL_TOKEN", app)
        .env("SSPR_FILE", "pilot.yaml")
        .env("SSPR_GRAPH_ONLY", "true")
        .env("SSPR_PORTAL_AGAINST", "pilot.snapshot.json")
        .env("SSPR_MAX_AGE", "3650");
    fs::copy(repository("examples/pilot.yaml"), runner.path("pilot.yaml")).unwrap();
    let output = runner.run("plan.sh");
    assert!(output.status.success(), "{}", told(&output));
    let said = told(&output);
    assert!(said.contains("::notice title=no-snapshot::There is no pilot.snapshot.json"), "{said}");
    assert!(
        runner.read("github-summary").contains("3 changes in Graph's half; the portal half was not read")
    );
    fs::write(runner.path("pilot.snapshot.json"), snapshot).unwrap();
    let output = runner.run("plan.sh");
    assert!(output.status.success(), "{}", told(&output));
    let comment = runner.read("temp/sspr-plan.md");
    assert!(comment.contains("### sspr plan: 8 changes\n"), "{comment}");
    assert!(comment.contains("> Portal half as of `2026-11-22 00:00 UTC` ("), "{comment}");
    assert_eq!(comment.matches("| portal, as of 2026").count(), 5, "{comment}");
    assert_eq!(comment.matches("| graph, read now |").count(), 3, "{comment}");
    let plan = fs::read_to_string(repository("examples/github/plan.yml")).unwrap();
    assert!(plan.contains("          portal-against: pilot.snapshot.json\n"));
}

/// Each guard holds unless its input lifts it, word for word.
#[tokio::test(flavor = "multi_thread")]
async fn guards_hold_unless_an_input_lifts_them() {
    let everyone = "version: 1\nscope: all\n";
    for (seed, spec, input, lifting, holding) in [
        (Seed::Fresh, SPEC, "SSPR_MAX_PEOPLE", "8", "7"),
        (Seed::Fresh, everyone, "SSPR_ALLOW_ALL_USERS", "true", "yes"),
    ] {
        for (value, code) in [(lifting, 0), (holding, 3)] {
            let inputs = [("SSPR_GRAPH_ONLY", "false"), (input, value)];
            let Some((_, output)) = plan_with(seed, spec, &inputs).await else { return };
            assert_eq!(output.status.code(), Some(code), "{input}={value}\n{}", told(&output));
        }
    }
    // What lifts nothing here is still understood.
    let inputs = [("SSPR_ALLOW_RAISING_REQUIRED", "true"), ("SSPR_ALLOW_LOCKOUT", "true")];
    let Some((_, output)) = plan_with(Seed::Fresh, SPEC, &inputs).await else { return };
    assert!(output.status.success(), "{}", told(&output));
    let action = fs::read_to_string(repository(".github/actions/sspr/action.yml")).unwrap();
    for input in [
        "max-people",
        "allow-all-users",
        "allow-raising-required",
        "allow-lockout",
        "except",
        "portal-against",
        "max-age",
    ] {
        let variable = format!("SSPR_{}", input.to_uppercase().replace('-', "_"));
        assert!(action.contains(&format!("        {variable}: ${{{{ inputs.{input} }}}}\n")), "{input}");
    }
}

/// The scripts in the steps of a workflow, by the steps' names.
fn script(workflow: &str, step: &str) -> String {
    let text = fs::read_to_string(repository(workflow)).unwrap();
    let workflow: Value = serde_yaml::from_str(&text).unwrap();
    let jobs = workflow["jobs"].as_object().unwrap();
    let mut steps = jobs.values().flat_map(|job| job["steps"].as_array().unwrap());
    let found = steps.find(|found| found["name"] == step).unwrap_or_else(|| panic!("no step {step}"));
    found["run"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_opens_one_issue_keeps_it_and_closes_it() {
    const FILE: &str = "examples/github/drift-issue.yml";
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let Some(runner) = against(&sandbox) else { return };
    let verify = script(FILE, "Verify");
    let runs = |spec: &str, code: i32, open: &str| {
        fs::write(runner.path("pilot.yaml"), spec).unwrap();
        fs::write(runner.path("open"), open).unwrap();
        let _ = (fs::remove_file(runner.path("asked")), fs::remove_file(runner.path("github-output")));
        let output = runner.bash(&["-e", "-c", &verify]);
        assert!(output.status.success(), "{}", told(&output));
        assert_eq!(runner.read("github-output"), format!("code={code}\n"));
        let issue = format!("CODE={code}\n{}", script(FILE, "Keep one issue"));
        let output = runner.bash(&["-e", "-c", &issue]);
        assert!(output.status.success(), "{}", told(&output));
        let asked: Vec<String> = runner.read("asked").lines().skip(2).map(str::to_owned).collect();
        asked
    };
    let (same, other) = ("version: 1\nadministrators:\n  allow_sspr: true\n", SPEC);
    assert_eq!(runs(same, 0, ""), Vec::<String>::new());
    let create =
        "issue create --title The tenant differs from pilot.yaml --label sspr-drift --body-file drift.md";
    assert_eq!(runs(other, 5, ""), [create]);
    assert!(runner.read("drift.md").contains("sspr verify"), "{}", runner.read("drift.md"));
    assert_eq!(runs(other, 5, "12"), ["issue edit 12 --body-file drift.md"]);
    assert_eq!(runs(same, 0, "12"), ["issue close 12 --comment The tenant matches pilot.yaml again."]);
    // What is no answer says nothing of the tenant, and fails.
    fs::write(runner.path("pilot.yaml"), "version: 2\n").unwrap();
    assert_eq!(runner.bash(&["-e", "-c", &verify]).status.code(), Some(65));
}

const ROLLOUT: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\nrollout:\n  # How many.\n  open: 1\n  rings:\n    - group: SSPR-Ring-IT\n    \
                       - group: SSPR-Ring-Office\n      after: {ready: 50%}\nnotifications:\n  users: true\n";

/// A runner at a tenant whose first ring is open, with the file that opened it, and one that answers for `git`.
async fn with_a_ring_open() -> Option<(Sandbox, Runner)> {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Rings)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", ROLLOUT);
    let _ = scene.run(&["apply", "--yes", "--graph-only"]).code(0);
    let runner = against(&sandbox)?
        .env("GITHUB_SHA", "the-commit")
        .env("GH_REPO", "contoso/identity")
        .env("OPEN", "2");
    runner.program("git", "#!/usr/bin/env bash\nhere=$(cd \"$(dirname \"$0\")/..\" && pwd)\necho \"git $*\" >> \"$here/asked\"\n");
    runner.program(
        "az",
        "#!/usr/bin/env bash\nhere=$(cd \"$(dirname \"$0\")/..\" && pwd)\necho \"az $*\" >> \"$here/asked\"\n\
                          case \"$*\" in *'pr list'*) cat \"$here/open\" 2>/dev/null || true ;; esac\n",
    );
    fs::write(runner.path("pilot.yaml"), ROLLOUT).unwrap();
    Some((sandbox, runner))
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_gate_holds_one_pull_request_opens_the_next_ring() {
    const FILE: &str = "examples/github/rollout.yml";
    let Some((_sandbox, runner)) = with_a_ring_open().await else { return };
    let ask = || runner.bash(&["-e", "-c", &script(FILE, "Ask the gate")]);
    let output = ask();
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(runner.read("github-output"), "open=2\n");
    assert!(runner.read("github-summary").contains("SSPR-Ring-Office"));
    let open = || runner.bash(&["-e", "-c", &script(FILE, "Open the pull request")]);
    fs::write(runner.path("open"), "7").unwrap();
    assert!(open().status.success());
    assert_eq!(runner.read("asked").lines().count(), 1, "{}", runner.read("asked"));
    fs::write(runner.path("open"), "").unwrap();
    let output = open();
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(runner.read("pilot.yaml"), ROLLOUT.replace("open: 1", "open: 2"));
    let asked = runner.read("asked");
    let asked: Vec<&str> = asked.lines().skip(2).collect();
    assert_eq!(asked[0], "git rev-parse the-commit:pilot.yaml");
    assert!(asked[1].ends_with("ref=refs/heads/sspr-rollout-2 --field sha=the-commit"), "{asked:?}");
    assert!(asked[2].starts_with("api --method PUT repos/contoso/identity/contents/pilot.yaml"), "{asked:?}");
    assert_eq!(asked[3], "pr create --head sspr-rollout-2 --title rollout.open: 2 --body-file rings.md");
    // Merged and not applied yet: nothing is asked for. Nothing to change, and no answer, are failures.
    fs::remove_file(runner.path("github-output")).unwrap();
    assert!(ask().status.success());
    assert_eq!(runner.read("github-output"), "");
    assert_eq!(open().status.code(), Some(1));
    fs::write(runner.path("pilot.yaml"), "version: 2\n").unwrap();
    assert_eq!(ask().status.code(), Some(65));
}

#[tokio::test(flavor = "multi_thread")]
async fn azure_pipelines_opens_the_same_pull_request() {
    let Some((sandbox, runner)) = with_a_ring_open().await else { return };
    let text = fs::read_to_string(repository("examples/azure-pipelines/rollout.yml")).unwrap();
    let pipeline: Value = serde_yaml::from_str(&text).unwrap();
    let steps = pipeline["steps"].as_array().unwrap();
    // The task's own sign-in is the Azure CLI's.
    let ask = steps[2]["inputs"]["inlineScript"].as_str().unwrap().replace("--auth azure-cli ", "");
    let output = runner.bash(&["-c", &ask]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(told(&output).contains("##vso[task.setvariable variable=open]2\n"), "{}", told(&output));
    let open = steps[3]["bash"].as_str().unwrap();
    fs::write(runner.path("open"), "7").unwrap();
    assert!(runner.bash(&["-c", open]).status.success());
    assert_eq!(runner.read("asked").lines().count(), 1, "{}", runner.read("asked"));
    fs::write(runner.path("open"), "").unwrap();
    let output = runner.bash(&["-c", open]);
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(runner.read("pilot.yaml"), ROLLOUT.replace("open: 1", "open: 2"));
    let asked = runner.read("asked");
    for line in [
        "git switch --create sspr-rollout-2\n",
        "git push --force origin sspr-rollout-2\n",
        "az repos pr create ",
    ] {
        assert!(asked.contains(line), "{asked}");
    }
    sandbox.edit(|tenant| tenant.users.iter_mut().for_each(|user| user.methods.clear()));
    fs::write(runner.path("pilot.yaml"), ROLLOUT).unwrap();
    let output = runner.bash(&["-c", &ask]);
    assert!(output.status.success() && !told(&output).contains("setvariable"), "{}", told(&output));
}

/// The lines by which the apps are made, run with stand-ins; those for PowerShell say the same.
#[test]
fn the_lines_that_set_github_up_register_and_trust_what_the_workflows_need() {
    let page = fs::read_to_string(repository("docs/pipelines.md")).unwrap();
    let (_, section) = page.split_once("### To set it up\n").unwrap();
    let block = |language: &str| {
        let (_, rest) = section.split_once(&format!("```{language}\n")).unwrap();
        rest.split_once("\n```").unwrap().0.to_owned()
    };
    let Some(runner) = Runner::new() else { return };
    let az = "#!/usr/bin/env bash\nhere=$(cd \"$(dirname \"$0\")/..\" && pwd)\necho \"$*\" >> \"$here/asked\"\n\
              case \"$*\" in\n  *federated*) cat credential.json >> \"$here/credentials\" ;;\n  *'app create'*) echo the-app ;;\n  \
              *'account show'*) echo the-tenant ;;\n  *'sp show'*) echo a-role ;;\nesac\n";
    runner.program("az", az);
    let output = runner.bash(&["-e", "-c", &block("sh")]);
    assert!(output.status.success(), "{}", told(&output));
    let credentials: Vec<Value> = serde_json::Deserializer::from_str(&runner.read("credentials"))
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    let subjects: Vec<&str> = credentials.iter().map(|one| one["subject"].as_str().unwrap()).collect();
    let named = ["pull_request", "ref:refs/heads/main", "environment:sspr"];
    assert_eq!(subjects, named.map(|subject| format!("repo:OWNER/REPOSITORY:{subject}")));
    for credential in &credentials {
        assert_eq!(credential["issuer"], "https://token.actions.githubusercontent.com");
        assert_eq!(credential["audiences"], json!(["api://AzureADTokenExchange"]));
    }
    let asked = runner.read("asked");
    let permissions: Vec<&str> =
        asked.split("appRoles[?value=='").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect();
    assert_eq!(permissions.len(), 13, "{permissions:?}");
    assert_eq!(permissions[12], "Policy.ReadWrite.AuthenticationMethod");
    let powershell = block("powershell");
    let known = sspr::tenant::graph_permissions::ACCESSES.iter().map(|access| access.permission.name);
    let known: Vec<&str> = known.collect();
    for permission in &permissions {
        assert!(known.contains(permission), "nothing of sspr takes {permission}");
        assert!(powershell.contains(&format!("'{permission}'")), "{permission}");
    }
    for word in
        [named.as_slice(), &["sspr-reader", "sspr-writer", "admin-consent", "AZURE_TENANT_ID"]].concat()
    {
        assert!(powershell.contains(word), "{word}");
    }
    assert!(asked.contains("variable set SSPR_WRITER_CLIENT_ID --body the-app"), "{asked}");
}

/// The comment in the document is what the action writes, as GitHub shows it; `SNAPSHOTS=overwrite` makes it anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_comment_in_the_document_is_a_real_one() {
    let pilot = fs::read_to_string(repository("examples/pilot.yaml")).unwrap();
    let Some((runner, output)) = plan(Seed::Fresh, &pilot).await else { return };
    assert!(output.status.success(), "{}", told(&output));
    let folder = runner.path("temp").display().to_string();
    let comment = runner.read("temp/sspr-plan.md").replace(&folder, "$RUNNER_TEMP");
    // Without the hidden marker, and set off from the page.
    let quoted: String =
        comment.lines().skip(1).map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
    let path = repository("docs/pipelines.md");
    let page = fs::read_to_string(&path).unwrap();
    let begin = page.find("a test makes it -->\n").unwrap() + "a test makes it -->\n".len();
    let end = page.find("<!-- comment: end -->").unwrap();
    let made = format!("{}\n{quoted}\n{}", &page[..begin], &page[end..]);
    snapbox::assert_data_eq!(made, snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)));
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
