//! Lines and columns of bytes in a text.

use std::ops::Range;

use super::Place;

/// Where the lines of a text begin: a place is found without counting from the start of a file of thousands of lines.
#[derive(Debug)]
pub(super) struct Lines {
    /// The first byte of each line.
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        Self { starts: std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect() }
    }

    /// Returns the line and column of a byte of the same text.
    pub(super) fn place(&self, text: &str, at: usize) -> Place {
        let line = self.number(at);
        let before = text.get(self.starts[line - 1]..at).unwrap_or_default();
        Place { line, column: before.chars().count() + 1 }
    }

    /// Returns the lines that a part of the same text touches: their bytes, and the number of the first.
    pub(super) fn around(&self, text: &str, span: &Range<usize>) -> (Range<usize>, usize) {
        let (first, last) = (self.number(span.start), self.number(span.end.max(span.start)));
        (self.starts[first - 1]..self.starts.get(last).copied().unwrap_or(text.len()), first)
    }

    /// Returns the number of the line that a byte is in, from 1.
    fn number(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1)
    }
}
