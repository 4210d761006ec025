//! What a failure says, in each form of the result.

use anstyle::{AnsiColor, Style};

use crate::error::{Exit, Failure};
use crate::render::{github, json, markdown};
use crate::spec_file::{ProblemV1, SpecError};
use crate::text::visible;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Returns the failure for people: what the spec's problems look like, what failed and why, what to do next.
pub(super) fn text(failure: &Failure) -> String {
    let mut text = spec_error(failure).map(|spec| format!("{}\n\n", spec.render(true))).unwrap_or_default();
    text.push_str(&format!("{ERROR}error{ERROR:#}: {}\n", visible(&failure.error.to_string())));
    for cause in failure.causes() {
        text.push_str(&format!("  caused by: {}\n", visible(&cause)));
    }
    if is_unchanged(failure) {
        text.push_str("Nothing was changed.\n");
    }
    for hint in &failure.hints {
        text.push_str(&format!("{HINT}hint{HINT:#}: {}\n", visible(hint)));
    }
    text
}

/// Returns the failure as JSON.
pub(super) fn document(failure: &Failure) -> String {
    let error = failure.error.to_string();
    json::error(&error, &failure.causes(), &failure.hints, failure.exit as u8, &problems(failure))
}

/// Returns the failure as annotations; `file` is the spec from the repository's root.
pub(super) fn annotations(failure: &Failure, file: Option<&str>) -> String {
    let error = failure.error.to_string();
    github::failure(&error, &failure.causes(), &failure.hints, &problems(failure), file)
}

/// Returns the failure as Markdown.
pub(super) fn page(failure: &Failure) -> String {
    let error = failure.error.to_string();
    let problems = problems(failure);
    markdown::failure(&error, &failure.causes(), &failure.hints, &problems, is_unchanged(failure))
}

/// Returns the file whose problems these are, where it is a spec's.
pub(super) fn path(failure: &Failure) -> Option<&str> {
    spec_error(failure).map(SpecError::path)
}

fn is_unchanged(failure: &Failure) -> bool {
    failure.exit == Exit::Refused
}

fn spec_error(failure: &Failure) -> Option<&SpecError> {
    failure.error.chain().find_map(|cause| cause.downcast_ref::<SpecError>())
}

fn problems(failure: &Failure) -> Vec<ProblemV1<'_>> {
    spec_error(failure).map(SpecError::problems).unwrap_or_default()
}
