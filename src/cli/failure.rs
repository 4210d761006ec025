//! How a failure is printed, in each format.

use super::typed::CommandLine;
use crate::error::{Exit, Failure};
use crate::render::failure::{self, FailureText};
use crate::render::text::Layout;
use crate::spec_file::SpecError;

/// Returns the failure for people, below the spec's problems as they look in its file.
pub(super) fn text(failure: &Failure, line: &CommandLine, has_details: bool, layout: &Layout) -> String {
    let drawn = spec_error(failure).map(|spec| format!("{}\n\n", spec.render(true))).unwrap_or_default();
    drawn + &failure::text(&described(failure, line), has_details, layout)
}

/// Returns what every format says of the failure of a command.
pub(super) fn described<'a>(failure: &'a Failure, line: &CommandLine) -> FailureText<'a> {
    FailureText {
        error: failure.error.to_string(),
        causes: failure.causes(),
        brief: failure.brief().map(|brief| line.sentence(&brief)),
        hints: line.hints(failure),
        problems: spec_error(failure).map(SpecError::problems).unwrap_or_default(),
        is_unchanged: failure.exit == Exit::Refused,
        stands: failure.stands(),
    }
}

fn spec_error(failure: &Failure) -> Option<&SpecError> {
    failure.error.chain().find_map(|cause| cause.downcast_ref::<SpecError>())
}
