//! The recorded runs, for people and machines.

use serde::Serialize;

use super::document::{Block, Document, Item, Items, Line, Names, code, foreign, line, listed, moment};
use super::end_state::spec_name;
use crate::outcome::ListedRun;
use crate::text::counted;

#[derive(Serialize)]
struct HistoryV1<'a> {
    format: &'static str,
    runs: &'a [ListedRun],
}

/// Returns the runs as `sspr.history/1`, oldest first.
pub fn json(runs: &[ListedRun]) -> String {
    super::json::document(&HistoryV1 { format: "sspr.history/1", runs })
}

/// Returns the runs for people, the latest first.
pub fn document(runs: &[ListedRun]) -> Document {
    if runs.is_empty() {
        return Document {
            title: line!["sspr history: nothing was applied from this machine yet"],
            closing: line!["Nothing was applied from this machine yet."],
            ..Document::default()
        };
    }
    let items = Items::new(&["run", "result"], runs.iter().rev().map(item));
    Document {
        title: line![format!("sspr history: {}", counted(runs.len(), "run"))],
        blocks: vec![Block::Items(Items { names: Names::Wide(0), ..items })],
        ..Document::default()
    }
}

fn item(run: &ListedRun) -> Item {
    let proof = &run.proof;
    let proof = (!proof.is_empty()).then(|| line!["audit log: ", listed(proof.iter().map(code))].private());
    let problem = run.problem.as_ref().map(|problem| Line::from(problem).private());
    // A damaged record may not tell when its run began.
    let when = run.started.parse().ok().map(|at| line![moment(at), "  "]);
    let below = [
        Some(line!["tenant ", code(&run.tenant)]),
        proof,
        Some(line![code(&run.directory)].private()),
        problem,
    ];
    Item {
        name: line![when.unwrap_or_default(), code(&run.short)],
        text: said(run),
        below: below.into_iter().flatten().map(|line| (None, line)).collect(),
        ..Item::default()
    }
}

/// Says how a run ended, what is left of it, what it was from and who made it.
pub(super) fn said(run: &ListedRun) -> Line {
    let ListedRun { spec, except, by, outcome, standing, problem, .. } = run;
    let spec = match except.as_slice() {
        [] => spec_name(spec),
        except => line!["all of ", spec_name(spec), " but ", listed(except.iter().map(code))],
    };
    let standing = match *standing {
        "nothing written" | "unknown" if outcome == standing || problem.is_some() => String::new(),
        "stands" => ", in effect".to_owned(),
        "may stand" => ", may be in effect".to_owned(),
        "taken back" => ", rolled back".to_owned(),
        "way back" => ", a rollback".to_owned(),
        standing => format!(", {standing}"),
    };
    let by = match by.as_slice() {
        [] => Line::default(),
        by => line![", by ", listed(by.iter().map(foreign))].private(),
    };
    line![format!("{outcome}{standing}: {} from ", how_far(run)), spec, by]
}

/// Says how many changes a run made, of those it was to make.
fn how_far(run: &ListedRun) -> String {
    let all = counted(run.changes, "change");
    match (run.changes_done, run.changes_unknown) {
        (Some(done), Some(unknown)) if run.outcome != "done" && run.changes > 0 => {
            let unknown = if unknown > 0 { format!(", {unknown} unknown,") } else { String::new() };
            format!("{done} of {all}{unknown}")
        }
        _ => all,
    }
}
