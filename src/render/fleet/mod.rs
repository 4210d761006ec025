//! What a `fleet` command found or did, for people and machines.

mod document;
mod html_page;
mod json;
mod matrix;
mod merged;
mod valid;
mod words;

pub use document::{document, page};
pub use html_page::html_page;
pub use json::{index, json};
pub use matrix::{empty_shards, matrix_for_azure, matrix_for_github};
pub use merged::{merged, merged_json, merged_page};
pub use valid::{shown_json, valid, valid_json};
pub use words::{ended, taken_up};
