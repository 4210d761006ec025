//! What reading all members found: the counts, the report's age, what stayed unknown.

use crate::people::{Adoption, Summary};
use crate::spec_file::Key;

/// What a reading adds up to.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Over everyone read.
    pub summary: Summary,
    /// Who of them can be ready and is, and who is left out of that count.
    pub adoption: Adoption,
    /// The time of the oldest row of the report, as it wrote it; `None` where no report was read.
    pub report_from: Option<String>,
    /// Whether the report was read, be there a row of it that could be used or none.
    pub is_report_read: bool,
    /// What could not be read, and the permission it takes or the reason.
    pub unread: Vec<String>,
    /// Whether it is unknown who can activate a role: a row may then leave out that someone can.
    pub has_unknown_eligibility: bool,
    /// What of the spec was left out, so that the tenant's own policy decides what a reset requires.
    pub except: Vec<Key>,
}

impl Survey {
    /// Counts members whose row could not be read: they are members, and everything else about them is unknown.
    pub fn add_unreadable(&mut self, members: u64) {
        self.summary.add_unreadable(members);
        self.adoption.unknown += members;
    }
}
