//! What a `fleet` command found or did: a row for every tenant it was about, whatever became of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::TenantId;
use crate::text::excerpt;

/// The format of the documents that this version writes and reads.
pub const FORMAT: &str = "sspr.fleet/1";

/// A command over many tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FleetVerb {
    /// Shows what would change.
    Plan,
    /// Makes each tenant what its spec says.
    Apply,
    /// Compares each tenant with its spec.
    Verify,
    /// Tells how far each pilot is.
    Status,
    /// Writes one page about all pilots.
    Report,
    /// Sets password reset to None everywhere.
    Cleanup,
}

impl FleetVerb {
    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Verify => "verify",
            Self::Status => "status",
            Self::Report => "report",
            Self::Cleanup => "cleanup",
        }
    }

    /// Returns whether it writes to tenants.
    pub fn writes(self) -> bool {
        matches!(self, Self::Apply | Self::Cleanup)
    }
}

/// What became of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TenantResult {
    /// It was written, and read back.
    Done,
    /// There was nothing to write.
    NoChanges,
    /// Changes are pending; nothing was to be written.
    Changes,
    /// It is as its spec says.
    Matches,
    /// It is not as its spec says.
    Drift,
    /// A guard refused; nothing was changed.
    Refused,
    /// Its spec is invalid; nothing was sent.
    Invalid,
    /// No one is signed in to it, or the sign-in lacks a permission; nothing was changed.
    NotSignedIn,
    /// It failed; nothing was changed.
    Failed,
    /// Some writes landed, or may have; its journal says which.
    PartWay,
    /// It was being written to when the run was cut off: what stands is unknown.
    Unknown,
    /// Nothing was begun; nothing was changed.
    NotTried,
}

impl TenantResult {
    /// Every result, in the order in which they are counted.
    pub const ALL: [Self; 12] = [
        Self::Done,
        Self::Changes,
        Self::NoChanges,
        Self::Matches,
        Self::Drift,
        Self::Refused,
        Self::Invalid,
        Self::NotSignedIn,
        Self::Failed,
        Self::PartWay,
        Self::Unknown,
        Self::NotTried,
    ];

    /// Returns its word, as documents have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NoChanges => "no-changes",
            Self::Changes => "changes",
            Self::Matches => "matches",
            Self::Drift => "drift",
            Self::Refused => "refused",
            Self::Invalid => "invalid",
            Self::NotSignedIn => "not-signed-in",
            Self::Failed => "failed",
            Self::PartWay => "part-way",
            Self::Unknown => "unknown",
            Self::NotTried => "not-tried",
        }
    }

    /// Returns whether nothing is left to be taken up.
    pub fn is_fine(self) -> bool {
        matches!(self, Self::Done | Self::NoChanges | Self::Changes | Self::Matches)
    }

    /// Returns whether something was written, or may have been.
    pub fn may_be_written(self) -> bool {
        matches!(self, Self::Done | Self::PartWay | Self::Unknown)
    }

    /// Returns whether the tenant was tried and did not end well. One that differs from its spec did: it was read.
    pub fn is_failure(self) -> bool {
        !self.is_fine() && !matches!(self, Self::Drift | Self::NotTried)
    }
}

/// A fleet file, as far as it is told of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetFile {
    /// Its path, as it was given.
    pub path: String,
    /// The SHA-256 of its bytes, in hexadecimal digits alone.
    pub sha256: String,
    /// How many tenants it has.
    pub tenants: usize,
}

/// What became of one tenant, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantRow {
    /// The tenant as the fleet file names it: a domain or an id.
    pub tenant: String,
    /// Its place among the tenants of the fleet file, from 1.
    pub place: usize,
    /// The wave it is in.
    pub wave: String,
    /// What became of it.
    pub result: TenantResult,
    /// The exit code of its part.
    pub exit: u8,
    /// Why, in a sentence's words; may hold foreign text. `None` where there is nothing to tell.
    #[serde(default)]
    pub why: Option<String>,
    /// What to type next for this tenant.
    #[serde(default)]
    pub next: Option<String>,
    /// Its id; `None` where it was not reached.
    #[serde(default)]
    pub id: Option<TenantId>,
    /// Its display name; foreign text.
    #[serde(default)]
    pub name: Option<String>,
    /// Who may reset: `none`, `selected` or `all`. Of a plan, after it.
    #[serde(default)]
    pub scope: Option<String>,
    /// How many changes are pending, or were written. `None` is unknown, here and below.
    #[serde(default)]
    pub changes: Option<u64>,
    /// How many of its plan's findings are errors.
    #[serde(default)]
    pub errors: Option<u64>,
    /// How many are warnings.
    #[serde(default)]
    pub warnings: Option<u64>,
    /// How many people are in its group.
    #[serde(default)]
    pub people: Option<u64>,
    /// How many of them can be ready.
    #[serde(default)]
    pub can_be_ready: Option<u64>,
    /// How many are ready today.
    #[serde(default)]
    pub ready: Option<u64>,
    /// How many are after the plan.
    #[serde(default)]
    pub ready_after: Option<u64>,
    /// How many resets the audit log shows of the days that were looked at.
    #[serde(default)]
    pub resets: Option<u64>,
    /// The run in the tenant's own journal, as `rollback` takes it; `None` where nothing was written.
    #[serde(default)]
    pub run: Option<String>,
    /// The folder of that run's records.
    #[serde(default)]
    pub journal: Option<String>,
    /// The name of its saved plan in the folder of plans.
    #[serde(default)]
    pub plan: Option<String>,
}

impl TenantRow {
    /// Returns the row of a tenant that nothing was begun for.
    pub fn not_tried(tenant: &str, place: usize, wave: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            place,
            wave: wave.to_owned(),
            result: TenantResult::NotTried,
            exit: 0,
            why: None,
            next: None,
            id: None,
            name: None,
            scope: None,
            changes: None,
            errors: None,
            warnings: None,
            people: None,
            can_be_ready: None,
            ready: None,
            ready_after: None,
            resets: None,
            run: None,
            journal: None,
            plan: None,
        }
    }
}

/// What a `fleet` command found or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetRun {
    /// The command.
    pub verb: FleetVerb,
    /// When it began, in whole seconds.
    pub made: Timestamp,
    /// The fleet file.
    pub fleet: FleetFile,
    /// Which part of the fleet it was about, as in `1/4`; `None` is all of it.
    pub shard: Option<String>,
    /// The waves of the fleet file, in order.
    pub waves: Vec<String>,
    /// Why not every tenant was tried; `None` where each was.
    pub stopped: Option<String>,
    /// The code it ends with: the gravest of its tenants'.
    pub exit: u8,
    /// Whether the tenants are pretend ones.
    pub is_sandbox: bool,
    /// The tenants it was about, each of them, in the order of the fleet file.
    pub rows: Vec<TenantRow>,
}

/// What a person is asked before many tenants are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetQuestion {
    /// The command.
    pub verb: FleetVerb,
    /// How many tenants are written; what has to be typed.
    pub tenants: usize,
    /// Out of how many.
    pub of: usize,
    /// How many changes they get together.
    pub changes: u64,
    /// In how many of them something reaches beyond the pilot.
    pub wide: usize,
    /// The wave that is written one tenant at a time, and how many it has, where others follow.
    pub first: Option<(String, usize)>,
    /// Whether the tenants are pretend ones.
    pub is_sandbox: bool,
}

/// Why a document is not the result of a `fleet` command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAFleetRun {
    /// It is no JSON, or a field that is needed is missing or of another kind.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It is another document, or of another version.
    #[error("its format is {0}, but sspr reads {FORMAT}")]
    OtherFormat(String),
}

/// The document, as far as it is read: counts are made anew.
#[derive(Deserialize)]
struct ReadV1 {
    verb: FleetVerb,
    made: Timestamp,
    fleet: FleetFile,
    #[serde(default)]
    shard: Option<String>,
    #[serde(default)]
    waves: Vec<String>,
    #[serde(default)]
    stopped: Option<String>,
    exit: u8,
    #[serde(default)]
    sandbox: bool,
    tenants: Vec<TenantRow>,
}

impl FleetRun {
    /// Reads a result that was saved as JSON.
    ///
    /// # Errors
    /// It is not one, is of another version, or is not whole.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAFleetRun> {
        let unreadable =
            |error: serde_json::Error| NotAFleetRun::Unreadable(excerpt(&error.to_string(), 120));
        let document: Value = serde_json::from_slice(bytes).map_err(unreadable)?;
        let format = document["format"].as_str().unwrap_or("none");
        if format != FORMAT {
            return Err(NotAFleetRun::OtherFormat(excerpt(format, 40)));
        }
        let ReadV1 { verb, made, fleet, shard, waves, stopped, exit, sandbox, tenants } =
            serde_json::from_value(document).map_err(unreadable)?;
        Ok(Self { verb, made, fleet, shard, waves, stopped, exit, is_sandbox: sandbox, rows: tenants })
    }

    /// Returns how many tenants came to each result that any came to.
    pub fn counts(&self) -> BTreeMap<TenantResult, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.result).or_default() += 1;
        }
        counts
    }

    /// Returns how many tenants are left to be taken up.
    pub fn left(&self) -> usize {
        self.rows.iter().filter(|row| !row.result.is_fine()).count()
    }
}
