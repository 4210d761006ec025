//! What a command that writes did, what the audit log shows of it, and how things stand at its end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diff::Change;
use crate::plan::{Operation, Plan};
use crate::spec_file::Key;
use crate::tenant::{Resource, Scope};

/// What is said wherever something is claimed of a tenant of which the admin centre's half was left out.
pub const NOT_LOOKED_AT: &str = "the portal half was not read";

/// A plan that was carried out, and what came of it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The plan.
    pub plan: Plan,
    /// What was done.
    pub outcome: Outcome,
    /// How things stand now.
    pub after: After,
    /// What it was for.
    pub ending: Ending,
    /// The notices of the run.
    pub notices: Vec<String>,
}

impl Outcome {
    /// Returns the folder of the run's records; `None` where there is none.
    pub fn record(&self) -> Option<&Path> {
        Path::new(self.journal.as_deref()?).parent()
    }

    /// Returns the run's id, as `rollback` takes it.
    pub fn run(&self) -> Option<&str> {
        self.record()?.file_name()?.to_str()
    }
}

impl Applied {
    /// Returns whether the audit log showed every write or was not asked.
    pub fn is_proved(&self) -> bool {
        self.outcome.proofs.as_ref().is_none_or(|proofs| proofs.why.is_none())
    }
}

/// What an `apply` or `cleanup` did, and proved by reading back.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The changes that were written.
    pub applied: Vec<Change>,
    /// Fields this tool does not know that the service changed by itself alongside, wire names.
    pub also_changed: Vec<String>,
    /// Fields that differ from one read of an object to the next, wire names: not an edit.
    pub volatile: BTreeMap<Resource, BTreeSet<String>>,
    /// The journal of the writes; `None` where there was nothing to write.
    pub journal: Option<String>,
    /// The state before the first write; `None` where there was nothing to write.
    pub baseline: Option<String>,
    /// The writes, in order.
    pub writes: Vec<Write>,
    /// What the audit log says about them; `None` where it was not asked.
    pub proofs: Option<Proofs>,
}

/// One write that was read back.
#[derive(Clone, Debug)]
pub struct Write {
    /// The write, as it was made.
    pub operation: Operation,
    /// When it was sent, by this machine's clock.
    pub began: Timestamp,
    /// When it was read back.
    pub ended: Timestamp,
}

impl Write {
    /// Returns what was written.
    pub fn resource(&self) -> &Resource {
        self.operation.resource()
    }
}

/// What the audit log says about the writes.
#[derive(Clone, Debug)]
pub struct Proofs {
    /// One for each write.
    pub proofs: Vec<Proof>,
    /// Why some or all are missing.
    pub why: Option<String>,
}

impl Proofs {
    /// Returns the proofs without the names of who did it.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        for event in self.proofs.iter_mut().filter_map(|proof| proof.event.as_mut()) {
            event.by = None;
        }
        self
    }
}

/// What the audit log says about one write.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// What was written.
    pub resource: String,
    /// The entry that shows it; `None` where none does yet.
    pub event: Option<ProvingEvent>,
}

/// An entry of the audit log that shows a write; foreign text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProvingEvent {
    /// Id of the line.
    pub id: String,
    /// When, by the service's clock, RFC 3339.
    pub at: String,
    /// What it calls the change.
    pub activity: String,
    /// Who made it, where the log says so.
    pub by: Option<String>,
    /// What the line was recognised by.
    pub matched: String,
}

/// What a command did, once reading back has proved its plan.
#[derive(Clone, Debug)]
pub enum Ending {
    /// It made the tenant what a spec says.
    Applied {
        /// The spec's path.
        spec: String,
        /// Whether the admin centre was left out.
        is_graph_only: bool,
        /// What of the spec was left out.
        except: Vec<Key>,
    },
    /// It set the scope to None.
    CleanedUp,
    /// It took back what runs wrote.
    TakenBack {
        /// The runs, oldest first.
        runs: Vec<NamedRun>,
        /// Whether it went all the way.
        is_all: bool,
    },
}

/// A run, as far as it is spoken of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRun {
    /// Names it to `rollback`.
    pub id: String,
    /// `apply` or `cleanup`.
    pub command: &'static str,
    /// Whether its writes are unconfirmed.
    pub is_doubtful: bool,
}

/// How things stand at the end.
#[derive(Clone, Debug, Default)]
pub struct After {
    /// What the tenant is called; foreign text.
    pub tenant: String,
    /// Who may reset; `None` where the policy was not read.
    pub scope: Option<Scope>,
    /// The groups the policy is scoped to: names where they are known, else ids; foreign text.
    pub groups: Vec<String>,
    /// The spec of the last apply on record, by its path as it was given; `None` where there is none.
    pub spec: Option<String>,
    /// The runs that were not taken back, oldest first.
    pub standing: Vec<NamedRun>,
    /// A run whose record cannot be used, so that it is unknown whether it is in effect: its folder.
    pub unknown: Option<String>,
}
