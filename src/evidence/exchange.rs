//! One request and its answer, as far as beliefs are about them; nothing of it is text of a person's.

use jiff::Timestamp;
use serde_json::Value;

use crate::tenant::Surface;

/// One request, and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The API it went to.
    pub surface: Surface,
    /// HTTP method, in upper case.
    pub method: String,
    /// The path behind `/api`, or behind Graph's version.
    pub path: Vec<String>,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// HTTP status; 0 where there was no answer. `None` where it was not recorded.
    pub status: Option<u16>,
    /// When it was sent.
    pub started: Option<Timestamp>,
    /// When the answer was there.
    pub ended: Option<Timestamp>,
    /// What the token says it is for.
    pub audience: Audience,
    /// The tenant the token is of. Exchanges of two tenants are not compared; never shown.
    pub tenant: Option<String>,
    /// Whether the request has an id of its own; `None` where its headers were not recorded.
    pub has_request_id: Option<bool>,
    /// The body of the request.
    pub sent: Body,
    /// The body of the answer.
    pub answered: Body,
}

/// What a token says it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// There is no token, or it does not tell.
    #[default]
    NotSeen,
    /// As believed.
    Believed,
    /// Another one: an id or a host of Microsoft's, or words that it is neither.
    Other(String),
}

/// A body.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// There was none.
    #[default]
    Nothing,
    /// There was one, and it was not recorded.
    NotSeen,
    /// It was recorded in part.
    Cut,
    /// It is JSON.
    Json(Value),
    /// It is something else.
    Other,
}

impl Body {
    /// Returns the JSON.
    pub fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(json) => Some(json),
            _ => None,
        }
    }

    /// Returns whether it cannot be looked at although there was one.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::NotSeen | Self::Cut)
    }
}

impl Exchange {
    /// Returns whether it was done: a success, or one whose status was not recorded.
    pub fn is_done(&self) -> bool {
        self.status.is_none_or(|status| (200..300).contains(&status))
    }

    /// Returns whether it asked for some of the fields alone.
    pub fn is_selective(&self) -> bool {
        self.query.iter().any(|(name, _)| name.eq_ignore_ascii_case("$select"))
    }
}

/// What there is to say of a recording as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// What kind of program wrote it, as far as it says and this tool knows.
    pub program: Option<&'static str>,
    /// Whether it says that it is of a pretend tenant.
    pub is_sandbox: bool,
    /// How many requests it holds.
    pub entries: usize,
    /// How many of those are about password reset, methods, groups or writeback; parts of a batch count for
    /// themselves.
    pub looked_at: usize,
    /// How many of those have no token, or one that does not tell whom it is for.
    pub without_token: usize,
    /// How many of those lack the body of the request or of the answer.
    pub without_body: usize,
    /// How many of those have one that was cut.
    pub cut: usize,
    /// How many were left out, because there were too many to hold.
    pub left_out: usize,
    /// The clouds they went to.
    pub clouds: Vec<&'static str>,
    /// When the first of them was sent.
    pub first: Option<Timestamp>,
}
