//! How a pilot stands: whether password reset is on, for whom, since when, and how far its people are.

use jiff::Timestamp;

use super::ListedRun;
use super::pilot_report::Report;
use super::verification::LastChange;
use crate::tenant::{Surface, Witness};

/// Everything that is told.
#[derive(Clone, Debug)]
pub struct Status {
    /// Who can reset.
    pub scope: ScopeNow,
    /// Since when; `None` where it is unknown who can.
    pub since: Option<Since>,
    /// Who last changed password reset, in whatever way; `None` where the audit log shows no change.
    pub last_change: Option<LastChange>,
    /// The people of the pilot, the rings and the resets.
    pub report: Report,
    /// How many days of resets those are.
    pub days: u16,
    /// Why nothing is known of the people; `None` where they were read.
    pub no_people: Option<String>,
    /// The surfaces that were not read.
    pub not_looked_at: &'static [Surface],
    /// The last run of sspr on this tenant from this machine; `None` where there is none.
    pub last_run: Option<ListedRun>,
}

/// Who can reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeNow {
    /// No one.
    Off,
    /// The members of groups.
    Groups(Vec<GroupNow>),
    /// Everyone.
    Everyone,
    /// The policy was not read, or says so in a form that sspr does not know.
    Unknown {
        /// Why, in a few words.
        why: String,
    },
}

/// A group that password reset is on for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupNow {
    /// Its id.
    pub id: String,
    /// Its display name, where it was read; foreign text.
    pub name: Option<String>,
}

/// Since when password reset is on for whom it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// Something says so.
    Known {
        /// When it was changed.
        at: Timestamp,
        /// Who changed it; foreign text. Empty where that is unknown, or not for those who read it.
        by: Vec<String>,
        /// What says so.
        witness: Witness,
    },
    /// Nothing says so.
    Unknown {
        /// Why, in a few words.
        why: String,
    },
}
