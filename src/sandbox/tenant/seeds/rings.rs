//! A roll-out: a pilot group with one tester, and four groups to be nested into it one after the other.

use uuid::Uuid;

use super::people;
use crate::sandbox::tenant::group::Group;
use crate::sandbox::tenant::licence::Licence;
use crate::sandbox::tenant::seed::id;
use crate::sandbox::tenant::user::User;

/// What the names of the rings begin with.
pub(super) const BEGIN: &str = "SSPR-Ring-";
/// The last ring, which no other seed has.
pub(super) const LAST: &str = "SSPR-Ring-All";

/// People of a ring: its group, the name their aliases begin with, how many there are, and how many have registered.
const RINGS: [(&str, &str, usize, usize); 3] = [
    ("SSPR-Ring-IT", "it", 6, 6),
    ("SSPR-Ring-Office", "office", 10, 7),
    ("SSPR-Ring-Plants", "plants", 12, 2),
];

fn aliases(name: &str, many: usize) -> Vec<String> {
    (1..=many).map(|number| format!("{name}.{number:02}")).collect()
}

/// Everyone every tenant has, and the people of the rings. In the plants one is a guest, one disabled, one unlicensed.
pub(super) fn users() -> Vec<User> {
    let mut users = people::users();
    for (group, name, many, registered) in RINGS {
        let place = group.trim_start_matches(BEGIN);
        for (at, alias) in aliases(name, many).into_iter().enumerate() {
            let methods = if at < registered { &["email", "mobilePhone"][..] } else { &[] };
            users.push(User {
                methods: methods.iter().map(|&method| method.to_owned()).collect(),
                ..User::new(&alias, &format!("{place} {:02}", at + 1))
            });
        }
    }
    let one = |users: &mut Vec<User>, alias: &str, change: fn(&mut User)| {
        users.iter_mut().filter(|user| user.alias == alias).for_each(change);
    };
    one(&mut users, "plants.10", |user| user.is_guest = true);
    one(&mut users, "plants.11", |user| user.is_enabled = false);
    one(&mut users, "plants.12", |user| user.licence = Licence::None);
    // No prompt reaches these: they have never signed in.
    for alias in ["office.10", "plants.08", "plants.09"] {
        one(&mut users, alias, |user| user.days_since_sign_in = None);
    }
    users
}

/// SSPR-Pilot with Ada alone; three groups of people, Dana, who is an administrator, in two of them; and a fourth that
/// holds those three and Ivo.
pub(super) fn groups() -> Vec<Group> {
    let ring = |(group, name, many, _): (&str, &str, usize, usize), more: &[&str]| {
        let people = aliases(name, many);
        let people = people.iter().map(String::as_str).chain(more.iter().copied());
        Group::security(group, people.map(id).collect())
    };
    let [it, office, plants] = RINGS;
    let nested = RINGS.iter().map(|(group, ..)| id(group));
    let all: Vec<Uuid> = nested.chain([id("ivo")]).collect();
    let mut groups = vec![
        Group::security("SSPR-Pilot", vec![id("ada")]),
        ring(it, &["dana"]),
        ring(office, &["dana"]),
        ring(plants, &[]),
        Group::security(LAST, all),
    ];
    let others = ["SSPR-Pilot-Branch", "Everyone at Contoso", "Newsletter", "Sales", "Contractors"];
    groups.extend(people::groups().into_iter().filter(|group| others.contains(&group.name.as_str())));
    groups
}
