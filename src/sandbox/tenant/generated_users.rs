//! Generated people, computed when asked for: a million of them take no memory.
//!
//! Person `i` is a function of `i` and of how many there are, in the order of user principal names,
//! so that a range of names is a range of numbers. A fourth of them is called Smith, so that one letter is long.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::licence::Licence;
use super::user::{RoleGrant, User};

/// How many people are generated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedUsers {
    /// Their number.
    pub size: u64,
}

/// Generated people that are directly in a group: from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedRange {
    /// First.
    pub start: u64,
    /// One past the last.
    pub end: u64,
}

impl GeneratedRange {
    pub(crate) fn contains(&self, i: u64) -> bool {
        (self.start..self.end).contains(&i)
    }
}

/// Surnames in the order of the alphabet, and the share of people (in thousandths) up to and with each.
const SURNAMES: [(&str, u64); 16] = [
    ("adams", 40),
    ("bauer", 90),
    ("chen", 150),
    ("diaz", 190),
    ("evans", 240),
    ("garcia", 300),
    ("haddad", 340),
    ("jensen", 400),
    ("kim", 460),
    ("lopez", 520),
    ("nguyen", 600),
    ("patel", 650),
    ("smith", 900),
    ("tanaka", 940),
    ("wang", 980),
    ("zhou", 1000),
];
const FIRST_NAMES: [&str; 8] = ["Aiko", "Ben", "Chiara", "Dmitri", "Efua", "Fatima", "Goran", "Hedda"];

const ID_PREFIX: u128 = 0x5c0f_fee5_0000_5000_8000_0000_0000_0000;
const ID_BITS: u128 = 0x0000_ffff_ffff_ffff;

impl GeneratedUsers {
    /// People so many apart differ in name and id alone: the least common multiple of all that follows.
    pub(crate) const PERIOD: u64 = 3000;

    /// Makes person `i`.
    pub fn person(self, i: u64) -> User {
        User { methods: methods(i).iter().map(|&method| method.to_owned()).collect(), ..self.outline(i) }
    }

    /// Makes person `i` without the methods they registered, which only the report shows.
    pub(crate) fn outline(self, i: u64) -> User {
        let surname = self.surname(i);
        let is_guest = i % 100 == 13;
        let is_enabled = i % 50 != 7;
        let first = FIRST_NAMES[(i % 8) as usize];
        let capital = surname[..1].to_ascii_uppercase();
        User {
            id: Self::id(i),
            alias: format!("{surname}.{i:08}{}", if is_guest { "_fabrikam.com#EXT#" } else { "" }),
            name: format!("{first} {capital}{}", &surname[1..]),
            is_enabled,
            is_guest,
            is_synced: i.is_multiple_of(5),
            licence: match i {
                i if i % 20 == 3 => Licence::None,
                i if i % 40 == 11 => Licence::BusinessStandard,
                i if i.is_multiple_of(3) => Licence::P2,
                _ => Licence::P1,
            },
            roles: if Self::is_admin(i) {
                vec![RoleGrant::active(RoleGrant::HELPDESK_ADMINISTRATOR)]
            } else {
                Vec::new()
            },
            methods: Vec::new(),
            is_reported: i % 200 != 101,
            days_since_sign_in: match i {
                i if i % 10 == 1 => None,
                i if i % 25 == 2 => Some(90),
                i => Some((i % 20) as u32),
            },
            // Of those who registered nothing, a third is in the directory with a number.
            mobile_phone: (i % 10 == 2).then(|| "+1 5555550100".to_owned()),
            business_phones: Vec::new(),
            other_mails: Vec::new(),
        }
    }

    /// Returns the numbers of the people who hold a role, in order.
    pub(crate) fn admins(self) -> impl Iterator<Item = u64> {
        (0..self.size).step_by(1000).map(|thousand| thousand + 77).filter(move |&i| i < self.size)
    }

    fn is_admin(i: u64) -> bool {
        i % 1000 == 77
    }

    /// Returns the id of person `i`.
    pub fn id(i: u64) -> Uuid {
        Uuid::from_u128(ID_PREFIX | u128::from(i))
    }

    pub(crate) fn index(self, id: Uuid) -> Option<u64> {
        let number = id.as_u128();
        let i = u64::try_from(number & ID_BITS).ok()?;
        (number & !ID_BITS == ID_PREFIX && i < self.size).then_some(i)
    }

    /// Returns how many generated people have a user principal name for which `is_before` holds; it must hold for
    /// the first so many and no others.
    pub(crate) fn position(self, is_before: impl Fn(&str) -> bool) -> u64 {
        let (mut low, mut high) = (0, self.size);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(&self.outline(middle).alias) { low = middle + 1 } else { high = middle }
        }
        low
    }

    fn surname(self, i: u64) -> &'static str {
        let share = i * 1000 / self.size.max(1);
        SURNAMES.iter().find(|(_, upto)| share < *upto).map_or("zhou", |(name, _)| name)
    }
}

fn methods(i: u64) -> &'static [&'static str] {
    match i % 10 {
        0..3 => &[],
        3..6 => &["mobilePhone"],
        6..9 => &["email", "microsoftAuthenticatorPush", "softwareOneTimePasscode"],
        _ => &["mobilePhone", "email"],
    }
}

/// Returns the ranges merged and in order.
pub(crate) fn union(mut ranges: Vec<GeneratedRange>) -> Vec<GeneratedRange> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<GeneratedRange> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_numbers_and_ids_lead_back() {
        let generated = GeneratedUsers { size: 5000 };
        for i in 1..5000 {
            assert!(
                generated.person(i - 1).alias.to_lowercase() < generated.person(i).alias.to_lowercase(),
                "{i}"
            );
            assert_eq!(generated.index(GeneratedUsers::id(i)), Some(i));
        }
        assert_eq!(generated.index(GeneratedUsers::id(5000)), None);
    }

    #[test]
    fn people_a_period_apart_differ_in_name_and_id_alone() {
        let generated = GeneratedUsers { size: 3 * GeneratedUsers::PERIOD };
        for i in 0..GeneratedUsers::PERIOD {
            let (one, other) = (generated.person(i), generated.person(i + GeneratedUsers::PERIOD));
            assert_eq!(User { id: one.id, alias: one.alias.clone(), name: one.name.clone(), ..other }, one);
        }
    }

    #[test]
    fn overlapping_ranges_become_one() {
        let range = |start, end| GeneratedRange { start, end };
        assert_eq!(union(vec![range(5, 9), range(0, 6), range(20, 30)]), [range(0, 9), range(20, 30)]);
    }
}
