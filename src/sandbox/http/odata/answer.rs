//! What Graph takes and how it answers: fields, lists, single objects, and refusals.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::sandbox::http::surface::Surface;
use crate::sandbox::world::lay_over;

/// Where Graph describes its types.
pub(crate) const METADATA: &str = "https://graph.microsoft.com/v1.0/$metadata#";

/// Answers with a list of one page.
pub(crate) fn list(resource: &str, rows: &[Value]) -> Response {
    Json(json!({"@odata.context": format!("{METADATA}{resource}"), "value": rows})).into_response()
}

/// Answers with one object of a resource.
pub(crate) fn single(resource: &str, object: &Value) -> Response {
    let mut answer = json!({"@odata.context": format!("{METADATA}{resource}")});
    lay_over(&mut answer, object.clone());
    Json(answer).into_response()
}

/// Returns the fields of a body.
pub(crate) fn sent(body: &str) -> Result<Map<String, Value>, Refused> {
    serde_json::from_str(body).map_err(|_| Refused::invalid("Unable to read JSON request payload."))
}

/// Why a question is not answered.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    /// Graph does not support such a query.
    pub(crate) fn unsupported(message: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "Request_UnsupportedQuery",
            message: message.to_owned(),
        }
    }

    /// Graph does not support such a filter.
    pub(crate) fn bad_filter() -> Self {
        Self::unsupported("Unsupported or invalid query filter clause.")
    }

    /// Graph takes something for wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "Request_BadRequest", message: message.into() }
    }

    /// There is no such object, in a collection's own words.
    pub(crate) fn missing(message: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "Request_ResourceNotFound", message }
    }

    /// There is no object of this id.
    pub(crate) fn no_such(id: &str) -> Self {
        Self::missing(format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        ))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        Surface::Graph.error(self.status, self.code, &self.message)
    }
}
