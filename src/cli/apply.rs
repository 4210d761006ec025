//! `sspr apply` and `sspr cleanup`: one pipeline, with a spec from a file or with scope None.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Global;
use super::confirm_and_apply::{Writing, confirm_and_apply};
use super::console::{CommandOutput, Console};
use super::guards::GuardFlags;
use super::half::{Half, with_closed_portal_hint};
use super::rollback::{Way, roll_back};
use super::session::{Session, load_bytes, load_guard, name_of};
use crate::app::observe::{SurfaceSelection, observe};
use crate::app::write::BackTo;
use crate::error::Failure;
use crate::outcome::Refusal;
use crate::outcome::closing::Ending;
use crate::plan::{Overrides, PlanOptions, Reviewed, is_saved_plan, plan};
use crate::spec_file::{self, Spec};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr apply pilot.yaml --sandbox --yes   the main job, on a pretend tenant
  sspr apply                              show the plan for pilot.yaml, ask, then write
  sspr apply plan.json                    do what was reviewed, and nothing else")]
pub(super) struct ApplyArgs {
    /// The pilot's YAML file, or a plan saved with `sspr plan --out`
    #[arg(value_name = "FILE|PLAN", default_value = "pilot.yaml")]
    pub(super) file: PathBuf,
    /// How many days old a saved plan may be
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    max_age: u32,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    half: Half,
    #[command(flatten)]
    guards: GuardFlags,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr cleanup                    the pilot is over: nobody can reset, nothing else changes
  sspr cleanup pilot.yaml --yes   without asking, and in no other tenant than the spec's
  sspr cleanup --restore          also take back everything that apply wrote")]
pub(super) struct CleanupArgs {
    /// A spec whose `tenant:` guards against the wrong tenant [default: pilot.yaml, where there is one]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Also bring back what was there before the pilot, and take out of the method policy what apply added
    #[arg(long)]
    restore: bool,
    /// With --restore: what someone else changed in the password reset policy since may go
    #[arg(long, requires = "restore")]
    overwrite_changes: bool,
    #[command(flatten)]
    writing: Writing,
}

const SCOPE_IS_THE_PORTALS: &str = "the scope is the admin centre's alone, so `cleanup` takes a person's sign-in and has \
                                    no --graph-only; by hand it is Password reset > Properties > None";

pub(super) async fn run(
    args: &ApplyArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let bytes = load_bytes(&args.file, global)?;
    let (spec, reviewed) = match is_saved_plan(&bytes) {
        false => (spec_file::load(&name_of(&args.file), &bytes)?, None),
        true => {
            let (spec, reviewed) = load_reviewed(&bytes, args, global, console)?;
            (spec, Some(reviewed))
        }
    };
    let session = Session::open(global).await?;
    console.begin("reading the tenant");
    let tenant = args.half.observe(&session.reader, &spec).await?;
    let plan = console.fitting(plan(&spec, &tenant, args.guards.options(global)));
    if let Some(reviewed) = reviewed {
        reviewed.check_plan(&plan).map_err(refused)?;
    }
    let ending = Ending::Applied { spec: spec.path(), is_graph_only: args.half.is_graph_only() };
    let done =
        confirm_and_apply(&plan, &session, &args.writing, console, (ending, tenant.policy.as_ref())).await?;
    args.half.say_what_is_left(&plan, console)?;
    Ok(done)
}

/// Reads a saved plan, and the spec it was made from. The spec is parsed only once it is known to be the
/// reviewed one: a plan file must not make sspr show another file's content.
fn load_reviewed(
    bytes: &[u8],
    args: &ApplyArgs,
    global: &Global,
    console: &mut Console,
) -> Result<(Spec, Reviewed), Failure> {
    let reviewed = Reviewed::parse(bytes).map_err(refused)?;
    reviewed.check_age(global.now(), args.max_age).map_err(refused)?;
    console.refuse_input(Path::new(reviewed.spec_path()))?;
    let spec_bytes = load_bytes(Path::new(reviewed.spec_path()), global)?;
    reviewed.check_spec(&spec_bytes).map_err(refused)?;
    Ok((spec_file::load(reviewed.spec_path(), &spec_bytes)?, reviewed))
}

fn refused(error: crate::plan::ReviewError) -> Failure {
    anyhow::Error::from(Refusal::Review(error)).into()
}

pub(super) async fn run_cleanup(
    args: &CleanupArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let guard = load_guard(args.file.as_deref(), global)?;
    let spec = Spec::cleanup(guard.as_ref());
    let session = Session::open(global).await?;
    if args.restore {
        let way = Way {
            command: "cleanup --restore",
            back_to: BackTo::Beginning,
            overwrites_changes: args.overwrite_changes,
        };
        return roll_back(&spec, &session, way, &args.writing, global, console).await;
    }
    console.begin("reading the tenant");
    let observed = observe(&session.reader, &spec, SurfaceSelection::Both).await;
    let tenant = observed.map_err(|error| with_closed_portal_hint(error, SCOPE_IS_THE_PORTALS))?.tenant;
    // Scope None reaches nobody: there is no guard to lift.
    let options = PlanOptions { now: global.now(), overrides: Overrides::default() };
    let plan = plan(&spec, &tenant, options);
    let policy = tenant.policy.as_ref();
    confirm_and_apply(&plan, &session, &args.writing, console, (Ending::CleanedUp, policy)).await
}
