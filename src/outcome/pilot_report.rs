//! What the report about the pilot shows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RingBoard;
use crate::people::{Adoption, NotReadyReason, Rule, Summary};
use crate::plan::ResetPolicy;
use crate::spec_file::Key;
use crate::tenant::{Migration, Setting, SnapshotMark};

/// Everything the report shows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The tenant's name; foreign text.
    pub tenant: String,
    /// Tenant id.
    pub tenant_id: String,
    /// Whether it is the built-in pretend one.
    pub is_sandbox: bool,
    /// What the page was made from, where that is a snapshot.
    pub snapshot: Option<SnapshotMark>,
    /// The group's name; foreign text.
    pub group: String,
    /// The group's id.
    pub group_id: String,
    /// The spec people are judged by, as it was given.
    pub spec: String,
    /// The day the report is made, in UTC.
    pub made_on: Date,
    /// The registration report's own time; `None` where it was not read.
    pub report_from: Option<String>,
    /// Whether the registration report was read.
    pub is_report_read: bool,
    /// Settings as the tenant has them, in spec terms; `None` is unknown.
    pub settings: Vec<(&'static Setting, Option<Value>)>,
    /// Names of the groups in the settings, by id; foreign text.
    pub group_names: BTreeMap<String, String>,
    /// Which policy the tenant honours for methods; `None` is unknown.
    pub migration: Option<Migration>,
    /// What a reset takes today.
    pub reset: ResetPolicy,
    /// What people are judged by.
    pub rule: Rule,
    /// How many changes the spec would make to the tenant.
    pub pending: usize,
    /// Head counts.
    pub summary: Summary,
    /// How many can be ready, and are.
    pub adoption: Adoption,
    /// How far the roll-out is; `None` where the spec has none.
    pub rings: Option<RingBoard>,
    /// How many registered which method, in the registration report's words, most first.
    pub methods: Vec<(String, u64)>,
    /// Whom registering could make ready; the first few hundred.
    pub nudges: Vec<Nudge>,
    /// Successful resets and failures by day in the whole tenant, oldest first.
    pub days: Vec<Day>,
    /// Whether the audit log could be read, all of it.
    pub log: LogState,
    /// What earlier reports counted.
    pub trend: Trend,
    /// What a reviewer should know: severity, code, message.
    pub findings: Vec<(String, String, String)>,
    /// What could not be read.
    pub unread: Vec<String>,
    /// What of the spec was left out.
    pub except: Vec<Key>,
}

/// Someone whom registering could make ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nudge {
    /// Principal name, or id; foreign text.
    pub account: String,
    /// Display name; foreign text.
    pub name: Option<String>,
    /// Why, gravest first.
    pub why: Vec<NotReadyReason>,
}

/// One day of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The date.
    pub date: Date,
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

/// What earlier reports about the group counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// One count a day, oldest first, all before the report's own day.
    pub earlier: Vec<DayCount>,
    /// Why there may have been others.
    pub unknown: Option<String>,
}

/// What the last report of a day counted: numbers and no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCount {
    /// The day, in UTC.
    pub day: Date,
    /// Everyone in the group.
    pub members: u64,
    /// Who can be ready.
    pub can_be: u64,
    /// Who is ready.
    pub ready: u64,
    /// Of whom it was unknown.
    pub unknown: u64,
}

impl Report {
    /// Returns today's count, to be kept; `None` where nothing is known of anyone.
    pub fn day_count(&self) -> Option<DayCount> {
        let (adoption, members) = (&self.adoption, self.summary.members);
        let is_known = self.is_report_read && adoption.unknown < members;
        is_known.then(|| DayCount {
            day: self.made_on,
            members,
            can_be: adoption.can_be(),
            ready: adoption.ready,
            unknown: adoption.unknown,
        })
    }

    /// Returns a setting as the tenant has it; `None` where it is unknown or was not asked for.
    pub fn setting(&self, key: &str) -> Option<&Value> {
        self.settings.iter().find(|(setting, _)| setting.key == key)?.1.as_ref()
    }
}
