//! What there is to know of a finding, and the list of them all.

use serde_json::json;

use super::document::{Block, Document, Heading, Line, code, line, link};
use crate::finding_docs::FindingDoc;
use crate::text::page;

/// Returns the section about a finding.
pub fn document(section: &FindingDoc) -> Document {
    let paragraphs = section.paragraphs();
    let mut blocks: Vec<Block> =
        paragraphs.iter().map(|paragraph| Block::Lines(vec![paragraph_line(paragraph)])).collect();
    if section.is_acceptable() {
        let accept = format!("accept: [{}]", section.code);
        blocks.push(Block::Lines(vec![line![
            "To have it counted and no longer shown, write in the spec: ",
            code(accept)
        ]]));
    }
    let heading = Heading { text: line![code(section.code)], aside: line![section.gravity.as_str()] };
    Document {
        title: line!["sspr explain: ", code(section.code)],
        blocks: vec![Block::Section(heading, blocks)],
        ..Document::default()
    }
}

/// Returns the list of all findings.
pub fn list() -> Document {
    let row = |section: FindingDoc| {
        vec![line![code(section.code)], line![section.gravity.as_str()], sentence(&section.first_sentence())]
    };
    Document {
        title: line!["sspr explain: every finding"],
        blocks: vec![Block::Table(
            &["finding", "kind", "what it says"],
            FindingDoc::all().map(row).collect(),
        )],
        next: vec![line![code("sspr explain FINDING")]],
        ..Document::default()
    }
}

/// Returns the section as `sspr.finding/1`; its text is Markdown.
pub fn json(section: &FindingDoc) -> String {
    let (kind, acceptable) = (section.gravity.as_str(), section.is_acceptable());
    let text: Vec<String> = section.paragraphs().iter().map(|paragraph| absolute(paragraph)).collect();
    super::json::document(&json!({
        "format": "sspr.finding/1", "code": section.code, "kind": kind, "acceptable": acceptable,
        "text": text.join("\n\n"),
    }))
}

/// Returns the list as `sspr.findings/1`.
pub fn list_json() -> String {
    let finding = |section: FindingDoc| json!({"code": section.code, "kind": section.gravity.as_str(), "about": section.first_sentence()});
    let findings: Vec<_> = FindingDoc::all().map(finding).collect();
    super::json::document(&json!({"format": "sspr.findings/1", "findings": findings}))
}

/// A piece of a paragraph: words, or words that lead to a page.
enum Piece<'a> {
    Words(&'a str),
    Link(&'a str, String),
}

/// Takes a paragraph of the page apart. Where a page is named from where findings.md is, it is named from anywhere.
fn pieces(paragraph: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = paragraph;
    while let Some((words, text, target, after)) = next_link(rest) {
        let is_address = target.starts_with("https://");
        let address = if is_address { target.to_owned() } else { page(&format!("docs/{target}")) };
        pieces.extend([Piece::Words(words), Piece::Link(text, address)]);
        rest = after;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// Returns what stands before the next link, its words, its target, and what stands behind it.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (words, rest) = text.split_once('[')?;
    let (linked, rest) = rest.split_once("](")?;
    let (target, after) = rest.split_once(')')?;
    Some((words, linked, target, after))
}

fn paragraph_line(paragraph: &str) -> Line {
    let shown = |piece| match piece {
        Piece::Words(words) => sentence(words),
        Piece::Link(text, address) => line![link(text, address.clone()), " (", address, ")"],
    };
    pieces(paragraph).into_iter().map(shown).collect()
}

/// Addresses stand between angle brackets there.
fn sentence(words: &str) -> Line {
    line![words.replace("<https://", "https://").replace('>', "")]
}

fn absolute(paragraph: &str) -> String {
    let shown = |piece| match piece {
        Piece::Words(words) => words.to_owned(),
        Piece::Link(text, address) => format!("[{text}]({address})"),
    };
    pieces(paragraph).into_iter().map(shown).collect()
}
