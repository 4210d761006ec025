//! Groups: by name, by id, and around others.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sandbox::http::odata::{Advanced, Filter, Literal, METADATA, Operator, Options, Refused, list};
use crate::sandbox::state::Shared;
use crate::sandbox::world::{Group, World};

/// All groups, or those of one name: Graph takes more filters, the sandbox no other.
pub(super) async fn groups(
    State(shared): State<Shared>,
    Query(options): Query<Options>,
) -> Result<Response, Refused> {
    let filter = options.filter()?;
    let name = filter.as_ref().map(|filter| name(filter).ok_or_else(Refused::bad_filter)).transpose()?;
    // Graph compares names without regard to letter case.
    let is_meant = |group: &&Group| name.is_none_or(|name| group.name.to_lowercase() == name.to_lowercase());
    let world = shared.world();
    let found = world.groups.iter().filter(is_meant).map(|group| options.selected(group_json(group)));
    Ok(list("groups", &found.collect::<Vec<_>>()))
}

/// One group.
pub(super) async fn group(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Result<Response, Refused> {
    let world = shared.world();
    Ok(Json(options.selected(group_json(find(&world, &id)?))).into_response())
}

/// The groups a group sits in through all nesting.
pub(super) async fn groups_around(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Result<Response, Refused> {
    let world = shared.world();
    let around = world.groups_around(find(&world, &id)?.id).into_iter().map(|group| {
        let mut around = options.selected(group_json(group));
        // Directory objects of several kinds come here, so each tells its own.
        around["@odata.type"] = json!("#microsoft.graph.group");
        around
    });
    Ok(list("directoryObjects", &around.collect::<Vec<_>>()))
}

/// The groups somebody, or a group, is in directly.
pub(super) async fn groups_holding(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Advanced(options): Advanced,
) -> Result<Response, Refused> {
    let world = shared.world();
    let holding = world.groups_holding(Uuid::try_parse(&id).map_err(|_| Refused::no_such(&id))?);
    let groups: Vec<Value> =
        holding.map(|group| options.selected(json!({"id": group.id, "displayName": group.name}))).collect();
    let answer =
        json!({"@odata.context": format!("{METADATA}groups"), "@odata.count": groups.len(), "value": groups});
    Ok(Json(answer).into_response())
}

/// Returns the group of an id in a path.
pub(super) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Group, Refused> {
    let found = Uuid::try_parse(id).ok().and_then(|id| world.group(id));
    found.ok_or_else(|| Refused::no_such(id))
}

/// Returns the name that a filter asks for, where it asks for nothing else.
fn name(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Compare(property, Operator::Equal, Literal::Text(name)) if property == "displayName" => {
            Some(name)
        }
        _ => None,
    }
}

fn group_json(group: &Group) -> Value {
    json!({
        "id": group.id, "displayName": group.name, "securityEnabled": group.is_security,
        "mailEnabled": !group.is_security, "groupTypes": if group.is_security { json!([]) } else { json!(["Unified"]) },
        "description": null, "visibility": null, "isAssignableToRole": (!group.roles.is_empty()).then_some(true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quotes_as_odata_writes_them_and_no_other_filter() {
        let name = |filter| Filter::parse(filter).and_then(|filter| name(&filter).map(str::to_owned));
        assert_eq!(name("displayName eq 'O''Neil'"), Some("O'Neil".to_owned()));
        for other in [
            "displayName eq 'O'Neil'",
            "displayName eq 'x' or 1 eq 1",
            "startswith(displayName,'x')",
            "displayName eq bare",
            "displayName ne 'x'",
            "id eq 'x'",
        ] {
            assert_eq!(name(other), None, "{other}");
        }
    }
}
