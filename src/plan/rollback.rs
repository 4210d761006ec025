//! The way back from what earlier runs wrote: exactly what they added goes, whatever else has changed since
//! stays.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Step;
use crate::tenant::{MethodView, Object, Resource, target_id};

/// What one write added to a method of the Authentication methods policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addition {
    /// Ids that got the method by the write, in lower case.
    pub targets: Vec<String>,
    /// Switches that were turned on.
    pub switches: Vec<String>,
    /// Whether the method was off before.
    pub enabled: bool,
}

/// What the service did by itself around a write, wire names: nobody's edit.
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
    /// Returns all of the fields.
    pub(super) fn all(&self) -> Vec<&String> {
        let Self { changed, dropped, volatile } = self;
        changed.iter().chain(dropped).chain(volatile).collect()
    }
}

/// One write an earlier run made, or may have made.
#[derive(Clone, Debug)]
pub struct JournaledWrite {
    /// The object before the run.
    pub prior: Object,
    /// The fields that were written, under their wire names, with what was written to them.
    pub left: Map<String, Value>,
    /// What was added, where the object is a method.
    pub added: Option<Addition>,
    /// What the service did by itself around it.
    pub by_service: ByService,
    /// Whether reading back showed it. One that was not proven landed, or did not.
    pub is_proven: bool,
}

impl Addition {
    /// Returns what a step adds; `None` where it writes no method.
    pub fn of(step: &Step) -> Option<Self> {
        let Resource::Method(_) = step.resource() else { return None };
        let (actual, desired) = (MethodView::of(&step.actual)?, MethodView::of(&step.desired)?);
        let enabled = !actual.is_enabled && desired.is_enabled;
        let had = if enabled { Vec::new() } else { actual.target_ids() };
        let added = desired.target_ids().into_iter().filter(|id| !had.contains(id));
        Some(Self {
            targets: added.map(Cow::into_owned).collect(),
            switches: step
                .fields()
                .into_iter()
                .filter(|name| step.desired.field(name) == Some(&json!(true)))
                .collect(),
            enabled,
        })
    }
}

/// Returns the objects that are not as they were before `past`, oldest write first in it, each as it is and
/// as it should be again, in the order they are to be written.
///
/// The password reset policy goes back whole, unknown fields included, but for what differs at every read. Of every
/// other object only what was written goes back: others may have changed the rest since. An object that differs in
/// nothing but what the service changes by itself stays.
pub fn rollback(past: &[JournaledWrite], actual: &[Object]) -> Vec<(Object, Object)> {
    let mut actual = actual.to_vec();
    // First the policy that lets people in: nobody should be let in to what is gone.
    actual.sort_by(|a, b| a.resource().cmp(b.resource()));
    let pairs = actual.into_iter().map(|actual| {
        // The latest first, so that each meets what it left.
        let writes = past.iter().rev().filter(|write| write.prior.resource() == actual.resource());
        let mut desired = writes.fold(actual.clone(), |desired, write| undo(write, desired));
        for name in by_service(past, actual.resource(), |by_service| by_service.volatile.iter().collect()) {
            desired.take_over(name, &actual);
        }
        (actual, desired)
    });
    let is_back = |(actual, desired): &(Object, Object)| {
        let changed = by_service(past, actual.resource(), |by_service| by_service.changed.iter().collect());
        desired.differing_fields(actual).iter().all(|field| changed.contains(&field.as_str()))
    };
    pairs.filter(|pair| !is_back(pair)).collect()
}

/// Returns some of what the service did to an object by itself, over all writes.
pub(super) fn by_service<'a>(
    past: &'a [JournaledWrite],
    resource: &Resource,
    which: impl Fn(&'a ByService) -> Vec<&'a String>,
) -> Vec<&'a str> {
    let writes = past.iter().filter(|write| write.prior.resource() == resource);
    writes.flat_map(|write| which(&write.by_service)).map(String::as_str).collect()
}

/// Returns whether an object shows anything of a write that may not have landed: what was written and was not there
/// before.
pub fn is_seen_in(write: &JournaledWrite, actual: &Object) -> bool {
    if let Resource::Method(_) = write.prior.resource() {
        return !undo(write, actual.clone()).differing_fields(actual).is_empty();
    }
    let is_in =
        |object: &Object, name: &str, value: &Value| object.field(name).unwrap_or(&Value::Null) == value;
    write.left.iter().any(|(name, value)| is_in(actual, name, value) && !is_in(&write.prior, name, value))
}

fn undo(write: &JournaledWrite, now: Object) -> Object {
    let mut back = now;
    match (write.prior.resource(), &write.added) {
        (Resource::PasswordReset, _) => return write.prior.clone(),
        (Resource::Method(_), Some(added)) => take_out(added, &write.prior, &mut back),
        // A write that only took away, an earlier way back, is not put back.
        (Resource::Method(_), None) => {}
        (Resource::Writeback | Resource::Authorization, _) => {
            for name in write.left.keys() {
                back.overlay(name, write.prior.field(name).cloned().unwrap_or_default());
            }
        }
    }
    back
}

fn take_out(added: &Addition, prior: &Object, back: &mut Object) {
    for name in &added.switches {
        if back.field(name) == Some(&json!(true)) {
            back.overlay(name, prior.field(name).cloned().unwrap_or(json!(false)));
        }
    }
    // Not understood any more: then nobody knows what taking out would do.
    let Some(view) = MethodView::of(back) else { return };
    let is_ours =
        |target: &&Value| target_id(target).is_some_and(|id| added.targets.iter().any(|added| *added == id));
    let others: Vec<Value> = view.targets.iter().filter(|target| !is_ours(target)).cloned().collect();
    if added.enabled && others.is_empty() {
        // Nobody else was let in meanwhile: off again, with the list that waited there.
        for name in ["state", "includeTargets"] {
            if let Some(value) = prior.field(name) {
                back.overlay(name, value.clone());
            }
        }
    } else if others.len() < view.targets.len() {
        back.overlay("includeTargets", json!(others));
    }
}

#[cfg(test)]
mod tests {
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

    fn undone(prior: &Object, applied: &Object, now: Object) -> Object {
        let step = Step { actual: prior.clone(), desired: applied.clone() };
        let past = JournaledWrite {
            prior: prior.clone(),
            left: step.left(),
            added: Addition::of(&step),
            by_service: ByService::default(),
            is_proven: true,
        };
        let pairs = rollback(&[past], std::slice::from_ref(&now));
        pairs.into_iter().next().map_or(now, |(_, desired)| desired)
    }

    #[test]
    fn what_nobody_touched_since_goes_back_exactly() {
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
        let step = Step { actual: policy(1, 1), desired: policy(2, 1) };
        let write = JournaledWrite {
            prior: policy(1, 1),
            left: step.left(),
            added: None,
            by_service: ByService::default(),
            is_proven: true,
        };
        for (now, is_seen) in
            [(policy(1, 1), false), (policy(2, 1), true), (policy(2, 9), true), (policy(3, 9), false)]
        {
            assert_eq!(is_seen_in(&write, &now), is_seen, "{now:?}");
        }
        let step = Step {
            actual: sms("enabled", json!([target("a")]), json!({})),
            desired: sms("enabled", json!([target("a"), target("pilot")]), json!({})),
        };
        let write = JournaledWrite {
            prior: step.actual.clone(),
            left: step.left(),
            added: Addition::of(&step),
            by_service: ByService::default(),
            is_proven: true,
        };
        assert!(is_seen_in(&write, &step.desired));
        assert!(!is_seen_in(&write, &sms("enabled", json!([target("a"), target("b")]), json!({}))));
    }

    #[test]
    fn several_runs_are_undone_latest_first() {
        let off = sms("disabled", json!([]), json!({}));
        let one = sms("enabled", json!([target("one")]), json!({}));
        let two = sms("enabled", json!([target("one"), target("two")]), json!({}));
        let past: Vec<JournaledWrite> = [(&off, &one), (&one, &two)]
            .into_iter()
            .map(|(prior, applied)| {
                let step = Step { actual: prior.clone(), desired: applied.clone() };
                JournaledWrite {
                    prior: prior.clone(),
                    left: step.left(),
                    added: Addition::of(&step),
                    by_service: ByService::default(),
                    is_proven: true,
                }
            })
            .collect();
        assert_eq!(rollback(&past, std::slice::from_ref(&two))[0].1, off);
        assert!(rollback(&past, std::slice::from_ref(&off)).is_empty(), "twice is once");
    }
}
