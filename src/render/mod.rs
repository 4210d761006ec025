//! Renders plans and outcomes for people and machines. Returns strings; prints nothing.

// What documents are made of, and the forms they take.
pub mod document;
pub mod text;
pub mod markdown;
pub mod html;
// The document of each command, with the JSON that is its own.
pub mod end_state;
pub mod apply;
pub mod doctor;
pub mod evidence;
pub mod explain;
pub mod failure;
pub mod fleet;
pub mod history;
pub mod import;
pub mod people;
pub mod people_table;
pub mod plan;
pub mod question;
pub mod steps;
mod portal_steps;
pub mod report;
pub mod rings;
pub mod status;
pub mod snapshot;
pub mod login_setup;
pub mod az_script;
pub mod validate;
pub mod verify;
pub mod named_commands;
// What they say of settings and findings.
pub mod links;
mod beyond;
mod values;
// Forms that are made of data alone.
pub mod csv;
pub mod github;
pub mod json;

pub use portal_steps::portal_steps;

/// What everything says that is about the sandbox.
pub const SANDBOX: &str = "Sandbox: a pretend tenant; nothing real is read or written.";
