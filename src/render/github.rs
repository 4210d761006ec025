//! GitHub annotations at lines of the spec.
//!
//! They are workflow commands in the log:
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>. Escaped as the runner takes
//! it back (`escapeData`, `escapeProperty` in `packages/core/src/command.ts` of actions/toolkit). GitHub shows the
//! first ten errors, ten warnings and ten notices of a step, so the gravest come first.

use std::collections::BTreeMap;

use super::failure::FailureText;
use super::snapshot::read_from_text;
use super::verify::plain_difference;
use crate::outcome::applied::NOT_LOOKED_AT;
use crate::outcome::verification::{About, Verification, is_portal_left_out};
use crate::plan::{Finding, Plan, Severity};
use crate::spec_file::{Key, Place, listed_keys};
use crate::tenant::SnapshotMark;
use crate::text::{excerpt, visible};

/// Returns a command for each finding. `file` is the spec from the repository's root; `None` where there is no file.
pub fn findings(plan: &Plan, file: Option<&str>) -> String {
    let mut lines = spec_findings(&plan.findings, &plan.lines, file);
    if !plan.not_looked_at().is_empty() {
        lines.push_str(&command("notice", file, None, "portal-not-looked-at", NOT_LOOKED_AT));
    }
    lines.push_str(&left_out("notice", &plan.except, file));
    lines
}

/// Returns a command that says which snapshot was read, and as of when.
pub fn read_from(mark: &SnapshotMark, file: Option<&str>) -> String {
    command("notice", file, None, "snapshot", &read_from_text(mark))
}

/// As [`findings`], of a spec without a plan.
pub fn spec_findings(
    findings: &[Finding],
    lines: &BTreeMap<&'static str, Place>,
    file: Option<&str>,
) -> String {
    findings.iter().map(|found| finding(found, lines.get(found.key).copied(), file)).collect()
}

/// Returns the command for one finding, at the place of the value it is about.
pub fn finding(finding: &Finding, place: Option<Place>, file: Option<&str>) -> String {
    let body = format!("{}.\n{}", finding.message, finding.help);
    command(level(finding.severity), file, place, finding.code, &body)
}

/// Returns a command for each check that does not hold, and one for a half no one looked at and for what was left out.
/// `file` is the spec from the repository's root.
pub fn checks(found: &Verification, file: Option<&str>) -> String {
    let failed = found.checks.iter().filter(|check| check.ok == Some(false));
    let failed = failed.map(|check| {
        let place = found.plan.as_ref().and_then(|plan| plan.lines.get(check.name.as_str()).copied());
        let body = match (&check.about, &found.plan) {
            (About::Difference(change), Some(plan)) => plain_difference(plan, change),
            _ => check.message.clone(),
        };
        command("error", file, place, &check.name, &body)
    });
    let not_looked_at = is_portal_left_out(&found.checks)
        .then(|| command("warning", file, None, "portal-not-looked-at", NOT_LOOKED_AT));
    failed.chain(not_looked_at).chain([left_out("warning", found.except(), file)]).collect()
}

/// Returns a command that says what of the spec was left out; nothing where nothing was.
fn left_out(level: &str, except: &[Key], file: Option<&str>) -> String {
    match except {
        [] => String::new(),
        except => {
            let body = format!("left out with --except: {}", listed_keys(except));
            command(level, file, None, "left-out", &body)
        }
    }
}

/// Returns a command for each problem of the spec, or one for the failure where the spec is not to blame. `file`
/// is where the problems are, from the repository's root.
pub fn failure(failure: &FailureText<'_>, file: Option<&str>) -> String {
    let FailureText { error, causes, hints, problems, .. } = failure;
    if problems.is_empty() {
        let mut body = error.clone();
        causes.iter().for_each(|cause| body.push_str(&format!("\ncaused by: {cause}")));
        hints.iter().for_each(|hint| body.push_str(&format!("\nhint: {hint}")));
        return command("error", None, None, "sspr", &body);
    }
    let lines = problems.iter().map(|problem| {
        let place = Place { line: problem.line, column: problem.column };
        let body = [Some(problem.message), problem.help].into_iter().flatten().collect::<Vec<_>>().join("\n");
        command("error", file, Some(place), problem.key.unwrap_or("spec"), &body)
    });
    lines.collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

fn command(level: &str, file: Option<&str>, place: Option<Place>, title: &str, body: &str) -> String {
    let mut properties = Vec::new();
    if let Some(file) = file {
        properties.push(format!("file={}", property(file)));
        if let Some(Place { line, column }) = place {
            properties.push(format!("line={line}"));
            properties.push(format!("col={column}"));
        }
    }
    properties.push(format!("title={}", property(title)));
    let body = body.lines().map(|line| excerpt(line, 1000)).collect::<Vec<_>>().join("\n");
    format!("::{level} {}::{}\n", properties.join(","), data(&body))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&visible(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes a command apart as the runner does (`TryParseV2` in `ActionCommand.cs` of actions/runner).
    fn parsed(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
        let (info, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        let pairs = properties.split(',').filter_map(|pair| pair.split_once('='));
        let unescaped = |text: &str| {
            let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":");
            text.replace("%2C", ",").replace("%25", "%")
        };
        let properties = pairs.map(|(key, value)| (key.to_owned(), unescaped(value))).collect();
        Some((name.to_owned(), properties, unescaped(data)))
    }

    #[test]
    fn a_command_names_file_line_and_column() {
        let place = Place { line: 4, column: 3 };
        assert_eq!(
            command("error", Some("a,b:c.yaml"), Some(place), "scope-all", "100% of\nthem"),
            "::error file=a%2Cb%3Ac.yaml,line=4,col=3,title=scope-all::100%25 of%0Athem\n"
        );
        assert_eq!(command("notice", None, Some(place), "x", "y"), "::notice title=x::y\n");
    }

    proptest! {
        /// Whatever a name holds, the runner reads one command, and the name stays where it was put.
        #[test]
        fn no_name_forges_a_command(name in "\\PC{0,10}|[:,%#\r\n\\[\\]a0-9A-F= ]{0,20}|::(error|add-mask) [a-z=,]{0,5}::x") {
            let place = Place { line: 1, column: 2 };
            let line = command("warning", Some(&name), Some(place), &name, &name);
            prop_assert_eq!(line.matches('\n').count(), 1);
            prop_assert!(!line.contains('\r'));
            let (level, properties, _) = parsed(line.trim_end_matches('\n')).unwrap();
            prop_assert_eq!(level, "warning");
            let keys: Vec<&str> = properties.keys().map(String::as_str).collect();
            prop_assert_eq!(keys, ["col", "file", "line", "title"]);
            prop_assert_eq!(properties["line"].as_str(), "1");
            prop_assert!(!line.contains("##["));
        }
    }
}
