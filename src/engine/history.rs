//! What earlier runs left on disk: when, from which spec, and how they ended.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::StateDir;
use super::journal::{FORMAT, JOURNAL};
use crate::files::is_nothing_there;

/// How a run ended, as far as its journal tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Every write was proved by reading back.
    Done,
    /// It stopped by itself; the reason is in its journal.
    Stopped {
        /// What it said.
        reason: String,
        /// Whether a write was sent before.
        is_touched: bool,
    },
    /// It was cut off: killed, or the machine went down.
    CutOff {
        /// The object it was writing, where it had begun to.
        writing: Option<String>,
    },
    /// Its journal is of another version of this tool, or damaged; it is left alone.
    Unreadable,
}

/// One run that wrote, or was about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Name of its directory; sorts by time.
    pub id: String,
    /// Tenant id.
    pub tenant: String,
    /// When it began, RFC 3339; empty where the journal does not tell.
    pub started: String,
    /// The spec it came from, as it was given.
    pub spec: String,
    /// How many changes it was to make.
    pub changes: usize,
    /// Who made them, as far as the sign-in told.
    pub by: Vec<String>,
    /// When it last wrote or ended, RFC 3339.
    pub ended: String,
    /// Ids of the audit log's lines that tell of the writes.
    pub proof: Vec<String>,
    /// How it ended.
    pub end: RunEnd,
    /// Its directory.
    pub directory: PathBuf,
}

impl Run {
    /// Returns what a run that was cut off means for the one that finds it.
    pub fn told(&self) -> String {
        let when = if self.started.is_empty() { self.id.as_str() } else { self.started.as_str() };
        let what = match &self.end {
            RunEnd::CutOff { writing: Some(resource) } => {
                format!("was cut off while it wrote {resource}, which may or may not have landed")
            }
            _ => "was cut off before it wrote anything".to_owned(),
        };
        format!(
            "the run of {when} {what}; its baseline is in {}. This run starts from what the tenant shows now",
            self.directory.display()
        )
    }
}

impl StateDir {
    /// Returns every run of every tenant, oldest first.
    ///
    /// # Errors
    /// The state directory cannot be read. One that does not exist holds no runs.
    pub fn load_history(&self) -> Result<Vec<Run>> {
        let mut runs = Vec::new();
        for tenant in entries(self.root()).with_context(|| cannot_read(self.root()))? {
            runs.extend(self.load_runs(&tenant)?);
        }
        runs.sort_by(|a, b| (&a.id, &a.tenant).cmp(&(&b.id, &b.tenant)));
        Ok(runs)
    }

    /// Returns the runs of one tenant, oldest first.
    ///
    /// # Errors
    /// As [`StateDir::load_history`].
    pub fn load_runs(&self, tenant: &str) -> Result<Vec<Run>> {
        let directory = self.root().join(tenant);
        let mut ids = entries(&directory).with_context(|| cannot_read(&directory))?;
        ids.sort();
        let has_journal = |id: &String| directory.join(id).join(JOURNAL).is_file();
        Ok(ids.into_iter().filter(has_journal).map(|id| load_run(tenant, id, &directory)).collect())
    }

    /// Returns the last run of a tenant if it was cut off.
    ///
    /// # Errors
    /// As [`StateDir::load_history`].
    pub fn load_unfinished(&self, tenant: &str) -> Result<Option<Run>> {
        let last = self.load_runs(tenant)?.pop();
        Ok(last.filter(|run| matches!(run.end, RunEnd::CutOff { .. })))
    }
}

fn cannot_read(directory: &Path) -> String {
    format!("{} could not be read", directory.display())
}

/// Returns the names of the directories in a directory; none where there is none.
fn entries(directory: &Path) -> io::Result<Vec<String>> {
    let read = match fs::read_dir(directory) {
        Ok(read) => read,
        Err(error) if is_nothing_there(directory, &error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in read {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    Ok(names)
}

fn load_run(tenant: &str, id: String, parent: &Path) -> Run {
    let directory = parent.join(&id);
    // A line cut off in the middle was not yet on disk when the process ended.
    let text = fs::read(directory.join(JOURNAL)).unwrap_or_default();
    let records: Vec<Value> =
        String::from_utf8_lossy(&text).lines().map_while(|line| serde_json::from_str(line).ok()).collect();
    let start = records.first().cloned().unwrap_or_default();
    // What the audit log told is no part of the run itself.
    let (told, records): (Vec<Value>, Vec<Value>) =
        records.into_iter().partition(|record| record["event"] == "proved" || record["event"] == "unproved");
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let end = match (records.is_empty() && text.is_empty(), start["format"].as_str()) {
        (true, _) => RunEnd::CutOff { writing: None },
        (false, Some(FORMAT)) => end(&records),
        _ => RunEnd::Unreadable,
    };
    Run {
        id,
        tenant: tenant.to_owned(),
        started: words(&start["at"]),
        spec: words(&start["spec"]["path"]),
        changes: start["changes"].as_array().map_or(0, Vec::len),
        by: start["by"].as_array().into_iter().flatten().map(words).collect(),
        ended: records.last().map(|record| words(&record["at"])).unwrap_or_default(),
        proof: told
            .iter()
            .filter(|told| told["event"] == "proved")
            .map(|told| words(&told["audit"]["id"]))
            .collect(),
        end,
        directory,
    }
}

fn end(records: &[Value]) -> RunEnd {
    let is = |record: &Value, event: &str| record["event"] == event;
    let writing = records.iter().rev().find(|record| is(record, "writing"));
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match records.last() {
        Some(last) if is(last, "finished") => RunEnd::Done,
        Some(last) if is(last, "stopped") => RunEnd::Stopped {
            reason: words(&last["reason"]),
            is_touched: records.iter().any(|record| is(record, "written")) || last["sent"] == true,
        },
        _ => RunEnd::CutOff { writing: writing.map(|record| words(&record["resource"])) },
    }
}
