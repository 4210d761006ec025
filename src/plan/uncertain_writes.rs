//! Writes of earlier runs that may not have landed: the tenant's state decides whether to undo them.

use super::operation::{Shown, WriteStatus};
use super::undo_writes::JournaledWrite;
use crate::tenant::{Object, Resource};

/// An unconfirmed write of which its object showed a part: it is applied whole or not at all, so that someone
/// else edited the object too, and what shows may be theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) resource: Resource,
    /// The fields that are not as before the write.
    pub(super) moved: Vec<String>,
    /// Those that are as before it.
    pub(super) unmoved: Vec<String>,
}

/// Returns the writes to take back, the oldest first as they came: without unconfirmed ones of which the
/// tenant showed nothing when it was next looked at.
pub fn without_unseen(mut past: Vec<JournaledWrite>, actual: &[Object]) -> Vec<JournaledWrite> {
    let is_unseen = |at: usize| {
        let write = &past[at];
        let found = found_after(at, &past, actual).filter(|_| write.status == WriteStatus::Sent);
        found.is_some_and(|found| !write.operation.is_seen_in(found))
    };
    let mut unseen = (0..past.len()).map(is_unseen).collect::<Vec<_>>().into_iter();
    past.retain(|write| unseen.next() == Some(false) && write.status != WriteStatus::Failed);
    past
}

/// Returns the unconfirmed writes of which a part shows.
pub(super) fn shown_in_part(past: &[JournaledWrite], actual: &[Object]) -> Vec<Part> {
    let part = |(at, write): (usize, &JournaledWrite)| {
        let found = found_after(at, past, actual).filter(|_| write.status == WriteStatus::Sent)?;
        let fields = write.operation.fields().into_iter();
        let (unmoved, moved) = fields.partition(|name| found.is_same(name, write.prior()));
        let is_part = write.operation.shown(found) == Shown::Part;
        is_part.then(|| Part { resource: write.resource().clone(), moved, unmoved })
    };
    past.iter().enumerate().filter_map(part).collect()
}

/// Returns an object as it was when it was next looked at after a write: before the next write, or now.
fn found_after<'a>(at: usize, past: &'a [JournaledWrite], actual: &'a [Object]) -> Option<&'a Object> {
    let later = past[at + 1..].iter().map(JournaledWrite::prior).chain(actual);
    later.into_iter().find(|object| object.resource() == past[at].resource())
}
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::undo_writes::ByService;
    use crate::plan::{Operation, WriteRecord};

    fn policy(a: u8, b: u8, c: u8) -> Object {
        let json = json!({"objectId": "default", "a": a, "b": b, "c": c});
        Object::from_json(Resource::PasswordReset, json).unwrap()
    }

    /// A write of 2 to `a` and `b`, as its record has it.
    fn write(prior: Object, status: WriteStatus) -> JournaledWrite {
        let to = ["a", "b"].map(|name| (name.to_owned(), json!(2))).into_iter().collect();
        let operation = Operation::on_record(prior, WriteRecord { to, added: None });
        JournaledWrite { operation, by_service: ByService::default(), status }
    }

    #[test]
    fn an_unconfirmed_write_is_rolled_back_if_whole_skipped_if_absent_and_held_if_partial() {
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
            let past = without_unseen(vec![write(policy(1, 1, 1), WriteStatus::Sent)], now);
            assert_eq!((past.len() == 1, shown_in_part(&past, now)), (is_taken_back, held), "{now:?}");
            let past = without_unseen(vec![write(policy(1, 1, 1), WriteStatus::Done)], now);
            assert_eq!((past.len(), shown_in_part(&past, now)), (1, vec![]), "one that was seen: {now:?}");
        }
    }

    #[test]
    fn what_the_next_write_found_shows_of_the_one_before_it() {
        let now = [policy(2, 2, 1)];
        let past = without_unseen(
            vec![write(policy(1, 1, 1), WriteStatus::Sent), write(policy(1, 1, 1), WriteStatus::Done)],
            &now,
        );
        assert_eq!(past.len(), 1, "it did not land");
        let past = without_unseen(
            vec![write(policy(1, 1, 1), WriteStatus::Sent), write(policy(2, 1, 1), WriteStatus::Done)],
            &now,
        );
        assert_eq!((past.len(), shown_in_part(&past, &now).len()), (2, 1));
    }
}
