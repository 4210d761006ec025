//! `sspr plan`: what would change.

use std::path::PathBuf;

use clap::Args;

use super::console::{CommandOutput, Console};
use super::guards::GuardFlags;
use super::half::Half;
use super::session::{Session, load_spec};
use super::{Global, SpecFile};
use crate::error::{Exit, Failure};
use crate::plan::plan;
use crate::render::plan::document;
use crate::render::{github, json, markdown, text};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr plan                              plan pilot.yaml against the tenant you are signed in to
  sspr plan pilot.yaml --out plan.json   save the plan for review
  sspr plan --format markdown > plan.md  for a comment on a pull request
  sspr plan --detailed-exitcode          exit 2 when changes are pending: for scripts")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) spec: SpecFile,
    /// Save the plan as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Exit with 2 when changes are pending
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    half: Half,
    #[command(flatten)]
    guards: GuardFlags,
}

pub(super) async fn run(
    args: &PlanArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let spec = load_spec(&args.spec.file, global)?;
    let session = Session::open(global).await?;
    console.begin("reading the tenant");
    let tenant = args.half.observe(&session.reader, &spec).await?;
    let plan = console.fitting(plan(&spec, &tenant, args.guards.options(global)));
    let (document, saved) = (document(&plan), json::plan(&plan));
    if let Some(path) = &args.out {
        console.save(path, &saved)?;
    }
    console.set_page(|| markdown::render(&document));
    console.say(&text::render(&document, None))?;
    args.half.say_what_is_left(&plan, console)?;
    console.annotate(plan.file(), |file| github::findings(&plan, file))?;
    let exit = match (plan.is_refused(), plan.changes.is_empty()) {
        (true, _) => Exit::Refused,
        (false, false) if args.detailed_exitcode => Exit::ChangesPending,
        (false, _) => Exit::Done,
    };
    Ok(CommandOutput { exit, json: saved })
}
