//! The members of a group: its own, or through all nesting; people alone, or groups as well.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};

use super::groups::{find, group_json};
use super::page::Page;
use super::types::{DIRECTORY_OBJECT, USER};
use super::user_query::{Reach, Selection};
use super::users::number;
use crate::sandbox::http::odata::{Ask, DIRECTORY, NUMBER, Query, Refused};
use crate::sandbox::tenant::{Group, TenantState, lay_over};

/// How many people a group has. Like every cast, it is answered from the index.
pub(super) async fn count_people(reach: Reach, id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.advanced(&USER, NUMBER)?;
    let tenant = ask.shared.tenant().clone();
    Ok(number(Selection::of_group(&tenant, find(&tenant, &id)?, reach), &query, 0))
}

pub(super) async fn list_people(reach: Reach, id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.advanced(&USER, DIRECTORY)?;
    // A copy, so that one page being made does not hold up the next.
    let tenant = ask.shared.tenant().clone();
    let page = Page { ask: &ask, query: &query, resource: "users", prefix: Vec::new() };
    page.people(Selection::of_group(&tenant, find(&tenant, &id)?, reach), None)
}

pub(super) async fn count_all(reach: Reach, id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.advanced(&DIRECTORY_OBJECT, &["$filter"])?;
    let tenant = ask.shared.tenant().clone();
    let group = find(&tenant, &id)?;
    let groups = groups_in(&tenant, group, reach, &query).len();
    Ok(number(Selection::of_group(&tenant, group, reach), &query, groups))
}

/// The groups in a group, and then its people. Filters know the id alone.
pub(super) async fn list_all(reach: Reach, id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&DIRECTORY_OBJECT, &["$select", "$filter", "$top", "$count", "$skiptoken"])?;
    let tenant = ask.shared.tenant().clone();
    let group = find(&tenant, &id)?;
    let prefix = groups_in(&tenant, group, reach, &query);
    let page = Page { ask: &ask, query: &query, resource: "directoryObjects", prefix };
    page.people(Selection::of_group(&tenant, group, reach), Some("#microsoft.graph.user"))
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
    let rows = tenant.groups.iter().filter(is_in).map(as_object).filter(|row| query.leaves(row));
    rows.map(|row| query.selected(row)).collect()
}

/// Directory objects of several kinds come together, so each tells its own.
pub(super) fn as_object(group: &Group) -> Value {
    let mut object = json!({"@odata.type": "#microsoft.graph.group"});
    lay_over(&mut object, group_json(group));
    object
}
