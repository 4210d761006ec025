//! Rows about people, and the counts over them.

use std::fmt;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{HeldRole, NotReadyReason, Person, Readiness};
use crate::text::counted;

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

/// How many people something holds of, and of how many it is unknown. As JSON it is a number, and `null` where it is
/// not known of everyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those with a known yes.
    pub yes: u64,
    /// Those where it is unknown.
    pub unknown: u64,
}

impl Count {
    /// Returns the number, where the answer is known of everyone.
    pub fn known(self) -> Option<u64> {
        (self.unknown == 0).then_some(self.yes)
    }

    /// Returns the count before an adjective: `3 disabled`, `at least 3 disabled`, `disabled unknown`.
    pub fn message(self, adjective: &str) -> String {
        self.describe(format!("{} {adjective}", self.yes), &format!("{adjective} unknown"))
    }

    /// Returns the count with its noun: `1 guest`, `at least 1 guest`, `guests unknown`.
    pub fn counted(self, noun: &str) -> String {
        self.describe(counted(self.yes, noun), &format!("{noun}s unknown"))
    }

    fn describe(self, known: String, unknown: &str) -> String {
        match (self.yes, self.unknown) {
            (_, 0) => known,
            (0, _) => unknown.to_owned(),
            _ => format!("at least {known}"),
        }
    }

    pub(crate) fn add(&mut self, answer: Option<bool>) {
        self.yes += u64::from(answer == Some(true));
        self.unknown += u64::from(answer.is_none());
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe(self.yes.to_string(), "unknown"))
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known().serialize(serializer)
    }
}

/// Serializes a count as `locked_out` and as `stranded`, the name that the documents began with.
pub(crate) fn as_locked_out_and_stranded<T: Serialize, S: Serializer>(
    count: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_map(Some(2))?;
    fields.serialize_entry("locked_out", count)?;
    fields.serialize_entry("stranded", count)?;
    fields.end()
}

/// Head counts over rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Everyone.
    pub members: u64,
    /// Under the two-gate policy.
    pub admins: Count,
    /// Guests.
    pub guests: Count,
    /// Disabled accounts.
    pub disabled: Count,
    /// Without a licence that covers password reset.
    pub unlicensed: Count,
    /// Registered, as the report says; people without a row are not.
    pub registered: Count,
    /// People whose readiness is unknown.
    pub unknown: u64,
    /// Ready under the spec.
    pub ready: u64,
    /// Registered today, and not ready under the spec for want of methods.
    #[serde(flatten, serialize_with = "as_locked_out_and_stranded")]
    pub locked_out: Count,
    /// Who could reset with numbers and addresses that are in the directory alone.
    pub directory_only: Count,
    /// Whom registering could make ready.
    pub nudge: u64,
}

impl Summary {
    /// Counts one row.
    pub fn add(&mut self, row: &Row) {
        let person = &row.person;
        self.members += 1;
        self.admins.add(row.is_administrator);
        self.guests.add(person.is_guest);
        self.disabled.add(person.is_enabled.map(|is_enabled| !is_enabled));
        self.unlicensed.add(person.licence.covers(person.is_synced).map(|is_covered| !is_covered));
        let is = |why| row.readiness.why.contains(&why);
        let is_registered = if is(NotReadyReason::NoReportRow) { Some(false) } else { row.is_registered };
        self.registered.add(is_registered);
        self.locked_out.add(match is_registered {
            _ if row.readiness.is_locked_out => Some(true),
            Some(true) if is(NotReadyReason::RuleUnknown) => None,
            known => known.map(|_| false),
        });
        self.directory_only.add(row.readiness.is_directory_only);
        self.nudge += u64::from(row.readiness.nudge().is_some());
        self.unknown += u64::from(row.readiness.is_ready.is_none());
        self.ready += u64::from(row.readiness.is_ready == Some(true));
    }

    /// Counts members whose row could not be read: they are members, and everything else about them is unknown.
    pub fn add_unreadable(&mut self, members: u64) {
        self.members += members;
        self.unknown += members;
        for count in [
            &mut self.admins,
            &mut self.guests,
            &mut self.disabled,
            &mut self.unlicensed,
            &mut self.registered,
            &mut self.locked_out,
            &mut self.directory_only,
        ] {
            count.unknown += members;
        }
    }

    /// Returns whether at least `percent` of the members are ready. A group without members is not ready.
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
    fn a_gate_is_reached_exactly_and_never_by_an_empty_group() {
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
                id: uuid::Uuid::nil().into(),
                user_principal_name: None,
                display_name: None,
                is_enabled: known.map(|is| !is),
                is_guest: known,
                is_synced: false,
                licence: if known == Some(true) { Licence::None } else { Licence::Unknown },
                mail: None,
                directory: None,
                last_sign_in: crate::people::LastSignIn::Unknown,
            },
            roles: Vec::new(),
            is_administrator: known,
            methods: None,
            is_registered: known,
            is_sspr_enabled: None,
            is_capable: None,
            readiness: Readiness {
                is_ready: known,
                why: Vec::new(),
                is_locked_out: known == Some(true),
                is_directory_only: known,
            },
        };
        let mut summary = Summary::default();
        for known in [Some(true), Some(false), None, Some(true)] {
            summary.add(&row(known));
        }
        let two = Count { yes: 2, unknown: 1 };
        let expected = Summary {
            members: 4,
            admins: two,
            guests: two,
            disabled: two,
            unlicensed: Count { yes: 2, unknown: 2 },
            registered: two,
            unknown: 1,
            ready: 2,
            locked_out: two,
            directory_only: two,
            nudge: 0,
        };
        assert_eq!(summary, expected);
        let json = serde_json::to_value(summary).unwrap();
        assert_eq!((&json["admins"], &json["ready"]), (&serde_json::Value::Null, &2.into()));
    }

    #[test]
    fn a_count_that_is_not_known_of_everyone_says_so() {
        let count = |yes, unknown| Count { yes, unknown };
        for (count, number, described, counted) in [
            (count(0, 0), "0", "0 disabled", "0 guests"),
            (count(1, 0), "1", "1 disabled", "1 guest"),
            (count(0, 2), "unknown", "disabled unknown", "guests unknown"),
            (count(1, 2), "at least 1", "at least 1 disabled", "at least 1 guest"),
        ] {
            assert_eq!((count.to_string().as_str(), count.message("disabled").as_str()), (number, described));
            assert_eq!(count.counted("guest"), counted);
        }
    }
}
