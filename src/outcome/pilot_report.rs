//! What the page about the pilot shows.

use serde::Serialize;

use crate::people::Summary;
use crate::spec_file::Key;

/// Everything the report shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The tenant's name; foreign text.
    pub tenant: String,
    /// The group's name; foreign text.
    pub group: String,
    /// The day the report is made.
    pub made_on: String,
    /// The registration report's own time; `None` where it was not read.
    pub report_from: Option<String>,
    /// Settings in the tenant: portal label and value.
    pub settings: Vec<(String, String)>,
    /// Head counts.
    pub summary: Summary,
    /// How many registered which method, in the report's words, most first.
    pub methods: Vec<(String, u64)>,
    /// Who is not known to be ready, and why; the first few hundred.
    pub nudges: Vec<(String, String)>,
    /// How many those are in all.
    pub nudges_in_all: u64,
    /// Successful resets and failures by day, oldest first.
    pub days: Vec<Day>,
    /// Whether the audit log could be read, all of it.
    pub log: LogState,
    /// What a reviewer should know: severity, code, message.
    pub findings: Vec<(String, String, String)>,
    /// What could not be read.
    pub unread: Vec<String>,
    /// What of the spec was left out; only where something was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Key>,
    /// Whether the registration report was read.
    #[serde(skip)]
    pub is_report_read: bool,
}

/// One day of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The date.
    pub date: String,
    /// Successful resets.
    pub resets: u64,
    /// Failed and blocked attempts.
    pub failures: u64,
}

/// How much of the audit log there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogState {
    /// It could not be read.
    #[default]
    Unread,
    /// Only the newest part was read.
    Partial,
    /// All of the days shown.
    Whole,
}
