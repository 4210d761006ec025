//! The Graph policies of the sandbox that can be changed: shapes and refusals as Microsoft documents them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::graph::error;
use super::server::Shared;

const METADATA: &str = "https://graph.microsoft.com/v1.0/$metadata#";

pub(super) async fn authorization(State(shared): State<Shared>) -> Response {
    single("authorizationPolicies/$entity", &shared.world().authorization)
}

/// Takes some of the fields (facts 1.2); an unknown one is refused.
pub(super) async fn patch_authorization(State(shared): State<Shared>, body: String) -> Response {
    let Some(sent) = parse(&body) else { return unreadable() };
    if let Some(unknown) = sent.keys().find(|name| shared.world().authorization.get(name.as_str()).is_none())
    {
        return unknown_property(unknown, "authorizationPolicy");
    }
    if sent.get("allowedToUseSSPR").is_some_and(|value| !value.is_boolean()) {
        return bad_request("Cannot convert a value to target type 'Edm.Boolean'.");
    }
    written(shared.write(|world| {
        if let Value::Object(authorization) = &mut world.authorization {
            authorization.extend(sent);
        }
    }))
}

fn single(context: &str, object: &Value) -> Response {
    let mut answer = json!({"@odata.context": format!("{METADATA}{context}")});
    if let (Value::Object(answer), Value::Object(object)) = (&mut answer, object) {
        answer.extend(object.clone());
    }
    Json(answer).into_response()
}

fn parse(body: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(body).ok()
}

fn unreadable() -> Response {
    bad_request("Unable to read JSON request payload.")
}

fn bad_request(message: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
}

fn unknown_property(name: &str, kind: &str) -> Response {
    bad_request(&format!(
        "The property '{name}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use property \
         names that are defined by the type."
    ))
}

fn written(saved: std::io::Result<()>) -> Response {
    match saved {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(e) => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            &format!("The sandbox could not save its state: {e}"),
        ),
    }
}
