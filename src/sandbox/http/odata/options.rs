//! What is asked of Graph in a query.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::Refused;
use super::filter::Filter;

/// The query options of a read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Options {
    #[serde(rename = "$select")]
    pub(crate) select: Option<String>,
    #[serde(rename = "$filter")]
    pub(crate) filter: Option<String>,
    #[serde(rename = "$top")]
    pub(crate) top: Option<usize>,
    #[serde(rename = "$count")]
    pub(crate) count: Option<bool>,
    #[serde(rename = "$orderby")]
    pub(crate) orderby: Option<String>,
    #[serde(rename = "$skiptoken")]
    pub(crate) skiptoken: Option<String>,
}

impl Options {
    /// Returns the filter.
    pub(crate) fn filter(&self) -> Result<Option<Filter>, Refused> {
        let parse = |text| Filter::parse(text).ok_or_else(Refused::bad_filter);
        self.filter.as_deref().map(parse).transpose()
    }

    /// Returns the object with the selected properties alone; all of them where nothing is selected.
    pub(crate) fn selected(&self, object: Value) -> Value {
        match (object, &self.select) {
            (Value::Object(object), Some(select)) => {
                let wanted: Vec<&str> = select.split(',').map(str::trim).collect();
                let kept = object.into_iter().filter(|(name, _)| wanted.contains(&name.as_str()));
                Value::Object(kept.collect::<Map<_, _>>())
            }
            (object, _) => object,
        }
    }
}

/// The options of a query that Graph answers from its index: one with an OData cast, which it refuses without
/// the header and without `$count` (facts 4).
#[derive(Debug)]
pub(crate) struct Advanced(pub(crate) Options);

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
            false => Err(Refused::unsupported(
                "Request with $count or an OData cast requires the ConsistencyLevel header set to eventual.",
            )
            .into_response()),
        }
    }
}
