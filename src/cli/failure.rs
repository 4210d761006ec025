//! How a failure is printed, in each format.

use crate::error::{Exit, Failure};
use crate::render::failure::{self, FailureText};
use crate::render::{github, json, markdown};
use crate::spec_file::SpecError;

/// Returns the failure for people: what the spec's problems look like, what failed and why, what to do next.
pub(super) fn text(failure: &Failure) -> String {
    let drawn = spec_error(failure).map(|spec| format!("{}\n\n", spec.render(true))).unwrap_or_default();
    drawn + &failure::text(&said(failure))
}

/// Returns the failure as JSON.
pub(super) fn document(failure: &Failure) -> String {
    json::error(&said(failure), failure.exit as u8)
}

/// Returns the failure as annotations; `file` is the spec from the repository's root.
pub(super) fn annotations(failure: &Failure, file: Option<&str>) -> String {
    github::failure(&said(failure), file)
}

/// Returns the failure as Markdown.
pub(super) fn page(failure: &Failure) -> String {
    markdown::render(&failure::document(&said(failure)))
}

/// Returns the file whose problems these are, where it is a spec's.
pub(super) fn path(failure: &Failure) -> Option<&str> {
    spec_error(failure).map(SpecError::path)
}

fn said(failure: &Failure) -> FailureText<'_> {
    FailureText {
        error: failure.error.to_string(),
        causes: failure.causes(),
        hints: &failure.hints,
        problems: spec_error(failure).map(SpecError::problems).unwrap_or_default(),
        is_unchanged: failure.exit == Exit::Refused,
    }
}

fn spec_error(failure: &Failure) -> Option<&SpecError> {
    failure.error.chain().find_map(|cause| cause.downcast_ref::<SpecError>())
}
