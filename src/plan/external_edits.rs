//! Finds what others changed in an object between and after our writes.
//!
//! An object that goes back whole would trample these edits. A rollback refuses to, unless told to overwrite them.

use super::operation::Operation;
use super::undo_writes::{ByService, JournaledWrite, by_service};
use crate::tenant::Object;

/// Fields of one object that someone else edited.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalEdit<'a> {
    /// The write that taking back would write over them.
    pub operation: &'a Operation,
    /// The fields, sorted.
    pub fields: Vec<String>,
}

/// Returns the fields that someone else edited since they were written, and that going back would write over. What the
/// service was seen to change by itself is none. `past` runs from the oldest write on.
pub fn edited_by_others<'a>(past: &'a [JournaledWrite], actual: &[Object]) -> Vec<ExternalEdit<'a>> {
    actual.iter().filter_map(|now| edit(past, now)).collect()
}

fn edit<'a>(past: &'a [JournaledWrite], now: &Object) -> Option<ExternalEdit<'a>> {
    let writes = past.iter().filter(|write| write.resource() == now.resource());
    let writes: Vec<&JournaledWrite> = writes.collect();
    // Each write is followed by the state that the next one found, and the last by the state now.
    let found = writes.iter().skip(1).map(|write| write.prior()).chain([now]);
    let mut fields: Vec<String> =
        writes.iter().zip(found).flat_map(|(write, found)| write.operation.edited_in(found)).collect();
    fields.retain(|field| writes.iter().any(|write| write.operation.writes_over(field)));
    fields.sort();
    fields.dedup();
    let own = by_service(past, now.resource(), ByService::all);
    fields.retain(|field| !own.contains(&field.as_str()));
    // What is as it was before all of it has nothing to lose: a way back that stopped part-way leaves that too.
    let differing = now.differing_fields(writes.first()?.prior());
    fields.retain(|field| differing.contains(field));
    let operation = &writes.last()?.operation;
    (!fields.is_empty()).then_some(ExternalEdit { operation, fields })
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{WriteRecord, WriteStatus};
    use crate::tenant::Resource;
    use serde_json::{Map, json};

    fn policy(a: u8, b: u8) -> Object {
        Object::from_json(Resource::PasswordReset, json!({"objectId": "default", "a": a, "b": b})).unwrap()
    }

    /// A write that found `prior` and set `a`.
    fn write(prior: Object, a: u8) -> JournaledWrite {
        let left = Map::from_iter([("a".to_owned(), json!(a))]);
        let operation = Operation::on_record(prior, WriteRecord { to: left, added: None });
        JournaledWrite { operation, by_service: ByService::default(), status: WriteStatus::Done }
    }

    fn edited(past: &[JournaledWrite], now: Object) -> Vec<String> {
        edited_by_others(past, &[now]).into_iter().flat_map(|edit| edit.fields).collect()
    }

    #[test]
    fn what_we_left_and_what_was_there_before_are_no_edits() {
        let past = [write(policy(1, 1), 2), write(policy(2, 1), 3)];
        for (a, b) in [(3, 1), (2, 1)] {
            assert_eq!(edited(&past, policy(a, b)), Vec::<String>::new(), "{a} {b}");
        }
    }

    #[test]
    fn an_edit_after_the_last_write_or_between_two_is_reported() {
        let past = [write(policy(1, 1), 2), write(policy(2, 9), 3)];
        assert_eq!(edited(&past, policy(3, 9)), ["b"]);
        assert_eq!(edited(&past[..1], policy(2, 7)), ["b"]);
        assert_eq!(edited(&past[..1], policy(7, 1)), ["a"]);
        assert_eq!(edited(&[], policy(7, 1)), Vec::<String>::new());
    }

    #[test]
    fn what_is_as_before_all_of_it_has_nothing_to_lose() {
        let past = [write(policy(1, 1), 2), write(policy(2, 9), 3)];
        assert_eq!(edited(&past, policy(1, 9)), ["b"]);
        assert_eq!(edited(&past, policy(1, 1)), Vec::<String>::new());
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
            assert_eq!(edited(&past, policy(3, 9)), Vec::<String>::new());
            assert_eq!(edited(&past, policy(9, 9)), ["a"]);
        }
    }
}
