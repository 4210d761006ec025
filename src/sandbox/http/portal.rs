//! The admin-centre face of the sandbox: one object replaced whole (facts 2.1, 2.7), one field by field (2.5).

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::middleware::{own_words, sign_in_to_portal, unknown};
use super::surface::Surface;
use crate::sandbox::state::{Principal, Shared, can_be_kept};
use crate::sandbox::tenant::{TenantState, fresh_policy, lay_over};

#[derive(Deserialize)]
struct Options {
    #[serde(rename = "getPasswordResetEnabledGroup")]
    with_group_name: Option<bool>,
}

/// Returns the admin centre's routes.
pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    Router::new()
        .route("/PasswordReset/PasswordResetPolicies", get(get_policy).put(put_policy))
        .route("/PasswordReset/OnPremisesPasswordResetPolicies", get(get_writeback).put(put_writeback))
        .fallback(|request| unknown(Surface::Portal, request))
        .layer(from_fn(|request, next| own_words(Surface::Portal, request, next)))
        .layer(from_fn_with_state(shared.clone(), sign_in_to_portal))
}

async fn get_policy(State(shared): State<Shared>, Query(options): Query<Options>) -> Response {
    let tenant = shared.tenant();
    let mut policy = tenant.policy.clone();
    let name = if options.with_group_name == Some(true) { group_name(&tenant) } else { String::new() };
    policy["passwordResetEnabledGroupName"] = json!(name);
    Json(policy).into_response()
}

async fn put_policy(
    State(shared): State<Shared>,
    Extension(principal): Extension<Principal>,
    body: String,
) -> Response {
    let Some(mut sent) = fields(&body) else {
        return refused("The request body is not a policy.");
    };
    if let Some(problem) = problem(&sent) {
        return refused(problem);
    }
    // What the service works out itself is not stored from a write.
    sent.remove("passwordResetEnabledGroupName");
    // What it would hold for fields a write left out, no source says. The worst is assumed, so that a client that
    // sends half an object is caught (facts 2.7).
    let mut policy = fresh_policy();
    lay_over(&mut policy, sent);
    Surface::Portal.written(shared.write_as(Some(principal), |tenant| tenant.policy = policy))
}

async fn get_writeback(State(shared): State<Shared>) -> Response {
    Json(shared.tenant().writeback.clone()).into_response()
}

/// Takes some of the fields; `accountUnlockEnabled` only where it comes alone (facts 2.5).
async fn put_writeback(
    State(shared): State<Shared>,
    Extension(principal): Extension<Principal>,
    body: String,
) -> Response {
    let Some(mut sent) = fields(&body) else {
        return refused("The request body is not a policy.");
    };
    if sent.len() > 1 {
        sent.remove("accountUnlockEnabled");
    }
    // The service alone knows whether an agent on premises supports it.
    sent.retain(|name, _| !name.ends_with("Supported"));
    Surface::Portal.written(shared.write_as(Some(principal), |tenant| lay_over(&mut tenant.writeback, sent)))
}

fn fields(body: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(body).ok().filter(can_be_kept)
}

fn refused(problem: &str) -> Response {
    Surface::Portal.error(StatusCode::BAD_REQUEST, "BadRequest", problem)
}

fn problem(sent: &Map<String, Value>) -> Option<&'static str> {
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

fn group_name(tenant: &TenantState) -> String {
    let ids = tenant.policy["passwordResetEnabledGroupIds"].as_array();
    let id = ids.and_then(|ids| ids.first()).and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
    id.and_then(|id| tenant.group(id)).map(|group| group.name.clone()).unwrap_or_default()
}
