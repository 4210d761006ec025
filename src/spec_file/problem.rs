//! Problems in a spec: what is wrong, where, and what to write instead.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use super::Place;
use super::lines::Lines;

/// One mistake in a spec file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    key: Option<String>,
    pub(super) message: String,
    help: Option<String>,
}

impl Problem {
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, key: None, message: message.into(), help: None }
    }

    pub(super) fn whole_file(message: impl Into<String>) -> Self {
        Self::at(0..0, message)
    }

    pub(super) fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Says in which part of a larger file its key stands.
    pub(super) fn within(mut self, part: &str) -> Self {
        self.key = Some(self.key.map_or_else(|| part.to_owned(), |key| format!("{part}.{key}")));
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Every mistake found in one file, in file order. The user's to mend; nothing was sent.
#[derive(Debug)]
pub struct SpecError {
    path: String,
    text: String,
    problems: Vec<Problem>,
}

/// A problem as machines read it.
#[derive(Debug, Serialize)]
pub struct ProblemV1<'a> {
    /// The file, as it was named.
    pub path: &'a str,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Dotted spec key, where it is about one.
    pub key: Option<&'a str>,
    /// What is wrong. May hold foreign text.
    pub message: &'a str,
    /// What to write instead.
    pub help: Option<&'a str>,
}

impl SpecError {
    pub(super) fn new(path: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| (a.span.start, &a.message).cmp(&(b.span.start, &b.message)));
        Self { path: path.to_owned(), text: text.to_owned(), problems }
    }

    /// Returns the file's path, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the problems with 1-based lines and columns (columns count characters).
    pub fn problems(&self) -> Vec<ProblemV1<'_>> {
        let lines = Lines::new(&self.text);
        self.problems
            .iter()
            .map(|problem| {
                let Place { line, column } = lines.place(&self.text, problem.span.start);
                ProblemV1 {
                    path: &self.path,
                    line,
                    column,
                    key: problem.key.as_deref(),
                    message: &problem.message,
                    help: problem.help.as_deref(),
                }
            })
            .collect()
    }

    /// Returns each problem's key ("" where it is about the whole file) and message.
    pub fn by_key(&self) -> Vec<(String, String)> {
        let described =
            |problem: &Problem| (problem.key.clone().unwrap_or_default(), problem.message.clone());
        self.problems.iter().map(described).collect()
    }

    /// Returns the problems with the lines they stand in, for a person; coloured on request.
    pub fn render(&self, coloured: bool) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let path = crate::text::visible(&self.path);
        let (mut shown, lines) = (Vec::new(), Lines::new(&self.text));
        for problem in &self.problems {
            let title = Level::ERROR.primary_title(problem.message.as_str());
            let mut report = vec![if self.text.is_empty() {
                Group::with_title(title)
                    .element(annotate_snippets::Origin::path(path.as_str()).line(1).char_column(1))
            } else {
                let (excerpt, line) = lines.around(&self.text, &problem.span);
                let span = problem.span.start - excerpt.start..problem.span.end - excerpt.start;
                Group::with_title(title).element(
                    Snippet::source(&self.text[excerpt])
                        .line_start(line)
                        .path(path.as_str())
                        .annotation(AnnotationKind::Primary.span(span)),
                )
            }];
            if let Some(help) = &problem.help {
                report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
            }
            shown.push(renderer.render(&report));
        }
        // The excerpt is the file's own words: no agent of a pipeline may take them for a command.
        crate::text::tamed(&shown.join("\n\n"))
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = crate::text::counted(self.problems.len(), "problem");
        write!(f, "{problems} in {}; nothing was sent", crate::text::visible(&self.path))
    }
}

impl std::error::Error for SpecError {}
