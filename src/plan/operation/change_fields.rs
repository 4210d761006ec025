//! An object of which only the fields that change are sent: password writeback, and Graph's authorization policy.

use serde_json::Value;

use super::states::States;
use super::{Kind, SETTINGS_CHANGED};
use crate::tenant::{Object, Resource};

/// Sends the fields of an object that change (facts 2.5, 5). They alone go back: others may have changed the rest since.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeFields {
    pub(super) states: States,
}

impl ChangeFields {
    /// Returns the writes this takes: one, or one for each field where the service wants them apart.
    pub(super) fn apart(self) -> Vec<Self> {
        // `accountUnlockEnabled` only takes effect in a write of its own (facts 2.5).
        if *self.states.resource() != Resource::Writeback {
            return vec![self];
        }
        let States { mut actual, desired } = self.states.clone();
        let mut writes = Vec::new();
        // Backwards, so that writeback itself is on before unlocking is.
        for name in self.states.fields().iter().rev() {
            let mut next = actual.clone();
            next.overlay(name, desired.field(name).cloned().unwrap_or_default());
            let from = std::mem::replace(&mut actual, next.clone());
            writes.push(Self { states: States { actual: from, desired: next } });
        }
        writes
    }
}

impl Kind for ChangeFields {
    fn states(&self) -> &States {
        &self.states
    }

    fn label(&self) -> String {
        match self.states.resource() {
            Resource::Writeback => "password writeback".to_owned(),
            Resource::Authorization => "the authorization policy".to_owned(),
            other => other.to_string(),
        }
    }

    fn body(&self) -> Value {
        Value::Object(self.states.sent())
    }

    fn undone(&self, now: &Object) -> Object {
        let mut undone = now.clone();
        for name in self.states.fields() {
            let before = self.states.actual.field(&name);
            undone.overlay(&name, before.cloned().unwrap_or_default());
        }
        undone
    }

    fn writes_over(&self, name: &str) -> bool {
        self.states.fields().iter().any(|field| field == name)
    }

    fn activities(&self) -> &'static [&'static str] {
        match self.states.resource() {
            Resource::Writeback => &[
                "Enable password writeback for directory",
                "Disable password writeback for directory",
                SETTINGS_CHANGED,
            ],
            _ => &["Update authorization policy"],
        }
    }
}
