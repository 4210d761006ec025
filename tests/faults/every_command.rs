//! Every command against everything that can go wrong with each of its requests: the code, what the tenant
//! looks like afterwards, how often each write was sent, and whether the message names the surface.

use std::collections::BTreeSet;

use sspr::sandbox::{ReceivedRequest, Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

/// Faults of a read that pass.
const PASSING: [&str; 2] = ["reset 1", "throttle=0 1"];
/// Faults of a read that stay.
const STAYING: [&str; 4] = ["status=500", "status=403", "html", "redirect=https://elsewhere.invalid/"];

/// What a write's fault leads to.
enum End {
    /// As if nothing had happened.
    Done,
    /// Some writes landed, or may have.
    PartWay,
    /// This one did not happen; ones before it may have.
    Refused,
}

/// Faults of a write, what they lead to, and how often the write is sent.
const WRITE_FAULTS: [(&str, End, usize); 8] = [
    ("landed-then-reset 1", End::Done, 1),
    ("landed-then-status=500 1", End::Done, 1),
    ("reset 1", End::Done, 2),
    ("status=502 1", End::Done, 2),
    ("throttle=0 1", End::Done, 2),
    ("status=500", End::PartWay, 2),
    ("lying-success", End::PartWay, 1),
    ("status=403", End::Refused, 1),
];

struct Met {
    shown: Shown,
    before: TenantState,
    after: TenantState,
    requests: Vec<ReceivedRequest>,
}

async fn run(command: &[&str], rule: Option<&str>) -> Met {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    if needs_an_apply(command) {
        let shown = scene.run(&["apply", "--yes", "--wait", "0"]);
        assert_eq!(shown.code, 0, "{shown}");
        sandbox.take_requests();
    }
    if let Some(rule) = rule {
        sandbox.fail(rule.parse().unwrap());
    }
    let before = sandbox.tenant();
    let shown = scene.run(&[command, &["--pace", "1"]].concat());
    Met { shown, before, after: sandbox.tenant(), requests: sandbox.take_requests() }
}

/// Whether a command has nothing to do before the pilot was applied from this machine.
fn needs_an_apply(command: &[&str]) -> bool {
    command[0] == "rollback" || command[0] == "verify" || command.contains(&"--restore")
}

async fn meet_everything(command: &[&str], healthy_code: i32) {
    let healthy = run(command, None).await;
    assert_eq!(healthy.shown.code, healthy_code, "{}", healthy.shown);
    let routes: BTreeSet<(String, String)> = healthy.requests.iter().map(route).collect();
    assert!(routes.len() >= 2, "{routes:?}");
    for (method, path) in routes.iter().filter(|(_, path)| path != "/") {
        if method == "GET" {
            for fault in PASSING {
                let met = run(command, Some(&format!("GET {path} {fault}"))).await;
                assert_eq!(met.shown.code, healthy_code, "{command:?} GET {path} {fault}\n{}", met.shown);
                assert_eq!(met.after, healthy.after, "{command:?} GET {path} {fault}");
            }
            for fault in STAYING {
                stays(command, &healthy, path, fault).await;
            }
        } else {
            for (fault, end, sends) in &WRITE_FAULTS {
                write(command, &healthy, (method, path), (fault, end, *sends)).await;
            }
        }
    }
}

async fn stays(command: &[&str], healthy: &Met, path: &str, fault: &str) {
    let met = run(command, Some(&format!("GET {path} {fault}"))).await;
    let context = format!("{command:?} GET {path} {fault}\n{}", met.shown);
    // What a command can do without is unknown: it goes on, and says so.
    if met.shown.code == healthy.shown.code {
        // No one in the group is synchronised and the spec says nothing of writeback: nothing rests on it.
        if path.ends_with("/onPremisesSynchronization") {
            return;
        }
        assert_says_what_is_unknown(&met.shown, &healthy.shown, &context);
        return;
    }
    // What a guard rests on, and is unknown, holds it.
    let is_held = |code: &str| met.shown.stdout.contains(&format!("\n  {code}  "));
    if met.shown.code == 3 && (is_held("count-unknown") || is_held("lockout-unknown")) {
        assert!(met.requests.iter().all(|request| request.method == "GET"), "{context}");
        assert_eq!(met.after, met.before, "{context}");
        return;
    }
    let expected = match (command[0], fault) {
        ("doctor", _) => 5,
        (_, "status=403") => 77,
        _ => 1,
    };
    let has_written = met.requests.iter().any(|request| request.method != "GET");
    assert_eq!(met.shown.code, if has_written { 4 } else { expected }, "{context}");
    if !has_written {
        assert_eq!(met.after, met.before, "{context}");
    }
    assert_names_the_surface(&met.shown, path, &context);
}

async fn write(
    command: &[&str],
    healthy: &Met,
    (method, path): (&str, &str),
    (fault, end, sends): (&str, &End, usize),
) {
    let met = run(command, Some(&format!("{method} {path} {fault}"))).await;
    let context = format!("{command:?} {method} {path} {fault}\n{}", met.shown);
    let wrote = |request: &&ReceivedRequest| request.method == method && request.target == path;
    assert_eq!(met.requests.iter().filter(wrote).count(), sends, "{context}");
    let landed = met.requests.iter().any(|request| request.method != "GET" && request.status == 204);
    match end {
        End::Done => {
            assert_eq!(met.shown.code, healthy.shown.code, "{context}");
            assert_eq!(met.after, healthy.after, "{context}");
            return;
        }
        End::PartWay => assert_eq!(met.shown.code, 4, "{context}"),
        End::Refused => assert_eq!(met.shown.code, if landed { 4 } else { 77 }, "{context}"),
    }
    if matches!(end, End::Refused) && !landed {
        assert_eq!(met.after, met.before, "{context}");
    }
    for field in
        ["securityQuestions", "futureNested", "futurePolicyRevision", "skipRegistrationMaxAllowedDays"]
    {
        assert_eq!(met.after.policy[field], met.before.policy[field], "{context}");
    }
    if fault != "lying-success" {
        assert_names_the_surface(&met.shown, path, &context);
    }
}

/// Looks in what was not said when all was well.
fn assert_says_what_is_unknown(shown: &Shown, healthy: &Shown, context: &str) {
    let said = |shown: &Shown| format!("{}{}", shown.stdout, shown.stderr);
    let usual = said(healthy);
    let words = ["unknown", "Unknown", "could not", "unread", "not known"];
    let said = said(shown);
    let is_said = |line: &str| words.iter().any(|word| line.contains(word));
    assert!(said.lines().any(|line| !usual.lines().any(|usual| usual == line) && is_said(line)), "{context}");
}

fn assert_names_the_surface(shown: &Shown, path: &str, context: &str) {
    let surface = if path.starts_with("/api/") { "portal: " } else { "graph: " };
    assert!(shown.stderr.contains(surface) || shown.stdout.contains(surface), "{context}");
}

fn route(request: &ReceivedRequest) -> (String, String) {
    let path = request.target.split('?').next().unwrap_or_default();
    (request.method.clone(), path.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn plan() {
    meet_everything(&["plan"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apply() {
    meet_everything(&["apply", "--yes", "--wait", "0"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup() {
    meet_everything(&["cleanup", "--yes", "--wait", "0"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_that_restores() {
    meet_everything(&["cleanup", "--restore", "--yes", "--wait", "0"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback() {
    meet_everything(&["rollback", "--yes", "--wait", "0"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status() {
    meet_everything(&["status"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people() {
    meet_everything(&["people"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verify() {
    meet_everything(&["verify"], 0).await;
    meet_everything(&["verify", "--user", "ada@contoso.onmicrosoft.com"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn report() {
    meet_everything(&["report"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn import() {
    meet_everything(&["import"], 0).await;
}

/// Neither has a request that could meet anything.
#[tokio::test(flavor = "multi_thread")]
async fn history_and_validate() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let _ = scene.run(&["apply", "--yes", "--wait", "0"]).code(0);
    sandbox.take_requests();
    for fault in ["* / status=500", "* / reset", "* / hang"] {
        sandbox.fail(fault.parse().unwrap());
        let shown = scene.run(&["history"]).code(0);
        assert!(shown.stdout.contains("done, in effect: "), "{shown}");
        let _ = scene.run(&["validate"]).code(0);
        sandbox.heal();
    }
    assert!(sandbox.take_requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor() {
    meet_everything(&["doctor"], 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn timeout_ends_a_run_that_takes_too_long() {
    for (command, code) in [(&["plan", "--timeout", "1"][..], 1), (&["apply", "--yes", "--timeout", "1"], 1)]
    {
        let met = run(command, Some("GET /api hang")).await;
        assert_eq!(met.shown.code, code, "{}", met.shown);
        assert!(met.shown.stderr.contains("the time limit of 1 s is over"), "{}", met.shown);
        assert_eq!(met.after, met.before);
    }
}
