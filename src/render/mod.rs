//! Plans and outcomes as people and machines read them. Renders to strings; prints nothing.

pub mod address;
pub mod csv;
pub mod doctor;
pub mod github;
pub mod history;
pub mod html;
pub mod json;
pub mod markdown;
mod methods;
pub mod people;
mod portal_steps;
mod spec_file;
mod style;
pub mod text;
mod values;
pub mod verify;

pub use portal_steps::portal_steps;
pub use spec_file::{imported, spec_file};
