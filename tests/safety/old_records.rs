//! Records that earlier versions left, taken back by this one.
//!
//! Each folder below `fixtures` was made by an sspr of its time with a pretend tenant: `first-version` by the last one
//! that kept no digests and no seals, `with-seals` by the first that keeps both. In `tenant.json` is what the tenant held
//! before the runs, and what they left there.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use sspr::app::write::{BackTo, settle};
use sspr::plan::Severity;
use sspr::sandbox::{Seed, TenantState};
use sspr::store::RunEnd;

use crate::common::{Bench, leave, repository};

/// The objects of a tenant that were written.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Objects {
    policy: Option<Value>,
    writeback: Option<Value>,
    authorization: Option<Value>,
    methods: Option<Value>,
}

#[derive(Deserialize)]
struct Fixture {
    seed: String,
    before: Objects,
    left: Objects,
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn fixtures() -> Vec<PathBuf> {
    let versions = folders(&repository("tests/safety/fixtures"));
    versions.iter().flat_map(|version| folders(version)).collect()
}

impl Objects {
    fn lay_over(&self, tenant: &mut TenantState) {
        for (object, there) in [
            (&self.policy, &mut tenant.policy),
            (&self.writeback, &mut tenant.writeback),
            (&self.authorization, &mut tenant.authorization),
            (&self.methods, &mut tenant.methods),
        ] {
            if let Some(object) = object {
                *there = object.clone();
            }
        }
    }
}

/// Returns a tenant as the runs left it, with their records, and the tenant before them.
async fn found(folder: &Path) -> (Bench, TenantState) {
    let text = std::fs::read_to_string(folder.join("tenant.json")).unwrap();
    let fixture: Fixture = serde_json::from_str(&text).unwrap();
    let seed = Seed::ALL.into_iter().find(|seed| format!("{seed:?}").to_lowercase() == fixture.seed);
    let mut before = TenantState::seeded(seed.unwrap());
    fixture.before.lay_over(&mut before);
    let mut left = before.clone();
    fixture.left.lay_over(&mut left);
    let bench = Bench::start(left).await;
    let tenant = bench.state.root().join(before.tenant_id.to_string());
    for run in folders(folder) {
        for file in std::fs::read_dir(&run).unwrap().map(|file| file.unwrap()) {
            let content = std::fs::read_to_string(file.path()).unwrap();
            leave(&tenant.join(run.file_name().unwrap()).join(file.file_name()), &content);
        }
    }
    (bench, before)
}

fn bytes(tenant: &TenantState) -> String {
    json!([tenant.policy, tenant.writeback, tenant.authorization, tenant.methods]).to_string()
}

#[tokio::test]
async fn what_earlier_versions_wrote_is_rolled_back_byte_for_byte() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 14, "{fixtures:?}");
    for folder in fixtures {
        let shown = folder.display();
        let (bench, before) = found(&folder).await;
        let (plan, _) = bench.plan_back(BackTo::Beginning).await;
        assert!(!plan.is_refused(), "{shown}: {:?}", plan.findings);
        let is_left = bytes(&bench.sandbox.tenant()) != bytes(&before);
        assert_eq!(!plan.steps.is_empty(), is_left, "{shown}");
        bench.apply_plan(&plan).await.unwrap();
        assert_eq!(bytes(&bench.sandbox.tenant()), bytes(&before), "{shown}");
        assert!(bench.sandbox.tenant() == before, "{shown}");
        let (again, _) = bench.plan_back(BackTo::Beginning).await;
        assert!(again.steps.is_empty(), "{shown}: twice is once");
    }
}

#[tokio::test]
async fn what_earlier_versions_wrote_is_rolled_back_one_run_at_a_time() {
    for folder in fixtures() {
        let shown = folder.display();
        let (bench, before) = found(&folder).await;
        for _ in folders(&folder) {
            let (plan, recorded) = bench.plan_back(BackTo::LastRun).await;
            assert!(!plan.is_refused(), "{shown}: {:?}", plan.findings);
            match plan.steps.is_empty() {
                true if recorded.runs.is_empty() => {}
                true => settle(&plan, &bench.state).unwrap(),
                false => drop(bench.apply_plan(&plan).await.unwrap()),
            }
        }
        assert_eq!(bytes(&bench.sandbox.tenant()), bytes(&before), "{shown}");
    }
}

/// That a baseline was edited is seen by its digest, or said to be unknown where none was kept.
#[tokio::test]
async fn records_of_earlier_versions_are_read_whole_and_say_what_cannot_be_checked() {
    for folder in fixtures() {
        let shown = folder.display();
        let (bench, _) = found(&folder).await;
        for run in bench.state.load_history().unwrap() {
            assert_eq!(run.problem, None, "{shown}");
            assert_eq!(run.proof.len(), if folder.ends_with("proved") { 3 } else { 0 }, "{shown}");
            assert!(
                run.end != RunEnd::Unreadable && run.purpose.is_some() && !run.by.is_empty(),
                "{shown}: {run:?}"
            );
        }
        let (plan, recorded) = bench.plan_back(BackTo::Beginning).await;
        let is_told = plan.findings.iter().any(|finding| finding.code == "baseline-not-checked");
        assert_eq!(is_told, recorded.is_unchecked && !plan.steps.is_empty(), "{shown}");
        assert!(!recorded.is_unchecked || shown.to_string().contains("first-version"), "{shown}");
        assert_eq!(plan.count(Severity::Error), 0, "{shown}");
    }
}
