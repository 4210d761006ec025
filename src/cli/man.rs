//! `sspr man`: the manual, as pages for `man`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use serde_json::json;

use super::Cli;
use super::console::{Console, Done};
use crate::error::{Exit, Failure};
use crate::text::visible;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr man | man -l -                           read the first page
  sspr man --dir ~/.local/share/man/man1        a page per command: man sspr-plan")]
pub(super) struct ManArgs {
    /// Write one page per command into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs, console: &mut Console) -> Result<Done, Failure> {
    let document = match &args.dir {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(anyhow::Error::from)?;
            let page = String::from_utf8(page).map_err(anyhow::Error::from)?;
            console.hand_over(&page)?;
            json!({"format": "sspr.man/1", "page": page})
        }
        Some(folder) => {
            let shown = visible(&folder.display().to_string());
            let failed = || format!("the pages could not be written to {shown}");
            std::fs::create_dir_all(folder).with_context(failed)?;
            clap_mangen::generate_to(Cli::command(), folder).with_context(failed)?;
            console.say(&format!("Wrote the pages to {shown}.\n"))?;
            json!({"format": "sspr.man/1", "dir": shown})
        }
    };
    Ok(Done { exit: Exit::Done, json: format!("{document:#}\n") })
}
