//! The admin-centre face of the sandbox: one object replaced whole (facts 2.1, 2.7), one field by field (2.5).

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::server::Shared;
use super::token::Holder;
use super::world::{self, World};

#[derive(Deserialize)]
pub(super) struct Options {
    #[serde(rename = "getPasswordResetEnabledGroup")]
    with_group_name: Option<bool>,
}

/// The admin centre's error body: flat, unlike Graph's.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"Message": message, "ClientData": {"operationId": Uuid::new_v4()}}))).into_response()
}

pub(super) async fn get_policy(State(shared): State<Shared>, Query(options): Query<Options>) -> Response {
    let world = shared.world();
    let mut policy = world.policy.clone();
    let name = if options.with_group_name == Some(true) { group_name(&world) } else { String::new() };
    policy["passwordResetEnabledGroupName"] = json!(name);
    Json(policy).into_response()
}

pub(super) async fn put_policy(
    State(shared): State<Shared>,
    Extension(holder): Extension<Holder>,
    body: String,
) -> Response {
    let Ok(Value::Object(sent)) = serde_json::from_str::<Value>(&body) else {
        return error(StatusCode::BAD_REQUEST, "The request body is not a policy.");
    };
    if let Some(problem) = problem(&sent) {
        return error(StatusCode::BAD_REQUEST, problem);
    }
    let mut policy = world::default_policy();
    if let Value::Object(policy) = &mut policy {
        // What the service works out itself is not stored from a write.
        policy.extend(sent.into_iter().filter(|(name, _)| name != "passwordResetEnabledGroupName"));
    }
    written(shared.write_as(Some(holder), |world| world.policy = policy))
}

pub(super) async fn get_writeback(State(shared): State<Shared>) -> Response {
    Json(shared.world().writeback.clone()).into_response()
}

/// Takes some of the fields; `accountUnlockEnabled` only where it comes alone (facts 2.5).
pub(super) async fn put_writeback(
    State(shared): State<Shared>,
    Extension(holder): Extension<Holder>,
    body: String,
) -> Response {
    let Ok(Value::Object(mut sent)) = serde_json::from_str::<Value>(&body) else {
        return error(StatusCode::BAD_REQUEST, "The request body is not a policy.");
    };
    if sent.len() > 1 {
        sent.remove("accountUnlockEnabled");
    }
    // The service alone knows whether an agent on premises supports it.
    sent.retain(|name, _| !name.ends_with("Supported"));
    written(shared.write_as(Some(holder), |world| {
        if let Value::Object(writeback) = &mut world.writeback {
            writeback.extend(sent);
        }
    }))
}

fn written(saved: std::io::Result<()>) -> Response {
    match saved {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(e) => {
            error(StatusCode::INTERNAL_SERVER_ERROR, &format!("The sandbox could not save its state: {e}"))
        }
    }
}

fn problem(sent: &serde_json::Map<String, Value>) -> Option<&'static str> {
    let number = |name: &str| sent.get(name).map(|value| value.as_u64());
    let is_outside = |name, range: std::ops::RangeInclusive<u64>| {
        number(name).is_some_and(|n| n.is_none_or(|n| !range.contains(&n)))
    };
    if sent.get("objectId") != Some(&json!("default")) {
        return Some("objectId must be default.");
    }
    if is_outside("enablementType", 0..=2) {
        return Some("enablementType is out of range.");
    }
    if is_outside("numberOfAuthenticationMethodsRequired", 1..=2) {
        return Some("numberOfAuthenticationMethodsRequired is out of range.");
    }
    if is_outside("registrationReconfirmIntevalInDays", 0..=730) {
        return Some("registrationReconfirmIntevalInDays is out of range.");
    }
    let is_selected = sent.get("enablementType") == Some(&json!(1));
    let groups = sent.get("passwordResetEnabledGroupIds").and_then(Value::as_array);
    (is_selected && groups.is_none_or(Vec::is_empty)).then_some("A group must be selected.")
}

fn group_name(world: &World) -> String {
    let ids = world.policy["passwordResetEnabledGroupIds"].as_array();
    let id = ids.and_then(|ids| ids.first()).and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
    id.and_then(|id| world.group(id)).map(|group| group.name.clone()).unwrap_or_default()
}
