//! `sspr plan`: shows what would change.

use std::path::PathBuf;

use clap::Args;

use super::except::PartOfSpec;
use super::graph_only::show_portal_steps;
use super::guard_flags::GuardFlags;
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags, open};
use crate::app::{self, PlanRequest};
use crate::render::plan::document;
use crate::render::{github, json};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr plan                              plan pilot.yaml against the tenant you are signed in to
  sspr plan pilot.yaml --out plan.json   save the plan for review
  sspr plan --format markdown > plan.md  for a comment on a pull request
  sspr plan --except methods.allowed     all but what this sign-in may not read
  sspr plan --detailed-exitcode          exit 2 when changes are pending: for scripts")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// Save the plan as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Exit with 2 if changes are pending
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    surfaces: SurfaceFlags,
    #[command(flatten)]
    guards: GuardFlags,
}

pub(super) async fn run(args: &PlanArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = &args.spec.load(global)?;
    let session = open(global, spec.tenant()).await?;
    let (is_graph_only, overrides) = (args.surfaces.graph_only, args.guards.overrides());
    let request = PlanRequest { spec, is_graph_only, overrides };
    let plan = app::plan(&session.tenant, request, &Front::new(console)).await?;
    let plan = if console.shows_names() { plan } else { plan.without_names() };
    let (document, saved) = (document(&plan), json::plan(&plan, session.tenant.is_sandbox));
    if let Some(path) = &args.out {
        console.save(path, &saved)?;
    }
    console.show(&document)?;
    show_portal_steps(&plan, console)?;
    console.annotate(plan.file(), |file| github::findings(&plan, file))?;
    Ok(CommandOutput { exit: app::plan_exit(&plan, args.detailed_exitcode), json: saved })
}
