//! What a `fleet` command found or did, for people and machines.

mod json;

pub use json::json;
