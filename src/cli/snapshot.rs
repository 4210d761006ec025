//! `sspr snapshot`: keeps what a plan reads in a file.

use std::path::PathBuf;

use clap::Args;

use super::spec_arguments::{load_guard, name_of};
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags, open};
use crate::app::{self, SnapshotRequest};
use crate::error::Exit;
use crate::files::Readers;
use crate::render::snapshot;
use crate::spec_file::Spec;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr snapshot --out contoso.json                 keep what a plan of pilot.yaml reads
  sspr plan --against contoso.json                 plan with it: no sign-in, no network
  sspr snapshot --with-people --out people.json    everyone by name too, in a file that only you can read")]
pub(super) struct SnapshotArgs {
    /// The spec that names the groups and the tenant [default: pilot.yaml, where there is one]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// The file to write
    #[arg(long, short, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Also keep each person by name, for `people`, `report` and `verify --user`; only you can read the file then
    #[arg(long)]
    with_people: bool,
    #[command(flatten)]
    surfaces: SurfaceFlags,
}

pub(super) async fn run(args: &SnapshotArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = load_guard(args.file.as_deref(), global)?;
    let is_graph_only = args.surfaces.graph_only;
    let session = open(global, spec.as_ref().and_then(Spec::tenant), is_graph_only).await?;
    let request = SnapshotRequest { spec: spec.as_ref(), is_graph_only, with_people: args.with_people };
    let taken = app::snapshot(&session.tenant, request, &Front::new(console)).await?;
    let readers = if args.with_people { Readers::Owner } else { Readers::Everyone };
    console.save_for(&args.out, &taken.text(), readers)?;
    let path = name_of(&args.out);
    console.show(snapshot::document(&taken, &path))?;
    Ok(CommandOutput { exit: Exit::Done, json: snapshot::json(&taken, &path) })
}
