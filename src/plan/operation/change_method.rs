//! A method of Graph's Authentication methods policy: whether it is on, its targets, and its switches.
//!
//! It is everyone's sign-in policy, and others edit its targets at any time: a write goes around such edits,
//! and taking it back takes out exactly what it added.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Kind;
use super::states::{Shown, States};
use crate::tenant::{GraphMethod, MethodView, Object, Resource, target_id};

const STATE: &str = "state";
const TARGETS: &str = "includeTargets";

/// Sends the fields of a method that change, with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeMethod {
    states: States,
    /// `None` where the method is not understood. A record keeps it, because the list that the write started from may
    /// have been another than before the run.
    pub(super) added: Option<Addition>,
}

/// What one write added to a method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addition {
    /// Ids that got the method by the write, in lower case.
    pub targets: Vec<String>,
    /// Switches that were turned on.
    pub switches: Vec<String>,
    /// Whether the method was off before.
    pub enabled: bool,
}

impl ChangeMethod {
    pub(super) fn new(states: States) -> Self {
        let added = Addition::of(&states);
        Self { states, added }
    }
}

impl Kind for ChangeMethod {
    fn states(&self) -> &States {
        &self.states
    }

    fn label(&self) -> String {
        let known = match self.states.resource() {
            Resource::Method(id) => GraphMethod::from_id(id),
            _ => None,
        };
        known.map_or_else(|| self.states.resource().to_string(), |method| method.label().to_owned())
    }

    fn untold_fields(&self) -> Vec<String> {
        Vec::new()
    }

    fn body(&self) -> Value {
        let mut body = self.states.sent();
        // Graph refuses a method without its type (facts 1.5).
        if let Some(kind) = self.states.desired.field("@odata.type") {
            body.insert("@odata.type".to_owned(), kind.clone());
        }
        Value::Object(body)
    }

    /// Where someone changed the method's targets, the same groups are added or removed in their list. Only of a method that
    /// is on and stays on: in one that is off, the list is of people who do not have it.
    fn around(&self, now: &Object) -> Option<Object> {
        let (fields, moved) = (self.states.fields(), now.differing_fields(&self.states.actual));
        if moved != [TARGETS] || fields.iter().any(|field| field == STATE) {
            return None;
        }
        let view = MethodView::of(now).filter(|view| view.is_enabled)?;
        let targets = TargetEdit::of(&self.states)?.made_on(view.targets)?;
        let mut desired = now.clone();
        for field in fields.iter().filter(|field| *field != TARGETS) {
            desired.take_over(field, &self.states.desired);
        }
        desired.overlay(TARGETS, json!(targets));
        Some(desired)
    }

    fn shown_in(&self, name: &str, now: &Object) -> Shown {
        let edit =
            || (name == TARGETS).then(|| TargetEdit::of(&self.states).zip(MethodView::of(now))).flatten();
        match self.states.shown_in(name, now) {
            Shown::Part => edit().map_or(Shown::Part, |(edit, now)| edit.shown(&now.target_ids())),
            other => other,
        }
    }

    fn is_seen_in(&self, now: &Object) -> bool {
        !self.undone(now).differing_fields(now).is_empty()
    }

    fn undone(&self, now: &Object) -> Object {
        let mut undone = now.clone();
        // A write that only took away, an earlier way back, is not put back.
        if let Some(added) = &self.added {
            added.take_out(&self.states.actual, &mut undone);
        }
        undone
    }

    fn writes_over(&self, _: &str) -> bool {
        false
    }

    fn is_kept_in(&self, after: &Object) -> bool {
        let is_on = after.field(STATE).is_some_and(|state| state == "enabled");
        is_on && self.added.as_ref().is_some_and(|added| added.enabled)
    }

    fn activities(&self) -> &'static [&'static str] {
        &["Authentication Methods Policy Update"]
    }

    fn added(&self) -> Option<&Addition> {
        self.added.as_ref()
    }
}

impl Addition {
    fn of(states: &States) -> Option<Self> {
        let (actual, desired) = (MethodView::of(&states.actual)?, MethodView::of(&states.desired)?);
        let enabled = !actual.is_enabled && desired.is_enabled;
        let had = if enabled { Vec::new() } else { actual.target_ids() };
        let targets = desired.target_ids().into_iter().filter(|id| !had.contains(id)).map(Cow::into_owned);
        let is_on = |name: &String| states.desired.field(name) == Some(&json!(true));
        let switches = states.fields().into_iter().filter(is_on);
        Some(Self { targets: targets.collect(), switches: switches.collect(), enabled })
    }

    fn take_out(&self, prior: &Object, back: &mut Object) {
        for name in &self.switches {
            if back.field(name) == Some(&json!(true)) {
                back.overlay(name, prior.field(name).cloned().unwrap_or(json!(false)));
            }
        }
        // No longer understood: what removing would do is unknown.
        let Some(view) = MethodView::of(back) else { return };
        let is_ours = |target: &&Value| {
            target_id(target).is_some_and(|id| self.targets.iter().any(|added| *added == id))
        };
        let others: Vec<Value> = view.targets.iter().filter(|target| !is_ours(target)).cloned().collect();
        if self.enabled && others.is_empty() {
            // No one else was added meanwhile: off again, with the list it had.
            for name in [STATE, TARGETS] {
                if let Some(value) = prior.field(name) {
                    back.overlay(name, value.clone());
                }
            }
        } else if others.len() < view.targets.len() {
            back.overlay(TARGETS, json!(others));
        }
    }
}

/// The targets that a write adds and removes, by id.
struct TargetEdit<'a> {
    added: Vec<&'a Value>,
    removed: Vec<Cow<'a, str>>,
}

impl<'a> TargetEdit<'a> {
    /// `None` where the write also changes how someone has the method: then a list of ids is not enough.
    fn of(states: &'a States) -> Option<Self> {
        let (before, after) = (MethodView::of(&states.actual)?, MethodView::of(&states.desired)?);
        let (had, has) = (before.target_ids(), after.target_ids());
        let is_kept = |target: &&Value| target_id(target).is_some_and(|id| had.contains(&id));
        if !after.targets.iter().filter(is_kept).all(|target| before.targets.contains(target)) {
            return None;
        }
        Some(Self {
            added: after.targets.iter().filter(|target| !is_kept(target)).collect(),
            removed: had.iter().filter(|id| !has.contains(id)).cloned().collect(),
        })
    }

    fn shown(&self, now: &[Cow<'_, str>]) -> Shown {
        let is_there = |target: &&Value| target_id(target).is_some_and(|id| now.contains(&id));
        let (added, gone) = (
            self.added.iter().filter(|target| is_there(target)).count(),
            self.removed.iter().filter(|id| !now.contains(id)).count(),
        );
        match added + gone {
            0 => Shown::Nothing,
            all if all == self.added.len() + self.removed.len() => Shown::All,
            _ => Shown::Part,
        }
    }

    /// `None` where someone added the same group in another way.
    fn made_on(&self, now: &[Value]) -> Option<Vec<Value>> {
        let is_removed = |target: &&Value| target_id(target).is_some_and(|id| self.removed.contains(&id));
        let mut targets: Vec<Value> = now.iter().filter(|target| !is_removed(target)).cloned().collect();
        for added in &self.added {
            let there = targets.iter().find(|target| target_id(target) == target_id(added));
            match there {
                None => targets.push((*added).clone()),
                Some(there) if there == *added => {}
                Some(_) => return None,
            }
        }
        Some(targets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Operation;

    fn voice(state: &str, ids: &[&str], switch: bool) -> Object {
        let targets: Vec<Value> = ids.iter().map(|id| json!({"id": id, "targetType": "group"})).collect();
        let json = json!({
            "id": "Voice", "state": state, "includeTargets": targets, "excludeTargets": [], "isOfficePhoneAllowed": switch,
        });
        Object::from_json(Resource::Method("Voice".into()), json).unwrap()
    }

    fn on(ids: &[&str]) -> Object {
        voice("enabled", ids, true)
    }

    fn step(actual: Object, desired: Object) -> Operation {
        Operation::between(actual, desired)
    }

    #[test]
    fn a_group_is_added_or_removed_in_the_list_someone_else_edited() {
        for (before, after, now, merged) in [
            (&["a"][..], &["a", "pilot"][..], &["a", "b"][..], &["a", "b", "pilot"][..]),
            (&["a"], &["a", "PILOT"], &[], &["PILOT"]),
            (&["a", "pilot"], &["a"], &["a", "pilot", "b"], &["a", "b"]),
            (&["a"], &["a", "pilot"], &["pilot", "b"], &["pilot", "b"]),
            (&["a"], &["a", "pilot"], &["a"], &["a", "pilot"]),
        ] {
            let again = step(on(before), on(after)).replan(&on(now)).unwrap();
            assert_eq!(
                (again.actual(), again.desired()),
                (&on(now), &on(merged)),
                "{before:?} {after:?} {now:?}"
            );
        }
        let with_switch = step(voice("enabled", &["a"], false), on(&["a", "pilot"]));
        let again = with_switch.replan(&voice("enabled", &["a", "b"], false)).unwrap();
        assert_eq!(again.desired(), &on(&["a", "b", "pilot"]), "what else is written stays in it");
    }

    #[test]
    fn anything_else_that_moved_is_in_the_way() {
        let add = || step(on(&["a"]), on(&["a", "pilot"]));
        assert_eq!(add().replan(&voice("disabled", &["a"], true)).unwrap_err(), ["state"]);
        assert_eq!(
            add().replan(&voice("enabled", &["a", "b"], false)).unwrap_err(),
            ["includeTargets", "isOfficePhoneAllowed"]
        );
        let mut otherwise = on(&["a", "pilot"]);
        otherwise.overlay("includeTargets", json!([{"id": "pilot", "targetType": "user"}]));
        assert_eq!(add().replan(&otherwise).unwrap_err(), ["includeTargets"]);
        for (from, to) in [("disabled", "enabled"), ("enabled", "disabled")] {
            let switched = step(voice(from, &["a"], true), voice(to, &["pilot"], true));
            assert_eq!(switched.replan(&voice(from, &["a", "b"], true)).unwrap_err(), ["includeTargets"]);
        }
        let policy = |a: u8, b: u8| {
            Object::from_json(Resource::PasswordReset, json!({"objectId": "default", "a": a, "b": b}))
                .unwrap()
        };
        assert_eq!(step(policy(1, 1), policy(2, 1)).replan(&policy(1, 2)).unwrap_err(), ["b"]);
    }

    #[test]
    fn what_an_object_shows_of_a_write_is_shown_by_the_writes_own_fields() {
        let add = step(voice("enabled", &["a"], false), on(&["a", "pilot"]));
        for (now, expected) in [
            (voice("enabled", &["a"], false), Shown::Nothing),
            (voice("enabled", &["a", "b"], false), Shown::Nothing),
            (on(&["a", "pilot"]), Shown::All),
            (on(&["pilot", "b"]), Shown::All),
            (on(&["a"]), Shown::Part),
            (voice("disabled", &["a"], false), Shown::Nothing),
        ] {
            assert_eq!(add.shown(&now), expected, "{now:?}");
        }
        assert_eq!(step(on(&["a"]), on(&["a"])).shown(&on(&["b"])), Shown::Nothing);
    }
}
