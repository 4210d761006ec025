//! The Graph policies of the sandbox that can be changed: shapes and refusals as Microsoft documents them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::graph::error;
use super::server::Shared;
use super::token::Holder;
use super::world::World;

const CONFIGURATIONS: &str = "authenticationMethodConfigurations";
const CONFIGURATION: &str = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/$entity";
/// About 20 KB (facts 1.4).
const POLICY_BYTES: usize = 20 * 1024;
const METADATA: &str = "https://graph.microsoft.com/v1.0/$metadata#";

pub(super) async fn authorization(State(shared): State<Shared>) -> Response {
    single("authorizationPolicies/$entity", &shared.world().authorization)
}

/// Takes some of the fields (facts 1.2); an unknown one is refused.
pub(super) async fn patch_authorization(
    State(shared): State<Shared>,
    Extension(holder): Extension<Holder>,
    body: String,
) -> Response {
    let Some(sent) = parse(&body) else { return unreadable() };
    if let Some(unknown) = sent.keys().find(|name| shared.world().authorization.get(name.as_str()).is_none())
    {
        return unknown_property(unknown, "authorizationPolicy");
    }
    if sent.get("allowedToUseSSPR").is_some_and(|value| !value.is_boolean()) {
        return bad_request("Cannot convert a value to target type 'Edm.Boolean'.");
    }
    written(shared.write_as(Some(holder), |world| {
        if let Value::Object(authorization) = &mut world.authorization {
            authorization.extend(sent);
        }
    }))
}

pub(super) async fn methods(State(shared): State<Shared>) -> Response {
    single("policies/authenticationMethodsPolicy/$entity", &shared.world().methods)
}

pub(super) async fn method(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let world = shared.world();
    match position(&world, &id) {
        Some(at) => single(CONFIGURATION, &world.methods[CONFIGURATIONS][at]),
        None => no_such_method(&id),
    }
}

/// Takes some of a method's fields and replaces collections whole (facts 5).
pub(super) async fn patch_method(
    State(shared): State<Shared>,
    Extension(holder): Extension<Holder>,
    Path(id): Path<String>,
    body: String,
) -> Response {
    let Some(mut sent) = parse(&body) else { return unreadable() };
    let world = shared.world().clone();
    let Some(at) = position(&world, &id) else { return no_such_method(&id) };
    let mut method = world.methods[CONFIGURATIONS][at].clone();
    if let Some(problem) = problem(&sent, &method, &world) {
        return bad_request(&problem);
    }
    for target in sent.get_mut("includeTargets").and_then(Value::as_array_mut).into_iter().flatten() {
        fill_in(&id, target);
    }
    if let Value::Object(method) = &mut method {
        method.extend(sent);
    }
    if is_email_held_on(&method) {
        return bad_request("Email OTP cannot be disabled while external users may use it.");
    }
    let mut methods = world.methods;
    methods[CONFIGURATIONS][at] = method;
    if methods.to_string().len() > POLICY_BYTES {
        return bad_request("The policy exceeds the maximum size allowed.");
    }
    written(shared.write_as(Some(holder), |world| world.methods = methods))
}

fn position(world: &World, id: &str) -> Option<usize> {
    let methods = world.methods[CONFIGURATIONS].as_array()?;
    methods
        .iter()
        .position(|method| method["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id)))
}

fn no_such_method(id: &str) -> Response {
    error(StatusCode::NOT_FOUND, "Request_ResourceNotFound", &format!("Resource '{id}' does not exist."))
}

/// What Graph refuses (facts 1.4, 1.5).
fn problem(sent: &Map<String, Value>, method: &Value, world: &World) -> Option<String> {
    if sent.get("@odata.type") != method.get("@odata.type") {
        return Some("A value without a type name was found and no expected type is available.".to_owned());
    }
    if let Some(unknown) = sent.keys().find(|name| method.get(name.as_str()).is_none()) {
        return Some(format!("The property '{unknown}' does not exist on this type."));
    }
    if sent.get("state").is_some_and(|state| state != "enabled" && state != "disabled") {
        return Some("The value of state is not an authenticationMethodState.".to_owned());
    }
    for field in ["includeTargets", "excludeTargets"] {
        let Some(targets) = sent.get(field) else { continue };
        let Some(targets) = targets.as_array() else { return Some(format!("{field} must be a collection.")) };
        let had = method[field].as_array().map(Vec::as_slice).unwrap_or_default();
        // What is there from the days of user targets stays; no new one is taken.
        for target in targets.iter().filter(|target| !had.contains(target)) {
            if target["targetType"] != "group" {
                return Some("Only groups can be targeted.".to_owned());
            }
            let id = target["id"].as_str().unwrap_or_default();
            let is_everyone = id == "all_users" && field == "includeTargets";
            if !is_everyone && !Uuid::try_parse(id).is_ok_and(|id| world.group(id).is_some()) {
                return Some(format!("The group '{id}' does not exist."));
            }
        }
    }
    None
}

/// What the service puts where a target says nothing: SMS sign-in, for one, is on by default (facts 1.5).
fn fill_in(method: &str, target: &mut Value) {
    let default = |target: &mut Value, name: &str, value: Value| {
        if let Value::Object(target) = target {
            target.entry(name).or_insert(value);
        }
    };
    default(target, "isRegistrationRequired", json!(false));
    match method.to_ascii_lowercase().as_str() {
        "sms" => default(target, "isUsableForSignIn", json!(true)),
        "microsoftauthenticator" => default(target, "authenticationMode", json!("any")),
        _ => {}
    }
}

fn is_email_held_on(method: &Value) -> bool {
    method["state"] == "disabled" && method["allowExternalIdToUseEmailOtp"] == "enabled"
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
