//! Answers with one object, or with a page of a small list.

use std::cmp::Ordering;

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::errors::Refused;
use super::filter::order;
use super::request::{Ask, Query};
use crate::sandbox::http::surface::Surface;
use crate::sandbox::tenant::{TenantState, lay_over};

impl Ask {
    pub(crate) fn object(&self, query: &Query, resource: &str, object: Value) -> Response {
        let context = self.context(resource, query, "/$entity");
        let mut answer = json!({"@odata.context": context});
        lay_over(&mut answer, query.selected(object));
        Json(answer).into_response()
    }

    /// Writes for whoever asks, and answers.
    pub(crate) fn write(&self, change: impl FnOnce(&mut TenantState)) -> Response {
        Surface::Graph.written(self.shared.write_as(self.principal, change))
    }

    /// Answers with a page of a list: what the filter leaves, in the order asked for, so many as a page holds.
    ///
    /// # Errors
    /// The page should begin behind a row that is not there.
    pub(crate) fn list(
        &self,
        query: &Query,
        resource: &str,
        mut rows: Vec<Value>,
        page: usize,
    ) -> Result<Response, Refused> {
        rows.retain(|row| query.leaves(row));
        if let Some((property, is_down)) = query.orderby {
            rows.sort_by(|a, b| {
                let order = compare(&a[property.name], &b[property.name]);
                if is_down { order.reverse() } else { order }
            });
        }
        let count = rows.len();
        if let Some(token) = &query.skiptoken {
            // The row, and not its place: what is logged in the meantime comes before it.
            let at = rows.iter().position(|row| row["id"] == token.as_str());
            let at = at.ok_or_else(|| Refused::bad("The skip token is not valid."))?;
            rows.drain(..=at);
        }
        let has_more = rows.len() > query.top.unwrap_or(page);
        rows.truncate(query.top.unwrap_or(page));
        let last = rows.last().and_then(|row| row["id"].as_str()).filter(|_| has_more).map(str::to_owned);
        let mut answer = json!({"@odata.context": self.context(resource, query, "")});
        if query.is_counted && query.skiptoken.is_none() {
            answer["@odata.count"] = count.into();
        }
        if let Some(last) = last {
            answer["@odata.nextLink"] = self.next_link(query, &last).into();
        }
        answer["value"] = rows.into_iter().map(|row| query.selected(row)).collect();
        Ok(Json(answer).into_response())
    }
}

/// What is not there comes first.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => order(a, b),
        (a, b) => a.cmp(&b),
    }
}
