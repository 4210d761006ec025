//! Writes a run's baseline and journal, on disk before the next write begins.
//!
//! Layout: `<state>/<tenant id>/<run>/baseline.json` and `journal.jsonl`, and `seal.json` once the run is over, readable
//! by the owner alone.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::files::{Existing, Readers, create_private_folder, save};
use crate::ids::TenantId;
use crate::plan::{Plan, digest};
use crate::store::StateDir;
use crate::store::history::names_of_runs;
use crate::store::journal_event::{Event, FORMAT, Origin, Started};
use crate::store::json_lines::JsonLines;
use crate::store::read_run::{BASELINE, BASELINE_FORMAT, JOURNAL, MAX_BYTES, SEAL, parse_baseline, seal_of};

/// The record of one run, open for writing.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    lines: JsonLines,
}

impl StateDir {
    /// Saves the state a plan starts from, and opens the journal of its writes. `by` is who makes them, as far
    /// as the sign-in says.
    ///
    /// # Errors
    /// The directory cannot be written. Nothing must be sent then.
    pub fn begin(&self, plan: &Plan, by: &[String]) -> Result<Journal> {
        let now = jiff::Timestamp::now();
        // A folder without a journal has its name too.
        let last = names_of_runs(&self.root().join(plan.tenant_id.to_string()))?.pop();
        let run = next_run(&now.strftime("%Y%m%dT%H%M%SZ").to_string(), last.as_deref());
        let tenant = self.tenant(plan.tenant_id)?;
        let directory = tenant.join(run);
        let baseline_json = baseline_json(plan, now);
        let begun = (|| {
            let text = format!("{baseline_json:#}\n");
            refuse_unreadable(&text, plan.tenant_id)?;
            create_private_folder(&directory)?;
            save(&directory.join(BASELINE), text.as_bytes(), Readers::Owner, Existing::Keep)?;
            let path = directory.join(JOURNAL);
            save(&path, b"", Readers::Owner, Existing::Keep)?;
            io::Result::Ok(Journal { lines: JsonLines::open(&path)?, path })
        })();
        let mut journal = begun
            .with_context(|| format!("the baseline could not be saved under {}", directory.display()))?;
        let changes = plan.changes.iter().map(|change| json!(change)).collect();
        journal.record(&Event::Started(Started {
            format: FORMAT.to_owned(),
            purpose: plan.purpose.as_str().to_owned(),
            back_to: plan.back_to.clone(),
            by: by.to_vec(),
            spec: Origin {
                path: plan.spec_path.clone(),
                sha256: plan.spec_sha256.clone(),
                except: plan.except.iter().map(ToString::to_string).collect(),
            },
            // Recorded twice, so that an edit of the baseline cannot remove it.
            baseline: baseline_json["digest"].as_str().map(str::to_owned),
            changes,
            made: plan.made.to_string(),
            lifted: plan.lifted_guards().map(|finding| finding.code.to_owned()).collect(),
        }))?;
        Ok(journal)
    }
}

impl Journal {
    /// Adds a record and waits until it is on disk.
    pub(crate) fn record(&mut self, event: &Event) -> Result<()> {
        self.lines
            .add(event)
            .with_context(|| format!("the journal {} could not be written", self.path.display()))
    }

    /// Records how the run ended, and seals the journal.
    ///
    /// # Errors
    /// The file cannot be written. That it cannot be sealed is said: the record is as whole as before.
    pub(crate) fn end(&mut self, event: &Event) -> Result<()> {
        self.record(event)?;
        self.seal();
        Ok(())
    }

    /// Seals the journal as it is, so that a later loss of its end is seen.
    pub fn seal(&self) {
        let sealed = std::fs::read(&self.path).and_then(|journal| {
            let seal = format!("{}\n", seal_of(&journal));
            save(&self.path.with_file_name(SEAL), seal.as_bytes(), Readers::Owner, Existing::Replace)
        });
        if let Err(error) = sealed {
            tracing::warn!("the journal {} could not be sealed ({error})", self.path.display());
        }
    }

    /// Opens the journal of a run that is over, to add to it.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn reopen(path: &Path) -> Result<Self> {
        let lines = JsonLines::open(path)
            .with_context(|| format!("the journal {} could not be opened", path.display()))?;
        Ok(Self { path: path.to_owned(), lines })
    }

    /// Returns where the journal is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns where the baseline is.
    pub fn baseline(&self) -> PathBuf {
        self.path.with_file_name(BASELINE)
    }
}

/// A baseline that could not be read back would be none.
fn refuse_unreadable(baseline: &str, tenant: TenantId) -> io::Result<()> {
    let read = match baseline.len() as u64 > MAX_BYTES {
        true => Err(format!("it would be larger than {} MiB", MAX_BYTES >> 20)),
        false => parse_baseline(baseline.as_bytes(), tenant, None).map(|_| ()),
    };
    read.map_err(|why| {
        io::Error::new(io::ErrorKind::InvalidData, format!("it could not be read back: {why}"))
    })
}

/// Names a run so that it sorts after the last one, in the same second and after a clock that went back.
pub(in crate::store) fn next_run(now: &str, last: Option<&str>) -> String {
    match last.and_then(|last| last.split_once('-')) {
        Some((stamp, number)) if stamp >= now => {
            format!("{stamp}-{:06}", number.parse::<u32>().map_or(0, |number| number.saturating_add(1)))
        }
        _ => format!("{now}-{:06}", 0),
    }
}

fn baseline_json(plan: &Plan, taken: jiff::Timestamp) -> Value {
    let mut document = json!({
        "format": BASELINE_FORMAT,
        "taken": taken.to_string(),
        "tenant": {"id": plan.tenant_id, "name": plan.tenant_name},
        "fingerprint": plan.baseline,
    });
    let mut objects = serde_json::Map::new();
    for step in &plan.steps {
        // A second write of the same object starts from what the first one leaves.
        objects.entry(step.resource().to_string()).or_insert_with(|| step.actual().to_json());
    }
    document["objects"] = Value::Object(objects);
    document["digest"] = json!(digest(&document));
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::read_run::lines;

    #[test]
    fn nothing_is_ever_added_to_a_line_that_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(JOURNAL);
        let started = json!({"event": "started", "format": FORMAT});
        for torn in ["", r#"{"event":"wri"#, "{\"event\":\"written\",\"reason\":\"Stra\u{df}"] {
            std::fs::write(&path, format!("{started}\n{torn}")).unwrap();
            let mut journal = Journal::reopen(&path).unwrap();
            let stopped =
                Event::Stopped { reason: "because".to_owned(), sent: false, not_reached: Vec::new() };
            let unproved = Event::Unproved { resource: "policy".to_owned() };
            for event in [&stopped, &unproved] {
                journal.record(event).unwrap();
            }
            let read = lines(&std::fs::read(&path).unwrap());
            assert_eq!(read.damage, None, "{torn}");
            let events: Vec<Event> = read.records.into_iter().skip(1).map(|record| record.event).collect();
            let cut_off = if torn.is_empty() { &[][..] } else { &[Event::CutOff] };
            assert_eq!(events, [cut_off, &[stopped, unproved]].concat());
        }
    }

    #[test]
    fn runs_sort_in_the_order_they_were_made() {
        assert_eq!(next_run("20261122T100000Z", None), "20261122T100000Z-000000");
        assert_eq!(next_run("20261122T100000Z", Some("20261122T095959Z-000007")), "20261122T100000Z-000000");
        assert_eq!(next_run("20261122T100000Z", Some("20261122T100000Z-000000")), "20261122T100000Z-000001");
        assert_eq!(next_run("20261122T100000Z", Some("20991231T000000Z-000009")), "20991231T000000Z-000010");
    }
}
