//! What was applied from this machine, for people and machines.

use std::fmt::Write as _;

use serde::Serialize;

use crate::text::{counted, visible};

/// One run, as it is listed.
#[derive(Debug, Serialize)]
pub struct RunV1 {
    /// Names the run to `rollback`.
    pub id: String,
    /// Tenant id.
    pub tenant: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// The spec it came from.
    pub spec: String,
    /// How many changes it was to make.
    pub changes: usize,
    /// Who made them: a person's principal name or an application, as far as the sign-in told.
    pub by: Vec<String>,
    /// `done`, `part-way`, `nothing written`, `in progress`, `cut off` or `unreadable`.
    pub outcome: &'static str,
    /// What is left of it: `stands`, `may stand`, `nothing written`, `taken back`, `way back` or `unknown`.
    pub standing: &'static str,
    /// Why its record cannot be used; `null` where it can.
    pub problem: Option<String>,
    /// Ids of the audit log's lines that tell of the writes; empty where `--prove` was not asked for.
    pub proof: Vec<String>,
    /// Where its baseline and journal are.
    pub directory: String,
}

#[derive(Serialize)]
struct HistoryV1<'a> {
    format: &'static str,
    runs: &'a [RunV1],
}

/// Returns the runs as `sspr.history/1`, oldest first.
pub fn json(runs: &[RunV1]) -> String {
    super::json::document(&HistoryV1 { format: "sspr.history/1", runs })
}

fn listed(before: &str, words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| visible(word)).collect();
    if words.is_empty() { String::new() } else { format!("{before}{}", words.join(", ")) }
}

/// Returns the runs for people, the latest first.
pub fn text(runs: &[RunV1]) -> String {
    if runs.is_empty() {
        return "Nothing was applied from this machine yet.\n".to_owned();
    }
    let mut text = String::new();
    for run in runs.iter().rev() {
        let RunV1 { id, tenant, started: _, spec, changes, by, outcome, standing, problem, proof, directory } =
            run;
        let standing = match *standing {
            "nothing written" | "unknown" if outcome == standing || problem.is_some() => String::new(),
            "way back" => ", a way back".to_owned(),
            standing => format!(", {standing}"),
        };
        let (changes, spec) = (counted(*changes, "change"), visible(spec));
        let _ = writeln!(
            text,
            "{id}  {outcome}{standing}: {changes} from {spec}{}\n  tenant {tenant}",
            listed(", by ", by)
        );
        if !proof.is_empty() {
            let _ = writeln!(text, "  audit log{}", listed(": ", proof));
        }
        let _ = writeln!(text, "  {}", visible(directory));
        if let Some(problem) = problem {
            let _ = writeln!(text, "  {}", visible(problem));
        }
    }
    text
}
