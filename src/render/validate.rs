//! The result of `validate`.

use super::document::{Document, code, line};
use super::plan::findings;
use crate::plan::Finding;

/// Returns the document: the file is right, and what a reviewer should know of it.
pub fn document(path: &str, about: &[Finding]) -> Document {
    let claim = line![code(path), " is a valid spec"];
    Document {
        title: line!["sspr validate: ", claim.clone()],
        note: line!["Nothing was sent."],
        blocks: findings(about, |_| None).into_iter().collect(),
        closing: line![claim, ". Nothing was sent."],
    }
}
