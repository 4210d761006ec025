//! Refuses YAML that a reviewer would have to resolve in their head: tags, anchors, aliases, merge keys.
//! Also several documents, and collections as keys. A spec is read as it is written.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::problem::Problem;
use super::yaml::{Limits, MAX_DEPTH};

/// How much of what is refused is listed; a file full of it is no mistyped spec.
const MAX_PROBLEMS: usize = 20;

/// Looks through a text for what a spec may not use. Returns how many values it has.
///
/// # Errors
/// All of it; or why the text is not YAML, or nested or long beyond reason.
pub(super) fn find_forbidden(text: &str, limits: &Limits) -> Result<usize, Vec<Problem>> {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut search =
        Search { text, limits, open: Vec::new(), nodes: 0, is_ended: false, problems: Vec::new() };
    for event in Parser::new_from_str_with_options(text, options) {
        let taken = match event {
            Ok((event, span)) => search.take(&event, &span),
            Err(error) => Err(unreadable(text, &error)),
        };
        search.problems.extend(taken.as_ref().err().cloned());
        if taken.is_err() || search.problems.len() >= MAX_PROBLEMS {
            return Err(search.problems);
        }
    }
    if search.problems.is_empty() { Ok(search.nodes) } else { Err(search.problems) }
}

struct Search<'a> {
    text: &'a str,
    limits: &'a Limits,
    open: Vec<Open>,
    nodes: usize,
    /// Whether a document is over.
    is_ended: bool,
    problems: Vec<Problem>,
}

/// A collection whose end is not reached.
#[derive(PartialEq)]
enum Open {
    List,
    Map {
        /// Whether the next scalar is a key.
        is_at_key: bool,
    },
}

impl Search<'_> {
    /// Takes the next event of the parser.
    ///
    /// # Errors
    /// What makes reading on useless.
    fn take(&mut self, event: &Event<'_>, span: &Span) -> Result<(), Problem> {
        let place = bytes(span);
        if let Some(tag) = span.tag_span().as_ref().map(bytes) {
            let help = "write the plain value; quote text that begins with `!`";
            self.forbid("tag", tag, help);
        }
        match event {
            Event::DocumentStart(..) if self.is_ended => {
                let help = format!("{} is one document", self.limits.file);
                return Err(Problem::at(place, "a second document begins here").help(help));
            }
            Event::DocumentEnd => self.is_ended = true,
            Event::Scalar(value, style, ..) => {
                let is_merge = *style == ScalarStyle::Plain && value.as_ref() == "<<";
                if is_merge && self.open.last() == Some(&(Open::Map { is_at_key: true })) {
                    let help = "write the keys out where they belong";
                    self.forbid("merge key", place.clone(), help);
                }
                return self.value(place);
            }
            Event::SequenceStart(..) => return self.collection(Open::List, place),
            Event::MappingStart(..) => return self.collection(Open::Map { is_at_key: true }, place),
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                return self.value(place);
            }
            Event::Anchor(..) => {
                self.forbid("anchor", place, "remove it; quote text that begins with `&`");
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let help = "write the value itself; quote text that begins with `*`";
                self.forbid("alias", place.clone(), help);
                return self.value(place);
            }
            _ => {}
        }
        Ok(())
    }

    fn forbid(&mut self, what: &str, place: Range<usize>, help: &str) {
        let written = crate::text::excerpt(self.text.get(place.clone()).unwrap_or_default(), 60);
        let message = format!("`{written}` is a YAML {what}, which {} cannot use", self.limits.file);
        self.problems.push(Problem::at(place, message).help(help));
    }

    fn collection(&mut self, collection: Open, place: Range<usize>) -> Result<(), Problem> {
        if self.open.last() == Some(&(Open::Map { is_at_key: true })) {
            return Err(Problem::at(place, format!("a key of {} is a word", self.limits.file)));
        }
        self.open.push(collection);
        Ok(())
    }

    /// Counts a key or a value that is over.
    fn value(&mut self, place: Range<usize>) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let message = format!("{} has at most {} values", self.limits.file, self.limits.nodes);
            return Err(Problem::at(place, message));
        }
        if let Some(Open::Map { is_at_key }) = self.open.last_mut() {
            *is_at_key = !*is_at_key;
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
