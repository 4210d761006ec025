//! Writes of earlier runs that nobody saw land: what the tenant shows of them decides whether they are taken back.

use super::Step;
use super::replan::{Shown, shown};
use super::rollback::{JournaledWrite, is_seen_in};
use crate::tenant::{Object, Resource};

/// A write that nobody saw land, and of which its object showed a part: it lands whole or not at all, so that somebody
/// else edited the object too, and what shows may be theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) resource: Resource,
    /// The fields that are not as before the write.
    pub(super) moved: Vec<String>,
    /// Those that are as before it.
    pub(super) unmoved: Vec<String>,
}

/// Returns the writes to take back, the oldest first as they came: without those that nobody saw land and of which the
/// tenant showed nothing when it was next looked at.
pub fn without_unseen(past: Vec<JournaledWrite>, actual: &[Object]) -> Vec<JournaledWrite> {
    let is_to_stay = |at: usize| {
        let write = &past[at];
        write.is_proven || found_after(at, &past, actual).is_none_or(|found| is_seen_in(write, found))
    };
    let stays: Vec<bool> = (0..past.len()).map(is_to_stay).collect();
    past.into_iter().zip(stays).filter_map(|(write, stays)| stays.then_some(write)).collect()
}

/// Returns the writes that nobody saw land and of which a part shows.
pub(super) fn shown_in_part(past: &[JournaledWrite], actual: &[Object]) -> Vec<Part> {
    let part = |(at, write): (usize, &JournaledWrite)| {
        let found = found_after(at, past, actual).filter(|_| !write.is_proven)?;
        let step = step(write, found);
        let (unmoved, moved) = step.fields().into_iter().partition(|name| found.is_same(name, &write.prior));
        (shown(&step, found) == Shown::Part).then(|| Part {
            resource: write.prior.resource().clone(),
            moved,
            unmoved,
        })
    };
    past.iter().enumerate().filter_map(part).collect()
}

/// Returns an object as it was when it was next looked at after a write: before the next write, or now.
fn found_after<'a>(at: usize, past: &'a [JournaledWrite], actual: &'a [Object]) -> Option<&'a Object> {
    let resource = past[at].prior.resource();
    let later = past[at + 1..].iter().map(|write| &write.prior).chain(actual);
    later.into_iter().find(|object| object.resource() == resource)
}

/// Returns the write again. What it left as null may also have gone.
fn step(write: &JournaledWrite, found: &Object) -> Step {
    let mut desired = write.prior.clone();
    for (name, value) in &write.left {
        match value.is_null() && found.field(name).is_none() {
            true => desired.take_over(name, found),
            false => desired.overlay(name, value.clone()),
        }
    }
    Step { actual: write.prior.clone(), desired }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::plan::rollback::ByService;

    fn policy(a: u8, b: u8, c: u8) -> Object {
        let json = json!({"objectId": "default", "a": a, "b": b, "c": c});
        Object::from_json(Resource::PasswordReset, json).unwrap()
    }

    /// A write of 2 to `a` and `b`, which were 1.
    fn write(is_proven: bool) -> JournaledWrite {
        let left: Map<String, Value> =
            ["a", "b"].map(|name| (name.to_owned(), json!(2))).into_iter().collect();
        JournaledWrite {
            prior: policy(1, 1, 1),
            left,
            added: None,
            by_service: ByService::default(),
            is_proven,
        }
    }

    #[test]
    fn a_write_nobody_saw_land_is_taken_back_whole_not_at_all_or_held() {
        let part = |moved: &[&str], unmoved: &[&str]| {
            let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            vec![Part { resource: Resource::PasswordReset, moved: names(moved), unmoved: names(unmoved) }]
        };
        for (now, is_taken_back, held) in [
            (policy(1, 1, 1), false, vec![]),
            (policy(1, 1, 9), false, vec![]),
            (policy(9, 1, 1), false, vec![]),
            (policy(2, 2, 1), true, vec![]),
            (policy(2, 2, 9), true, vec![]),
            (policy(2, 1, 1), true, part(&["a"], &["b"])),
            (policy(9, 2, 1), true, part(&["a", "b"], &[])),
        ] {
            let now = std::slice::from_ref(&now);
            let past = without_unseen(vec![write(false)], now);
            assert_eq!((past.len() == 1, shown_in_part(&past, now)), (is_taken_back, held), "{now:?}");
            let past = without_unseen(vec![write(true)], now);
            assert_eq!((past.len(), shown_in_part(&past, now)), (1, vec![]), "one that was seen: {now:?}");
        }
    }

    #[test]
    fn what_the_next_write_found_tells_of_the_one_before_it() {
        let next = |prior: Object| JournaledWrite { prior, ..write(true) };
        let now = [policy(2, 2, 1)];
        let past = without_unseen(vec![write(false), next(policy(1, 1, 1))], &now);
        assert_eq!(past.len(), 1, "it did not land");
        let past = without_unseen(vec![write(false), next(policy(2, 1, 1))], &now);
        assert_eq!((past.len(), shown_in_part(&past, &now).len()), (2, 1));
    }
}
