//! Users, one at a time, and how they look.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::sandbox::http::odata::{Options, Refused};
use crate::sandbox::state::Shared;
use crate::sandbox::world::{User, World};

/// One user, by object id or by principal name.
pub(super) async fn user(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Result<Response, Refused> {
    let world = shared.world();
    let found = match Uuid::try_parse(&id) {
        Ok(id) => world.person(id),
        Err(_) => world.person_named(&id),
    };
    let user = found.ok_or_else(|| Refused::no_such(&id))?;
    Ok(Json(options.selected(json!(user_row(&world, &user)))).into_response())
}

/// The properties that a user has here.
pub(super) const USER_FIELDS: [&str; 8] = [
    "id",
    "userPrincipalName",
    "displayName",
    "accountEnabled",
    "userType",
    "onPremisesSyncEnabled",
    "assignedPlans",
    "assignedLicenses",
];

/// A user with all of [`USER_FIELDS`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserRow<'a> {
    id: Uuid,
    user_principal_name: String,
    display_name: &'a str,
    account_enabled: bool,
    user_type: &'static str,
    on_premises_sync_enabled: Option<bool>,
    assigned_plans: Vec<PlanRow>,
    assigned_licenses: Vec<LicenceRow>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanRow {
    assigned_date_time: &'static str,
    capability_status: &'static str,
    service: &'static str,
    service_plan_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LicenceRow {
    disabled_plans: [Uuid; 0],
    sku_id: Uuid,
}

/// Returns a user as Graph shows them.
pub(super) fn user_row<'a>(world: &World, user: &'a User) -> UserRow<'a> {
    let plan = |&(service_plan_id, capability_status)| PlanRow {
        assigned_date_time: "2025-01-01T00:00:00Z",
        capability_status,
        service: "AADPremiumService",
        service_plan_id,
    };
    UserRow {
        id: user.id,
        user_principal_name: world.user_principal_name(user),
        display_name: &user.name,
        account_enabled: user.is_enabled,
        user_type: if user.is_guest { "Guest" } else { "Member" },
        on_premises_sync_enabled: user.is_synced.then_some(true),
        assigned_plans: user.licence.plans().iter().map(plan).collect(),
        assigned_licenses: user
            .licence
            .sku()
            .into_iter()
            .map(|sku_id| LicenceRow { disabled_plans: [], sku_id })
            .collect(),
    }
}
