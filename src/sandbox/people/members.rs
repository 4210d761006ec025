//! Members of groups, through nesting, and users.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::licences::{plans, sku};
use super::query::{Advanced, Options, Refused, group, host};
use super::selection::{Selection, page};
use crate::sandbox::crowd::Crowd;
use crate::sandbox::graph::no_such;
use crate::sandbox::odata;
use crate::sandbox::server::Shared;
use crate::sandbox::world::{Group, User, World};

pub(super) async fn count(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Advanced(options): Advanced,
) -> Result<Response, Refused> {
    let filter = options.filter()?;
    let world = shared.world().clone();
    let mut selection = Selection::of_group(&world, group(&world, &id)?.id);
    selection.narrow(filter.as_ref(), None);
    Ok(selection.count(filter.as_ref()).to_string().into_response())
}

pub(super) async fn members(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Advanced(options): Advanced,
) -> Result<Response, Refused> {
    // A copy, so that one page being made does not hold up the next.
    let world = shared.world().clone();
    let mut selection = Selection::of_group(&world, group(&world, &id)?.id);
    let path = format!("groups/{id}/transitiveMembers/microsoft.graph.user");
    let select = options.select.as_deref();
    let is_whole =
        select.is_none_or(|select| FIELDS.iter().all(|field| select.split(',').any(|named| named == *field)));
    page(&mut selection, &options, &path, host(&headers), Crowd::outline, |world, user, page| {
        match is_whole {
            true => write_user(world, user, page),
            false => serde_json::to_writer(page, &odata::select(user_json(world, user), select)),
        }
        .is_ok()
    })
}

/// The groups somebody, or a group, is in directly.
pub(super) async fn groups_holding(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Advanced(options): Advanced,
) -> Response {
    let world = shared.world();
    let Ok(id) = Uuid::try_parse(&id) else { return no_such(&id) };
    let generated = world.crowd.index(id);
    let holds = |group: &&Group| {
        group.members.contains(&id)
            || generated
                .is_some_and(|i| group.crowd.iter().any(|range| (range.start..range.end).contains(&i)))
    };
    let groups: Vec<Value> = world
        .groups
        .iter()
        .filter(holds)
        .map(|group| {
            odata::select(json!({"id": group.id, "displayName": group.name}), options.select.as_deref())
        })
        .collect();
    Json(json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups", "@odata.count": groups.len(), "value": groups}))
        .into_response()
}

pub(super) async fn user(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let by_name = |user: &&User| world.user_principal_name(user).eq_ignore_ascii_case(&id);
    let by_id = Uuid::try_parse(&id).ok();
    let by_hand = world.users.iter().find(|user| by_id == Some(user.id) || by_name(user)).cloned();
    let generated = || {
        let i = match by_id {
            Some(id) => world.crowd.index(id)?,
            None => {
                let name = id.to_lowercase();
                let at = |alias: &str| format!("{alias}@{}", world.domains[0]).to_lowercase();
                world.crowd.position(|alias| at(alias) < name)
            }
        };
        (i < world.crowd.size)
            .then(|| world.crowd.person(i))
            .filter(|person| by_id.is_some() || by_name(&person))
    };
    match by_hand.or_else(generated) {
        Some(user) => {
            Json(odata::select(user_json(&world, &user), options.select.as_deref())).into_response()
        }
        None => no_such(&id),
    }
}

const FIELDS: [&str; 8] = [
    "id",
    "userPrincipalName",
    "displayName",
    "accountEnabled",
    "userType",
    "onPremisesSyncEnabled",
    "assignedPlans",
    "assignedLicenses",
];

/// A user with all of [`FIELDS`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserRow<'a> {
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

fn user_row<'a>(world: &World, user: &'a User) -> UserRow<'a> {
    let plan = |(service_plan_id, capability_status)| PlanRow {
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
        assigned_plans: plans(user.licence).into_iter().map(plan).collect(),
        assigned_licenses: sku(user.licence)
            .into_iter()
            .map(|sku_id| LicenceRow { disabled_plans: [], sku_id })
            .collect(),
    }
}

fn write_user(world: &World, user: &User, page: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(page, &user_row(world, user))
}

fn user_json(world: &World, user: &User) -> Value {
    json!(user_row(world, user))
}
