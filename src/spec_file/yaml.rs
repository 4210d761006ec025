//! Parses bytes into a tree of YAML values with their places.
//!
//! The only module that reads values with the YAML crate, so that swapping it stays mechanical.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use serde_yaml as serde_saphyr;

use super::Place;
use super::forbidden::find_forbidden;
use super::problem::Problem;
use super::scalar;

/// A pilot file is a page of text; anything larger is a mistake or an attack.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How deep values may be nested; a spec needs three levels.
pub(super) const MAX_DEPTH: usize = 32;

/// How many values a spec may have; it needs a few dozen.
pub(super) const MAX_NODES: usize = 50_000;

/// A YAML value and the bytes it was written in.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a YAML value is, scalars distinguished strictly: `yes` is text.
#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Integer(i128),
    /// Written with a point or an exponent, or too large for an integer.
    Decimal(f64),
    Text(String),
    List(Vec<Node>),
    /// Entries in file order, duplicates included.
    Map(Vec<(Key, Node)>),
}

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Integer(_) => "a number",
            Self::Decimal(_) => "a decimal number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a group of keys",
        }
    }
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

/// Returns the file's text.
///
/// # Errors
/// Too large, neither UTF-8 nor UTF-16 with its mark, or NUL bytes in it: refused before any parsing.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::whole_file(format!(
            "the file has {} bytes; a spec has at most {MAX_BYTES}",
            bytes.len()
        )));
    }
    let help = "save it as UTF-8; PowerShell's `Out-File` needs `-Encoding utf8`";
    let no_text = |why: String| Problem::whole_file(why).help(help);
    let text = crate::text::decoded(bytes).map_err(|error| no_text(format!("the file {error}")))?;
    match text.find('\0') {
        Some(at) => Err(no_text(format!("byte {at} is NUL; this is not a text file"))),
        None => Ok(text),
    }
}

/// Parses one YAML document.
///
/// # Errors
/// The text is not YAML, or is nested or repeated beyond reason; or every tag, anchor, alias and merge key in it.
pub(super) fn parse(text: &str) -> Result<Node, Vec<Problem>> {
    if find_forbidden(text)? == 0 {
        return Ok(Node { kind: Kind::Null, span: 0..0 });
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::PassThrough,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_documents: 1,
        },
    };
    let read: Result<Node, _> = serde_saphyr::from_str_with_options(text, options);
    let mut node = read.map_err(|error| {
        let said = crate::text::excerpt(&error.to_string(), 300);
        vec![Problem::whole_file(format!("not readable as YAML: {said}"))]
    })?;
    node.resolve(text);
    Ok(node)
}

impl Node {
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::at(self.span.clone(), message)
    }

    /// Reads scalars without quotes as YAML 1.2's core schema does, and so as editors do; the crate has rules of its own.
    fn resolve(&mut self, text: &str) {
        match &mut self.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| item.resolve(text)),
            Kind::Map(entries) => entries.iter_mut().for_each(|(_, value)| value.resolve(text)),
            kind => {
                let written = text.get(self.span.clone()).unwrap_or_default();
                if written.starts_with(['"', '\'', '|', '>']) {
                    return;
                }
                match (scalar::plain(written), &*kind) {
                    // Over several lines it is folded, and not as it is written.
                    (Kind::Text(_), Kind::Text(_)) => {}
                    (read, _) => *kind = read,
                }
            }
        }
    }
}

fn span(location: &serde_saphyr::Location) -> Range<usize> {
    let bytes = location.span();
    let start = bytes.byte_offset().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    let length = bytes.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    start..start + length
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self { kind: spanned.value, span: span(&spanned.referenced) })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Decimal(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Kind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Node>()? {
            let span = span(&key.referenced);
            map.push((Key { name: key.value, span }, value));
        }
        Ok(Kind::Map(map))
    }
}

/// Returns the comment behind a value without quotes whose `#` is followed by no space, as in `SG #1 Pilot`: the author
/// may have meant it as part of the value.
pub(super) fn glued_comment<'a>(text: &'a str, span: &Range<usize>) -> Option<&'a str> {
    let is_plain = !text.get(span.clone())?.starts_with(['"', '\'', '|', '>']);
    let rest = text.get(span.end..)?.lines().next()?.trim();
    let is_glued = rest.strip_prefix('#')?.starts_with(|c: char| !c.is_whitespace() && c != '#');
    (is_plain && is_glued).then_some(rest)
}

/// Returns the line and column of a byte.
pub(super) fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}
