//! The result of `validate`.

use super::document::{Block, Document, code, line};
use super::plan::items;
use crate::plan::Finding;

/// Returns the document: the file is right, and what a reviewer should know of it.
pub fn document(path: &str, about: &[Finding]) -> Document {
    let findings = items(&about.iter().collect::<Vec<_>>(), |_| None);
    let findings = Block::Section(line!["Findings"].into(), vec![Block::Items(findings)]);
    let claim = line![code(path), " is a valid spec"];
    Document {
        title: line!["sspr validate: ", claim.clone()],
        note: line!["Nothing was sent."],
        blocks: (!about.is_empty()).then_some(findings).into_iter().collect(),
        closing: line![claim, ". Nothing was sent."],
        ..Document::default()
    }
}
