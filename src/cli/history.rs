//! `sspr history`: lists the runs recorded on this machine.

use super::Global;
use super::console::{CommandOutput, Console};
use super::session::open_state;
use crate::app;
use crate::error::{Exit, Failure};
use crate::render::history;

pub(super) const EXAMPLES: &str = "\
Examples:
  sspr history                 the latest run first
  sspr history --format json   for a script";

pub(super) fn run(global: &Global, console: &mut Console) -> Result<CommandOutput, Failure> {
    let runs = app::history(&open_state(global)?, console.shows_names())?;
    let document = history::document(&runs);
    console.show(&document)?;
    Ok(CommandOutput { exit: Exit::Done, json: history::json(&runs) })
}
