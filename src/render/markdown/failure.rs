//! A command that failed, where its result would have stood.

use super::escape::{code, head, prose, row};
use crate::spec_file::ProblemV1;

/// Returns what went wrong and what to do: `causes` runs from the nearest to the root. `is_unchanged` is whether
/// it is known that nothing was changed.
pub fn failure(
    error: &str,
    causes: &[String],
    hints: &[String],
    problems: &[ProblemV1<'_>],
    is_unchanged: bool,
) -> String {
    let mut text = format!("### Failed: {}\n", prose(error));
    if is_unchanged {
        text.push_str("\nNothing was changed.\n");
    }
    if !problems.is_empty() {
        text.push('\n');
        text.push_str(&head(&["where", "problem", "what to do"]));
    }
    for ProblemV1 { path, line, column, key: _, message, help } in problems {
        let place = code(&format!("{path}:{line}:{column}"));
        text.push_str(&row(&[place, prose(message), prose(help.unwrap_or_default())]));
    }
    for (word, lines) in [("Caused by", causes), ("Hint", hints)] {
        for (at, line) in lines.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            text.push_str(&format!("{gap}- {word}: {}\n", prose(line)));
        }
    }
    text
}
