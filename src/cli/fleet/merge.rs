//! `sspr fleet merge`: one table of what several machines found or did.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::app::merge_fleet;
use crate::cli::spec_arguments::name_of;
use crate::cli::{CommandOutput, CommandResult, Console};
use crate::error::Exit;
use crate::render::fleet as render;
use crate::text::visible;

/// How many bytes a result may have: some hundred for each tenant.
const MAX_BYTES: u64 = 64 << 20;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet merge results              the results of all shards, in a folder
  sspr fleet merge a.json b.json --format markdown
                                        for a comment or the summary of a job")]
pub(in crate::cli) struct FleetMergeArgs {
    /// What `sspr fleet` wrote with --json-into: files, or folders of them
    #[arg(value_name = "RESULT", required = true)]
    pub(super) results: Vec<PathBuf>,
    /// Also write one HTML page with a row for each tenant
    #[arg(long, short, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

pub(super) fn run(args: &FleetMergeArgs, console: &mut Console) -> CommandResult {
    let mut files = Vec::new();
    for path in &args.results {
        let shown = visible(&path.display().to_string());
        for path in results(path).with_context(|| format!("{shown} could not be read"))? {
            console.refuse_input(&path)?;
            let bytes = read(&path)
                .with_context(|| format!("{} could not be read", visible(&path.display().to_string())))?;
            files.push((name_of(&path), bytes));
        }
    }
    let merged = merge_fleet(&files)?;
    if let Some(page) = &args.out {
        console.save(page, &render::html_page(&merged.run))?;
    }
    console.show(render::merged(&merged))?;
    console.set_page(|| render::merged_page(&merged));
    Ok(CommandOutput { exit: Exit::gravest([merged.run.exit]), json: render::merged_json(&merged) })
}

/// Returns a file, or the JSON files in a folder, by their names.
fn results(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(io::Error::other(format!("it has more than {} MiB", MAX_BYTES >> 20))),
        false => Ok(bytes),
    }
}
