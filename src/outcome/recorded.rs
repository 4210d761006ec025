//! What a browser's recording of the portal shows.

use crate::evidence::{Evidence, Recording};

/// What a recording shows, and how far it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// What there is to say of it as a whole.
    pub recording: Recording,
    /// What its requests show.
    pub evidence: Evidence,
    /// Why it was not read to its end; `None` where it was. What was read until there counts.
    pub problem: Option<String>,
}
