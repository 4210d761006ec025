//! The two APIs of the pretend tenant: whose a request is, and how each says that something is not as asked.

use std::io;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use uuid::Uuid;

/// An API of the pretend tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Microsoft Graph.
    Graph,
    /// The admin centre.
    Portal,
}

impl Surface {
    /// Returns whose a path is.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/api/") { Self::Portal } else { Self::Graph }
    }

    /// Answers with the surface's error body: Graph's (facts 5), or the admin centre's, which is flat and has no
    /// code.
    pub(crate) fn error(self, status: StatusCode, code: &str, message: &str) -> Response {
        let body = match self {
            Self::Graph => json!({"error": {"code": code, "message": message, "innerError": {
                "date": "2026-01-01T00:00:00", "request-id": Uuid::new_v4(), "client-request-id": Uuid::new_v4(),
            }}}),
            Self::Portal => json!({"Message": message, "ClientData": {"operationId": Uuid::new_v4()}}),
        };
        (status, Json(body)).into_response()
    }

    /// Answers a write: with nothing, or with an error where the state could not be saved.
    pub(crate) fn written(self, saved: io::Result<()>) -> Response {
        match saved {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(e) => self.error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                &format!("The sandbox could not save its state: {e}"),
            ),
        }
    }
}

/// Returns the path and the query of a request, as sent.
pub(crate) fn target(request: &Request) -> String {
    request.uri().path_and_query().map_or_else(String::new, ToString::to_string)
}
