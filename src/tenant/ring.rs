//! A ring of a roll-out, as the tenant has it: a group, whether it is in the pilot group, and its people.

use jiff::Timestamp;

use super::{Group, Object, is_member};

/// A ring.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    /// Its group.
    pub group: Group,
    /// Whether the group is directly in the pilot group.
    pub membership: Object,
    /// Its people; `None` where they were not counted.
    pub people: Option<PeopleOfRing>,
    /// When it was last opened; `None` where neither a journal nor the audit log says.
    pub opened: Option<Opened>,
    /// What people of this ring and those before it did since then; `None` is unknown.
    pub resets: Option<Resets>,
}

/// When a ring was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The instant.
    pub at: Timestamp,
    /// What says so.
    pub by: Witness,
}

/// What says when something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A record of this machine.
    Journal,
    /// The tenant's audit log.
    AuditLog,
}

/// Resets that people went for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resets {
    /// That succeeded.
    pub done: u64,
    /// That were blocked.
    pub blocked: u64,
}

impl Ring {
    /// Returns a ring of which only the group is known, and whether it is open.
    pub fn new(group: Group, membership: Object) -> Self {
        Self { group, membership, people: None, opened: None, resets: None }
    }

    /// Returns whether it is in the pilot group.
    pub fn is_open(&self) -> bool {
        is_member(&self.membership) == Some(true)
    }
}

/// How many people can reset, of those who ever could: no guests, administrators or disabled accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Known to be ready.
    pub ready: u64,
    /// Known not to be.
    pub not_ready: u64,
    /// Of whom that is unknown, or whether they count at all.
    pub unknown: u64,
}

impl Share {
    /// Returns how many there are, those of whom little is known among them.
    pub fn all(self) -> u64 {
        self.ready + self.not_ready + self.unknown
    }

    /// Returns the percentage that is ready at least, rounded down; `None` of no one.
    pub fn percent(self) -> Option<u64> {
        (self.ready * 100).checked_div(self.all())
    }

    /// Returns whether at least `percent` of them are ready; `None` where those of whom it is unknown decide it. Of no one
    /// that is not so.
    pub fn reaches(self, percent: u64) -> Option<bool> {
        let wanted = percent * self.all();
        match (self.ready * 100 >= wanted, (self.ready + self.unknown) * 100 >= wanted) {
            _ if self.all() == 0 => Some(false),
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }

    /// Adds those of another one.
    pub fn add(&mut self, other: Self) {
        self.ready += other.ready;
        self.not_ready += other.not_ready;
        self.unknown += other.unknown;
    }
}

/// Whom a ring holds, each person counted in the first ring that has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleOfRing {
    /// Everyone in its group, through all nesting.
    pub members: u64,
    /// Of those, who is in the pilot group by another way: another ring that is open or comes first, or directly.
    pub already_in: u64,
    /// The others: how many can reset.
    pub share: Share,
    /// Of the others: who can register and has not; `None` where that is not known of everyone.
    pub unregistered: Option<u64>,
    /// Of those who can register and have not: without a recent interactive sign-in
    /// ([`RECENT_DAYS`](crate::people::LastSignIn::RECENT_DAYS)), so that no prompt reaches them; `None` where that is not known.
    pub unreachable: Option<u64>,
    /// Of the others: under the two-gate policy.
    pub admins: Option<u64>,
    /// Of the others: guests.
    pub guests: Option<u64>,
    /// Of the others: disabled accounts.
    pub disabled: Option<u64>,
    /// Of the others: without a licence that covers password reset.
    pub unlicensed: Option<u64>,
}

impl PeopleOfRing {
    /// Returns how many people come in with it.
    pub fn new_people(&self) -> u64 {
        self.members - self.already_in
    }
}
