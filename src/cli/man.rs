//! `sspr man`: prints manual pages.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Command, CommandFactory as _};
use serde_json::json;

use super::{Cli, CommandOutput, CommandResult, Console};
use crate::error::Exit;
use crate::files::{Existing, Readers, save};
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

pub(super) fn run(args: &ManArgs, console: &mut Console) -> CommandResult {
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
            let mut command = Cli::command().disable_help_subcommand(true);
            command.build();
            save_pages(&command, folder).with_context(failed)?;
            console.say(&format!("Wrote the pages to {shown}.\n"))?;
            json!({"format": "sspr.man/1", "dir": shown})
        }
    };
    Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") })
}

fn save_pages(command: &Command, folder: &Path) -> std::io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        save_pages(below, folder)?;
    }
    let page = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    save(&folder.join(page.get_filename()), &text, Readers::Everyone, Existing::Replace)
}
