//! `sspr plan`: shows what would change.

use std::path::PathBuf;

use clap::Args;

use super::against::AgainstFlags;
use super::except::PartOfSpec;
use super::guard_flags::GuardFlags;
use super::spec_arguments::name_of;
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags};
use crate::app::{self, PlanRequest};
use crate::render::plan::for_review;
use crate::render::{github, json};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr plan                              plan pilot.yaml against the tenant you are signed in to
  sspr plan pilot.yaml --out plan.json   save the plan for review
  sspr plan --format markdown > plan.md  for a comment on a pull request
  sspr plan --except methods.allowed     all but what this sign-in may not read
  sspr plan --against contoso.json       against a snapshot: no sign-in, no network
  sspr plan --explain                    also the notes, and what to do about each finding
  sspr plan --detailed-exitcode          exit 2 when changes are pending: for scripts")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// Save the plan as JSON
    #[arg(long, short, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Show everything: notes, what to do about each finding, keys and ids
    #[arg(long)]
    explain: bool,
    /// Exit with 2 if changes are pending
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    pub(super) from: AgainstFlags,
    /// Read the admin centre's half from a snapshot, and Graph's from the tenant: for a sign-in that only Graph takes
    #[arg(long, value_name = "FILE", group = "from_snapshot", conflicts_with = "graph_only")]
    pub(super) portal_against: Option<PathBuf>,
    #[command(flatten)]
    surfaces: SurfaceFlags,
    #[command(flatten)]
    guards: GuardFlags,
}

pub(super) async fn run(args: &PlanArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = &args.spec.load(global)?;
    let session = match &args.portal_against {
        Some(portal) => args.from.open_beside(portal, global, console, spec).await?,
        None => args.from.open(global, console, Some(spec), args.surfaces.graph_only).await?,
    };
    let (is_graph_only, overrides) = (args.surfaces.graph_only, args.guards.overrides());
    let request = PlanRequest { spec, is_graph_only, overrides };
    let plan = app::plan(&session.tenant, request, &Front::new(console)).await?;
    let plan = if console.shows_names() { plan } else { plan.without_names() };
    let json = json::plan(&plan);
    if let Some(path) = &args.out {
        console.save(path, &json)?;
    }
    console.unfold(args.explain);
    let saved = args.out.as_deref().map(name_of);
    let document = for_review(&plan, &console.command_line.typed, saved.as_deref());
    console.show(document)?;
    console.annotate(plan.file(), |file| github::findings(&plan, file))?;
    Ok(CommandOutput { exit: app::plan_exit(&plan, args.detailed_exitcode), json })
}
