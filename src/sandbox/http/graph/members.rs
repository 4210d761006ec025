//! The people of a group, through all nesting.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::groups;
use super::page::{host, page};
use super::selection::Selection;
use super::users::{USER_FIELDS, user_row};
use crate::sandbox::http::odata::{Advanced, Refused};
use crate::sandbox::state::Shared;
use crate::sandbox::world::Crowd;

/// How many people a group has, through all nesting.
pub(super) async fn count(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Advanced(options): Advanced,
) -> Result<Response, Refused> {
    let filter = options.filter()?;
    let world = shared.world().clone();
    let mut selection = Selection::of_group(&world, groups::find(&world, &id)?.id);
    selection.narrow(filter.as_ref(), None);
    Ok(selection.count(filter.as_ref()).to_string().into_response())
}

/// The people of a group, through all nesting.
pub(super) async fn members(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Advanced(options): Advanced,
) -> Result<Response, Refused> {
    // A copy, so that one page being made does not hold up the next.
    let world = shared.world().clone();
    let mut selection = Selection::of_group(&world, groups::find(&world, &id)?.id);
    let path = format!("groups/{id}/transitiveMembers/microsoft.graph.user");
    let select = options.select.as_deref();
    let is_whole = select
        .is_none_or(|select| USER_FIELDS.iter().all(|field| select.split(',').any(|named| named == *field)));
    page(&mut selection, &options, &path, host(&headers), Crowd::outline, |world, user, page| {
        let row = user_row(world, user);
        match is_whole {
            true => serde_json::to_writer(page, &row),
            false => serde_json::to_writer(page, &options.selected(json!(row))),
        }
        .is_ok()
    })
}
