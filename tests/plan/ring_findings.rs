//! What a plan tells about a roll-out: what cannot be one, whom a ring brings in, and whether it is time.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use snapbox::str;
use sspr::plan::{GateState, gate_state};
use sspr::spec_file::RingGate;
use sspr::tenant::{Group, NamedGroup, Opened, PeopleOfRing, Resets, Ring, Share, Witness, membership};

use super::{AROUND, Case, PILOT, Row, told};
use crate::common::{NOW, assert_shown};

fn named(id: &str, name: &str) -> NamedGroup {
    NamedGroup { id: id.parse().unwrap(), display_name: name.to_owned() }
}

/// The id of the ring of a number.
fn id(number: usize) -> String {
    uuid::Uuid::from_u128(number as u128 + 1).to_string()
}

/// A ring of ten people, nine of whom are ready.
fn ring(number: usize, is_open: bool) -> Ring {
    let name = format!("Ring {}", number + 1);
    let group = Group {
        id: id(number).parse().unwrap(),
        display_name: name.clone(),
        security_enabled: Some(true),
        hides_members: false,
        traits: Default::default(),
        members: None,
        within: None,
    };
    let mut ring = Ring::new(group, membership(&named(PILOT, "Pilot"), &named(&id(number), &name), is_open));
    ring.people = Some(PeopleOfRing {
        members: 10,
        share: Share { ready: 9, not_ready: 1, unknown: 0 },
        unregistered: Some(1),
        unreachable: Some(0),
        admins: Some(0),
        guests: Some(0),
        disabled: Some(0),
        unlicensed: Some(0),
        ..PeopleOfRing::default()
    });
    ring
}

fn opened(days: i64) -> Option<Opened> {
    Some(Opened { at: NOW - SignedDuration::from_hours(days * 24), by: Witness::Journal })
}

/// Sets up three rings, so many of which are open, and a spec that wants so many.
fn roll_out(case: &mut Case, open: usize, wanted: usize) {
    let names = (1..=3).map(|number| {
        let group = format!("Ring {number}");
        if number == 1 {
            json!({"group": group})
        } else {
            json!({"group": group, "after": {"ready": "80%", "days": 7}})
        }
    });
    case.want("rollout", json!({"open": wanted, "rings": names.collect::<Value>()}));
    case.rings = (0..3).map(|number| ring(number, number < open)).collect();
    case.rings[0].opened = opened(7);
    case.nested = Some(Vec::new());
}

pub(super) const RINGS: [Row; 25] = [
    ("as the spec has it", |case| roll_out(case, 2, 2)),
    ("the first ring opens", |case| roll_out(case, 0, 1)),
    ("the second opens, and it is time", |case| roll_out(case, 1, 2)),
    ("the second opens a day too early", |case| {
        roll_out(case, 1, 2);
        case.rings[0].opened = opened(6);
    }),
    ("the second opens a day too early, and that is meant", |case| {
        roll_out(case, 1, 2);
        case.rings[0].opened = opened(6);
        case.overrides.early = true;
    }),
    ("no one knows since when the first is open", |case| {
        roll_out(case, 1, 2);
        case.rings[0].opened = None;
    }),
    ("too few are ready", |case| {
        roll_out(case, 1, 2);
        case.rings[0].people.as_mut().unwrap().share = Share { ready: 7, not_ready: 3, unknown: 0 };
    }),
    ("those of whom it is unknown decide it", |case| {
        roll_out(case, 1, 2);
        case.rings[0].people.as_mut().unwrap().share = Share { ready: 7, not_ready: 2, unknown: 1 };
    }),
    ("those of whom it is unknown decide nothing", |case| {
        roll_out(case, 1, 2);
        case.rings[0].people.as_mut().unwrap().share = Share { ready: 8, not_ready: 1, unknown: 1 };
    }),
    ("the people were not counted", |case| {
        roll_out(case, 1, 2);
        case.rings.iter_mut().for_each(|ring| ring.people = None);
    }),
    ("two open at once", |case| roll_out(case, 1, 3)),
    ("one closes", |case| roll_out(case, 2, 1)),
    ("everything about the people", |case| {
        roll_out(case, 0, 1);
        case.want("registration.required", json!(false));
        case.rings[0].people = Some(PeopleOfRing {
            members: 20,
            already_in: 2,
            share: Share { ready: 5, not_ready: 3, unknown: 4 },
            unregistered: None,
            unreachable: None,
            admins: Some(1),
            guests: Some(2),
            disabled: Some(3),
            unlicensed: None,
        });
    }),
    ("some are out of reach", |case| {
        roll_out(case, 0, 1);
        let people = case.rings[0].people.as_mut().unwrap();
        (people.unregistered, people.unreachable) = (Some(4), Some(3));
    }),
    ("whether they are asked is unknown", |case| {
        roll_out(case, 0, 1);
        case.policy.as_object_mut().unwrap().remove("registrationRequiredOnSignIn");
    }),
    ("more people than meant", |case| {
        roll_out(case, 0, 1);
        case.overrides.max_people = Some(9);
    }),
    ("just as many as meant", |case| {
        roll_out(case, 0, 1);
        case.overrides.max_people = Some(10);
    }),
    ("an unknown number, and a limit", |case| {
        roll_out(case, 0, 1);
        case.rings[0].people = None;
        case.overrides.max_people = Some(9);
    }),
    ("other groups in the pilot group", |case| {
        roll_out(case, 1, 1);
        case.nested = Some(vec![named(&id(0), "Ring 1"), named(AROUND, "Theirs")]);
    }),
    ("a rule decides who is in the pilot group", |case| {
        roll_out(case, 1, 1);
        case.group.as_mut().unwrap().traits.is_dynamic = true;
    }),
    ("the pilot group hides its members", |case| {
        roll_out(case, 1, 1);
        case.group.as_mut().unwrap().hides_members = true;
    }),
    ("a ring holds the pilot group", |case| {
        roll_out(case, 1, 1);
        case.group.as_mut().unwrap().within = Some(vec![named(&id(2), "Ring 3")]);
    }),
    ("what the pilot group is in is unknown", |case| {
        roll_out(case, 1, 1);
        case.group.as_mut().unwrap().within = None;
    }),
    ("a ring is a Microsoft 365 group", |case| {
        roll_out(case, 1, 1);
        case.rings[2].group.traits.is_microsoft_365 = true;
    }),
    ("two rings are one group, and one is the pilot group", |case| {
        roll_out(case, 1, 1);
        case.rings[1].group.id = case.rings[0].group.id;
        case.rings[2].group.id = PILOT.parse().unwrap();
    }),
];

#[test]
fn a_roll_out_is_told_where_it_holds_and_not_one_step_before() {
    assert_shown!(
        told(&RINGS),
        str![[r#"
as the spec has it:
the first ring opens:
  + info ring-opens [rollout] Ring 1 brings in 10 people: 9 ready, 1 will be asked to register
the second opens, and it is time:
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
the second opens a day too early:
  + error ring-too-early [rollout] Too early for Ring 2: 6 of 7 days
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
the second opens a day too early, and that is meant:
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
  + warning ring-too-early [rollout] Too early for Ring 2: 6 of 7 days
no one knows since when the first is open:
  + error ring-too-early [rollout] Unknown whether it is time for Ring 2: unknown since when Ring 1 is open
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
too few are ready:
  + error ring-too-early [rollout] Too early for Ring 2: 70 % of 80 % ready (1 person short)
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
those of whom it is unknown decide it:
  + error ring-too-early [rollout] Unknown whether it is time for Ring 2: 70 % of 80 % known to be ready, and unknown of 1 person
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
those of whom it is unknown decide nothing:
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
the people were not counted:
  + error ring-too-early [rollout] Unknown whether it is time for Ring 2: unknown of 80 % ready
  + info ring-opens [rollout] Unknown whom Ring 2 brings in
  + warning count-unknown [rollout] Unknown how many people the rings bring in: sspr could not read their members
two open at once:
  + error ring-too-early [rollout] Too early for Ring 3: after Ring 2
  + info ring-opens [rollout] Ring 2 brings in 10 people: 9 ready, 1 will be asked to register
  + info ring-opens [rollout] Ring 3 brings in 10 people: 9 ready, 1 will be asked to register
one closes:
everything about the people:
  + info ring-opens [rollout] Ring 1 brings in 18 people: 5 ready, 4 not known to be, an unknown number not registered and not asked to (unknown how many of them signed in within 30 days), 1 administrator, 2 guests, 3 disabled accounts, an unknown number without a licence, 2 of the group in by another way already
some are out of reach:
  + info ring-opens [rollout] Ring 1 brings in 10 people: 9 ready, 4 will be asked to register (3 of them without a sign-in in 30 days)
whether they are asked is unknown:
  + info ring-opens [rollout] Ring 1 brings in 10 people: 9 ready, 1 not registered
more people than meant:
  + error too-many-people [rollout] The rings bring in 10 people, and the limit is 9
  + info ring-opens [rollout] Ring 1 brings in 10 people: 9 ready, 1 will be asked to register
just as many as meant:
  + info ring-opens [rollout] Ring 1 brings in 10 people: 9 ready, 1 will be asked to register
an unknown number, and a limit:
  + error count-unknown [rollout] Unknown how many people the rings bring in: sspr could not read their members
  + info ring-opens [rollout] Unknown whom Ring 1 brings in
other groups in the pilot group:
  + info members-beside-rings [rollout] Pilot also holds 1 group outside the roll-out: Theirs
a rule decides who is in the pilot group:
  + error pilot-not-writable [rollout] Pilot cannot hold the rings of a roll-out: a rule decides who is in it
the pilot group hides its members:
  + error pilot-not-writable [rollout] Pilot cannot hold the rings of a roll-out: it hides its members
a ring holds the pilot group:
  + error ring-circle [rollout] Ring 3 holds the pilot group, so nesting it there would make a circle
what the pilot group is in is unknown:
  + error ring-circle [rollout] Unknown whether Ring 1 holds the pilot group: nesting it there could make a circle
  + error ring-circle [rollout] Unknown whether Ring 2 holds the pilot group: nesting it there could make a circle
  + error ring-circle [rollout] Unknown whether Ring 3 holds the pilot group: nesting it there could make a circle
  + warning nesting-unknown [methods.allowed] The pilot group's parent groups, which may add or exclude methods, could not be read
a ring is a Microsoft 365 group:
  + error ring-not-security [rollout] Ring 3 is no security group, so it cannot be a ring
two rings are one group, and one is the pilot group:
  + error ring-circle [rollout] Ring 3 is the pilot group itself, so it cannot be a ring
  + error ring-twice [rollout] Ring 2 (00000000-0000-0000-0000-000000000001) is two of the rings, by its name and by its id

"#]]
    );
}

#[test]
fn each_trait_that_keeps_members_from_being_changed_is_refused() {
    for (change, why) in [
        (
            (|case: &mut Case| case.group.as_mut().unwrap().traits.is_synced = true) as fn(&mut Case),
            "synchronised",
        ),
        (|case| case.group.as_mut().unwrap().traits.is_mail_enabled = true, "mail-enabled"),
        (|case| case.group.as_mut().unwrap().traits.is_role_assignable = true, "administrator roles"),
    ] {
        let mut case = Case::new();
        roll_out(&mut case, 0, 1);
        change(&mut case);
        let plan = case.plan();
        let finding = plan.findings.iter().find(|finding| finding.code == "pilot-not-writable").unwrap();
        assert!(plan.is_refused() && finding.message.contains(why), "{finding:?}");
    }
}

fn state(gate: RingGate, before: &[Ring], now: Timestamp) -> (Option<bool>, String) {
    let state: GateState = gate_state(gate, before, now);
    (state.holds(), state.lacking())
}

#[test]
fn a_gate_holds_to_the_day_the_percent_and_the_reset() {
    let mut before = [ring(0, true), ring(1, true)];
    before[1].opened = opened(7);
    let days = RingGate { days: Some(7), ..RingGate::default() };
    assert_eq!(state(days, &before, NOW).0, Some(true));
    let second_before = NOW - SignedDuration::from_secs(1);
    assert_eq!(state(days, &before, second_before), (Some(false), "6 of 7 days".to_owned()));
    let ready = |percent| RingGate { ready: Some(percent), ..RingGate::default() };
    assert_eq!(state(ready(90), &before, NOW).0, Some(true));
    assert_eq!(
        state(ready(91), &before, NOW),
        (Some(false), "90 % of 91 % ready (1 person short)".to_owned())
    );
    let resets = RingGate { resets: Some(2), ..RingGate::default() };
    assert_eq!(state(resets, &before, NOW), (None, "unknown of 2 resets".to_owned()));
    for (done, holds) in [(1, false), (2, true)] {
        before[1].resets = Some(Resets { done, blocked: 9 });
        assert_eq!(state(resets, &before, NOW).0, Some(holds), "{done}");
    }
    before[1] = ring(1, false);
    assert_eq!(state(ready(0), &before, NOW), (Some(false), "after Ring 2".to_owned()));
    assert_eq!(state(RingGate::default(), &before, NOW).0, Some(true), "it waits for nothing");
}

#[test]
fn of_no_one_no_share_is_reached() {
    let no_one = Share::default();
    assert_eq!((no_one.reaches(0), no_one.percent()), (Some(false), None));
    let huge = Share { ready: 99_999, not_ready: 1, unknown: 0 };
    assert_eq!((huge.reaches(100), huge.percent()), (Some(false), Some(99)));
}
