//! From bytes to a tree of YAML values that know their place.
//!
//! The only module that names the YAML crate, so that swapping it stays mechanical. What a reviewer would have to
//! resolve in their head (tags, anchors, aliases, merge keys) is refused: a spec is read as it is written.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::Place;
use super::problem::Problem;
use super::scalar;

/// A pilot file is a page of text; anything larger is a mistake or an attack.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How deep values may be nested; a spec needs three levels.
const MAX_DEPTH: usize = 32;

/// How much of what is refused is told; a file full of it is no mistyped spec.
const MAX_PROBLEMS: usize = 20;

/// How many values a spec may have; it needs a few dozen.
const MAX_NODES: usize = 50_000;

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
    /// Written with a point or an exponent, or too large for an integer.
    Decimal(f64),
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
            Self::Decimal(_) => "a decimal number",
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
/// Too large, neither UTF-8 nor UTF-16 with its mark, or NUL bytes in it: refused before any parsing.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::whole_file(format!(
            "the file has {} bytes; a spec has at most {MAX_BYTES}",
            bytes.len()
        )));
    }
    let text = crate::text::decoded(bytes).map_err(|error| {
        Problem::whole_file(format!("the file {error}"))
            .help("save it as UTF-8; PowerShell's `Out-File` needs `-Encoding utf8`")
    })?;
    match text.find('\0') {
        Some(at) => Err(Problem::whole_file(format!("byte {at} is NUL; this is not a text file"))
            .help("save it as UTF-8; PowerShell's `Out-File` needs `-Encoding utf8`")),
        None => Ok(text),
    }
}

/// Parses one YAML document.
///
/// # Errors
/// The text is not YAML, or is nested or repeated beyond reason; or every tag, anchor, alias and merge key in it.
pub(super) fn parse(text: &str) -> Result<Node, Vec<Problem>> {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut tree = Tree::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let taken = match event {
            Ok((event, span)) => tree.take(event, &span, text),
            Err(error) => Err(unreadable(text, &error)),
        };
        tree.problems.extend(taken.as_ref().err().cloned());
        if taken.is_err() || tree.problems.len() >= MAX_PROBLEMS {
            return Err(tree.problems);
        }
    }
    match tree.problems.is_empty() {
        true => Ok(tree.root.unwrap_or(Node { kind: Kind::Null, span: 0..0 })),
        false => Err(tree.problems),
    }
}

/// The tree while it grows.
#[derive(Default)]
struct Tree {
    root: Option<Node>,
    open: Vec<Open>,
    nodes: usize,
    problems: Vec<Problem>,
}

/// A collection whose end is not reached.
enum Open {
    List(Vec<Node>, Range<usize>),
    Map(Vec<(Key, Node)>, Option<Key>, Range<usize>),
}

impl Tree {
    /// Takes the next event of the parser.
    ///
    /// # Errors
    /// What makes reading on useless.
    fn take(&mut self, event: Event<'_>, span: &Span, text: &str) -> Result<(), Problem> {
        let place = bytes(span);
        if let Some(tag) = span.tag_span().as_ref().map(bytes) {
            let message = format!("`{}` is a YAML tag, and a spec has none", shown(text, &tag));
            let help =
                "write the value itself, as it is to be read; text that begins with `!` goes in quotes";
            self.problems.push(Problem::at(tag, message).help(help));
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                return Err(
                    Problem::at(place, "a second document begins here").help("a spec is one document")
                );
            }
            Event::Scalar(value, style, ..) => return self.scalar(&value, style, place),
            Event::SequenceStart(..) => return self.open(Open::List(Vec::new(), place)),
            Event::MappingStart(..) => return self.open(Open::Map(Vec::new(), None, place)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(items, span)) => return self.put(Node { kind: Kind::List(items), span }),
                Some(Open::Map(entries, _, span)) => {
                    return self.put(Node { kind: Kind::Map(entries), span });
                }
                None => {}
            },
            Event::Anchor(..) => {
                let message = format!("`{}` is a YAML anchor, and a spec has none", shown(text, &place));
                let help = "remove it; text that begins with `&` goes in quotes";
                self.problems.push(Problem::at(place, message).help(help));
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let message = format!("`{}` is a YAML alias, and a spec has none", shown(text, &place));
                let help = "write the value out; text that begins with `*` goes in quotes";
                self.problems.push(Problem::at(place.clone(), message).help(help));
                return self.scalar("", ScalarStyle::SingleQuoted, place);
            }
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, span: Range<usize>) -> Result<(), Problem> {
        let is_plain = style == ScalarStyle::Plain;
        if let Some(Open::Map(_, key @ None, _)) = self.open.last_mut() {
            if is_plain && value == "<<" {
                let help = "write the keys out where they belong";
                let problem = Problem::at(span.clone(), "`<<` is a YAML merge key, and a spec has none");
                self.problems.push(problem.help(help));
            }
            *key = Some(Key { name: value.to_owned(), span });
            return Ok(());
        }
        let kind = if is_plain { scalar::plain(value) } else { Kind::Text(value.to_owned()) };
        self.put(Node { kind, span })
    }

    fn open(&mut self, collection: Open) -> Result<(), Problem> {
        if let (Some(Open::Map(_, None, _)), Open::List(_, span) | Open::Map(_, _, span)) =
            (self.open.last(), &collection)
        {
            return Err(Problem::at(span.clone(), "a key of a spec is a word"));
        }
        self.open.push(collection);
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Problem::at(node.span, format!("a spec has at most {MAX_NODES} values")));
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(items, _)) => items.push(node),
            Some(Open::Map(entries, key, _)) => entries.extend(key.take().map(|key| (key, node))),
        }
        Ok(())
    }
}

fn unreadable(text: &str, error: &ScanError) -> Problem {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    Problem::at(at..at, format!("not readable as YAML: {}", crate::text::excerpt(&error.info(), 300)))
}

fn bytes(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or(0..0)
}

/// Returns a piece of the file in a message.
fn shown(text: &str, span: &Range<usize>) -> String {
    crate::text::excerpt(text.get(span.clone()).unwrap_or_default(), 60)
}

/// Returns the comment behind a value without quotes whose `#` is followed by no space, as in `SG #1 Pilot`: whoever
/// wrote it may have meant it as part of the value.
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
