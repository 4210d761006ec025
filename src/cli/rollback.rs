//! `sspr rollback`, and the way back that `cleanup --restore` shares with it.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::confirm_and_apply::{Writing, confirm_and_apply};
use super::console::{CommandOutput, Console};
use super::half::with_closed_portal_hint;
use super::session::{Session, load_spec};
use crate::app::write::{BackTo, observe_recorded_runs, settle};
use crate::error::Failure;
use crate::outcome::closing::{Ending, NamedRun};
use crate::plan::{RollbackOptions, restore};
use crate::spec_file::Spec;
use crate::store::Run;
use crate::text::{counted, visible};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr history                          the runs, and their names
  sspr rollback                         undo the last one that wrote
  sspr rollback 20261122T225641Z-000000   back to before that one")]
pub(super) struct RollbackArgs {
    /// The run to go back to before, as `sspr history` names it [default: the last that wrote and still stands]
    #[arg(value_name = "ID")]
    pub(super) run: Option<String>,
    /// A spec whose `tenant:` guards against the wrong tenant
    #[arg(long, value_name = "FILE")]
    pub(super) spec: Option<PathBuf>,
    /// What someone else changed in the password reset policy since may go
    #[arg(long)]
    overwrite_changes: bool,
    #[command(flatten)]
    writing: Writing,
}

/// A way back, as the command means it.
pub(super) struct Way<'a> {
    pub(super) command: &'static str,
    pub(super) back_to: BackTo<'a>,
    pub(super) overwrites_changes: bool,
}

pub(super) async fn run(
    args: &RollbackArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let guard = args.spec.as_deref().map(|path| load_spec(path, global)).transpose()?;
    let session = Session::open(global).await?;
    let back_to = args.run.as_deref().map_or(BackTo::LastRun, BackTo::Run);
    let way = Way { command: "rollback", back_to, overwrites_changes: args.overwrite_changes };
    roll_back(&Spec::cleanup(guard.as_ref()), &session, way, &args.writing, global, console).await
}

/// Plans the way back and carries it out like any other plan.
pub(super) async fn roll_back(
    guard: &Spec,
    session: &Session,
    way: Way<'_>,
    writing: &Writing,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let Way { command, back_to, overwrites_changes } = way;
    console.begin("reading the tenant, and what was written to it");
    let recorded = observe_recorded_runs(&session.reader, &session.state, guard, back_to).await;
    let recorded = recorded.map_err(|error| {
        let hint =
            "what was written in the admin centre is taken back there, so this takes a person's sign-in";
        with_closed_portal_hint(error, hint)
    })?;
    for run in &recorded.passed {
        let run = run.named();
        console.eprint(&format!(
            "The tenant shows nothing of the {} of {}, which was not proven to write: it is passed over.\n",
            run.command,
            visible(&run.id)
        ));
    }
    let runs: Vec<NamedRun> = recorded.runs.iter().map(Run::named).collect();
    let is_all = matches!(back_to, BackTo::Beginning);
    if recorded.is_resumed {
        console.eprint("An earlier way back went further and stopped part-way: it is finished first.\n");
    }
    if let (Some(first), false) = (runs.first(), is_all) {
        let count = counted(runs.len(), "run");
        let (command, id) = (first.command, visible(&first.id));
        console.eprint(&format!("Going back to before the {command} of {id}, {count} to take back.\n"));
    }
    let restoring = RollbackOptions {
        command,
        now: global.now(),
        back_to: recorded.back_to,
        overwrites_changes,
        is_unchecked: recorded.is_unchecked,
        touched: recorded.touched.filter(|_| console.shows_names()),
    };
    let plan = restore(&recorded.organization, &recorded.past, &recorded.actual, restoring);
    let ending = Ending::TakenBack { runs: &runs, is_all };
    if plan.steps.is_empty() && !plan.is_refused() && !runs.is_empty() {
        settle(&plan, &session.state).map_err(anyhow::Error::from)?;
    }
    confirm_and_apply(&plan, session, writing, console, (ending, recorded.policy.as_ref())).await
}
