//! What Graph takes and how it answers: fields, refusals, and where its types are described.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::sandbox::http::surface::Surface;

/// The fields of a body.
#[derive(Debug)]
pub(crate) struct Sent(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        match request.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default()) {
            None => {
                return Err(Refused::bad(
                    "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
                ));
            }
            Some(kind) if !is_json(kind) => {
                return Err(Refused {
                    status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    code: "UnsupportedMediaType",
                    message: format!("The content type '{kind}' is not supported; 'application/json' is."),
                });
            }
            Some(_) => {}
        }
        let unread = || Refused::bad("Unable to read JSON request payload.");
        let body = String::from_request(request, state).await.map_err(|_| unread())?;
        serde_json::from_str(&body).map(Self).map_err(|_| unread())
    }
}

fn is_json(kind: &str) -> bool {
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
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

    /// The directory takes something for wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "Request_BadRequest", message: message.into() }
    }

    /// Graph cannot read the request.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "BadRequest", message: message.into() }
    }

    /// Graph has it, and the sandbox has not.
    pub(crate) fn not_served(what: &str) -> Self {
        let message = format!("The sandbox does not serve {what}; Microsoft Graph does.");
        Self { status: StatusCode::NOT_IMPLEMENTED, code: "NotImplemented", message }
    }

    /// What it depends on in a batch has failed.
    pub(crate) fn dependent() -> Self {
        let message = "A request it depends on has failed.".to_owned();
        Self { status: StatusCode::FAILED_DEPENDENCY, code: "FailedDependency", message }
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

    /// What should be an id is none.
    pub(crate) fn no_id(id: &str) -> Self {
        Self::invalid(format!("Invalid object identifier '{id}'."))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        Surface::Graph.error(self.status, self.code, &self.message)
    }
}
