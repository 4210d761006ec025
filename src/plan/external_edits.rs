//! What someone else did to the password reset policy between our writes and since.
//!
//! A way back puts the whole policy back, so that it would trample these edits. It refuses to, unless told.

use serde_json::Value;

use super::rollback::{ByService, JournaledWrite, by_service};
use crate::tenant::{Object, Resource};

/// Returns the fields of the password reset policy that hold neither what was there before a write nor what
/// the write left, sorted: someone else's edits. What the service was seen to change by itself is none. `past` runs
/// from the oldest write on.
pub fn edited_by_others(past: &[JournaledWrite], actual: &[Object]) -> Vec<String> {
    let ours = |object: &&Object| *object.resource() == Resource::PasswordReset;
    let writes: Vec<&JournaledWrite> = past.iter().filter(|write| ours(&&write.prior)).collect();
    // Each write is followed by the state that the next one found, and the last by the state now.
    let found = writes.iter().skip(1).map(|write| &write.prior).chain(actual.iter().find(ours));
    let mut edited: Vec<String> =
        writes.iter().zip(found).flat_map(|(write, found)| neither_prior_nor_left(write, found)).collect();
    edited.sort();
    edited.dedup();
    let own = by_service(past, &Resource::PasswordReset, ByService::all);
    edited.retain(|field| !own.contains(&field.as_str()));
    if let (Some(oldest), Some(now)) = (writes.first(), actual.iter().find(ours)) {
        // What is as it was before all of it has nothing to lose: a way back that stopped part-way leaves that too.
        let differing = now.differing_fields(&oldest.prior);
        edited.retain(|field| differing.contains(field));
    }
    edited
}

fn neither_prior_nor_left(write: &JournaledWrite, found: &Object) -> Vec<String> {
    let is_left = |field: &String| {
        let left: Option<&Value> = write.left.get(field);
        left.is_some() && left == found.field(field)
    };
    // A write that was cut off may or may not have landed: either is ours.
    found.differing_fields(&write.prior).into_iter().filter(|field| !is_left(field)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn policy(a: u8, b: u8) -> Object {
        Object::from_json(Resource::PasswordReset, json!({"objectId": "default", "a": a, "b": b})).unwrap()
    }

    /// A write that found `prior` and set `a`.
    fn write(prior: Object, a: u8) -> JournaledWrite {
        let left = Map::from_iter([("a".to_owned(), json!(a))]);
        JournaledWrite { prior, left, added: None, by_service: ByService::default(), is_proven: true }
    }

    #[test]
    fn what_we_left_and_what_was_there_before_are_no_edits() {
        let past = [write(policy(1, 1), 2), write(policy(2, 1), 3)];
        for (a, b) in [(3, 1), (2, 1)] {
            assert_eq!(edited_by_others(&past, &[policy(a, b)]), Vec::<String>::new(), "{a} {b}");
        }
    }

    #[test]
    fn an_edit_after_the_last_write_or_between_two_is_told() {
        let past = [write(policy(1, 1), 2), write(policy(2, 9), 3)];
        assert_eq!(edited_by_others(&past, &[policy(3, 9)]), ["b"]);
        assert_eq!(edited_by_others(&past[..1], &[policy(2, 7)]), ["b"]);
        assert_eq!(edited_by_others(&past[..1], &[policy(7, 1)]), ["a"]);
        assert_eq!(edited_by_others(&[], &[policy(7, 1)]), Vec::<String>::new());
    }

    #[test]
    fn what_is_as_before_all_of_it_has_nothing_to_lose() {
        let past = [write(policy(1, 1), 2), write(policy(2, 9), 3)];
        assert_eq!(edited_by_others(&past, &[policy(1, 9)]), ["b"]);
        assert_eq!(edited_by_others(&past, &[policy(1, 1)]), Vec::<String>::new());
    }

    #[test]
    fn what_the_service_was_seen_to_change_by_itself_is_no_edit() {
        let made = |by_service| JournaledWrite { by_service, ..write(policy(1, 1), 2) };
        let b = || vec!["b".to_owned()];
        for by_service in [
            ByService { changed: b(), ..ByService::default() },
            ByService { dropped: b(), ..ByService::default() },
            ByService { volatile: b(), ..ByService::default() },
        ] {
            let past = [made(by_service), write(policy(2, 7), 3)];
            assert_eq!(edited_by_others(&past, &[policy(3, 9)]), Vec::<String>::new());
            assert_eq!(edited_by_others(&past, &[policy(9, 9)]), ["a"]);
        }
    }
}
