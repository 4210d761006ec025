//! `sspr rings`: shows how far a roll-out is.

use clap::Args;

use super::except::PartOfSpec;
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags, open};
use crate::app::{self, RingsRequest};
use crate::render::rings::{document, json};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr rings                           each ring of pilot.yaml, and what the next one waits for
  sspr rings --gate                    exit 5 until the next ring may be opened: for a nightly job
  sspr rings --format markdown         for a comment or a wiki page")]
pub(super) struct RingsArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// Exit with 5 unless the next ring may be opened; also where none is left, or where one is waiting to be applied
    #[arg(long)]
    gate: bool,
    #[command(flatten)]
    surfaces: SurfaceFlags,
}

pub(super) async fn run(args: &RingsArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = &args.spec.load(global)?;
    let session = open(global, spec.tenant(), args.surfaces.graph_only).await?;
    let request = RingsRequest { spec, is_graph_only: args.surfaces.graph_only };
    let board = app::rings(&session.tenant, request, &Front::new(console)).await?;
    console.show(document(&board))?;
    Ok(CommandOutput { exit: app::rings_exit(&board, args.gate), json: json(&board) })
}
