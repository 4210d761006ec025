//! What a plan knows of the group's people: counts, first names, registered methods, licensing.

use super::DirectoryContacts;

/// How many names are shown of each kind.
pub const FIRST: usize = 5;

/// How many there are, and the first few. `None` is unknown, never zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Their number.
    pub count: Option<u64>,
    /// User principal names of the first few, in the order of names; foreign text.
    pub first: Vec<String>,
}

/// What is known about the people of a group before anything is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberCounts {
    /// Users in the group, through all nesting.
    pub members: Option<u64>,
    /// Of those: under the two-gate policy now.
    pub admins: Tally,
    /// With an active role outside Microsoft's list.
    pub other_roles: Tally,
    /// Who can activate a role.
    pub eligible: Tally,
    /// Guests.
    pub guests: Tally,
    /// Disabled accounts.
    pub disabled: Tally,
    /// Without a licence that covers password reset.
    pub unlicensed: Tally,
    /// Synchronised from on-premises.
    pub synced: Tally,
    /// Whether synchronised passwords are written back; `None` is unknown.
    pub writeback: Option<bool>,
    /// Whether the tenant has a product with a premium plan, or Business Standard; `None` is unknown.
    pub is_tenant_licensed: Option<bool>,
    /// What each member registered, in the words of the registration report; `None` inside where the report has
    /// no row of theirs, and outside where the report was not read whole.
    pub registered: Option<Vec<Option<Vec<String>>>>,
    /// Those of the members whom a registered method could make ready.
    pub candidates: Vec<Candidate>,
    /// What could not be read, and the permission it takes; for one finding.
    pub unread: Vec<String>,
    /// Users who are in the group directly; `None` where they were not counted.
    pub direct: Option<u64>,
    /// Users of the tenant with an enabled account, guests aside. Asked where a spec is for all of them.
    pub everyone: Option<u64>,
}

/// A member whom a registered method could make ready: no guest, no administrator, enabled and licensed, as far as it is
/// known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// User principal name; foreign text.
    pub name: String,
    /// What they registered, in the words of the registration report; `None` where it has no row of theirs.
    pub registered: Option<Vec<String>>,
    /// What the directory has of them; `None` is unknown.
    pub directory: Option<DirectoryContacts>,
    /// Whether the account is synchronised from on-premises, so that a reset takes writeback.
    pub is_synced: bool,
    /// Whether that they are one is known: kind of account, licence and roles.
    pub is_certain: bool,
}

/// What is unknown of a group that hides its members.
pub const HIDDEN_MEMBERS: &str = "the group's members, which are hidden (Member.Read.Hidden)";

impl MemberCounts {
    /// Returns the counts without anyone's name.
    pub fn without_names(self) -> Self {
        let nameless = |tally: Tally| Tally { count: tally.count, first: Vec::new() };
        let candidates = self.candidates.into_iter();
        Self {
            admins: nameless(self.admins),
            other_roles: nameless(self.other_roles),
            eligible: nameless(self.eligible),
            guests: nameless(self.guests),
            disabled: nameless(self.disabled),
            unlicensed: nameless(self.unlicensed),
            synced: nameless(self.synced),
            candidates: candidates.map(|one| Candidate { name: String::new(), ..one }).collect(),
            ..self
        }
    }

    /// Forgets what was counted: no member was listed, which proves nothing.
    pub fn hide(&mut self) {
        let unread = std::mem::take(&mut self.unread);
        *self = Self {
            writeback: self.writeback,
            is_tenant_licensed: self.is_tenant_licensed,
            unread: unread.into_iter().chain([HIDDEN_MEMBERS.to_owned()]).collect(),
            ..Self::default()
        };
    }
}
