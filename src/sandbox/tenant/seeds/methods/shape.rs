//! The JSON of methods, their targets and their features.

use serde_json::{Value, json};

use crate::sandbox::tenant::tenant_state::lay_over;

/// A method of the policy: what all have, and what its kind has of its own.
pub(super) fn method(id: &str, kind: &str, state: &str, targets: Value, own: Value) -> Value {
    let mut method = json!({
        "@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethodConfiguration"),
        "id": id, "state": state, "includeTargets": targets, "excludeTargets": [],
    });
    lay_over(&mut method, own);
    method
}

/// A group a method is for.
pub(super) fn target(id: impl ToString) -> Value {
    json!({"targetType": "group", "id": id.to_string(), "isRegistrationRequired": false})
}

/// A group a method is for, with a property of the kind.
pub(super) fn target_with(id: impl ToString, name: &str, value: Value) -> Value {
    let mut target = target(id);
    target[name] = value;
    target
}

pub(super) fn temporary_access_pass() -> Value {
    json!({
        "defaultLifetimeInMinutes": 60, "defaultLength": 8, "minimumLifetimeInMinutes": 60,
        "maximumLifetimeInMinutes": 480, "isUsableOnce": false,
    })
}

/// A feature of Microsoft Authenticator, for everybody and against nobody.
pub(super) fn feature(state: &str) -> Value {
    let (all, nobody) = ("all_users", "00000000-0000-0000-0000-000000000000");
    json!({
        "state": state,
        "includeTarget": {"targetType": "group", "id": all},
        "excludeTarget": {"targetType": "group", "id": nobody},
    })
}
