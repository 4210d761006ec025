//! Computes the writes that undo earlier runs' writes: what others changed since stays.

use super::operation::{Kept, Operation, WriteStatus};
use crate::tenant::{Object, Resource};

/// What the service did by itself around a write, wire names: not an edit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByService {
    /// Fields this tool does not know that read back changed, or came, with the write.
    pub changed: Vec<String>,
    /// Fields that the write kept and that read back gone.
    pub dropped: Vec<String>,
    /// Fields that differ from one read to the next.
    pub volatile: Vec<String>,
}

impl ByService {
    pub(super) fn all(&self) -> Vec<&String> {
        let Self { changed, dropped, volatile } = self;
        changed.iter().chain(dropped).chain(volatile).collect()
    }
}

/// One write an earlier run made, or may have made.
#[derive(Clone, Debug)]
pub struct JournaledWrite {
    /// The write, from the object before it.
    pub operation: Operation,
    /// What the service did by itself around it.
    pub by_service: ByService,
    /// What the records and the tenant say of it.
    pub status: WriteStatus,
}

impl JournaledWrite {
    /// Returns the object that was written.
    pub fn resource(&self) -> &Resource {
        self.operation.resource()
    }

    /// Returns the object before it.
    pub fn prior(&self) -> &Object {
        self.operation.actual()
    }
}

/// Returns the writes that bring objects back to before `past`, oldest write first in it, in the order they are to be
/// sent, and what becomes of each of `past` with them.
///
/// The password reset policy goes back whole, unknown fields included, but for what differs at every read. Of every
/// other object only what was written goes back: others may have changed the rest since. An object that differs in
/// nothing but what the service changes by itself stays.
pub fn undo_writes(past: &[JournaledWrite], actual: &[Object]) -> (Vec<Operation>, Vec<WriteStatus>) {
    let mut actual: Vec<&Object> = actual.iter().collect();
    // The password reset policy first: no one should be able to reset with methods that are about to go.
    actual.sort_by(|a, b| a.resource().cmp(b.resource()));
    let mut back = Vec::new();
    let mut statuses = vec![WriteStatus::Kept(Kept::NothingLeft); past.len()];
    for actual in actual {
        let of_object = |write: &JournaledWrite| write.resource() == actual.resource();
        let mut desired = actual.clone();
        // The latest first, so that each meets what it left.
        for (write, status) in past.iter().zip(&mut statuses).rev().filter(|(write, _)| of_object(write)) {
            if let Some(undo) = write.operation.undo(&desired) {
                (desired, *status) = (undo.desired().clone(), WriteStatus::Undone);
            }
        }
        for name in by_service(past, actual.resource(), |by_service| by_service.volatile.iter().collect()) {
            desired.take_over(name, actual);
        }
        let changed = by_service(past, actual.resource(), |by_service| by_service.changed.iter().collect());
        let is_back = desired.differing_fields(actual).iter().all(|field| changed.contains(&field.as_str()));
        let after = if is_back { actual } else { &desired };
        for (write, status) in past.iter().zip(&mut statuses).filter(|(write, _)| of_object(write)) {
            *status = match *status {
                _ if write.status == WriteStatus::AlreadySo => WriteStatus::AlreadySo,
                _ if write.operation.is_kept_in(after) => WriteStatus::Kept(Kept::UsedByOthers),
                WriteStatus::Undone if is_back => WriteStatus::Kept(Kept::NothingLeft),
                status => status,
            };
        }
        if !is_back {
            back.push(Operation::between(actual.clone(), desired));
        }
    }
    // What comes back into the group comes before the policy that lets it in, as when it was planned the other way.
    back.sort_by_key(|operation| !operation.adds_member());
    (back, statuses)
}

/// Returns some of what the service did to an object by itself, over all writes.
pub(super) fn by_service<'a>(
    past: &'a [JournaledWrite],
    resource: &Resource,
    which: impl Fn(&'a ByService) -> Vec<&'a String>,
) -> Vec<&'a str> {
    let writes = past.iter().filter(|write| write.resource() == resource);
    writes.flat_map(|write| which(&write.by_service)).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sms(state: &str, targets: Value, more: Value) -> Object {
        let mut json = json!({"id": "Sms", "state": state, "includeTargets": targets, "excludeTargets": [], "future": 1});
        if let (Value::Object(json), Value::Object(more)) = (&mut json, more) {
            json.extend(more);
        }
        Object::from_json(Resource::Method("Sms".into()), json).unwrap()
    }

    fn target(id: &str) -> Value {
        json!({"id": id, "targetType": "group"})
    }

    fn write(prior: &Object, applied: &Object) -> JournaledWrite {
        JournaledWrite {
            operation: Operation::between(prior.clone(), applied.clone()),
            by_service: ByService::default(),
            status: WriteStatus::Done,
        }
    }

    fn undone(prior: &Object, applied: &Object, now: Object) -> Object {
        let (back, _) = undo_writes(&[write(prior, applied)], std::slice::from_ref(&now));
        back.first().map_or(now, |back| back.desired().clone())
    }

    #[test]
    fn rollback_restores_an_unedited_object_exactly() {
        let prior = sms("disabled", json!([target("all_users"), target("b")]), json!({"switch": null}));
        let applied = sms("enabled", json!([target("pilot")]), json!({"switch": true}));
        assert_eq!(undone(&prior, &applied, applied.clone()), prior);

        let prior = sms("enabled", json!([target("a"), target("b")]), json!({}));
        let applied = sms("enabled", json!([target("a"), target("b"), target("pilot")]), json!({}));
        assert_eq!(undone(&prior, &applied, applied.clone()), prior);
    }

    #[test]
    fn what_others_did_since_stays() {
        let prior = sms("disabled", json!([target("all_users")]), json!({}));
        let applied = sms("enabled", json!([target("PILOT")]), json!({}));
        let now = sms("enabled", json!([target("new"), target("pilot")]), json!({"future": 2}));
        assert_eq!(
            undone(&prior, &applied, now),
            sms("enabled", json!([target("new")]), json!({"future": 2})),
            "someone else has it now, so it stays on"
        );
        let prior = sms("enabled", json!([target("a"), target("b")]), json!({}));
        let applied = sms("enabled", json!([target("a"), target("b"), target("pilot")]), json!({}));
        let now = sms("enabled", json!([target("c"), target("pilot"), target("b")]), json!({}));
        assert_eq!(
            undone(&prior, &applied, now),
            sms("enabled", json!([target("c"), target("b")]), json!({}))
        );
        let gone = sms("disabled", json!([target("c")]), json!({}));
        assert_eq!(undone(&prior, &applied, gone.clone()), gone, "there is nothing of ours left to take out");
    }

    #[test]
    fn a_write_is_seen_by_what_it_left_and_not_by_what_was_there_or_came_since() {
        let policy = |a: u8, b: u8| {
            Object::from_json(Resource::PasswordReset, json!({"objectId": "default", "a": a, "b": b}))
                .unwrap()
        };
        let write = Operation::between(policy(1, 1), policy(2, 1));
        for (now, is_seen) in
            [(policy(1, 1), false), (policy(2, 1), true), (policy(2, 9), true), (policy(3, 9), false)]
        {
            assert_eq!(write.is_seen_in(&now), is_seen, "{now:?}");
        }
        let applied = sms("enabled", json!([target("a"), target("pilot")]), json!({}));
        let write = Operation::between(sms("enabled", json!([target("a")]), json!({})), applied.clone());
        assert!(write.is_seen_in(&applied));
        assert!(!write.is_seen_in(&sms("enabled", json!([target("a"), target("b")]), json!({}))));
    }

    #[test]
    fn several_runs_are_undone_latest_first() {
        let off = sms("disabled", json!([]), json!({}));
        let one = sms("enabled", json!([target("one")]), json!({}));
        let two = sms("enabled", json!([target("one"), target("two")]), json!({}));
        let past = [write(&off, &one), write(&one, &two)];
        let (back, statuses) = undo_writes(&past, std::slice::from_ref(&two));
        assert_eq!((back[0].desired(), statuses), (&off, vec![WriteStatus::Undone; 2]));
        let (back, statuses) = undo_writes(&past, std::slice::from_ref(&off));
        assert!(back.is_empty(), "twice is once");
        assert_eq!(statuses, [WriteStatus::Kept(Kept::NothingLeft); 2]);
    }
}
