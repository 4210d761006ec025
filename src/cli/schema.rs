//! `sspr schema`: prints the JSON Schema of the spec, or of a fleet file.

use std::path::PathBuf;

use clap::Args;

use super::new_file::write_whole;
use super::{CommandOutput, CommandResult, Console};
use crate::error::Exit;
use crate::spec_file::{self, fleet};
use crate::text::visible;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr schema --out pilot.schema.json   put it beside pilot.yaml, whose first line names it:
                                        # yaml-language-server: $schema=pilot.schema.json
  sspr schema --fleet --out fleet.schema.json   the same for fleet.yaml
  check-jsonschema --schemafile pilot.schema.json pilot.yaml")]
pub(super) struct SchemaArgs {
    /// Write to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// The schema of a fleet file instead
    #[arg(long)]
    fleet: bool,
}

/// Returns the schema as it is in a file.
pub(super) fn schema_text() -> String {
    format!("{:#}\n", spec_file::schema())
}

pub(super) fn run(args: &SchemaArgs, console: &mut Console) -> CommandResult {
    let schema = if args.fleet { format!("{:#}\n", fleet::schema()) } else { schema_text() };
    match &args.out {
        None => console.hand_over(&schema)?,
        Some(path) => {
            // It is made anew by every version, so an old one may go.
            write_whole(path, &schema, true, console)?;
            console.say(&format!("Wrote {}.\n", visible(&path.display().to_string())))?;
        }
    }
    Ok(CommandOutput { exit: Exit::Done, json: schema })
}
