//! An object before and after a write, and what follows from the two alone.

use serde_json::{Map, Value};

use crate::tenant::{Object, Resource};

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

/// The two states of an object that a write leads from and to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct States {
    pub(super) actual: Object,
    pub(super) desired: Object,
}

impl States {
    pub(super) fn resource(&self) -> &Resource {
        self.desired.resource()
    }

    pub(super) fn fields(&self) -> Vec<String> {
        self.desired.differing_fields(&self.actual)
    }

    /// Returns the fields that change with what they change to; a field that goes changes to null.
    pub(super) fn left(&self) -> Map<String, Value> {
        let value = |name: &str| self.desired.field(name).cloned().unwrap_or_default();
        self.fields().into_iter().map(|name| (name.clone(), value(&name))).collect()
    }

    /// Returns the fields that change, as a request can send them: one that goes is not in it.
    pub(super) fn sent(&self) -> Map<String, Value> {
        self.left().into_iter().filter(|(name, _)| self.desired.field(name).is_some()).collect()
    }

    pub(super) fn shown_in(&self, name: &str, now: &Object) -> Shown {
        let is_nothing = |object: &Object| object.field(name).is_none_or(Value::is_null);
        if now.is_same(name, &self.actual) {
            return Shown::Nothing;
        }
        // A record has null for a field that went.
        match self.desired.is_met(name, now) || (is_nothing(&self.desired) && is_nothing(now)) {
            true => Shown::All,
            false => Shown::Part,
        }
    }

    /// Returns whether an object has a value that was written and was not there before.
    pub(super) fn is_seen_in(&self, now: &Object) -> bool {
        let is_in =
            |object: &Object, name: &str, value: &Value| object.field(name).unwrap_or(&Value::Null) == value;
        let mut left = self.left().into_iter();
        left.any(|(name, value)| is_in(now, &name, &value) && !is_in(&self.actual, &name, &value))
    }

    /// Returns the fields that hold neither what was there before nor what the write left: one that was cut off may or
    /// may not have landed, and either is ours.
    pub(super) fn edited_in(&self, found: &Object) -> Vec<String> {
        let ours = self.fields();
        let is_left = |name: &String| ours.contains(name) && found.field(name) == self.desired.field(name);
        found.differing_fields(&self.actual).into_iter().filter(|name| !is_left(name)).collect()
    }
}
