//! The sandbox's admin-centre API: one object replaced whole, one field by field, and the caller's roles.
//! (Facts 2.1, 2.5, 2.7; 2026-11 F.)

use axum::extract::Query;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::middleware::{format_errors, sign_in_to_portal, unknown};
use super::portal_body::problem;
use super::surface::Surface;
use crate::sandbox::shared::{Principal, Shared, can_be_kept};
use crate::sandbox::tenant::{RoleGrant, TenantState, fresh_policy, lay_over};

#[derive(Deserialize)]
struct Options {
    #[serde(rename = "getPasswordResetEnabledGroup")]
    with_group_name: Option<bool>,
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/PasswordReset/PasswordResetPolicies", get(get_policy).put(put_policy))
        .route("/PasswordReset/OnPremisesPasswordResetPolicies", get(get_writeback).put(put_writeback))
        .route("/Permissions/GetUserSystemRoleTemplateIds", get(get_roles))
        .fallback(|request| unknown(Surface::Portal, request))
        .layer(from_fn(|request, next| format_errors(Surface::Portal, request, next)))
        .layer(from_fn(sign_in_to_portal))
}

async fn get_policy(shared: Shared, Query(options): Query<Options>) -> Response {
    let tenant = shared.tenant();
    let mut policy = tenant.policy.clone();
    let name = if options.with_group_name == Some(true) { group_name(&tenant) } else { String::new() };
    policy["passwordResetEnabledGroupName"] = json!(name);
    Json(policy).into_response()
}

async fn put_policy(shared: Shared, Extension(principal): Extension<Principal>, body: String) -> Response {
    let Some(mut sent) = fields(&body) else {
        return refused("The request body is not a policy.");
    };
    let problem = problem(&sent, &shared.tenant().policy);
    if let Some(problem) = problem {
        return refused(&problem);
    }
    // What the service works out itself is not stored from a write.
    sent.remove("passwordResetEnabledGroupName");
    // What it would hold for fields a write left out, no source says. The worst is assumed, so that a client that
    // sends half an object is caught (facts 2.7).
    let mut policy = fresh_policy();
    lay_over(&mut policy, sent);
    Surface::Portal.written(shared.write_as(Some(principal), |tenant| tenant.policy = policy))
}

async fn get_writeback(shared: Shared) -> Response {
    Json(shared.tenant().writeback.clone()).into_response()
}

/// Takes some of the fields; `accountUnlockEnabled` only where it comes alone (facts 2.5).
async fn put_writeback(shared: Shared, Extension(principal): Extension<Principal>, body: String) -> Response {
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

/// Returns the template ids of the roles that are held now, the one of every member first.
async fn get_roles() -> Json<Vec<Uuid>> {
    let held = TenantState::administrator().roles.into_iter().filter(|grant| !grant.is_eligible);
    Json([RoleGrant::EVERY_MEMBER].into_iter().chain(held.map(|grant| grant.role)).collect())
}

fn fields(body: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(body).ok().filter(can_be_kept)
}

fn refused(problem: &str) -> Response {
    Surface::Portal.error(StatusCode::BAD_REQUEST, "BadRequest", problem)
}

fn group_name(tenant: &TenantState) -> String {
    let ids = tenant.policy["passwordResetEnabledGroupIds"].as_array();
    let id = ids.and_then(|ids| ids.first()).and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
    id.and_then(|id| tenant.group(id)).map(|group| group.name.clone()).unwrap_or_default()
}
