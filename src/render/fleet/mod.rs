//! What a `fleet` command found or did, for people and machines.

mod json;
mod matrix;
mod valid;

pub use json::json;
pub use matrix::{empty_shards, matrix_for_azure, matrix_for_github};
pub use valid::{shown_json, valid, valid_json};
