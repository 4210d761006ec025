//! How far a group has come: who can be ready, who is, and who is left out of the count and why.

use std::collections::BTreeMap;

use super::{NotReadyReason, Row, Rule};

/// Counts over the members of a group. Those whom no method could make ready are left out of the share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Ready.
    pub ready: u64,
    /// Not ready, and ready once they register more.
    pub not_ready: u64,
    /// Of whom it is unknown.
    pub unknown: u64,
    /// Those of them of whom anything could be read, by what settles the least.
    pub unknown_reasons: BTreeMap<NotReadyReason, u64>,
    /// Who is left out, by the gravest reason of each.
    pub left_out: BTreeMap<NotReadyReason, u64>,
    /// Who can be and is not known to be ready, and could be by registering, by what each lacks.
    pub to_nudge: BTreeMap<NotReadyReason, u64>,
    /// Ready, and not without a phone: SMS and voice calls are all they could reset with.
    pub on_phones_alone: u64,
}

impl Adoption {
    /// Counts one row. `rule` is what it was judged by; the other one is the same without phones.
    pub fn add(&mut self, row: &Row, rule: &Rule, without_phones: &Rule) {
        let readiness = &row.readiness;
        if let Some(why) = readiness.nudge() {
            *self.to_nudge.entry(why).or_default() += 1;
        }
        match (readiness.is_ready, readiness.left_out()) {
            (Some(true), _) => {
                self.ready += 1;
                let words = row.methods.as_deref().unwrap_or_default();
                let is_met = (rule.is_met_by(words), without_phones.is_met_by(words));
                self.on_phones_alone += u64::from(is_met == (Some(true), Some(false)));
            }
            (_, Some(why)) => *self.left_out.entry(why).or_default() += 1,
            (Some(false), None) => self.not_ready += 1,
            (None, None) => {
                self.unknown += 1;
                if let Some(why) = readiness.why.first() {
                    *self.unknown_reasons.entry(*why).or_default() += 1;
                }
            }
        }
    }

    /// Returns how many can be ready.
    pub fn can_be(&self) -> u64 {
        self.ready + self.not_ready + self.unknown
    }

    /// Returns how many there are to nudge.
    pub fn nudges(&self) -> u64 {
        self.to_nudge.values().sum()
    }

    /// Returns how many are left out.
    pub fn left_out(&self) -> u64 {
        self.left_out.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::people::{Licence, Person, Readiness};
    use crate::tenant::Method;

    fn row(is_ready: Option<bool>, why: &[NotReadyReason], methods: &[&str]) -> Row {
        Row {
            person: Person {
                id: uuid::Uuid::nil().into(),
                user_principal_name: None,
                display_name: None,
                is_enabled: None,
                is_guest: None,
                is_synced: false,
                licence: Licence::Unknown,
                mail: None,
                directory: None,
                last_sign_in: crate::people::LastSignIn::Unknown,
            },
            roles: Vec::new(),
            is_administrator: None,
            methods: Some(methods.iter().map(|&word| word.to_owned()).collect()),
            is_registered: None,
            is_sspr_enabled: None,
            is_capable: None,
            readiness: Readiness {
                is_ready,
                why: why.to_vec(),
                is_locked_out: false,
                is_directory_only: None,
            },
        }
    }

    #[test]
    fn those_whom_no_method_makes_ready_are_left_out_of_the_share() {
        use NotReadyReason as Why;
        let rule = Rule {
            allowed: Some(BTreeSet::from([Method::Email, Method::MobilePhone, Method::OfficePhone])),
            required: Some(1),
            ..Rule::default()
        };
        let mut adoption = Adoption::default();
        for row in [
            row(Some(true), &[], &["email", "mobilePhone"]),
            row(Some(true), &[], &["mobilePhone", "officePhone"]),
            row(Some(false), &[Why::TooFewMethods], &[]),
            row(None, &[Why::NoReportRow], &[]),
            row(None, &[Why::WritebackUnknown], &["email"]),
            row(None, &[Why::Administrator], &["mobilePhone"]),
            row(Some(false), &[Why::Guest, Why::Unlicensed, Why::TooFewMethods], &[]),
            row(Some(false), &[Why::Disabled], &[]),
            row(Some(false), &[Why::Unlicensed], &[]),
            row(Some(false), &[Why::NoWriteback], &[]),
        ] {
            adoption.add(&row, &rule, &rule.without_phones());
        }
        assert_eq!((adoption.ready, adoption.not_ready, adoption.unknown), (2, 1, 2));
        assert_eq!((adoption.can_be(), adoption.left_out(), adoption.on_phones_alone), (5, 5, 1));
        let one_each = |reasons: &[Why]| reasons.iter().map(|why| (*why, 1)).collect::<BTreeMap<_, _>>();
        assert_eq!(adoption.unknown_reasons, one_each(&[Why::NoReportRow, Why::WritebackUnknown]));
        assert_eq!(adoption.to_nudge, one_each(&[Why::TooFewMethods, Why::NoReportRow]));
        let left_out = [Why::Disabled, Why::Guest, Why::Unlicensed, Why::NoWriteback, Why::Administrator];
        assert_eq!(adoption.left_out, one_each(&left_out));
    }
}
