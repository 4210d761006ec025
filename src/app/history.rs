//! `history`: lists the runs recorded on this machine.

use anyhow::Result;

use crate::outcome::{ListedRun, run_name};
use crate::store::{Run, RunEnd, Standing, StateDir};

/// Returns every run on record, oldest first. `shows_names` is whether those who read it may see who made them.
///
/// # Errors
/// The state directory cannot be read.
pub fn history(state: &StateDir, shows_names: bool) -> Result<Vec<ListedRun>> {
    Ok(list(state.load_history()?, shows_names))
}

/// Lists runs; all of a tenant's are among them, or none.
pub(super) fn list(runs: Vec<Run>, shows_names: bool) -> Vec<ListedRun> {
    let mut runs: Vec<ListedRun> = runs.into_iter().map(listed).collect();
    for at in 0..runs.len() {
        let of_tenant = runs.iter().filter(|run| run.tenant == runs[at].tenant).map(|run| &*run.id);
        runs[at].short = run_name::short(&runs[at].id, of_tenant);
    }
    if !shows_names {
        runs.iter_mut().for_each(|run| run.by.clear());
    }
    runs
}

fn listed(run: Run) -> ListedRun {
    let standing = match run.standing {
        Standing::Stands => "stands",
        Standing::MayStand => "may stand",
        Standing::Nothing => "nothing written",
        Standing::TakenBack => "taken back",
        Standing::WayBack => "way back",
        Standing::Unknown => "unknown",
    };
    let outcome = match run.end {
        RunEnd::Done => "done",
        RunEnd::Stopped { is_touched: true, .. } => "part-way",
        RunEnd::Stopped { is_touched: false, .. } => "nothing written",
        RunEnd::UnderWay => "in progress",
        RunEnd::CutOff { .. } => "cut off",
        RunEnd::Unreadable => "unreadable",
    };
    ListedRun {
        short: String::new(),
        id: run.id,
        tenant: run.tenant.to_string(),
        started: run.started,
        spec: run.spec,
        except: run.except,
        changes: run.changes,
        changes_done: run.reached.map(|reached| reached.done),
        changes_unknown: run.reached.map(|reached| reached.unknown),
        by: run.by,
        outcome,
        standing,
        problem: run.problem,
        proof: run.proof,
        directory: run.directory.display().to_string(),
    }
}
