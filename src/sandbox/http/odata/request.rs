//! A request to Graph: its path and its query options.

use axum::extract::{FromRequestParts, Query as Pairs};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use serde_json::Value;

use super::entity::{Entity, Property};
use super::errors::Refused;
use super::filter::{Filter, Record};
use super::search;
use crate::sandbox::shared::{Principal, Shared};

const MAX_PAGE: usize = 999;
/// Users on a page where each comes with [`SIGN_INS`] (<https://learn.microsoft.com/graph/api/user-list>).
const MAX_PAGE_WITH_SIGN_INS: usize = 500;
/// What takes a permission and a licence of its own.
pub(crate) const SIGN_INS: &str = "signInActivity";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Version {
    #[default]
    V1,
    Beta,
}

impl Version {
    fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// How the sandbox is spoken to, for links back to it.
#[derive(Clone, Copy)]
pub(crate) struct Scheme(pub(crate) &'static str);

pub(crate) struct Ask {
    pub(crate) shared: Shared,
    pub(crate) principal: Option<Principal>,
    pub(crate) version: Version,
    /// The path behind the version, and the query.
    uri: Uri,
    /// Scheme and host, as the client knows them.
    root: String,
    is_eventual: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Ask {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let shared = Shared::from_request_parts(parts, state).await?;
        let header = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        // HTTP/2 has it in the place of the header.
        let host = header.or_else(|| parts.uri.authority().map(|host| host.as_str())).unwrap_or_default();
        let level = parts.headers.get("ConsistencyLevel");
        let scheme = parts.extensions.get().map_or("http", |Scheme(scheme)| scheme);
        Ok(Self {
            shared,
            principal: parts.extensions.get().copied(),
            version: parts.extensions.get().copied().unwrap_or_default(),
            root: format!("{scheme}://{host}"),
            uri: parts.uri.clone(),
            is_eventual: level.is_some_and(|level| level.as_bytes().eq_ignore_ascii_case(b"eventual")),
        })
    }
}

/// The options that a collection of the directory takes.
pub(crate) const DIRECTORY: &[&str] =
    &["$select", "$filter", "$top", "$count", "$orderby", "$search", "$skiptoken"];
/// The options to ask how many a collection of the directory has.
pub(crate) const NUMBER: &[&str] = &["$filter", "$search"];
/// The options of a list elsewhere.
pub(crate) const LIST: &[&str] = &["$select", "$filter", "$top", "$orderby", "$expand", "$skiptoken"];
pub(crate) const OBJECT: &[&str] = &["$select", "$expand"];

/// The options of a query, each of them understood.
pub(crate) struct Query {
    pub(super) entity: &'static Entity,
    pub(super) select: Option<Vec<Property>>,
    pub(crate) filter: Option<Filter>,
    pub(crate) top: Option<usize>,
    /// Whether the answer says how many there are.
    pub(crate) is_counted: bool,
    /// What is sorted by, and whether downwards.
    pub(crate) orderby: Option<(Property, bool)>,
    pub(super) expand: Vec<&'static str>,
    /// Where the page before ended.
    pub(crate) skiptoken: Option<String>,
    /// The options as sent, but for the last.
    kept: Vec<(String, String)>,
}

impl Ask {
    /// Understands the query of a question about a type.
    ///
    /// # Errors
    /// An option the endpoint does not take, a name the type does not have, or anything else Graph would refuse.
    pub(crate) fn query(&self, entity: &'static Entity, takes: &[&str]) -> Result<Query, Refused> {
        let pairs = self.pairs()?;
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !takes.contains(&name.as_str()) {
                return Err(not_taken(name));
            }
            if pairs[..at].iter().any(|(before, _)| before == name) {
                return Err(Refused::bad(format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                )));
            }
        }
        let option =
            |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let search = option("$search").map(|value| search::parse(entity, value)).transpose()?;
        let select = option("$select").map(|value| select(entity, value)).transpose()?.flatten();
        let has_sign_ins = select.iter().flatten().any(|property| property.name == SIGN_INS);
        let most = if has_sign_ins { MAX_PAGE_WITH_SIGN_INS } else { MAX_PAGE };
        let mut query = Query {
            entity,
            select,
            filter: option("$filter").map(|value| filter(entity, value)).transpose()?,
            top: option("$top").map(|value| top(value, most)).transpose()?,
            is_counted: option("$count").map_or(Ok(false), count)?,
            orderby: option("$orderby").map(|value| orderby(entity, value)).transpose()?,
            expand: option("$expand").map_or(Ok(Vec::new()), |value| expand(entity, value))?,
            skiptoken: option("$skiptoken").map(str::to_owned),
            kept: pairs.iter().filter(|(name, _)| name != "$skiptoken").cloned().collect(),
        };
        if entity.is_directory {
            self.check_index(&query, search.is_some())?;
        }
        query.filter = match (query.filter.take(), search) {
            (Some(filter), Some(search)) => Some(Filter::All(vec![filter, search])),
            (filter, search) => filter.or(search),
        };
        Ok(query)
    }

    /// As [`Ask::query`], for what Graph answers from its index alone: it refuses without the header and without
    /// `$count` (facts 4).
    ///
    /// # Errors
    /// As [`Ask::query`], and without these two.
    pub(crate) fn advanced(&self, entity: &'static Entity, takes: &[&str]) -> Result<Query, Refused> {
        let query = self.query(entity, takes)?;
        let is_counted = query.is_counted || self.uri.path().ends_with("/$count");
        match self.is_eventual && is_counted {
            true => Ok(query),
            false => Err(Refused::unsupported(
                "Request with $count or an OData cast requires the ConsistencyLevel header set to eventual.",
            )),
        }
    }

    /// What the directory answers from its index alone.
    fn check_index(&self, query: &Query, is_searched: bool) -> Result<(), Refused> {
        let needs = |what: &str| {
            Err(Refused::unsupported(format!(
                "Request with {what} only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'"
            )))
        };
        if is_searched && !self.is_eventual {
            return needs("$search query parameter");
        }
        if query.is_counted && !self.is_eventual {
            return needs("$count query parameter");
        }
        let is_counted = self.is_eventual && (query.is_counted || self.uri.path().ends_with("/$count"));
        if query.filter.as_ref().is_some_and(Filter::is_advanced) && !is_counted {
            return needs("$filter that says what is not so and $count=true");
        }
        if query.filter.is_some() && query.orderby.is_some() && !is_counted {
            return Err(Refused::unsupported("Sorting not supported for current query."));
        }
        Ok(())
    }

    fn pairs(&self) -> Result<Vec<(String, String)>, Refused> {
        let pairs = Pairs::<Vec<(String, String)>>::try_from_uri(&self.uri);
        pairs.map(|Pairs(pairs)| pairs).map_err(|_| Refused::bad("The query is not valid."))
    }

    /// Returns where Graph describes what an answer has.
    pub(crate) fn context(&self, resource: &str, query: &Query, tail: &str) -> String {
        let selected = query.select.iter().flatten().map(|property| property.name.to_owned());
        let parts: Vec<_> = selected.chain(query.expand.iter().map(|name| format!("{name}()"))).collect();
        let parts = if parts.is_empty() { String::new() } else { format!("({})", parts.join(",")) };
        format!("https://graph.microsoft.com/{}/$metadata#{resource}{parts}{tail}", self.version.segment())
    }

    /// Returns the link to the page that begins behind a token.
    pub(crate) fn next_link(&self, query: &Query, token: &str) -> String {
        let root = format!("{}/{}{}?", self.root, self.version.segment(), self.uri.path());
        let start = root.len();
        let mut link = url::form_urlencoded::Serializer::for_suffix(root, start);
        link.extend_pairs(&query.kept).append_pair("$skiptoken", token);
        link.finish()
    }
}

impl Query {
    pub(crate) fn shown(&self) -> Vec<Property> {
        match &self.select {
            Some(select) => select.clone(),
            None => self.entity.all().filter(|property| property.is_shown()).collect(),
        }
    }

    /// Returns whether the filter leaves something.
    pub(crate) fn leaves(&self, record: &dyn Record) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(record))
    }

    /// Returns an object with what an answer shows of it.
    pub(crate) fn selected(&self, object: Value) -> Value {
        let Value::Object(object) = object else { return object };
        let is_shown = |name: &str| {
            name.starts_with('@')
                || self.expand.contains(&name)
                || match &self.select {
                    Some(select) => select.iter().any(|property| property.name == name),
                    None => !self.is_left_out(name),
                }
        };
        Value::Object(object.into_iter().filter(|(name, _)| is_shown(name)).collect())
    }

    /// What is served of a name the table does not know, as in policies that hold fields of a later day, is shown.
    fn is_left_out(&self, name: &str) -> bool {
        let on_request = self.entity.all().any(|property| property.name == name && !property.is_shown());
        on_request || self.entity.expands.contains(&name)
    }
}

fn not_taken(name: &str) -> Refused {
    // What OData has: Graph names it as its own.
    let others = ["$expand", "$skip", "$format", "$apply", "$compute", "$levels", "$deltatoken"];
    match DIRECTORY.contains(&name) || others.contains(&name) {
        true => Refused::invalid(format!("'{name}' is not supported by the service.")),
        false => Refused::unsupported(format!("Unrecognized query argument specified: '{name}'.")),
    }
}

fn select(entity: &'static Entity, value: &str) -> Result<Option<Vec<Property>>, Refused> {
    if value.trim() == "*" {
        return Ok(None);
    }
    let mut select: Vec<Property> = Vec::new();
    for name in value.split(',') {
        let property = entity.selected(name.trim())?;
        if !select.iter().any(|known| known.name == property.name) {
            select.push(property);
        }
    }
    Ok(Some(select))
}

fn filter(entity: &Entity, value: &str) -> Result<Filter, Refused> {
    let filter = Filter::parse(value).ok_or_else(Refused::bad_filter)?;
    entity.check(&filter, 0)?;
    Ok(filter)
}

fn top(value: &str, most: usize) -> Result<usize, Refused> {
    let top: u64 = value.parse().map_err(|_| {
        Refused::bad(format!(
            "Invalid value '{value}' for $top query option found. The $top query option requires a non-negative integer value."
        ))
    })?;
    match usize::try_from(top).ok().filter(|top| (1..=most).contains(top)) {
        Some(top) => Ok(top),
        None => Err(Refused::invalid(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {most} inclusive."
        ))),
    }
}

fn count(value: &str) -> Result<bool, Refused> {
    value.parse().map_err(|_| {
        Refused::bad(format!(
            "Invalid value '{value}' for $count query option found. Valid values are 'true' and 'false'."
        ))
    })
}

fn orderby(entity: &Entity, value: &str) -> Result<(Property, bool), Refused> {
    let mut words = value.split_whitespace();
    let property = entity.sorted(words.next().unwrap_or_default())?;
    match (words.next(), words.next()) {
        (None | Some("asc"), None) => Ok((property, false)),
        (Some("desc"), None) => Ok((property, true)),
        _ => Err(Refused::bad(format!("Syntax error in the $orderby query option: {value}"))),
    }
}

fn expand(entity: &Entity, value: &str) -> Result<Vec<&'static str>, Refused> {
    if value.contains('(') {
        return Err(Refused::not_served("options inside $expand"));
    }
    value.split(',').map(|name| entity.expanded(name.trim())).collect()
}
