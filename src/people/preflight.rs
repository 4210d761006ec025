//! The cheap half: head counts of a group, with the first few names, for the findings of a plan.

use super::{Person, RoleBook};
use crate::tenant::{FIRST, Preflight, Tally};

impl Tally {
    /// Tallies the people for whom something holds; unknown as soon as it is for one.
    pub fn of(people: &[Person], holds: impl Fn(&Person) -> Option<bool>) -> Self {
        let mut tally = Self { count: Some(0), first: Vec::new() };
        for person in people {
            match holds(person) {
                None => return Self::default(),
                Some(false) => {}
                Some(true) => {
                    tally.count = tally.count.map(|count| count + 1);
                    if tally.first.len() < FIRST {
                        tally.first.push(person.name());
                    }
                }
            }
        }
        tally
    }
}

impl Preflight {
    /// Counts people who were all read.
    pub fn count(&mut self, people: &[Person], roles: &RoleBook) {
        self.members = Some(people.len() as u64);
        self.guests = Tally::of(people, |person| person.is_guest);
        self.disabled = Tally::of(people, |person| person.is_enabled.map(|is_enabled| !is_enabled));
        self.unlicensed =
            Tally::of(people, |person| person.licence.covers(person.is_synced).map(|is_covered| !is_covered));
        self.synced = Tally::of(people, |person| Some(person.is_synced));
        self.count_roles(people, roles);
    }

    /// Counts the roles of people who include every member with a role.
    pub fn count_roles(&mut self, people: &[Person], roles: &RoleBook) {
        let active = |person: &Person, is_two_gate: bool| {
            let mut held = roles.of(person.id).iter().filter(|held| !held.is_eligible);
            roles.is_active_known.then(|| held.any(|held| held.is_two_gate() == is_two_gate))
        };
        self.admins = Tally::of(people, |person| active(person, true));
        self.other_roles = Tally::of(people, |person| active(person, false));
        self.eligible = Tally::of(people, |person| {
            roles.is_eligible_known.then(|| roles.of(person.id).iter().any(|held| held.is_eligible))
        });
        if people.is_empty() {
            // Without anyone to ask about, what is unknown would pass for none.
            let unless = |is_known: bool| if is_known { Some(0) } else { None };
            self.admins.count = unless(roles.is_active_known);
            self.other_roles.count = unless(roles.is_active_known);
            self.eligible.count = unless(roles.is_eligible_known);
        }
    }
}
