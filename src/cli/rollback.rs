//! `sspr rollback`: restores what an earlier run changed.

use std::path::PathBuf;

use clap::Args;

use super::apply::{WritingFlags, show};
use super::{CommandResult, Console, Front, Global, load_spec, open};
use crate::app::write::BackTo;
use crate::app::{self, RollbackRequest};
use crate::spec_file::Spec;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr history                          the runs and their ids
  sspr rollback                         undo the last one that wrote
  sspr rollback 20261122-2256           back to before that one")]
pub(super) struct RollbackArgs {
    /// The run to go back to before, as `sspr history` names it, or the begin of its name [default: the last that
    /// wrote and still stands]
    #[arg(value_name = "ID")]
    pub(super) run: Option<String>,
    /// A spec whose `tenant:` guards against the wrong tenant
    #[arg(long, value_name = "FILE")]
    pub(super) spec: Option<PathBuf>,
    /// Overwrite what someone else changed in the password reset policy since
    #[arg(long)]
    overwrite_changes: bool,
    #[command(flatten)]
    writing: WritingFlags,
}

pub(super) async fn run(args: &RollbackArgs, global: &Global, console: &mut Console) -> CommandResult {
    let guard = args.spec.as_deref().map(|path| load_spec(path, global)).transpose()?;
    let session = open(global, guard.as_ref().and_then(Spec::tenant), false).await?;
    let request = RollbackRequest {
        guard: guard.as_ref(),
        command: "rollback",
        back_to: args.run.as_deref().map_or(BackTo::LastRun, BackTo::Run),
        overwrites_changes: args.overwrite_changes,
        writing: args.writing.writing(console),
    };
    console.unfold(args.writing.explain);
    let mut front = Front::new(console);
    front.is_confirmed = args.writing.yes;
    let applied = app::rollback(&session.tenant, request, &front, &front).await;
    show(&applied?, console)
}
