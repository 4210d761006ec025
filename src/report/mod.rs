//! Plans and outcomes as people and machines read them. Renders to strings; prints nothing.

pub mod address;
pub mod github;
pub mod history;
pub mod doctor;
mod portal_steps;
pub mod html;
pub mod json;
pub mod markdown;
mod methods;
pub mod people;
pub mod text;
pub mod verify;

pub use portal_steps::portal_steps;

use crate::diff::Change;

/// What an `apply` or `cleanup` did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The changes that were written.
    pub applied: Vec<Change>,
    /// Fields this tool does not know that the service changed by itself alongside, wire names.
    pub also_changed: Vec<String>,
    /// Whether reading back showed the desired state.
    pub verified: bool,
    /// The journal of the writes; `None` where there was nothing to write.
    pub journal: Option<String>,
    /// The state before the first write; `None` where there was nothing to write.
    pub baseline: Option<String>,
}
