//! Random histories of everything that writes, with everything that goes wrong: after each step the tenant is what the
//! tool says it is, and in the end the way back leads to where it began.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use sspr::app::Silent;
use sspr::app::write::{BackTo, Patience, after, apply, settle};
use sspr::outcome::ApplyError;
use sspr::outcome::applied::{After, Ending, NamedRun};
use sspr::plan::{Operation, Plan};
use sspr::render::{end_state::claim, text};
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::Spec;
use sspr::store::{Run, Standing, Wrote};
use sspr::tenant::Object;
use tokio::runtime::Runtime;

use crate::common::{Bench, spec};

const SPECS: [&str; 3] = [
    "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\n",
    "version: 1\nnotifications:\n  admins: false\nadministrators:\n  allow_sspr: false\nwriteback:\n  enabled: true\n",
    "version: 1\ngroup: SSPR-Pilot\nmethods:\n  allowed: [email, mobile_app_code]\nregistration:\n  required: false\n",
];

#[derive(Clone, Copy, Debug)]
enum Command {
    Apply(usize),
    Cleanup,
    /// `doctor --probe-write`: a write of what is there.
    Probe,
    Rollback,
    Restore,
}

/// What a write meets, and which of the writes of its kind.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Nothing,
    Fault(&'static str, &'static str, u32),
    Kill(&'static str, &'static str, u32),
    /// Someone edits after the plan was made, and takes it back after the run.
    Moved,
}

const FAULTS: [&str; 9] = [
    "status=409",
    "status=401",
    "status=403",
    "status=500",
    "reset",
    "lying-success",
    "landed-then-status=500",
    "landed-then-reset",
    "truncated",
];
const KILLS: [&str; 2] = ["hang", "landed-then-hang"];

fn commands() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => (0..SPECS.len()).prop_map(Command::Apply),
        2 => Just(Command::Cleanup),
        1 => Just(Command::Probe),
        3 => Just(Command::Rollback),
        1 => Just(Command::Restore),
    ]
}

fn troubles() -> impl Strategy<Value = Trouble> {
    let method = prop_oneof![Just("PUT"), Just("PATCH")];
    prop_oneof![
        4 => Just(Trouble::Nothing),
        4 => (method.clone(), prop::sample::select(&FAULTS[..]), 1..3u32)
            .prop_map(|(method, fault, at)| Trouble::Fault(method, fault, at)),
        2 => (method, prop::sample::select(&KILLS[..]), 1..3u32)
            .prop_map(|(method, fault, at)| Trouble::Kill(method, fault, at)),
        1 => Just(Trouble::Moved),
    ]
}

/// How a run ended, for whoever started it.
enum End {
    Done { said: String, after: After, taken: Vec<NamedRun>, is_written: bool },
    NothingWritten,
    PartWay,
    Killed,
}

struct Model {
    bench: Bench,
    started_from: TenantState,
    /// The tenant before each run on record.
    before: BTreeMap<String, TenantState>,
}

impl Model {
    fn runs(&self) -> Vec<Run> {
        self.bench.state.load_runs(self.started_from.tenant_id.into()).unwrap()
    }

    async fn step(&mut self, command: Command, trouble: Trouble) {
        let before = self.bench.sandbox.tenant();
        let known = self.runs();
        let end = self.run(command, trouble).await;
        self.bench.sandbox.heal();
        let now = self.bench.sandbox.tenant();
        let mut runs = self.runs();
        let context = format!("{command:?} {trouble:?}: {runs:#?}");
        let new = if runs.len() > known.len() { runs.pop() } else { None };
        if let Some(new) = &new {
            self.before.insert(new.id.clone(), before.clone());
        }
        match end {
            End::NothingWritten => assert!(now == before, "nothing was changed, says {context}"),
            End::PartWay | End::Killed => {}
            End::Done { said, after, taken, is_written } => {
                let scope = after.scope.map(|scope| scope.as_str());
                let expected =
                    ["none", "selected", "all"][now.policy["enablementType"].as_u64().unwrap() as usize];
                assert_eq!(scope, Some(expected), "{said} {context}");
                let told = match expected {
                    "none" => "None",
                    "selected" => "is on for SSPR-Pilot",
                    _ => "every user",
                };
                assert!(
                    matches!(command, Command::Apply(_) | Command::Probe) || said.contains(told),
                    "{said} {context}"
                );
                assert!(is_written || now == before, "{said} {context}");
                assert!(
                    !after.standing.is_empty() || now == self.started_from,
                    "nothing stands, says {context}"
                );
                let is_proven = taken.iter().any(|run| !run.is_doubtful);
                let is_stuck = matches!(command, Command::Rollback) && !taken.is_empty() && !is_written;
                assert!(
                    !is_stuck || is_proven,
                    "a run that wrote nothing is gone back from, {said} {context}"
                );
                if let Some(first) = taken.first() {
                    assert!(now == self.before[&first.id], "{said} {context}");
                }
            }
        }
        // What moved the tenant is on record as something that can be taken back.
        if let (true, Some(new), Command::Apply(_) | Command::Cleanup) = (now != before, new, command) {
            assert!(matches!(new.standing, Standing::Stands | Standing::MayStand), "{context} {new:#?}");
            assert!(new.wrote != Wrote::Nothing, "{new:#?}");
        }
    }

    async fn run(&mut self, command: Command, trouble: Trouble) -> End {
        let (plan, policy, taken) = match command {
            Command::Apply(which) => self.planned(&spec(SPECS[which])).await,
            Command::Cleanup => self.planned(&Spec::cleanup(None)).await,
            Command::Probe => {
                let (mut plan, policy, taken) = self.planned(&spec("version: 1\n")).await;
                let policy = policy.unwrap();
                plan.steps = vec![Operation::between(policy.clone(), policy.clone())];
                (plan, Some(policy), taken)
            }
            Command::Rollback => match self.way_back(BackTo::LastRun).await {
                Some(planned) => planned,
                None => return End::NothingWritten,
            },
            Command::Restore => match self.way_back(BackTo::Beginning).await {
                Some(planned) => planned,
                None => return End::NothingWritten,
            },
        };
        assert!(!plan.is_refused(), "{:?}", plan.findings);
        match trouble {
            Trouble::Nothing => {}
            Trouble::Fault(method, fault, at) | Trouble::Kill(method, fault, at) => {
                self.bench.fail(&format!("{method} / {fault} {at}"));
            }
            Trouble::Moved => self.bench.sandbox.edit(|tenant| tenant.policy["futureFlag"] = json!("theirs")),
        }
        let is_way_back = matches!(command, Command::Rollback | Command::Restore);
        if is_way_back && plan.steps.is_empty() && !taken.is_empty() {
            settle(&plan, &self.bench.state).unwrap();
        }
        let done = self.apply_or_be_killed(&plan).await;
        if let Trouble::Moved = trouble {
            self.bench.sandbox.edit(|tenant| {
                let is_there = TenantState::seeded(Seed::Configured).policy.get("futureFlag").cloned();
                let policy = tenant.policy.as_object_mut().unwrap();
                match is_there {
                    Some(value) => policy.insert("futureFlag".to_owned(), value),
                    None => policy.remove("futureFlag"),
                };
            });
        }
        match done {
            None => End::Killed,
            Some(Err(ApplyError::NothingWritten { .. })) => End::NothingWritten,
            Some(Err(ApplyError::PartWay { .. })) => End::PartWay,
            Some(Ok(_)) => {
                let ending = match command {
                    Command::Apply(_) | Command::Probe => Ending::Applied {
                        spec: "pilot.yaml".to_owned(),
                        is_graph_only: false,
                        except: Vec::new(),
                    },
                    Command::Cleanup => Ending::CleanedUp,
                    Command::Rollback => Ending::TakenBack { runs: taken.clone(), is_all: false },
                    Command::Restore => Ending::TakenBack { runs: taken.clone(), is_all: true },
                };
                let after = after(&plan, policy.as_ref(), &ending, &self.bench.state);
                let is_written = !plan.steps.is_empty();
                let said = text::line(&claim(&ending, &after, is_written), &text::Layout::default())
                    .trim_end()
                    .to_owned();
                End::Done { said, after, taken, is_written }
            }
        }
    }

    async fn planned(&self, spec: &Spec) -> (Plan, Option<Object>, Vec<NamedRun>) {
        let plan = self.bench.plan(spec).await;
        (plan, self.bench.reader.portal.fetch_policy().await.ok(), Vec::new())
    }

    /// Plans a way back; `None` where no run is on record.
    async fn way_back(&self, back_to: BackTo<'_>) -> Option<(Plan, Option<Object>, Vec<NamedRun>)> {
        if self.runs().is_empty() {
            return None;
        }
        let (plan, recorded) = self.bench.plan_back(back_to).await;
        Some((plan, recorded.policy, recorded.runs.iter().map(Run::named).collect()))
    }

    /// Applies a plan; `None` where a request was kept waiting, and the run was killed there.
    async fn apply_or_be_killed(&self, plan: &Plan) -> Option<Result<sspr::outcome::Outcome, ApplyError>> {
        let Bench { reader, writer, state, sandbox, .. } = &self.bench;
        let patience = Patience { first: Duration::from_millis(1), total: Duration::from_millis(5) };
        let held_up = async {
            while !sandbox.is_held_up() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let done = tokio::select! {
            done = apply(plan, (reader, writer), state, patience, &Silent) => Some(done),
            () = held_up => None,
        };
        // The request goes with the one who made it.
        while sandbox.is_held_up() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        done
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_tenant_is_what_the_tool_says(
        seed in prop::sample::select(&[Seed::Fresh, Seed::Configured][..]),
        steps in prop::collection::vec((commands(), troubles()), 1..7),
    ) {
        static RUNTIME: OnceLock<Runtime> = OnceLock::new();
        let runtime = RUNTIME.get_or_init(|| Runtime::new().unwrap());
        runtime.block_on(async {
            let started_from = TenantState::seeded(seed);
            let bench = Bench::start(started_from.clone()).await;
            let mut model = Model { bench, started_from, before: BTreeMap::new() };
            for (command, trouble) in &steps {
                model.step(*command, *trouble).await;
            }
            // However it went: going back as often as there were runs leads to where it began.
            for _ in 0..=steps.len() {
                model.step(Command::Rollback, Trouble::Nothing).await;
            }
            assert!(model.bench.sandbox.tenant() == model.started_from, "{:#?}", model.runs());
        });
    }
}
