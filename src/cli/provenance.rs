//! What a result is about where that is no tenant as it is now: the sandbox, or a snapshot. Every form says so once.

use crate::render::document::Block;
use crate::render::snapshot::read_from;
use crate::render::text::{self, Layout};
use crate::render::{SANDBOX, github, json, markdown};
use crate::tenant::SnapshotMark;

/// What a result was made from.
#[derive(Debug, Default)]
pub(super) struct Provenance {
    /// Whether the result is about the sandbox.
    pub(super) is_sandbox: bool,
    /// What was read in the tenant's place.
    pub(super) snapshot: Option<SnapshotMark>,
    is_sandbox_shown: bool,
    is_snapshot_shown: bool,
    is_snapshot_annotated: bool,
}

impl Provenance {
    /// Returns what stands above the text: nothing where it was returned before.
    pub(super) fn heading(&mut self, layout: &Layout) -> String {
        let mut heading = String::new();
        if self.is_sandbox && !std::mem::replace(&mut self.is_sandbox_shown, true) {
            heading = format!("{SANDBOX}\n\n");
        }
        if let Some(mark) = &self.snapshot
            && !std::mem::replace(&mut self.is_snapshot_shown, true)
        {
            heading += &text::blocks(&[Block::Lines(vec![read_from(mark, false)])], layout);
            heading.push('\n');
        }
        heading
    }

    /// Returns what stands above a page.
    pub(super) fn page_heading(&self) -> String {
        let sandbox = self.is_sandbox.then(|| format!("> {SANDBOX}\n\n"));
        let snapshot = self.snapshot.as_ref().map(|mark| {
            format!("> {}\n\n", markdown::blocks(&[Block::Lines(vec![read_from(mark, true)])]).trim_end())
        });
        sandbox.into_iter().chain(snapshot).collect()
    }

    /// Returns the annotation of a snapshot, at a file: nothing where it was returned before.
    pub(super) fn annotation(&mut self, file: Option<&str>) -> Option<String> {
        let mark = self.snapshot.as_ref()?;
        let is_first = !std::mem::replace(&mut self.is_snapshot_annotated, true);
        is_first.then(|| github::read_from(mark, file))
    }

    /// Returns a document, or its begin, that says it too.
    pub(super) fn marked(&self, json: String) -> String {
        let json = if self.is_sandbox { json::on_sandbox(&json) } else { json };
        match &self.snapshot {
            Some(mark) => json::of_snapshot(&json, mark),
            None => json,
        }
    }
}
