//! Reads the JSON body of a write to Graph, and checks its fields.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::errors::Refused;
use crate::sandbox::shared::can_be_kept;

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
