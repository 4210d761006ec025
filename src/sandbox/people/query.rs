//! What is asked of Graph in a query, what it refuses, and how its lists look.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sandbox::filter::Filter;
use crate::sandbox::graph::{error, no_such};
use crate::sandbox::world::{Group, World};

/// The query options of a list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Options {
    #[serde(rename = "$select")]
    pub(super) select: Option<String>,
    #[serde(rename = "$filter")]
    pub(super) filter: Option<String>,
    #[serde(rename = "$top")]
    pub(super) top: Option<usize>,
    #[serde(rename = "$count")]
    pub(super) count: Option<bool>,
    #[serde(rename = "$orderby")]
    pub(super) orderby: Option<String>,
    #[serde(rename = "$skiptoken")]
    pub(super) skiptoken: Option<String>,
}

impl Options {
    /// Returns the filter.
    pub(super) fn filter(&self) -> Result<Option<Filter>, Refused> {
        let parse = |text| Filter::parse(text).ok_or(Refused::Unsupported(BAD_FILTER));
        self.filter.as_deref().map(parse).transpose()
    }
}

const BAD_FILTER: &str = "Unsupported or invalid query filter clause.";

/// Why a question is not answered.
#[derive(Debug)]
pub(super) enum Refused {
    /// Graph does not support such a query.
    Unsupported(&'static str),
    /// Graph takes the query's parts for wrong.
    Invalid(&'static str),
    /// There is no such object.
    NoSuch(String),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Unsupported(message) => error(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message),
            Self::Invalid(message) => error(StatusCode::BAD_REQUEST, "Request_BadRequest", message),
            Self::NoSuch(id) => no_such(&id),
        }
    }
}

/// The options of a query that Graph answers from its index: one with an OData cast, which it refuses without
/// the header and without `$count` (facts 4).
#[derive(Debug)]
pub(super) struct Advanced(pub(super) Options);

impl<S: Send + Sync> FromRequestParts<S> for Advanced {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Query(options) =
            Query::<Options>::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let is_eventual = parts
            .headers
            .get("ConsistencyLevel")
            .is_some_and(|level| level.as_bytes().eq_ignore_ascii_case(b"eventual"));
        let is_counted = options.count == Some(true) || parts.uri.path().ends_with("/$count");
        match is_eventual && is_counted {
            true => Ok(Self(options)),
            false => Err(Refused::Unsupported(
                "Request with $count or an OData cast requires the ConsistencyLevel header set to eventual.",
            )
            .into_response()),
        }
    }
}

/// Returns the group of an id in a path.
pub(super) fn group<'a>(world: &'a World, id: &str) -> Result<&'a Group, Refused> {
    let found = Uuid::try_parse(id).ok().and_then(|id| world.group(id));
    found.ok_or_else(|| Refused::NoSuch(id.to_owned()))
}

/// Returns the host that was asked, for links back to it.
pub(super) fn host(headers: &HeaderMap) -> &str {
    headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// Answers with a list of one page.
pub(super) fn list(resource: &str, rows: &[Value]) -> Response {
    Json(json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{resource}"), "value": rows}))
        .into_response()
}
