//! A write meets a fault, and then the process is killed, at what it does about the fault: the retry, the look
//! before it, or the read-back. The next run converges, and the way back is exact.

use std::fs;
use std::path::Path;

use serde_json::json;
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use super::killed::{assert_baseline_tells, assert_between, killed_while_held, spawn, spec_for};
use crate::common::Scene;

/// What a write, or the reading back of it, meets: `W` stands for the write, `R` for the look after it, and `E` for a
/// write during whose wait someone adds a group to a method. The same faults as every command meets in `faults`,
/// and the stale read.
const FAULTS: [&str; 14] = [
    "W landed-then-reset",
    "W landed-then-status=500",
    "W reset",
    "W status=502",
    "W throttle=0",
    "W status=500",
    "W lying-success",
    "W status=403",
    "W landed-then-status=409",
    "W unavailable=0",
    "R stale",
    "E throttle=0",
    "E unavailable=0",
    "E reset",
];

/// How many requests after the fault the process is killed.
const LATER: [usize; 2] = [1, 2];

const COMMANDS: [&[&str]; 4] = [&["apply"], &["cleanup"], &["rollback"], &["cleanup", "--restore"]];

/// A command, where it starts, and what it does when nothing is in its way.
struct Attempt {
    args: Vec<&'static str>,
    spec: String,
    seed: TenantState,
    /// Where it starts: everything but the first apply comes after one.
    start: TenantState,
    records: tempfile::TempDir,
    end: TenantState,
    /// The ordinal of each write among all requests, and of the last read before it among all reads.
    writes: Vec<(usize, usize)>,
    /// Those of them that add a ring to the pilot group or remove one.
    of_rings: Vec<(usize, usize)>,
}

impl Attempt {
    async fn of(command: &[&'static str], seed: Seed) -> Self {
        let tenant = TenantState::seeded(seed);
        let args = [command, &["--yes", "--pace", "1", "--wait", "5"]].concat();
        let sandbox = Sandbox::start(tenant.clone()).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", spec_for(seed));
        if command != ["apply"] {
            let _ = scene.run(&["apply", "--yes"]).code(0);
        }
        let records = crate::common::folder();
        copy(&scene.state_dir(), records.path());
        let start = sandbox.tenant();
        sandbox.take_requests();
        let _ = scene.run(&args).code(0);
        let requests = sandbox.take_requests();
        let is_read = |at: &usize| requests[*at].method == "GET";
        let place = |at: usize| (at + 1, (0..at).filter(is_read).count());
        let writes: Vec<usize> = (0..requests.len()).filter(|at| !is_read(at)).collect();
        let is_of_ring = |at: &&usize| requests[**at].target.ends_with("/$ref");
        let of_rings = writes.iter().filter(is_of_ring).map(|at| place(*at)).collect();
        let writes = writes.iter().map(|at| place(*at)).collect();
        let (spec, end) = (spec_for(seed), sandbox.tenant());
        Self { args, spec, seed: tenant, start, records, end, writes, of_rings }
    }

    /// Runs until a write met its fault and `later` more requests were made, kills there, and runs again.
    async fn survives(&self, write: usize, fault: &str, later: usize) {
        let (request, reads) = self.writes[write];
        let context = format!("{:?} write {} {fault}, killed {later} later", self.args, write + 1);
        let sandbox = Sandbox::start(self.start.clone()).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", &self.spec);
        copy(self.records.path(), &scene.state_dir());
        // The look after a write is one request further on.
        let is_edited = fault.starts_with('E');
        let with_edit = |tenant: &TenantState| {
            let mut tenant = tenant.clone();
            if is_edited {
                add_their_group(&mut tenant);
            }
            tenant
        };
        let (start, end, seed) = (with_edit(&self.start), with_edit(&self.end), with_edit(&self.seed));
        let (rule, met_at) = match fault.split_once(' ').unwrap() {
            ("R", fault) => (format!("GET / {fault} {}", reads + 1), request + 1),
            (_, fault) => (format!("* / {fault} {request}"), request),
        };
        match is_edited {
            true => sandbox.fail_and_edit(rule.parse().unwrap(), add_their_group),
            false => sandbox.fail(rule.parse().unwrap()),
        }
        sandbox.fail(format!("* / hang {}", met_at + later).parse().unwrap());
        let mut child = spawn(&scene, &self.args);
        let is_killed = killed_while_held(&sandbox, &mut child).await;
        sandbox.heal();
        // Refused or unproven, a run may end before that.
        assert!(is_killed || fault.contains("403") || later > 1, "{context}: it ended before it was killed");
        assert_baseline_tells(&scene, &self.seed, true, &context);
        assert_between(&start, &sandbox.tenant(), &end);
        let again = scene.run(&self.args);
        assert_eq!(again.code, 0, "{context}\n{again}");
        assert!(sandbox.tenant() == end, "{context} does not converge");
        let back = scene.run(&["cleanup", "--restore", "--yes"]);
        assert_eq!(back.code, 0, "{context}\n{back}");
        assert!(sandbox.tenant() == seed, "{context}: the way back is not exact");
    }
}

/// Someone gives Email, which is on in every seed, to one more group.
fn add_their_group(tenant: &mut TenantState) {
    let methods = tenant.methods["authenticationMethodConfigurations"].as_array_mut().unwrap();
    let email = methods.iter_mut().find(|method| method["id"] == "Email").unwrap();
    let target =
        json!({"id": id("Everyone at Contoso"), "targetType": "group", "isRegistrationRequired": false});
    email["includeTargets"].as_array_mut().unwrap().push(target);
}

fn copy(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    fs::create_dir_all(to).unwrap();
    for entry in entries.map(Result::unwrap) {
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// Every fault at some write of every command, and at some write of a ring; which write changes from fault to fault.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_deals_with_a_fault_loses_nothing_and_converges() {
    let rings = [&["apply"][..], &["cleanup", "--restore"]].map(|command| (command, Seed::Rings));
    for (command, seed) in COMMANDS.map(|command| (command, Seed::Configured)).into_iter().chain(rings) {
        let mut course = Attempt::of(command, seed).await;
        assert!(course.writes.len() >= if command == ["cleanup"] { 1 } else { 4 }, "{:?}", course.writes);
        if seed == Seed::Rings {
            // The writes of the other kinds meet every fault on the other seed.
            course.writes = std::mem::take(&mut course.of_rings);
            assert_eq!(course.writes.len(), 2);
        }
        for (at, fault) in FAULTS.iter().enumerate() {
            course.survives(at % course.writes.len(), fault, LATER[at % 2]).await;
        }
    }
}

/// Every fault at every write of every command on every seed, killed at either request after it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "some minutes; run by hand: cargo test -- --ignored killed_under_faults"]
async fn killed_at_every_fault_of_every_write_on_every_seed() {
    for seed in Seed::ALL {
        for command in COMMANDS {
            let course = Attempt::of(command, seed).await;
            for write in 0..course.writes.len() {
                for fault in FAULTS {
                    for later in LATER {
                        course.survives(write, fault, later).await;
                    }
                }
            }
        }
    }
}
