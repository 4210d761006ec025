//! An object that is replaced whole: the admin centre's password reset policy.

use serde_json::Value;

use super::states::States;
use super::{Kind, SETTINGS_CHANGED};
use crate::tenant::Object;

/// Sends an object whole, because what leaving a field out does is not documented (facts 2.7).
///
/// It also goes back whole, unknown fields included, so that a rollback would overwrite what someone else
/// edited since.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplaceObject {
    pub(super) states: States,
}

impl Kind for ReplaceObject {
    fn states(&self) -> &States {
        &self.states
    }

    fn label(&self) -> String {
        "the password reset policy".to_owned()
    }

    fn body(&self) -> Value {
        self.states.desired.to_json()
    }

    fn undone(&self, _: &Object) -> Object {
        self.states.actual.clone()
    }

    fn writes_over(&self, _: &str) -> bool {
        true
    }

    /// The name is in public detection rules and nowhere in Microsoft's pages (facts 6).
    fn activities(&self) -> &'static [&'static str] {
        &[SETTINGS_CHANGED]
    }
}
