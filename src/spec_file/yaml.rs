//! Parses bytes into a tree of YAML values with their places.
//!
//! The only module that reads values with the YAML crate, so that swapping it stays mechanical.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use serde_yaml as serde_saphyr;

use super::forbidden::find_forbidden;
use super::problem::Problem;
use super::scalar;

/// A pilot file is a page of text; anything larger is a mistake or an attack.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A fleet file has a line or a few for each of thousands of tenants.
pub const MAX_FLEET_BYTES: usize = 8 * 1024 * 1024;

/// What a kind of file may have at most.
pub(super) struct Limits {
    /// What it is called in a sentence, with its article.
    pub(super) file: &'static str,
    bytes: usize,
    /// How many values it may have.
    pub(super) nodes: usize,
}

/// The limits of a spec, which needs a few dozen values.
pub(super) const SPEC: Limits = Limits { file: "a spec", bytes: MAX_BYTES, nodes: 50_000 };

/// The limits of a fleet file, which needs five values for each tenant and a few more for its own settings.
pub(super) const FLEET: Limits = Limits { file: "a fleet file", bytes: MAX_FLEET_BYTES, nodes: 400_000 };

/// How deep values may be nested; a spec needs three levels.
pub(super) const MAX_DEPTH: usize = 32;

/// A YAML value and the bytes it was written in.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a YAML value is, scalars distinguished strictly: `yes` is text.
#[derive(Clone, Debug)]
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

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

/// Returns the file's text.
///
/// # Errors
/// Too large, neither UTF-8 nor UTF-16 with its mark, or NUL bytes in it: refused before any parsing.
pub(super) fn text<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Cow<'a, str>, Problem> {
    if bytes.len() > limits.bytes {
        return Err(Problem::whole_file(format!(
            "the file has {} bytes; {} has at most {}",
            bytes.len(),
            limits.file,
            limits.bytes
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
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Node, Vec<Problem>> {
    if find_forbidden(text, limits)? == 0 {
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
            max_nodes: limits.nodes,
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

    /// Returns where the value ends, with all that it holds: the parser's own place of a collection is where it begins.
    pub(super) fn end(&self) -> usize {
        let last = match &self.kind {
            Kind::List(items) => items.last().map(Self::end),
            Kind::Map(entries) => entries.last().map(|(key, value)| key.span.end.max(value.end())),
            _ => None,
        };
        last.unwrap_or_default().max(self.span.end)
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
