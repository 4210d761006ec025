//! What each exit code says of the tenant is true of it, whatever a write meets.

use serde_json::json;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

/// Everything a write can meet. `1` is its first call: the second goes through.
const FAULTS: [&str; 30] = [
    "none",
    "landed-then-status=302",
    "landed-then-status=400",
    "landed-then-status=401",
    "landed-then-status=403",
    "landed-then-status=404",
    "landed-then-status=409",
    "landed-then-status=429",
    "landed-then-status=503",
    "landed-then-status=500",
    "landed-then-reset",
    "truncated",
    "status=400 1",
    "status=401 1",
    "status=403",
    "status=404",
    "status=409 1",
    "status=412",
    "status=429",
    "status=500",
    "status=500 1",
    "redirect=https://elsewhere.invalid/",
    "throttle=0",
    "throttle=0 1",
    "throttle=3600",
    "unavailable=0",
    "unavailable=0 1",
    "reset",
    "reset 1",
    "lying-success",
];

const COMMANDS: [&[&str]; 5] =
    [&["apply"], &["cleanup"], &["rollback"], &["cleanup", "--restore"], &["doctor", "--probe-write"]];

/// Graph's authorization policy first, the portal's policy last.
const SPEC: &str =
    "version: 1\ngroup: SSPR-Pilot\nnotifications:\n  admins: false\nadministrators:\n  allow_sspr: false\n";

/// Someone else's edit, of what no spec here manages.
fn edit(tenant: &mut TenantState) {
    tenant.policy["securityQuestions"] = json!(["theirs"]);
}

struct Case {
    args: Vec<&'static str>,
    start: TenantState,
    end: TenantState,
    /// The methods and paths that the command writes, in order.
    writes: Vec<(String, String)>,
}

impl Case {
    async fn of(command: &[&'static str]) -> Self {
        let args = [command, &["--yes", "--pace", "1"]].concat();
        let args = if command[0] == "doctor" { args } else { [&args[..], &["--wait", "0"]].concat() };
        let (sandbox, scene, start) = begun(&args).await;
        let _ = scene.run(&args).code(0);
        let requests = sandbox.take_requests().into_iter().filter(|request| request.method != "GET");
        let writes = requests.map(|request| (request.method, request.target)).collect();
        Self { args, start, end: sandbox.tenant(), writes }
    }

    async fn meets(&self, (method, path): &(String, String), fault: &str, is_edited: bool) {
        let (sandbox, scene, _) = begun(&self.args).await;
        let rule = format!("{method} {path} {fault}").parse().unwrap();
        match is_edited {
            true => sandbox.fail_and_edit(rule, edit),
            false => sandbox.fail(rule),
        }
        let shown = scene.run(&self.args);
        let context = format!("{:?} {method} {path} {fault}, edited: {is_edited}\n{shown}", self.args);
        let edited = |mut tenant: TenantState| {
            // It is theirs from the first time on that the request came.
            if is_edited {
                edit(&mut tenant);
            }
            tenant
        };
        let (start, end, now) = (edited(self.start.clone()), edited(self.end.clone()), sandbox.tenant());
        match shown.code {
            0 => assert!(now == end, "{context}done, and it is not"),
            1 | 3 | 77 => {
                assert!(now == start, "{context}something was changed");
                assert!(shown.stderr.contains("othing was changed"), "{context}");
            }
            4 => {
                assert!(!shown.stderr.contains("othing was changed"), "{context}");
                assert!(shown.stderr.contains("journal"), "{context}");
                assert!(shown.stderr.contains("sspr rollback"), "{context}");
            }
            _ => panic!("{context}"),
        }
        assert_eq!(now.policy["futureNested"], self.start.policy["futureNested"], "{context}");
        if is_edited {
            assert_eq!(now.policy["securityQuestions"], json!(["theirs"]), "{context}");
        }
    }
}

async fn begun(args: &[&str]) -> (Sandbox, Scene, TenantState) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    if args[0] == "rollback" || args.contains(&"--restore") {
        let _ = scene.run(&["apply", "--yes", "--wait", "0"]).code(0);
        sandbox.take_requests();
    }
    let start = sandbox.tenant();
    (sandbox, scene, start)
}

async fn every_fault_of(command: &[&'static str]) {
    let case = Case::of(command).await;
    assert!(!case.writes.is_empty(), "{command:?}");
    for write in &case.writes {
        for fault in FAULTS {
            case.meets(write, fault, false).await;
        }
    }
    // The edit is of the policy, and what is meant is that its write is not sent over it.
    let policy = case.writes.iter().find(|(_, path)| path.ends_with("/PasswordResetPolicies")).unwrap();
    for fault in ["throttle=0 1", "unavailable=0 1", "reset 1", "status=502 1", "status=403", "status=409 1"]
    {
        case.meets(policy, fault, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_exit_codes_sentence_is_true_of_the_tenant_apply() {
    every_fault_of(COMMANDS[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_exit_codes_sentence_is_true_of_the_tenant_cleanup() {
    every_fault_of(COMMANDS[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_exit_codes_sentence_is_true_of_the_tenant_rollback() {
    every_fault_of(COMMANDS[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_exit_codes_sentence_is_true_of_the_tenant_restore() {
    every_fault_of(COMMANDS[3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_exit_codes_sentence_is_true_of_the_tenant_probe() {
    every_fault_of(COMMANDS[4]).await;
}

/// A write that landed and was answered with anything counts, and the journal says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_landed_counts_whatever_it_was_answered() {
    for status in [302, 400, 401, 403, 404, 409, 412, 429] {
        let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
        sandbox.fail(format!("PUT /api landed-then-status={status}").parse().unwrap());
        let shown = scene.run(&["apply", "--yes", "--pace", "1"]).code(0);
        assert!(shown.stderr.contains(&status.to_string()), "{shown}");
        assert!(shown.stderr.contains("the tenant shows the write"), "{shown}");
        let puts = sandbox.take_requests().into_iter().filter(|request| request.method == "PUT").count();
        assert_eq!(puts, 1, "{status}");
        sandbox.heal();
        let _ = scene.run(&["rollback", "--yes"]).code(0);
        assert!(sandbox.tenant() == TenantState::seeded(Seed::Configured), "{status}");
    }
}

/// A refusal that cannot be checked leaves it open.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_refused_and_cannot_be_read_back_is_unknown() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let spec = "version: 1\nnotifications:\n  admins: false\n";
    let scene = Scene::against(&sandbox).file("pilot.yaml", spec);
    sandbox.fail("PUT /api status=403".parse().unwrap());
    sandbox.fail("GET /api status=403 3-".parse().unwrap());
    let shown = scene.run(&["apply", "--yes"]).code(4);
    assert!(shown.stderr.contains("could not be read back"), "{shown}");
}

/// What never left this machine is not looked for.
#[tokio::test(flavor = "multi_thread")]
async fn the_run_that_only_wrote_its_intent_is_known_as_sent_unless_it_says_otherwise() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let spec = "version: 1\nnotifications:\n  admins: false\n";
    let scene = Scene::against(&sandbox).file("pilot.yaml", spec);
    let _ = scene.run(&["apply", "--yes"]).code(0);
    // As a disk that was full for one record leaves it: sent, and `written` is missing.
    let tenant = scene.state_dir().join(sandbox.tenant().tenant_id.to_string());
    let runs = std::fs::read_dir(&tenant).unwrap().map(|run| run.unwrap().path());
    let journal = runs.map(|run| run.join("journal.jsonl")).find(|path| path.is_file()).unwrap();
    let text = std::fs::read_to_string(&journal).unwrap();
    let mut kept: String = text
        .lines()
        .take_while(|line| !line.contains(r#""event":"written""#))
        .map(|line| format!("{line}\n"))
        .collect();
    kept.push_str("{\"event\":\"stopped\",\"reason\":\"the journal could not be written\",\"sent\":true}\n");
    std::fs::write(&journal, kept).unwrap();
    std::fs::remove_file(journal.with_file_name("seal.json")).unwrap();
    let shown = scene.run(&["rollback", "--yes"]).code(0);
    assert!(shown.stdout.contains("Applied 1 change"), "{shown}");
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Configured));
}
