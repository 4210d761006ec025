//! Graph's fields, error answers, and type annotations.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::sandbox::http::surface::Surface;
use crate::sandbox::state::can_be_kept;

/// The fields of a body.
#[derive(Debug)]
pub(crate) struct Sent(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let kind = request.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default());
        let kind = kind.ok_or_else(|| {
            Refused::bad(
                "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            )
        })?;
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            let message = format!("The content type '{kind}' is not supported; 'application/json' is.");
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message));
        }
        let unread = || Refused::bad("Unable to read JSON request payload.");
        let body = String::from_request(request, state).await.map_err(|_| unread())?;
        let fields = serde_json::from_str(&body).ok().filter(can_be_kept);
        fields.map(Self).ok_or_else(unread)
    }
}

impl Sent {
    /// Refuses a write that gives a property of an object another kind of value than it has, or the object another id.
    ///
    /// # Errors
    /// What is wrong with it, in Graph's words.
    pub(crate) fn check_kinds(&self, object: &Value) -> Result<(), Refused> {
        let ids = self.0.get("id").map(|id| id.as_str().zip(object["id"].as_str()));
        if ids.is_some_and(|ids| ids.is_none_or(|(sent, known)| !sent.eq_ignore_ascii_case(known))) {
            return Err(Refused::invalid("Property 'id' is read-only and cannot be set."));
        }
        match self.0.iter().find(|(name, value)| !is_of_kind(value, &object[name.as_str()])) {
            None => Ok(()),
            Some((name, _)) => Err(Refused::invalid(format!(
                "Invalid value specified for property '{name}' of resource: it is of another type."
            ))),
        }
    }
}

/// Returns whether a value can stand in another's place. What is not there tells no kind.
pub(crate) fn is_of_kind(value: &Value, known: &Value) -> bool {
    match (value, known) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Object(fields), Value::Object(_)) => {
            fields.iter().all(|(name, field)| is_of_kind(field, &known[name.as_str()]))
        }
        _ => std::mem::discriminant(value) == std::mem::discriminant(known),
    }
}

/// Why a question is not answered.
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

    /// What it depends on in a batch has failed.
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
