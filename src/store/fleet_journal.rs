//! The record of what a `fleet` command tried, tenant by tenant: what a run that ended early left to be taken up.
//!
//! What was written is in each tenant's own journal. Layout: `<state>/fleets/<fleet file>/<command>/<run>/journal.jsonl`,
//! readable by the owner alone. The fleet file is named by the digest of its path: it may change between two runs, and what
//! was left of the first is still left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StateDir;
use super::history::names_of_runs;
use super::journal::next_run;
use super::ownership::{Kind, problem};
use super::read_run::{JOURNAL, read_own};
use crate::digest::{bare, sha256};
use crate::files::{create_private_folder, new_private_folder, private_file, sync_folder};
use crate::outcome::Refusal;
use crate::outcome::fleet::{FleetVerb, TenantResult, TenantRow};

const FORMAT: &str = "sspr.fleet-journal/1";
/// The folder of all fleets.
pub(in crate::store) const FLEETS: &str = "fleets";
/// How many runs of a command on a fleet file are kept; the oldest go first.
const KEPT: usize = 50;
/// How often a name is tried that another run takes in the same moment.
const TRIES: u32 = 100;

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event {
    /// The run began, on these tenants. Its first line tells the version.
    Started { format: String, fleet: String, sha256: String, tenants: Vec<String> },
    /// A tenant is written to from here on.
    Writing { tenant: String },
    /// A tenant's part is over.
    Ended { tenant: String, result: TenantResult, exit: u8, why: Option<String>, run: Option<String> },
    /// The run is over: whatever was not begun will not be.
    Finished,
}

/// Where a command on a fleet file keeps its records.
#[derive(Clone, Debug)]
pub struct FleetRecords {
    folder: PathBuf,
    verb: FleetVerb,
}

/// The journal of a run, open for writing.
#[derive(Debug)]
pub struct FleetJournal {
    file: File,
    path: PathBuf,
    /// Whether each line is waited for: not where nothing is written to a tenant.
    is_synced: bool,
}

impl StateDir {
    /// Returns where a command keeps its records of a fleet file; `path` is the same for the file whatever it is called by.
    pub fn fleet_records(&self, path: &Path, verb: FleetVerb) -> FleetRecords {
        let digest = sha256(path.as_os_str().as_encoded_bytes());
        let name: String = bare(&digest).chars().take(32).collect();
        FleetRecords { folder: self.root().join(FLEETS).join(name).join(verb.as_str()), verb }
    }
}

impl FleetRecords {
    /// Opens the journal of a run on these tenants. `fleet` is the path and the digest of the fleet file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(&self, (fleet, sha256): (&str, &str), tenants: Vec<String>) -> Result<FleetJournal> {
        let opened = self.open();
        let (path, file) =
            opened.with_context(|| format!("a record could not be created in {}", self.folder.display()))?;
        let mut journal = FleetJournal { file, path, is_synced: self.verb.writes() };
        journal.add(&Event::Started {
            format: FORMAT.to_owned(),
            fleet: fleet.to_owned(),
            sha256: sha256.to_owned(),
            tenants,
        })?;
        Ok(journal)
    }

    fn open(&self) -> Result<(PathBuf, File)> {
        create_private_folder(&self.folder)?;
        let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let names = names_of_runs(&self.folder)?;
        for old in names.iter().rev().skip(KEPT - 1) {
            // What was left then was taken up since, or nobody will.
            let _ = std::fs::remove_dir_all(self.folder.join(old));
        }
        let mut name = next_run(&stamp, names.last().map(String::as_str));
        for _ in 0..TRIES {
            let folder = self.folder.join(&name);
            // Another shard may begin in the same second.
            match new_private_folder(&folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    name = next_run(&stamp, Some(&name));
                }
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    let path = folder.join(JOURNAL);
                    let file = private_file().append(true).open(&path)?;
                    sync_folder(&folder)?;
                    return Ok((path, file));
                }
            }
        }
        anyhow::bail!("another run takes each name first")
    }

    /// Returns what became of these tenants the last time in the command, by name in lower case: where the run was cut off,
    /// what that left. `None` where there is no record of the command at all.
    ///
    /// # Errors
    /// [`Refusal::Record`]: a record is another user's, or somebody else may have written it.
    pub fn last_results(&self, tenants: &[&str]) -> Result<Option<BTreeMap<String, TenantResult>>> {
        let mut wanted: BTreeSet<String> = tenants.iter().map(|tenant| tenant.to_lowercase()).collect();
        let names = names_of_runs(&self.folder)?;
        if names.is_empty() {
            return Ok(None);
        }
        let mut last = BTreeMap::new();
        for name in names.iter().rev() {
            if wanted.is_empty() {
                break;
            }
            // Shards side by side have tenants of their own; else the later run was begun later.
            last.extend(self.read(name)?.into_iter().filter(|(tenant, _)| wanted.remove(tenant)));
        }
        Ok(Some(last))
    }

    fn read(&self, name: &str) -> Result<BTreeMap<String, TenantResult>> {
        let folder = self.folder.join(name);
        let path = folder.join(JOURNAL);
        let foreign = problem(&folder, Kind::Folder)
            .and_then(|problem| problem.map_or_else(|| read_own(&path), |why| Ok(Err(why))));
        let bytes = match foreign {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            read => read.with_context(|| format!("{} could not be read", path.display()))?,
        };
        let bytes = bytes.map_err(|why| Refusal::Record { path: path.display().to_string(), why })?;
        Ok(last_of(&bytes))
    }
}

/// Reads what became of each tenant. A line that cannot be read says nothing: what is lost with it counts as left.
fn last_of(journal: &[u8]) -> BTreeMap<String, TenantResult> {
    let mut last = BTreeMap::new();
    for line in journal.split(|byte| *byte == b'\n') {
        let Ok(event) = serde_json::from_slice::<Event>(line) else { continue };
        let mut note = |tenant: String, result| {
            last.insert(tenant.to_lowercase(), result);
        };
        match event {
            Event::Started { format, .. } if format != FORMAT => return BTreeMap::new(),
            Event::Started { tenants, .. } => {
                tenants.into_iter().for_each(|tenant| note(tenant, TenantResult::NotTried));
            }
            // Until it is known how it ended, it was cut off.
            Event::Writing { tenant } => note(tenant, TenantResult::Unknown),
            Event::Ended { tenant, result, .. } => note(tenant, result),
            Event::Finished => {}
        }
    }
    last
}

impl FleetJournal {
    /// Records that a tenant is written to from here on, and waits until that is on disk.
    ///
    /// # Errors
    /// It cannot be written. Nothing must be sent then.
    pub fn writing(&mut self, tenant: &str) -> Result<()> {
        self.add(&Event::Writing { tenant: tenant.to_owned() })
    }

    /// Records how a tenant's part ended.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn ended(&mut self, row: &TenantRow) -> Result<()> {
        self.add(&Event::Ended {
            tenant: row.tenant.clone(),
            result: row.result,
            exit: row.exit,
            why: row.why.clone(),
            run: row.run.clone(),
        })
    }

    /// Records that the run is over.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finished(&mut self) -> Result<()> {
        self.add(&Event::Finished)
    }

    fn add(&mut self, event: &Event) -> Result<()> {
        let written = serde_json::to_value(event).map_err(io::Error::from).and_then(|mut line| {
            line["at"] = Timestamp::now().to_string().into();
            self.file.write_all(format!("{line}\n").as_bytes())?;
            if self.is_synced { self.file.sync_data() } else { Ok(()) }
        });
        written.with_context(|| format!("the record {} could not be written", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(folder: &Path, verb: FleetVerb) -> FleetRecords {
        StateDir::new(folder.to_owned()).fleet_records(Path::new("/fleets/fleet.yaml"), verb)
    }

    fn row(tenant: &str, result: TenantResult) -> TenantRow {
        TenantRow { result, ..TenantRow::not_tried(tenant, 1, "rest") }
    }

    fn begin(records: &FleetRecords, tenants: &[&str]) -> FleetJournal {
        let tenants = tenants.iter().map(|&tenant| tenant.to_owned()).collect();
        records.begin(("fleet.yaml", "sha256:00"), tenants).unwrap()
    }

    fn last(records: &FleetRecords, tenants: &[&str]) -> Vec<Option<TenantResult>> {
        let last = records.last_results(tenants).unwrap().unwrap();
        tenants.iter().map(|tenant| last.get(*tenant).copied()).collect()
    }

    #[test]
    fn a_run_that_was_cut_off_tells_not_tried_from_failed_and_from_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let records = records(folder.path(), FleetVerb::Apply);
        assert_eq!(records.last_results(&["a"]).unwrap(), None);
        let mut journal = begin(&records, &["done", "failed", "writing", "waits"]);
        journal.writing("done").unwrap();
        journal.ended(&row("failed", TenantResult::Failed)).unwrap();
        journal.ended(&row("done", TenantResult::Done)).unwrap();
        journal.writing("writing").unwrap();
        // The process ends within a line.
        journal.file.write_all(br#"{"event":"ended","tenant":"writing","res"#).unwrap();
        use TenantResult::{Done, Failed, NotTried, Unknown};
        let tenants = ["done", "failed", "writing", "waits", "added since"];
        assert_eq!(last(&records, &tenants), [Some(Done), Some(Failed), Some(Unknown), Some(NotTried), None]);
    }

    #[test]
    fn what_an_earlier_run_left_is_left_until_it_is_taken_up() {
        let folder = tempfile::tempdir().unwrap();
        let (applied, planned) =
            (records(folder.path(), FleetVerb::Apply), records(folder.path(), FleetVerb::Plan));
        let mut first = begin(&applied, &["a", "B", "c"]);
        first.ended(&row("a", TenantResult::Done)).unwrap();
        first.ended(&row("B", TenantResult::Failed)).unwrap();
        first.ended(&row("c", TenantResult::NotSignedIn)).unwrap();
        first.finished().unwrap();
        // Another command, and two shards that begin together.
        begin(&planned, &["a"]).ended(&row("a", TenantResult::Failed)).unwrap();
        let (mut one, mut other) = (begin(&applied, &["c"]), begin(&applied, &["a"]));
        other.ended(&row("a", TenantResult::NoChanges)).unwrap();
        one.ended(&row("c", TenantResult::Done)).unwrap();
        use TenantResult::{Done, Failed, NoChanges};
        assert_eq!(last(&applied, &["a", "b", "c"]), [Some(NoChanges), Some(Failed), Some(Done)]);
        assert_eq!(last(&planned, &["a", "b"]), [Some(Failed), None]);
    }

    #[test]
    fn old_records_go_and_the_newest_stay() {
        let folder = tempfile::tempdir().unwrap();
        let records = records(folder.path(), FleetVerb::Plan);
        for _ in 0..KEPT + 3 {
            begin(&records, &["a"]);
        }
        let names = names_of_runs(&records.folder).unwrap();
        assert_eq!(names.len(), KEPT);
        begin(&records, &["a"]).ended(&row("a", TenantResult::Changes)).unwrap();
        assert_eq!(last(&records, &["a"]), [Some(TenantResult::Changes)]);
    }

    #[cfg(unix)]
    #[test]
    fn a_record_that_others_may_write_is_not_believed() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let records = records(folder.path(), FleetVerb::Apply);
        let journal = begin(&records, &["a"]);
        std::fs::set_permissions(&journal.path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let refused = records.last_results(&["a"]).unwrap_err();
        assert!(matches!(refused.downcast_ref(), Some(Refusal::Record { .. })), "{refused}");
    }
}
