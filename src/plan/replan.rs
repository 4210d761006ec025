//! A write that may have to be made again: what an object shows of it, and the same write from where somebody left
//! the object meanwhile.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::Step;
use crate::tenant::{MethodView, Object, target_id};

const TARGETS: &str = "includeTargets";

/// How much of a write an object shows, in the fields that were to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of them are as before it.
    Nothing,
    /// All of them are as it leaves them, whatever else is there.
    All,
    /// Some are, or some are neither.
    Part,
}

/// Returns how much of a write an object shows. A write that changes nothing shows nothing.
pub fn shown(step: &Step, now: &Object) -> Shown {
    let fields = step.fields();
    let is_each = |wanted| fields.iter().all(|name| shown_in(name, step, now) == wanted);
    match (is_each(Shown::Nothing), is_each(Shown::All)) {
        (true, _) => Shown::Nothing,
        (false, true) => Shown::All,
        (false, false) => Shown::Part,
    }
}

fn shown_in(name: &str, step: &Step, now: &Object) -> Shown {
    if now.is_same(name, &step.actual) {
        return Shown::Nothing;
    }
    if step.desired.is_met(name, now) {
        return Shown::All;
    }
    let targets = (name == TARGETS).then(|| TargetEdit::of(step).zip(MethodView::of(now))).flatten();
    targets.map_or(Shown::Part, |(edit, now)| edit.shown(&now.target_ids()))
}

/// Returns the same write from where an object is now: the step itself where nothing moved, and where somebody
/// changed whom a method is on for, the same groups in or out of their list. Only of a method that is on and stays
/// on: in one that is off, the list is of people who do not have it.
///
/// # Errors
/// The fields that moved, sorted, where the write cannot go around them.
pub fn replan(step: &Step, now: &Object) -> Result<Step, Vec<String>> {
    let moved = now.differing_fields(&step.actual);
    if moved.is_empty() {
        return Ok(step.clone());
    }
    let is_list_alone = moved == [TARGETS] && !step.fields().iter().any(|field| field == "state");
    let merged = || {
        let view = MethodView::of(now).filter(|view| view.is_enabled)?;
        TargetEdit::of(step)?.made_on(view.targets)
    };
    let Some(targets) = is_list_alone.then(merged).flatten() else { return Err(moved) };
    let mut desired = now.clone();
    for field in step.fields().iter().filter(|field| *field != TARGETS) {
        desired.take_over(field, &step.desired);
    }
    desired.overlay(TARGETS, json!(targets));
    Ok(Step { actual: now.clone(), desired })
}

/// Whom a write lets in and out of a method, by id.
struct TargetEdit<'a> {
    added: Vec<&'a Value>,
    removed: Vec<Cow<'a, str>>,
}

impl<'a> TargetEdit<'a> {
    /// `None` where the write also changes how somebody has the method: that is no list of ids any more.
    fn of(step: &'a Step) -> Option<Self> {
        let (before, after) = (MethodView::of(&step.actual)?, MethodView::of(&step.desired)?);
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

    /// `None` where somebody let in the same group in another way.
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
    use crate::tenant::Resource;

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

    fn step(actual: Object, desired: Object) -> Step {
        Step { actual, desired }
    }

    #[test]
    fn a_group_goes_in_or_out_of_the_list_somebody_left() {
        for (before, after, now, merged) in [
            (&["a"][..], &["a", "pilot"][..], &["a", "b"][..], &["a", "b", "pilot"][..]),
            (&["a"], &["a", "PILOT"], &[], &["PILOT"]),
            (&["a", "pilot"], &["a"], &["a", "pilot", "b"], &["a", "b"]),
            (&["a"], &["a", "pilot"], &["pilot", "b"], &["pilot", "b"]),
            (&["a"], &["a", "pilot"], &["a"], &["a", "pilot"]),
        ] {
            let again = replan(&step(on(before), on(after)), &on(now)).unwrap();
            assert_eq!((again.actual, again.desired), (on(now), on(merged)), "{before:?} {after:?} {now:?}");
        }
        let with_switch = step(voice("enabled", &["a"], false), on(&["a", "pilot"]));
        let again = replan(&with_switch, &voice("enabled", &["a", "b"], false)).unwrap();
        assert_eq!(again.desired, on(&["a", "b", "pilot"]), "what else is written stays in it");
    }

    #[test]
    fn anything_else_that_moved_is_in_the_way() {
        let add = || step(on(&["a"]), on(&["a", "pilot"]));
        assert_eq!(replan(&add(), &voice("disabled", &["a"], true)).unwrap_err(), ["state"]);
        assert_eq!(
            replan(&add(), &voice("enabled", &["a", "b"], false)).unwrap_err(),
            ["includeTargets", "isOfficePhoneAllowed"]
        );
        let mut otherwise = on(&["a", "pilot"]);
        otherwise.overlay("includeTargets", json!([{"id": "pilot", "targetType": "user"}]));
        assert_eq!(replan(&add(), &otherwise).unwrap_err(), ["includeTargets"]);
        for (from, to) in [("disabled", "enabled"), ("enabled", "disabled")] {
            let switched = step(voice(from, &["a"], true), voice(to, &["pilot"], true));
            assert_eq!(replan(&switched, &voice(from, &["a", "b"], true)).unwrap_err(), ["includeTargets"]);
        }
        let policy = |a: u8, b: u8| {
            Object::from_json(Resource::PasswordReset, json!({"objectId": "default", "a": a, "b": b}))
                .unwrap()
        };
        assert_eq!(replan(&step(policy(1, 1), policy(2, 1)), &policy(1, 2)).unwrap_err(), ["b"]);
    }

    #[test]
    fn what_an_object_shows_of_a_write_is_told_by_the_writes_own_fields() {
        let add = step(voice("enabled", &["a"], false), on(&["a", "pilot"]));
        for (now, expected) in [
            (voice("enabled", &["a"], false), Shown::Nothing),
            (voice("enabled", &["a", "b"], false), Shown::Nothing),
            (on(&["a", "pilot"]), Shown::All),
            (on(&["pilot", "b"]), Shown::All),
            (on(&["a"]), Shown::Part),
            (voice("disabled", &["a"], false), Shown::Nothing),
        ] {
            assert_eq!(shown(&add, &now), expected, "{now:?}");
        }
        assert_eq!(shown(&step(on(&["a"]), on(&["a"])), &on(&["b"])), Shown::Nothing);
    }
}
