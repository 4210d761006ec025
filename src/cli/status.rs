//! `sspr status`: whether password reset is on, for whom, and how the pilot stands.

use clap::Args;

use super::against::AgainstFlags;
use super::except::PartOfSpec;
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags};
use crate::app::{self, StatusRequest};
use crate::error::Exit;
use crate::render::status::{document, json};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr status                    is it on, for whom, since when, how many are ready, what is next
  sspr status --sandbox          the same of the pretend tenant
  sspr status --no-registration  without waiting for the registration report of a large tenant
  sspr status --format json      for a dashboard")]
pub(super) struct StatusArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// Skip the registration report, which allows five requests in ten seconds
    #[arg(long)]
    no_registration: bool,
    #[command(flatten)]
    pub(super) from: AgainstFlags,
    #[command(flatten)]
    surfaces: SurfaceFlags,
}

pub(super) async fn run(args: &StatusArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = &args.spec.load(global)?;
    let session = args.from.open(global, console, Some(spec), args.surfaces.graph_only).await?;
    let request = StatusRequest {
        spec,
        is_graph_only: args.surfaces.graph_only,
        wants_registration: !args.no_registration,
        shows_names: console.shows_names(),
    };
    let status = app::status(&session.tenant, request, &Front::new(console)).await?;
    console.show(document(&status))?;
    Ok(CommandOutput { exit: Exit::Done, json: json(&status) })
}
