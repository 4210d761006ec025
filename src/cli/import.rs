//! `sspr import`: writes a spec from what the tenant has.

use std::path::PathBuf;

use clap::Args;

use super::against::AgainstFlags;
use super::new_file::{refuse_existing, write_spec};
use super::spec_arguments::{is_stdin, name_of};
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags};
use crate::app::{self, Imported};
use crate::error::Exit;
use crate::plan::without_schema;
use crate::render::import;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr import                         show a spec of what the tenant has
  sspr import pilot.yaml              write it to a file; `sspr plan` on it changes nothing
  sspr import --sandbox pilot.yaml    the same from the pretend tenant")]
pub(super) struct ImportArgs {
    /// The file to write; stdout if left out, or `-`
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(super) from: AgainstFlags,
    #[command(flatten)]
    surfaces: SurfaceFlags,
}

pub(super) async fn run(args: &ImportArgs, global: &Global, console: &mut Console) -> CommandResult {
    let file = args.file.as_deref().filter(|file| !is_stdin(file));
    if let Some(file) = file {
        refuse_existing(file, args.force)?;
    }
    let session = args.from.open(global, console, None, args.surfaces.graph_only).await?;
    let Imported { text, settings } =
        app::import(&session.tenant, args.surfaces.graph_only, &Front::new(console)).await?;
    match file {
        None => console.hand_over(without_schema(&text))?,
        Some(file) => {
            write_spec(file, &text, args.force, console)?;
            console.show(import::document(&name_of(file), &settings))?;
        }
    }
    let path = file.map(|file| file.display().to_string());
    Ok(CommandOutput { exit: Exit::Done, json: import::json(path.as_deref(), &text, &settings) })
}
