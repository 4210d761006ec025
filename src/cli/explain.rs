//! `sspr explain`: says what a finding is about, and what to do.

use clap::Args;

use super::{CommandOutput, CommandResult, Console};
use crate::error::{Exit, Failure};
use crate::finding_docs::FindingDoc;
use crate::render::explain;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr explain                      every finding, with what it says
  sspr explain tenant-wide-switch   what one is about, and what to do")]
pub(super) struct ExplainArgs {
    /// The code of a finding, as a plan shows it [default: list them all]
    #[arg(value_name = "CODE")]
    pub(super) code: Option<String>,
}

pub(super) fn run(args: &ExplainArgs, console: &mut Console) -> CommandResult {
    let Some(code) = &args.code else {
        console.show(explain::list())?;
        return Ok(CommandOutput { exit: Exit::Done, json: explain::list_json() });
    };
    let section = FindingDoc::find(code)
        .map_err(|error| Failure::new(Exit::Usage, error.into(), "`sspr explain` lists the findings"))?;
    console.show(explain::document(&section))?;
    Ok(CommandOutput { exit: Exit::Done, json: explain::json(&section) })
}
