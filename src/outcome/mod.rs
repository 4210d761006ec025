//! What commands found or did: data that every form of the result is made of.

mod apply_error;
pub mod closing;
pub mod check;
pub mod examination;
pub mod pilot_report;
pub mod redaction;
mod survey;
mod tester;
mod refusal;
pub mod setup;

pub use apply_error::ApplyError;
pub use refusal::{FixedScopes, Lack, Refusal};
pub use survey::Survey;
pub use tester::Tester;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::closing::{After, Ending};
use crate::diff::Change;
use crate::plan::{Operation, Plan};
use crate::tenant::Resource;

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
    /// Whether the tenant is the built-in pretend one.
    pub is_sandbox: bool,
}

impl Applied {
    /// Returns whether the audit log showed every write or was not asked.
    pub fn is_proved(&self) -> bool {
        self.outcome.proofs.as_ref().is_none_or(|proofs| proofs.why.is_none())
    }
}

/// One run, as it is listed.
#[derive(Clone, Debug, Serialize)]
pub struct ListedRun {
    /// Names the run to `rollback`.
    pub id: String,
    /// Tenant id.
    pub tenant: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// The spec it came from.
    pub spec: String,
    /// What of the spec was left out; only where something was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// How many changes it was to make.
    pub changes: usize,
    /// Who made them: a person's principal name or an application, as far as the sign-in told.
    pub by: Vec<String>,
    /// `done`, `part-way`, `nothing written`, `in progress`, `cut off` or `unreadable`.
    pub outcome: &'static str,
    /// What is left of it: `stands`, `may stand`, `nothing written`, `taken back`, `way back` or `unknown`.
    pub standing: &'static str,
    /// Why its record cannot be used; `null` where it can.
    pub problem: Option<String>,
    /// Ids of the audit log's lines that tell of the writes; empty where `--prove` was not asked for.
    pub proof: Vec<String>,
    /// Where its baseline and journal are.
    pub directory: String,
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
