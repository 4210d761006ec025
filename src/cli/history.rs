//! `sspr history`: lists the runs recorded on this machine.

use super::session::open_state;
use super::{CommandOutput, CommandResult, Console, Global};
use crate::app;
use crate::error::Exit;
use crate::render::history;

pub(super) const EXAMPLES: &str = "\
Examples:
  sspr history                 the latest run first
  sspr history --format json   for a script";

pub(super) fn run(global: &Global, console: &mut Console) -> CommandResult {
    let runs = app::history(&open_state(global)?, console.shows_names())?;
    let document = history::document(&runs);
    console.show(document)?;
    Ok(CommandOutput { exit: Exit::Done, json: history::json(&runs) })
}
