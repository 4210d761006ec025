//! What was applied from this machine, for people and machines.

use serde::Serialize;

use super::document::{Block, Document, Item, Items, Line, code, foreign, line, listed};
use crate::text::counted;

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

/// Returns the runs for people, the latest first.
pub fn document(runs: &[RunV1]) -> Document {
    if runs.is_empty() {
        return Document {
            title: line!["sspr history: nothing was applied from this machine yet"],
            closing: line!["Nothing was applied from this machine yet."],
            ..Document::default()
        };
    }
    let items = runs.iter().rev().map(item).collect();
    let heads = ("run", "what became of it", &[] as &[&str]);
    Document {
        title: line![format!("sspr history: {}", counted(runs.len(), "run"))],
        blocks: vec![Block::Items(Items { heads, width: Some(0), folded_help: None, items })],
        ..Document::default()
    }
}

fn item(run: &RunV1) -> Item {
    let RunV1 { id, tenant, started: _, spec, changes, by, outcome, standing, problem, proof, directory } =
        run;
    let standing = match *standing {
        "nothing written" | "unknown" if outcome == standing || problem.is_some() => String::new(),
        "way back" => ", a way back".to_owned(),
        standing => format!(", {standing}"),
    };
    let by = match by.as_slice() {
        [] => Line::default(),
        by => line![", by ", listed(by.iter().map(foreign))].private(),
    };
    let proof = (!proof.is_empty()).then(|| line!["audit log: ", listed(proof.iter().map(code))].private());
    let problem = problem.as_ref().map(|problem| Line::from(problem).private());
    let below =
        [Some(line!["tenant ", code(tenant)]), proof, Some(line![code(directory)].private()), problem];
    Item {
        name: line![code(id)],
        text: line![format!("{outcome}{standing}: {} from ", counted(*changes, "change")), code(spec), by],
        below: below.into_iter().flatten().map(|line| (None, line)).collect(),
        ..Item::default()
    }
}
