//! The registration report, and the limit all reports are under.

use std::time::Instant;

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::query::{Options, Refused, host};
use super::selection::{Selection, page};
use crate::sandbox::crowd::Crowd;
use crate::sandbox::graph::{error, no_such};
use crate::sandbox::odata;
use crate::sandbox::server::Shared;
use crate::sandbox::world::{User, World};

/// Answers five requests in ten seconds (facts 5).
pub(super) async fn limited(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    shared.refresh();
    let admitted = shared.reports().admit(Instant::now());
    let Err(wait) = admitted else { return next.run(request).await };
    let mut response = error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Too many requests.");
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    if let Ok(seconds) = seconds.to_string().parse() {
        response.headers_mut().insert("Retry-After", seconds);
    }
    response
}

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
        serde_json::to_writer(page, &odata::select(row, options.select.as_deref())).is_ok()
    })
}

pub(super) async fn registration(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let wanted = Uuid::try_parse(&id).ok();
    let by_hand = world.users.iter().find(|user| Some(user.id) == wanted).cloned();
    let person = by_hand.or_else(|| Some(world.crowd.person(world.crowd.index(wanted?)?)));
    match person.and_then(|person| registration_json(&world, &person)) {
        Some(row) => Json(odata::select(row, options.select.as_deref())).into_response(),
        None => no_such(&id),
    }
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
