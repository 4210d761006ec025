//! Graph's error answers.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::sandbox::http::surface::Surface;

#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn denied() -> Self {
        let message = "Insufficient privileges to complete the operation.";
        Self::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    pub(crate) fn bad_filter() -> Self {
        Self::unsupported("Unsupported or invalid query filter clause.")
    }

    /// The directory takes something for wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// Graph cannot read the request.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// Graph has it, and the sandbox has not.
    pub(crate) fn not_served(what: &str) -> Self {
        let message = format!("The sandbox does not serve {what}; Microsoft Graph does.");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    pub(crate) fn not_signed_in(why: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", why)
    }

    pub(crate) fn dependent() -> Self {
        let message = "A request it depends on has failed.";
        Self::new(StatusCode::FAILED_DEPENDENCY, "FailedDependency", message)
    }

    /// There is no such object, in a collection's own words.
    pub(crate) fn missing(message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    }

    pub(crate) fn no_such(id: &str) -> Self {
        Self::missing(format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        ))
    }

    pub(crate) fn no_id(id: &str) -> Self {
        Self::invalid(format!("Invalid object identifier '{id}'."))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        Surface::Graph.error(self.status, self.code, &self.message)
    }
}
