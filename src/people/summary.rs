//! Rows, and what they add up to.

use serde::Serialize;

use super::{HeldRole, Person, Readiness};

/// One member, with everything known about them.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub person: Person,
    /// The roles they hold or can activate.
    pub roles: Vec<HeldRole>,
    /// Whether a role puts them under the two-gate policy; `None` is unknown.
    pub is_administrator: Option<bool>,
    /// The methods registered, in the report's words; foreign text. `None` where there is no row.
    pub methods: Option<Vec<String>>,
    /// Whether the report calls them registered; `None` is unknown.
    pub is_registered: Option<bool>,
    /// Whether the report says the policy lets them reset; `None` is unknown.
    pub is_sspr_enabled: Option<bool>,
    /// Whether the report calls them capable; `None` is unknown.
    pub is_capable: Option<bool>,
    /// Whether they can reset under the spec.
    pub readiness: Readiness,
}

/// Head counts over rows. A count is of those for whom the answer is known to be yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Everyone.
    pub members: u64,
    /// Under the two-gate policy.
    pub admins: u64,
    /// Guests.
    pub guests: u64,
    /// Disabled accounts.
    pub disabled: u64,
    /// Without a licence that covers password reset.
    pub unlicensed: u64,
    /// Registered, as the report says.
    pub registered: u64,
    /// Of whom it is unknown whether they are ready.
    pub unknown: u64,
    /// Ready under the spec.
    pub ready: u64,
    /// Registered today, and not ready under the spec for want of methods.
    pub stranded: u64,
}

impl Summary {
    /// Counts one row.
    pub fn add(&mut self, row: &Row) {
        let person = &row.person;
        let count = |is: bool| u64::from(is);
        self.members += 1;
        self.admins += count(row.is_administrator == Some(true));
        self.guests += count(person.is_guest == Some(true));
        self.disabled += count(person.is_enabled == Some(false));
        self.unlicensed += count(person.licence.covers(person.is_synced) == Some(false));
        self.registered += count(row.is_registered == Some(true));
        self.unknown += count(row.readiness.is_ready.is_none());
        self.ready += count(row.readiness.is_ready == Some(true));
        self.stranded += count(row.readiness.is_stranded);
    }

    /// Counts members of whom nothing could be read: they are members, and whether they are ready is unknown.
    pub fn add_unreadable(&mut self, members: u64) {
        self.members += members;
        self.unknown += members;
    }

    /// Returns whether at least `percent` of the members are ready. Nobody at all is no pilot.
    pub fn reaches(&self, percent: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "no group is that large")]
        let (ready, members) = (self.ready as f64, self.members as f64);
        self.members > 0 && ready * 100.0 >= percent * members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_reached_exactly_and_never_by_nobody() {
        let of = |ready, members| Summary { ready, members, ..Summary::default() };
        assert!(of(8, 10).reaches(80.0));
        assert!(!of(79, 100).reaches(80.0));
        assert!(of(1, 3).reaches(33.3));
        assert!(!of(0, 0).reaches(0.0));
    }

    #[test]
    fn each_count_is_of_those_it_is_known_of() {
        use crate::people::Licence;

        let row = |known: Option<bool>| Row {
            person: Person {
                id: uuid::Uuid::nil(),
                user_principal_name: None,
                display_name: None,
                is_enabled: known.map(|is| !is),
                is_guest: known,
                is_synced: false,
                licence: if known == Some(true) { Licence::None } else { Licence::Unknown },
            },
            roles: Vec::new(),
            is_administrator: known,
            methods: None,
            is_registered: known,
            is_sspr_enabled: None,
            is_capable: None,
            readiness: Readiness { is_ready: known, why: Vec::new(), is_stranded: known == Some(true) },
        };
        let mut summary = Summary::default();
        for known in [Some(true), Some(false), None, Some(true)] {
            summary.add(&row(known));
        }
        let expected = Summary {
            members: 4,
            admins: 2,
            guests: 2,
            disabled: 2,
            unlicensed: 2,
            registered: 2,
            unknown: 1,
            ready: 2,
            stranded: 2,
        };
        assert_eq!(summary, expected);
    }
}
