//! `sspr apply` and `sspr cleanup`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::except::Except;
use super::guard_flags::GuardFlags;
use super::session::clock;
use super::spec_arguments::{load_bytes, load_guard, name_of};
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags, open};
use crate::app::{self, ApplyFile, ApplyRequest, CleanupRequest, Writing};
use crate::error::Exit;
use crate::outcome::Applied;
use crate::render::{apply, json};
use crate::spec_file::Spec;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr apply pilot.yaml --sandbox --yes   the main job, on a pretend tenant
  sspr apply                              show the plan for pilot.yaml, ask, then write
  sspr apply plan.json                    apply exactly what was reviewed")]
pub(super) struct ApplyArgs {
    /// The pilot's YAML file, or a plan saved with `sspr plan --out`
    #[arg(value_name = "FILE|PLAN", default_value = "pilot.yaml")]
    pub(super) file: PathBuf,
    /// Refuse a saved plan that is older
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    max_age: u32,
    #[command(flatten)]
    writing: WritingFlags,
    #[command(flatten)]
    except: Except,
    #[command(flatten)]
    surfaces: SurfaceFlags,
    #[command(flatten)]
    guards: GuardFlags,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr cleanup                    end the pilot: no one can reset, nothing else changes
  sspr cleanup pilot.yaml --yes   without asking, and only in the spec's tenant
  sspr cleanup --restore          also undo everything that apply wrote")]
pub(super) struct CleanupArgs {
    /// A spec whose `tenant:` guards against the wrong tenant [default: pilot.yaml, where there is one]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Also restore what was there before the pilot, and remove from the method policy what apply added
    #[arg(long)]
    restore: bool,
    /// With --restore: overwrite what someone else changed in the password reset policy since
    #[arg(long, requires = "restore")]
    overwrite_changes: bool,
    #[command(flatten)]
    writing: WritingFlags,
}

#[derive(Debug, Args)]
pub(super) struct WritingFlags {
    /// Write without asking
    #[arg(long, short, visible_alias = "auto-approve")]
    pub(super) yes: bool,
    /// Show everything of the plan: notes, what to do about each finding, keys and ids
    #[arg(long)]
    pub(super) explain: bool,
    /// Wait this long for the tenant to show what was written
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
    /// Then wait until the audit log shows the change; exit with 5 if it does not in time [SECONDS: 300]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "300")]
    prove: Option<u64>,
}

impl WritingFlags {
    pub(super) fn writing(&self, console: &Console) -> Writing {
        Writing {
            wait: Duration::from_secs(self.wait),
            prove: self.prove.map(Duration::from_secs),
            shows_names: console.shows_names(),
        }
    }
}

pub(super) async fn run(args: &ApplyArgs, global: &Global, console: &mut Console) -> CommandResult {
    let bytes = load_bytes(&args.file, global)?;
    let read_spec = |path: &str| {
        console.refuse_input(Path::new(path))?;
        load_bytes(Path::new(path), global)
    };
    let time = (clock(global).now(), args.max_age);
    let file = &ApplyFile::parse((&name_of(&args.file), &bytes), &args.except.keys, time, read_spec)?;
    let session = open(global, file.spec.tenant(), args.surfaces.graph_only).await?;
    let (is_graph_only, overrides) = (args.surfaces.graph_only, args.guards.overrides());
    let request = ApplyRequest { file, is_graph_only, overrides, writing: args.writing.writing(console) };
    console.command_line.is_about(&file.spec);
    console.unfold(args.writing.explain);
    let mut front = Front::new(console);
    front.is_confirmed = args.writing.yes;
    let applied = app::apply(&session.tenant, request, &front, &front).await;
    show(&applied?, console)
}

pub(super) async fn run_cleanup(args: &CleanupArgs, global: &Global, console: &mut Console) -> CommandResult {
    let guard = load_guard(args.file.as_deref(), global)?;
    let session = open(global, guard.as_ref().and_then(Spec::tenant), false).await?;
    let request = CleanupRequest {
        guard: guard.as_ref(),
        restore: args.restore.then_some(args.overwrite_changes),
        writing: args.writing.writing(console),
    };
    console.unfold(args.writing.explain);
    let mut front = Front::new(console);
    front.is_confirmed = args.writing.yes;
    let applied = app::cleanup(&session.tenant, request, &front, &front).await;
    show(&applied?, console)
}

pub(super) fn show(applied: &Applied, console: &mut Console) -> CommandResult {
    let Applied { plan, outcome, after, .. } = applied;
    if !outcome.writes.is_empty() {
        // After the lines of the writes.
        console.say("\n")?;
    }
    console.show(apply::document(applied))?;
    console.set_page(|| apply::page(applied));
    let exit = if applied.is_proved() { Exit::Done } else { Exit::ConditionUnmet };
    Ok(CommandOutput { exit, json: json::outcome(outcome, plan, after) })
}
