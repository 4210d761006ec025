//! What was there before the first write, and what was written: on disk before the next write begins.
//!
//! Layout: `<state>/<tenant id>/<run>/baseline.json` and `journal.jsonl`, readable by the owner alone.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::lock::SharedLocks;
use crate::files::{Existing, Readers, create_private_folder, save};
use crate::plan::Plan;

/// Name of the journal in a run's directory.
pub(super) const JOURNAL: &str = "journal.jsonl";
/// Name of the baseline in a run's directory.
pub(super) const BASELINE: &str = "baseline.json";
/// The format of the journals this version writes and reads.
pub(super) const FORMAT: &str = "sspr.journal/1";

/// Where baselines and journals are kept.
#[derive(Clone, Debug)]
pub struct StateDir {
    root: PathBuf,
    shared_locks: Option<SharedLocks>,
}

/// The record of one run, open for writing.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    baseline: PathBuf,
    file: File,
}

impl StateDir {
    /// Uses a directory; it is made when first written to.
    pub fn new(root: PathBuf) -> Self {
        Self { root, shared_locks: None }
    }

    /// Also locks tenants where runs with other state directories look.
    #[must_use]
    pub fn with_shared_locks(self, locks: SharedLocks) -> Self {
        Self { shared_locks: Some(locks), ..self }
    }

    pub(super) fn shared_locks(&self) -> Option<&SharedLocks> {
        self.shared_locks.as_ref()
    }

    /// Returns the directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns a tenant's directory, made where there is none yet.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn tenant(&self, tenant: &str) -> Result<PathBuf> {
        let directory = self.root.join(tenant);
        create_private_folder(&directory)
            .with_context(|| format!("{} could not be made", directory.display()))?;
        Ok(directory)
    }

    /// Saves the state a plan starts from, and opens the journal of its writes. `by` is who makes them, as far
    /// as the sign-in tells.
    ///
    /// # Errors
    /// The directory cannot be written. Nothing must be sent then.
    pub fn begin(&self, plan: &Plan, by: &[String]) -> Result<Journal> {
        let now = jiff::Timestamp::now();
        let last = self.load_runs(&plan.tenant_id)?.pop().map(|run| run.id);
        let run = next_run(&now.strftime("%Y%m%dT%H%M%SZ").to_string(), last.as_deref());
        let directory = self.tenant(&plan.tenant_id)?.join(run);
        let begun = (|| {
            create_private_folder(&directory)?;
            let baseline = directory.join(BASELINE);
            save(
                &baseline,
                format!("{:#}\n", baseline_json(plan, now)).as_bytes(),
                Readers::Owner,
                Existing::Keep,
            )?;
            let path = directory.join(JOURNAL);
            save(&path, b"", Readers::Owner, Existing::Keep)?;
            let file = File::options().append(true).open(&path)?;
            io::Result::Ok(Journal { path, baseline, file })
        })();
        let mut journal = begun
            .with_context(|| format!("the baseline could not be saved under {}", directory.display()))?;
        let spec = json!({"path": plan.spec_path, "sha256": plan.spec_sha256});
        journal
            .record(&json!({"event": "started", "format": FORMAT, "purpose": plan.purpose.word(), "back_to": plan.back_to, "by": by, "spec": spec, "changes": plan.changes}))?;
        Ok(journal)
    }
}

impl Journal {
    /// Adds a record and waits until it is on disk.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn record(&mut self, event: &Value) -> Result<()> {
        let mut record = event.clone();
        record["at"] = json!(jiff::Timestamp::now().to_string());
        let line = format!("{record}\n");
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("the journal {} could not be written", self.path.display()))
    }

    /// Opens the journal of a run that is over, to add to it.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn reopen(path: &Path) -> Result<Self> {
        let file = File::options().append(true).open(path);
        let file = file.with_context(|| format!("the journal {} could not be opened", path.display()))?;
        Ok(Self { path: path.to_owned(), baseline: path.with_file_name(BASELINE), file })
    }

    /// Returns where the journal is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns where the baseline is.
    pub fn baseline(&self) -> &Path {
        &self.baseline
    }
}

/// Names a run so that it sorts after the last one, in the same second and after a clock that went back.
fn next_run(now: &str, last: Option<&str>) -> String {
    match last.and_then(|last| last.split_once('-')) {
        Some((stamp, number)) if stamp >= now => {
            format!("{stamp}-{:06}", number.parse::<u32>().map_or(0, |number| number.saturating_add(1)))
        }
        _ => format!("{now}-{:06}", 0),
    }
}

fn baseline_json(plan: &Plan, taken: jiff::Timestamp) -> Value {
    let mut document = json!({
        "format": "sspr.baseline/1",
        "taken": taken.to_string(),
        "tenant": {"id": plan.tenant_id, "name": plan.tenant_name},
        "fingerprint": plan.baseline,
    });
    let mut objects = serde_json::Map::new();
    for step in &plan.steps {
        // A second write of the same object starts from what the first one leaves.
        objects.entry(step.resource().to_string()).or_insert_with(|| step.actual.to_json());
    }
    document["objects"] = Value::Object(objects);
    document
}

#[cfg(test)]
mod tests {
    use super::next_run;

    #[test]
    fn runs_sort_in_the_order_they_were_made() {
        assert_eq!(next_run("20261122T100000Z", None), "20261122T100000Z-000000");
        assert_eq!(next_run("20261122T100000Z", Some("20261122T095959Z-000007")), "20261122T100000Z-000000");
        assert_eq!(next_run("20261122T100000Z", Some("20261122T100000Z-000000")), "20261122T100000Z-000001");
        assert_eq!(next_run("20261122T100000Z", Some("20991231T000000Z-000009")), "20991231T000000Z-000010");
    }
}
