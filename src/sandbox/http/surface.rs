//! The two APIs of the pretend tenant: which one a request is for, and the format of its errors.

use std::io;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::client_exception::ClientException;
use super::middleware::Ids;

/// An API of the pretend tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Microsoft Graph.
    Graph,
    /// The admin centre.
    Portal,
}

impl Surface {
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/api/") { Self::Portal } else { Self::Graph }
    }

    /// Answers with the surface's error body: Graph's (facts 5), or the admin centre's (facts 2026-11 F).
    pub(crate) fn error(self, status: StatusCode, code: &str, message: &str) -> Response {
        let ids = Ids::current();
        match self {
            Self::Graph => {
                let body = json!({"error": {"code": code, "message": message, "innerError": {
                    "date": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                    "request-id": ids.request, "client-request-id": ids.client,
                }}});
                (status, Json(body)).into_response()
            }
            Self::Portal => {
                (status, Json(ClientException::new(status.as_u16(), code, message))).into_response()
            }
        }
    }

    /// Answers a write: Graph with nothing, the admin centre with `true`; or with an error where the state could not
    /// be saved.
    pub(crate) fn written(self, saved: io::Result<()>) -> Response {
        match (saved, self) {
            (Ok(()), Self::Graph) => StatusCode::NO_CONTENT.into_response(),
            (Ok(()), Self::Portal) => Json(true).into_response(),
            (Err(e), _) => self.error(
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
