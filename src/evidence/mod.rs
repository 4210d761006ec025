//! What this tool believes of the two APIs, and what requests that somebody made show of it.
//!
//! One list of beliefs, each with a stable code and its source, so that what one person saw can be compared with what
//! another did. Who asked and was answered is a browser's portal or this tool: both are [`Exchange`]s here.

mod belief;
mod endpoint;
mod exchange;
mod field;
mod judge;
mod kept;
mod path;
mod tally;

pub use belief::{Belief, beliefs};
pub use endpoint::{ENDPOINTS, Endpoint, Shape};
pub use exchange::{Audience, Body, Exchange, Recording};
pub use field::{FIELDS, Field, Kind, Thing};
pub use judge::judge;
pub use path::is_about;
pub use tally::{Judged, Verdict};

use crate::tenant::Surface;

/// What exchanges show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Every belief, in the order of the list.
    pub judged: Vec<Judged>,
    /// Requests that never succeeded because someone may not or was to wait, by their codes, and the statuses.
    pub refused: Vec<(&'static str, Vec<u16>)>,
    /// Fields that the list does not have.
    pub new_fields: Vec<NewField>,
    /// Requests that the list does not have.
    pub unknown_requests: Vec<UnknownRequest>,
}

/// A field of an object that the list does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewField {
    /// The object it is on.
    pub thing: Thing,
    /// Its name; `None` where that does not look like a field's.
    pub name: Option<String>,
    /// What kind of value it has.
    pub kind: String,
}

/// A request that the list does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRequest {
    /// The API it went to.
    pub surface: Surface,
    /// HTTP method.
    pub method: &'static str,
    /// Its path, in which everything that is no name of the API's is `{}`.
    pub path: String,
    /// The statuses it was answered with.
    pub statuses: Vec<u16>,
    /// How often it was made.
    pub times: usize,
}

impl Evidence {
    /// Returns how many beliefs came to a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.judged.iter().filter(|judged| judged.verdict() == verdict).count()
    }
}
