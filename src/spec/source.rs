//! From bytes to a tree of YAML values that know their place.
//!
//! The only module that names the YAML crate, so that swapping it stays mechanical.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

use super::Place;
use super::problem::Problem;

/// A pilot file is a page of text; anything larger is a mistake or an attack.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A YAML value and the bytes it was written in.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a YAML value is, scalars told apart strictly: `yes` is text.
#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Integer(i128),
    Decimal,
    Text(String),
    List(Vec<Node>),
    /// Entries in file order, duplicates included.
    Map(Vec<(Key, Node)>),
}

impl Kind {
    /// Returns the value's type in words.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Integer(_) => "a number",
            Self::Decimal => "a decimal number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a group of keys",
        }
    }
}

/// A key of a mapping, and the bytes it was written in.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

/// Returns the file's text.
///
/// # Errors
/// Too large, not UTF-8, or NUL bytes in it: refused before any parsing.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::whole_file(format!(
            "the file has {} bytes; a spec has at most {MAX_BYTES}",
            bytes.len()
        )));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        Problem::whole_file(format!("the file is not UTF-8 text (byte {} is not)", e.valid_up_to()))
            .help("save it as UTF-8; PowerShell's `Out-File` needs `-Encoding utf8`")
    })?;
    match text.find('\0') {
        Some(at) => Err(Problem::whole_file(format!("byte {at} is NUL; this is not a text file"))),
        None => Ok(text),
    }
}

/// Parses one YAML document.
///
/// # Errors
/// The text is not YAML, uses anchors or merge keys, or is nested or repeated beyond reason.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    let options = serde_yaml::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
        duplicate_keys: serde_yaml::options::DuplicateKeyPolicy::PassThrough,
        merge_keys: serde_yaml::options::MergeKeyPolicy::Error,
        budget: serde_yaml::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: 32,
            max_nodes: 50_000,
            max_documents: 1,
        },
    };
    serde_yaml::from_str_with_options(text, options).map_err(|error| unreadable(text, &error))
}

fn unreadable(text: &str, error: &serde_yaml::Error) -> Problem {
    let said = error.to_string();
    // The crate says the place before or behind its message; ours is printed by the renderer.
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    let said = match said.split_once(": ") {
        Some((place, rest)) if place.starts_with("line ") => rest,
        _ => said,
    };
    let message = said.split(" at line ").next().unwrap_or(said);
    let at = error.location().map_or(0, |location| offset(text, location.line(), location.column()));
    Problem::at(at..at, format!("not readable as YAML: {}", crate::text::excerpt(message, 300)))
}

/// Returns the byte at a 1-based line and column, the column counted in characters.
fn offset(text: &str, line: u64, column: u64) -> usize {
    let lines =
        text.split_inclusive('\n').take(usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX));
    let start: usize = lines.map(str::len).sum();
    let columns = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let rest = text[start..].lines().next().unwrap_or_default();
    start + rest.char_indices().nth(columns).map_or(rest.len(), |(at, _)| at)
}

/// Returns the line and column of a byte.
pub(super) fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1,
    }
}

fn span(location: &serde_yaml::Location) -> Range<usize> {
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

    fn visit_i128<E>(self, value: i128) -> Result<Kind, E> {
        Ok(Kind::Integer(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Kind, E> {
        Ok(Kind::Decimal)
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Kind::deserialize(deserializer)
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
