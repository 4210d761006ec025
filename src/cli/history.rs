//! `sspr history`: what was applied from this machine.

use super::Global;
use super::console::{CommandOutput, Console};
use super::session::open_state;
use crate::error::{Exit, Failure};
use crate::render::history::{self, RunV1};
use crate::render::{markdown, text};
use crate::store::{Run, RunEnd, Standing};

pub(super) const EXAMPLES: &str = "\
Examples:
  sspr history                 the latest run first
  sspr history --format json   for a script";

pub(super) fn run(global: &Global, console: &mut Console) -> Result<CommandOutput, Failure> {
    let mut runs: Vec<RunV1> = open_state(global)?.load_history()?.into_iter().map(listed).collect();
    if !console.shows_names() {
        runs.iter_mut().for_each(|run| run.by.clear());
    }
    let document = history::document(&runs);
    console.set_page(|| markdown::render(&document));
    console.say(&text::render(&document, None))?;
    Ok(CommandOutput { exit: Exit::Done, json: history::json(&runs) })
}

fn listed(run: Run) -> RunV1 {
    let standing = match run.standing {
        Standing::Stands => "stands",
        Standing::MayStand => "may stand",
        Standing::Nothing => "nothing written",
        Standing::TakenBack => "taken back",
        Standing::WayBack => "way back",
        Standing::Unknown => "unknown",
    };
    let Run { id, tenant, started, spec, changes, by, proof, problem, end, directory, .. } = run;
    let outcome = match end {
        RunEnd::Done => "done",
        RunEnd::Stopped { is_touched: true, .. } => "part-way",
        RunEnd::Stopped { is_touched: false, .. } => "nothing written",
        RunEnd::UnderWay => "in progress",
        RunEnd::CutOff { .. } => "cut off",
        RunEnd::Unreadable => "unreadable",
    };
    RunV1 {
        id,
        tenant,
        started,
        spec,
        changes,
        by,
        outcome,
        standing,
        problem,
        proof,
        directory: directory.display().to_string(),
    }
}
