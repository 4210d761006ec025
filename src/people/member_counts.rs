//! Counts group members by role, licence and account state.

use super::{Person, RoleIndex};
use crate::tenant::{Candidate, FIRST, MemberCounts, Tally};
use crate::text::counted;

impl Tally {
    /// Tallies the people that something is true of. The count is unknown as soon as it is for one; those who were found
    /// are there all the same.
    pub fn of(people: &[Person], holds: impl Fn(&Person) -> Option<bool>) -> Self {
        let mut tally = Self { count: Some(0), first: Vec::new() };
        for person in people {
            match holds(person) {
                None => tally.count = None,
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

impl MemberCounts {
    /// Counts people who were all read.
    pub fn count(&mut self, people: &[Person], roles: &RoleIndex) {
        self.members = Some(people.len() as u64);
        let is_disabled = |person: &Person| person.is_enabled.map(|is_enabled| !is_enabled);
        let is_unlicensed =
            |person: &Person| person.licence.covers(person.is_synced).map(|is_covered| !is_covered);
        self.guests = Tally::of(people, |person| person.is_guest);
        self.disabled = Tally::of(people, is_disabled);
        self.unlicensed = Tally::of(people, is_unlicensed);
        self.note_unknown("the kind of account", people, |person| person.is_guest);
        self.note_unknown("whether the account is enabled", people, is_disabled);
        self.note_unknown("the licences", people, is_unlicensed);
        self.synced = Tally::of(people, |person| Some(person.is_synced));
        self.count_roles(people, roles);
    }

    /// Lists those whom a registered method could make ready; `registered` is what the report says of someone. Of whom
    /// something is unknown is one of them.
    pub fn list_candidates(
        &mut self,
        people: &[Person],
        roles: &RoleIndex,
        registered: impl Fn(&Person) -> Option<Vec<String>>,
    ) {
        let is_one = |person: &&Person| {
            person.is_enabled != Some(false)
                && person.is_guest != Some(true)
                && person.licence.covers(person.is_synced) != Some(false)
                && roles.is_administrator(person.id) != Some(true)
        };
        let candidate = |person: &Person| Candidate {
            name: person.name(),
            registered: registered(person),
            directory: person.directory,
            is_synced: person.is_synced,
            is_certain: person.is_enabled.is_some()
                && person.is_guest.is_some()
                && person.licence.covers(person.is_synced).is_some()
                && roles.is_administrator(person.id).is_some(),
        };
        self.candidates = people.iter().filter(is_one).map(candidate).collect();
    }

    /// Counts the people of whom the service left something out.
    fn note_unknown(&mut self, what: &str, people: &[Person], message: impl Fn(&Person) -> Option<bool>) {
        let untold = people.iter().filter(|person| message(person).is_none()).count();
        if untold > 0 {
            self.unread
                .push(format!("{what} of {} (the service left it out)", counted(untold as u64, "member")));
        }
    }

    /// Forgets what was counted, because some of the members could not be read; `members` is how many the service says
    /// there are.
    pub fn forget_counts(&mut self, members: Option<u64>) {
        self.members = members;
        for tally in [
            &mut self.admins,
            &mut self.other_roles,
            &mut self.eligible,
            &mut self.guests,
            &mut self.disabled,
            &mut self.unlicensed,
            &mut self.synced,
        ] {
            // Those who were found are there all the same.
            tally.count = None;
        }
    }

    /// Counts the roles of people who include every member with a role.
    pub fn count_roles(&mut self, people: &[Person], roles: &RoleIndex) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::{HeldRole, Licence};

    fn people(count: u128) -> Vec<Person> {
        let person = |id| Person {
            id: uuid::Uuid::from_u128(id).into(),
            user_principal_name: Some(format!("user{id}@contoso.com")),
            display_name: None,
            is_enabled: Some(true),
            is_guest: Some(false),
            is_synced: false,
            licence: Licence::Unknown,
            mail: None,
            directory: None,
            last_sign_in: crate::people::LastSignIn::Unknown,
        };
        (0..count).map(person).collect()
    }

    fn book(is_active_known: bool, is_eligible_known: bool) -> RoleIndex {
        let mut book = RoleIndex::default();
        (book.is_active_known, book.is_eligible_known) = (is_active_known, is_eligible_known);
        book
    }

    #[test]
    fn all_are_counted_and_the_first_few_are_named() {
        let tally = Tally::of(&people(7), |_| Some(true));
        assert_eq!((tally.count, tally.first.len()), (Some(7), FIRST));
        assert_eq!(tally.first[0], "user0@contoso.com");
        let tally = Tally::of(&people(7), |person| Some(person.id.guid().as_u128() == 6));
        assert_eq!((tally.count, tally.first), (Some(1), vec!["user6@contoso.com".to_owned()]));
    }

    #[test]
    fn one_unknown_makes_the_count_unknown() {
        let tally = Tally::of(&people(3), |person| (person.id.guid().as_u128() != 1).then_some(true));
        assert_eq!(
            (tally.count, tally.first),
            (None, vec!["user0@contoso.com".to_owned(), "user2@contoso.com".to_owned()])
        );
        let mut preflight = MemberCounts::default();
        preflight.count(&people(2), &book(true, false));
        assert_eq!((preflight.unlicensed.count, preflight.eligible.count), (None, None));
        assert_eq!(
            (preflight.admins.count, preflight.disabled.count, preflight.members),
            (Some(0), Some(0), Some(2))
        );
    }

    #[test]
    fn an_empty_group_keeps_unreadable_counts_unknown() {
        let mut preflight = MemberCounts::default();
        preflight.count_roles(&[], &book(true, false));
        assert_eq!(preflight.admins.count, Some(0));
        assert_eq!(preflight.other_roles.count, Some(0));
        assert_eq!(preflight.eligible.count, None);
    }

    #[test]
    fn roles_are_distinguished() {
        let mut roles = book(true, true);
        let role =
            |role: &str, is_eligible| HeldRole { role: role.parse().unwrap(), is_eligible, through: None };
        let (global, reader) =
            ("62e90394-69f5-4237-9190-012177145e10", "f2ef992c-3afb-46b9-b7cf-a126ee74c451");
        for (user, role) in [(0, role(global, false)), (1, role(reader, false)), (2, role(global, true))] {
            roles.insert(uuid::Uuid::from_u128(user).into(), role);
        }
        let mut preflight = MemberCounts::default();
        preflight.count_roles(&people(4), &roles);
        let names = |tally: &Tally| tally.first.join(" ");
        assert_eq!(names(&preflight.admins), "user0@contoso.com");
        assert_eq!(names(&preflight.other_roles), "user1@contoso.com");
        assert_eq!(names(&preflight.eligible), "user2@contoso.com");
    }
}
