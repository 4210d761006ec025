//! A group that is added to another one, or removed: how a ring of a roll-out is opened and closed.
//!
//! What is asked before and read back after is whether it is a direct member, in the directory itself: what is counted
//! through nesting comes from an index that is late.

use serde_json::{Value, json};

use super::Kind;
use super::states::States;
use crate::tenant::{Object, is_member};
use crate::text::visible;

/// Sends one reference: adds it, or removes it (facts 2026-11 B1). There are two states, so that what someone else did
/// meanwhile leaves nothing to roll back.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeMembership {
    pub(super) states: States,
}

impl ChangeMembership {
    pub(super) fn is_adding(&self) -> bool {
        is_member(&self.states.desired) == Some(true)
    }
}

impl Kind for ChangeMembership {
    fn states(&self) -> &States {
        &self.states
    }

    fn label(&self) -> String {
        let names = self.states.desired.membership_names();
        match names {
            [Some(group), Some(member)] => format!("{} in {}", visible(member), visible(group)),
            _ => self.states.resource().to_string(),
        }
    }

    /// The change itself says it.
    fn untold_fields(&self) -> Vec<String> {
        Vec::new()
    }

    /// What is wanted: an address is made of it where it is sent.
    fn body(&self) -> Value {
        json!({"isMember": self.is_adding()})
    }

    fn undone(&self, now: &Object) -> Object {
        let mut undone = now.clone();
        // What is read again does not say what both groups are called.
        for name in self.states.fields().iter().map(String::as_str).chain(["@group", "@member"]) {
            undone.take_over(name, &self.states.actual);
        }
        undone
    }

    fn writes_over(&self, name: &str) -> bool {
        self.states.fields().iter().any(|field| field == name)
    }

    fn activities(&self) -> &'static [&'static str] {
        if self.is_adding() { &["Add member to group"] } else { &["Remove member from group"] }
    }
}
