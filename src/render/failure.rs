//! A failed command, in place of its result.

use super::document::{Block, Document, Line, Tone, code, foreign, line, listed, words};
use super::text::Layout;
use crate::outcome::Stands;
use crate::spec_file::ProblemV1;

/// What is said of a failure.
#[derive(Debug)]
pub struct FailureText<'a> {
    /// What failed.
    pub error: String,
    /// Why, from the nearest to the root.
    pub causes: Vec<String>,
    /// Both in a line, where that is all most people need.
    pub brief: Option<String>,
    /// What to do next.
    pub hints: Vec<String>,
    /// What is wrong with the spec, where that is to blame.
    pub problems: Vec<ProblemV1<'a>>,
    /// Whether it is known that nothing was changed.
    pub is_unchanged: bool,
    /// What stands, where a run stopped part-way.
    pub stands: Option<&'a Stands>,
}

/// Returns the page.
pub fn document(failure: &FailureText<'_>) -> Document {
    let FailureText { error, causes, brief: _, hints, problems, is_unchanged, stands } = failure;
    let problem = |ProblemV1 { path, line: at, column, key: _, message, help }: &ProblemV1<'_>| {
        vec![line![code(format!("{path}:{at}:{column}"))], line![message], line![help.unwrap_or_default()]]
    };
    let table = Block::Table(&["where", "problem", "what to do"], problems.iter().map(problem).collect());
    let fields =
        |name, lines: &[String]| lines.iter().map(|line| (name, vec![line![line]])).collect::<Vec<_>>();
    let stands = stands.map(parts).unwrap_or_default();
    let fields = [fields("Caused by", causes), stands, fields("Hint", hints)].concat();
    Document {
        title: line!["Failed: ", error],
        note: line![if *is_unchanged { "Nothing was changed." } else { "" }],
        blocks: (!problems.is_empty()).then_some(table).into_iter().chain([Block::Fields(fields)]).collect(),
        ..Document::default()
    }
}

/// Returns what a screen says of it, with every cause where details are asked for; what is wrong with a spec is drawn into
/// the spec elsewhere.
pub fn text(failure: &FailureText<'_>, has_details: bool, layout: &Layout) -> String {
    let FailureText { error, causes, brief, hints, problems: _, is_unchanged, stands } = failure;
    let (error, causes) = match brief {
        Some(brief) if !has_details => (brief, &[][..]),
        _ => (error, &causes[..]),
    };
    let mut lines = vec![line![words(Tone::Bad, "error"), ": ", error]];
    lines.extend(causes.iter().map(|cause| line!["  caused by: ", cause]));
    let stands = stands.map(parts).unwrap_or_default();
    lines.extend(stands.into_iter().map(|(name, lines)| {
        let said = lines.into_iter().collect::<Line>();
        line![format!("  {:<14}", format!("{name}:")), said]
    }));
    lines.extend(is_unchanged.then(|| line!["Nothing was changed."]));
    lines.extend(hints.iter().map(|hint| line![words(Tone::Told, "hint"), ": ", hint]));
    super::text::blocks(&[Block::Lines(lines)], layout)
}

/// Returns what stands, what does not, and what is unknown, where there is such.
fn parts(Stands { written, unknown, not_written }: &Stands) -> Vec<(&'static str, Vec<Line>)> {
    let unsure = if unknown.is_empty() { "" } else { " (sent, and not seen to land)" };
    let parts = [("Written", written, ""), ("Unknown", unknown, unsure), ("Not written", not_written, "")];
    let some = parts.into_iter().filter(|(_, writes, _)| !writes.is_empty());
    some.map(|(name, writes, more)| (name, vec![line![listed(writes.iter().map(foreign)), more]])).collect()
}
