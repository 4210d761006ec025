//! The Graph face of the sandbox. Shapes: Microsoft's v1.0 metadata.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::odata;
use super::server::Shared;
use super::world::{Group, World};

#[derive(Deserialize)]
pub(super) struct Options {
    #[serde(rename = "$select")]
    select: Option<String>,
    #[serde(rename = "$filter")]
    filter: Option<String>,
}

/// Graph's error body (facts 5).
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let inner = json!({"date": "2026-01-01T00:00:00", "request-id": Uuid::new_v4(), "client-request-id": Uuid::new_v4()});
    (status, Json(json!({"error": {"code": code, "message": message, "innerError": inner}}))).into_response()
}

pub(super) fn no_such(id: &str) -> Response {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    error(StatusCode::NOT_FOUND, "Request_ResourceNotFound", &message)
}

fn collection(resource: &str, value: &[Value]) -> Response {
    Json(json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{resource}"), "value": value})).into_response()
}

pub(super) async fn organization(State(shared): State<Shared>, Query(options): Query<Options>) -> Response {
    let organization = organization_json(&shared.world());
    collection("organization", &[odata::select(organization, options.select.as_deref())])
}

pub(super) async fn groups(State(shared): State<Shared>, Query(options): Query<Options>) -> Response {
    let world = shared.world();
    let found: Vec<Value> = match options.filter.as_deref() {
        None => world.groups.iter().map(group_json).collect(),
        Some(filter) => match odata::parse_equals(filter) {
            // Graph compares names without regard to letter case.
            Some(("displayName", name)) => {
                let is_called = |group: &&Group| group.name.to_lowercase() == name.to_lowercase();
                world.groups.iter().filter(is_called).map(group_json).collect()
            }
            _ => {
                return error(
                    StatusCode::BAD_REQUEST,
                    "Request_UnsupportedQuery",
                    "Unsupported or invalid query filter clause.",
                );
            }
        },
    };
    let found: Vec<Value> =
        found.into_iter().map(|group| odata::select(group, options.select.as_deref())).collect();
    collection("groups", &found)
}

pub(super) async fn group(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let found = Uuid::try_parse(&id).ok().and_then(|id| world.group(id));
    match found {
        Some(group) => Json(odata::select(group_json(group), options.select.as_deref())).into_response(),
        None => no_such(&id),
    }
}

pub(super) async fn groups_around(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let Some(group) = Uuid::try_parse(&id).ok().and_then(|id| world.group(id)) else { return no_such(&id) };
    let around = world.groups_around(group.id).into_iter().map(|group| {
        let mut around = odata::select(group_json(group), options.select.as_deref());
        // Directory objects of several kinds come here, so each tells its own.
        around["@odata.type"] = json!("#microsoft.graph.group");
        around
    });
    collection("directoryObjects", &around.collect::<Vec<_>>())
}

fn organization_json(world: &World) -> Value {
    let domains: Vec<Value> = world
        .domains
        .iter()
        .enumerate()
        .map(|(at, name)| json!({"capabilities": "Email", "isDefault": at == 0, "isInitial": name.ends_with(".onmicrosoft.com"), "name": name, "type": "Managed"}))
        .collect();
    json!({"id": world.tenant_id, "displayName": world.tenant_name, "verifiedDomains": domains, "onPremisesSyncEnabled": world.is_hybrid.then_some(true)})
}

fn group_json(group: &Group) -> Value {
    json!({
        "id": group.id, "displayName": group.name, "securityEnabled": group.is_security,
        "mailEnabled": !group.is_security, "groupTypes": if group.is_security { json!([]) } else { json!(["Unified"]) },
        "description": null, "visibility": null, "isAssignableToRole": (!group.roles.is_empty()).then_some(true),
    })
}
