//! The counts of a group's people, as a snapshot keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::tenant::{Candidate, DirectoryContacts, MemberCounts, Tally};

/// People that a plan lists at most: a page of the service's. More would be a file that is made to fill memory.
const MOST_LISTED: u64 = 10_000;

#[derive(Serialize, Deserialize)]
struct CountsV1 {
    members: Option<u64>,
    admins: TallyV1,
    other_roles: TallyV1,
    eligible: TallyV1,
    guests: TallyV1,
    disabled: TallyV1,
    unlicensed: TallyV1,
    synced: TallyV1,
    writeback: Option<bool>,
    tenant_licensed: Option<bool>,
    /// `null` where the registration report was not read whole.
    registered: Option<Vec<RegisteredV1>>,
    candidates: Vec<CandidatesV1>,
    unread: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
struct TallyV1 {
    count: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    first: Vec<String>,
}

/// How many people registered these methods; `null` of whom the report has no row.
#[derive(Serialize, Deserialize)]
struct RegisteredV1 {
    methods: Option<Vec<String>>,
    people: u64,
}

#[derive(Serialize, Deserialize)]
struct CandidatesV1 {
    methods: Option<Vec<String>>,
    directory: Option<DirectoryV1>,
    people: u64,
    #[serde(default)]
    synced: bool,
    /// Whether their account, licence and roles are known.
    #[serde(default)]
    certain: bool,
    /// In the order of the group's list; none without people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct DirectoryV1 {
    mobile_phone: bool,
    office_phone: bool,
    other_mail: bool,
}

pub(super) fn to_json(counts: &MemberCounts) -> Value {
    let tally = |tally: &Tally| TallyV1 { count: tally.count, first: tally.first.clone() };
    let registered = counts.registered.as_ref().map(|rows| {
        let mut people = BTreeMap::<_, u64>::new();
        rows.iter().for_each(|row| *people.entry(row.clone()).or_default() += 1);
        people.into_iter().map(|(methods, people)| RegisteredV1 { methods, people }).collect()
    });
    json!(CountsV1 {
        members: counts.members,
        admins: tally(&counts.admins),
        other_roles: tally(&counts.other_roles),
        eligible: tally(&counts.eligible),
        guests: tally(&counts.guests),
        disabled: tally(&counts.disabled),
        unlicensed: tally(&counts.unlicensed),
        synced: tally(&counts.synced),
        writeback: counts.writeback,
        tenant_licensed: counts.is_tenant_licensed,
        registered,
        candidates: candidates(&counts.candidates),
        unread: counts.unread.clone(),
    })
}

/// Returns those who have names each for itself, and the others as counts of those alike.
fn candidates(all: &[Candidate]) -> Vec<CandidatesV1> {
    let (named, unnamed): (Vec<&Candidate>, Vec<&Candidate>) =
        all.iter().partition(|candidate| !candidate.name.is_empty());
    let mut alike = BTreeMap::<_, u64>::new();
    for candidate in unnamed {
        let Candidate { registered, is_synced, is_certain, .. } = candidate;
        let like = (registered.clone(), directory(candidate), *is_synced, *is_certain);
        *alike.entry(like).or_default() += 1;
    }
    let named = named.into_iter().map(|candidate| CandidatesV1 {
        methods: candidate.registered.clone(),
        directory: directory(candidate),
        people: 1,
        synced: candidate.is_synced,
        certain: candidate.is_certain,
        names: vec![candidate.name.clone()],
    });
    let alike = alike.into_iter().map(|((methods, directory, synced, certain), people)| CandidatesV1 {
        methods,
        directory,
        people,
        synced,
        certain,
        names: Vec::new(),
    });
    named.chain(alike).collect()
}

fn directory(candidate: &Candidate) -> Option<DirectoryV1> {
    candidate.directory.map(|DirectoryContacts { mobile_phone, office_phone, other_mail }| DirectoryV1 {
        mobile_phone,
        office_phone,
        other_mail,
    })
}

pub(super) fn from_json(counts: Value) -> Result<MemberCounts, serde_json::Error> {
    let counts = CountsV1::deserialize(counts)?;
    let rows = counts.registered.iter().flatten().map(|row| row.people);
    let listed = counts.candidates.iter().map(|candidates| candidates.people);
    if rows.chain(listed).fold(0, u64::saturating_add) > MOST_LISTED {
        return Err(serde::de::Error::custom("more people are listed than a plan lists"));
    }
    let tally = |tally: TallyV1| Tally { count: tally.count, first: tally.first };
    let registered = counts.registered.map(|rows| {
        let rows = rows.into_iter();
        rows.flat_map(|row| std::iter::repeat_n(row.methods, usize::try_from(row.people).unwrap_or_default()))
            .collect()
    });
    Ok(MemberCounts {
        members: counts.members,
        admins: tally(counts.admins),
        other_roles: tally(counts.other_roles),
        eligible: tally(counts.eligible),
        guests: tally(counts.guests),
        disabled: tally(counts.disabled),
        unlicensed: tally(counts.unlicensed),
        synced: tally(counts.synced),
        writeback: counts.writeback,
        is_tenant_licensed: counts.tenant_licensed,
        registered,
        candidates: counts.candidates.into_iter().flat_map(expanded).collect(),
        unread: counts.unread,
        direct: None,
        everyone: None,
    })
}

fn expanded(alike: CandidatesV1) -> impl Iterator<Item = Candidate> {
    let CandidatesV1 { methods, directory, people, synced, certain, names } = alike;
    let people = usize::try_from(people).unwrap_or_default();
    names.into_iter().chain(std::iter::repeat(String::new())).take(people).map(move |name| Candidate {
        name,
        registered: methods.clone(),
        directory: directory.map(|DirectoryV1 { mobile_phone, office_phone, other_mail }| {
            DirectoryContacts { mobile_phone, office_phone, other_mail }
        }),
        is_synced: synced,
        is_certain: certain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, registered: Option<&[&str]>) -> Candidate {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Candidate {
            name: name.to_owned(),
            registered: registered.map(words),
            directory: Some(DirectoryContacts { mobile_phone: true, ..DirectoryContacts::default() }),
            is_synced: true,
            is_certain: registered.is_some(),
        }
    }

    fn example() -> MemberCounts {
        let registered = [Some(vec!["email".to_owned()]), None, Some(vec!["email".to_owned()])];
        MemberCounts {
            members: Some(3),
            admins: Tally { count: None, first: vec!["zoe@contoso.com".to_owned()] },
            is_tenant_licensed: Some(true),
            registered: Some(registered.into()),
            candidates: vec![
                candidate("zoe@contoso.com", Some(&["email"])),
                candidate("ada@contoso.com", None),
            ],
            unread: vec!["licences".to_owned()],
            ..MemberCounts::default()
        }
    }

    #[test]
    fn counts_with_names_keep_the_order_of_the_list() {
        let read = from_json(to_json(&example())).unwrap();
        assert_eq!(read.candidates, example().candidates);
        // Whose row is whose is not kept, and nothing asks.
        let sorted = |counts: &MemberCounts| {
            let mut rows = counts.registered.clone().unwrap();
            rows.sort();
            rows
        };
        assert_eq!(sorted(&read), sorted(&example()));
        assert_eq!(MemberCounts { registered: example().registered, ..read }, example());
    }

    #[test]
    fn without_names_those_alike_are_one_count() {
        let counts = example().without_names();
        let text = to_json(&counts).to_string();
        assert!(!text.contains('@') && !text.contains("names") && !text.contains("first"), "{text}");
        let read = from_json(to_json(&counts)).unwrap();
        assert_eq!((read.candidates.len(), read.members, read.admins.count), (2, Some(3), None));
    }

    #[test]
    fn a_count_that_would_fill_memory_is_refused() {
        let mut counts = to_json(&example());
        counts["registered"] = json!([{"methods": [], "people": u64::MAX}, {"methods": null, "people": 1}]);
        assert!(from_json(counts).is_err());
    }
}
