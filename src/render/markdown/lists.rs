//! Checks, runs and the answer of `validate`, as Markdown.

use super::escape::{code, details, head, prose, row};
use crate::outcome::check::{Check, SeenEvent, is_portal_left_out};
use crate::outcome::closing::NOT_LOOKED_AT;
use crate::outcome::examination::Examination;
use crate::plan::Finding;
use crate::render::history::RunV1;
use crate::render::verify::{REGISTER, RESET};
use crate::text::counted;

/// Returns what `verify` found; `tester` is who was looked at, where they may go on to reset.
pub fn verify(checks: &[Check], tester: Option<&str>, events: &[SeenEvent]) -> String {
    // The first says of the whole what others say of its parts.
    let result = match checks.iter().find(|check| check.ok == Some(false)) {
        None => "everything that could be checked holds".to_owned(),
        Some(failed) => prose(&failed.message),
    };
    let rest = if is_portal_left_out(checks) { format!("; {NOT_LOOKED_AT}") } else { String::new() };
    let mut text = format!("### sspr verify: {result}{rest}\n\n{}", head(&["", "check", "what is the case"]));
    for Check { name, ok, message } in checks {
        let word = match ok {
            Some(true) => "ok",
            Some(false) => "**no**",
            None => "unknown",
        };
        text.push_str(&row(&[word.to_owned(), code(name), prose(message)]));
    }
    if let Some(user) = tester {
        text.push_str(&format!(
            "\nNext, in a private browser window, as {}:\n\n1. register at <{REGISTER}>\n2. sign out, then reset the \
             password at <{RESET}>\n3. `sspr verify --user … --watch` sees the reset in the audit log, 5 to 10 \
             minutes later\n",
            code(user)
        ));
    }
    if !events.is_empty() {
        let mut seen = head(&["when", "what", "why"]);
        for SeenEvent { at, activity, ok: _, reason } in events {
            seen.push_str(&row(&[code(at), prose(activity), prose(reason)]));
        }
        text.push_str(&details("What the audit log told", &seen));
    }
    text
}

/// Returns what `doctor` found.
pub fn doctor(seen: &Examination) -> String {
    let result = match seen.failures() {
        0 => "everything that could be checked holds".to_owned(),
        failures => format!("{failures} out of {} failed", counted(seen.rows().count(), "check")),
    };
    let mut text =
        format!("### sspr doctor: {result}\n\n{}", head(&["", "check", "what is the case", "what to do"]));
    for (word, name, message, help) in seen.rows() {
        let word = if word == "fails" { "**fails**" } else { word };
        text.push_str(&row(&[word.to_owned(), code(name), prose(message), prose(help.unwrap_or_default())]));
    }
    let mut answers = head(&["question", "answer"]);
    let mut count = 0;
    for (question, answer) in seen.answers() {
        answers.push_str(&row(&[code(question), code(&answer.to_string())]));
        count += 1;
    }
    if count > 0 {
        text.push_str(&details("What the service does that no document says", &answers));
    }
    text
}

/// Returns the runs, the latest first.
pub fn history(runs: &[RunV1]) -> String {
    if runs.is_empty() {
        return "### sspr history: nothing was applied from this machine yet\n".to_owned();
    }
    let mut text = format!("### sspr history: {}\n\n{}", counted(runs.len(), "run"), head(&HISTORY));
    for run in runs.iter().rev() {
        let changes = counted(run.changes, "change");
        text.push_str(&row(&[
            code(&run.id),
            prose(run.outcome),
            prose(run.standing),
            changes,
            code(&run.spec),
            code(&run.tenant),
        ]));
    }
    text
}

const HISTORY: [&str; 6] = ["run", "outcome", "what is left", "changes", "spec", "tenant"];

/// Returns the answer of `validate`.
pub fn valid(path: &str, findings: &[Finding]) -> String {
    let described = super::plan::findings(findings);
    format!("### sspr validate: {} is a valid spec\n\nNothing was sent.\n{described}", code(path))
}
