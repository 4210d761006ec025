//! The members of a group: its own, or through all nesting; people alone, or groups as well.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::groups::{find, group_json};
use super::page::Page;
use super::selection::{Reach, Selection};
use super::types::{DIRECTORY_OBJECT, USER};
use super::users::{UserRow, number, people};
use crate::sandbox::http::odata::{Ask, Query, Refused, Takes};
use crate::sandbox::state::Shared;
use crate::sandbox::tenant::{Group, TenantState};

/// What a list without a cast takes: its filters know the id alone.
const OBJECTS: &[Takes] = &[Takes::Select, Takes::Filter, Takes::Top, Takes::Count, Takes::SkipToken];

/// How many people a group has. Like every cast, it is answered from the index.
pub(super) async fn count_people(
    reach: Reach,
    State(shared): State<Shared>,
    Path(id): Path<String>,
    ask: Ask,
) -> Result<Response, Refused> {
    let query = ask.advanced(&USER, Takes::NUMBER)?;
    let tenant = shared.tenant().clone();
    let group = find(&tenant, &id)?;
    number(Selection::of_group(&tenant, group, reach), &query)
}

/// The people of a group.
pub(super) async fn list_people(
    reach: Reach,
    State(shared): State<Shared>,
    Path(id): Path<String>,
    ask: Ask,
) -> Result<Response, Refused> {
    let query = ask.advanced(&USER, Takes::DIRECTORY)?;
    // A copy, so that one page being made does not hold up the next.
    let tenant = shared.tenant().clone();
    let group = find(&tenant, &id)?;
    people(Selection::of_group(&tenant, group, reach), &ask, &query)
}

/// How many people and groups a group has.
pub(super) async fn count_all(
    reach: Reach,
    State(shared): State<Shared>,
    Path(id): Path<String>,
    ask: Ask,
) -> Result<Response, Refused> {
    let query = ask.advanced(&DIRECTORY_OBJECT, &[Takes::Filter])?;
    let tenant = shared.tenant().clone();
    let group = find(&tenant, &id)?;
    let groups = groups_in(&tenant, group, reach, &query).len();
    let people = Selection::of_group(&tenant, group, reach).count(query.filter.as_ref());
    Ok((groups + people).to_string().into_response())
}

/// The groups in a group, and then its people.
pub(super) async fn list_all(
    reach: Reach,
    State(shared): State<Shared>,
    Path(id): Path<String>,
    ask: Ask,
) -> Result<Response, Refused> {
    let query = ask.query(&DIRECTORY_OBJECT, OBJECTS)?;
    let tenant = shared.tenant().clone();
    let group = find(&tenant, &id)?;
    let prefix = groups_in(&tenant, group, reach, &query);
    let page = Page { ask: &ask, query: &query, resource: "directoryObjects", prefix };
    let properties = query.shown();
    page.answer(Selection::of_group(&tenant, group, reach), |tenant, user, page| {
        let kind = Some("#microsoft.graph.user");
        serde_json::to_writer(page, &UserRow { tenant, user, properties: &properties, kind }).is_ok()
    })
}

/// Returns the groups in a group that the filter leaves, as directory objects.
fn groups_in(tenant: &TenantState, group: &Group, reach: Reach, query: &Query) -> Vec<Value> {
    let is_in = |other: &&Group| match reach {
        _ if group.is_membership_hidden => false,
        Reach::Direct => group.members.contains(&other.id),
        Reach::Nested => {
            other.id != group.id && tenant.groups_around(other.id).iter().any(|around| around.id == group.id)
        }
    };
    let rows = tenant.groups.iter().filter(is_in).map(as_object);
    let rows = rows.filter(|row| query.filter.as_ref().is_none_or(|filter| filter.holds(row)));
    rows.map(|row| query.selected(row)).collect()
}

/// Directory objects of several kinds come together, so each tells its own.
pub(super) fn as_object(group: &Group) -> Value {
    let mut object = json!({"@odata.type": "#microsoft.graph.group"});
    if let (Value::Object(object), Value::Object(fields)) = (&mut object, group_json(group)) {
        object.extend(fields);
    }
    object
}
