//! The registration report.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::page::{host, page};
use super::selection::Selection;
use crate::sandbox::http::odata::{Options, Refused};
use crate::sandbox::state::Shared;
use crate::sandbox::world::{Crowd, User, World};

/// The report on everyone.
pub(super) async fn registrations(
    State(shared): State<Shared>,
    Query(options): Query<Options>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let world = shared.world().clone();
    let mut selection = Selection::everyone(&world);
    let path = "reports/authenticationMethods/userRegistrationDetails";
    let options = Options { count: None, ..options };
    page(&mut selection, &options, path, host(&headers), Crowd::person, |world, user, page| {
        let Some(row) = registration_json(world, user) else { return false };
        serde_json::to_writer(page, &options.selected(row)).is_ok()
    })
}

/// The report on one user, by object id.
pub(super) async fn registration(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Result<Response, Refused> {
    let world = shared.world();
    let person = Uuid::try_parse(&id).ok().and_then(|id| world.person(id));
    let row = person.and_then(|person| registration_json(&world, &person));
    Ok(Json(options.selected(row.ok_or_else(|| Refused::no_such(&id))?)).into_response())
}

/// Disabled users have no row (facts 4).
fn registration_json(world: &World, user: &User) -> Option<Value> {
    let required = world.policy["numberOfAuthenticationMethodsRequired"].as_u64().unwrap_or(1);
    let usable = ["email", "mobilePhone", "officePhone", "softwareOneTimePasscode", "securityQuestion"];
    let count = user.methods.iter().filter(|method| usable.contains(&method.as_str())).count() as u64;
    let is_registered = count >= required;
    (user.is_enabled && user.is_reported).then(|| {
        json!({
            "id": user.id, "userPrincipalName": world.user_principal_name(user), "userDisplayName": user.name,
            "userType": if user.is_guest { "guest" } else { "member" }, "isAdmin": !user.roles.is_empty(),
            "isSsprRegistered": is_registered, "isSsprEnabled": true, "isSsprCapable": is_registered,
            "isMfaRegistered": !user.methods.is_empty(), "isMfaCapable": !user.methods.is_empty(),
            "isPasswordlessCapable": false, "methodsRegistered": user.methods,
            "lastUpdatedDateTime": "2026-11-21T18:00:00Z",
        })
    })
}
