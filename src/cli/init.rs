//! `sspr init`: writes a first spec from the answers to six questions.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::new_file::{refuse_existing, write_spec};
use super::{CommandOutput, CommandResult, Console, Global};
use crate::app;
use crate::client::azure_cli_tenant;
use crate::error::{Exit, Failure};
use crate::outcome::Refusal;
use crate::sandbox::Seed;
use crate::spec_file;
use crate::text::{page, visible};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr init               ask, and write pilot.yaml; Enter takes what is in brackets, Ctrl-C ends it
  sspr init --sandbox     the same for the pretend tenant
  sspr import pilot.yaml  instead, start from what the tenant has today")]
pub(super) struct InitArgs {
    /// The file to write
    #[arg(value_name = "FILE", default_value = "pilot.yaml")]
    pub(super) file: PathBuf,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: &InitArgs, global: &Global, console: &mut Console) -> CommandResult {
    refuse_existing(&args.file, args.force)?;
    if !console.story.is_interactive() {
        return Err(Failure::new(
            Exit::Refused,
            anyhow!("there is no terminal to ask questions on"),
            &format!(
                "`sspr import pilot.yaml` writes what a tenant has; {} is a file to copy",
                page("examples/pilot.yaml")
            ),
        ));
    }
    let tenant = match global.sandbox {
        true => Some(Seed::DOMAIN.to_owned()),
        false => azure_cli_tenant().await,
    };
    let Some(text) = app::init(tenant.as_deref(), |question| console.story.ask(question, &global.stop))
    else {
        console.story.eprint_always("\n");
        let stopped = global.stop.reason().map(|reason| Refusal::Stopped { reason });
        return Err(Failure::new(
            Exit::Refused,
            stopped.unwrap_or(Refusal::NotConfirmed).into(),
            "nothing was written; run the command again",
        ));
    };
    spec_file::load("the new spec", text.as_bytes())?;
    let schema = write_spec(&args.file, &text, args.force, console)?;
    let shown = visible(&args.file.display().to_string());
    let beside = schema.as_deref().map(|schema| format!(", and {} for editors", visible(schema)));
    let (beside, sandbox) = (beside.unwrap_or_default(), if global.sandbox { " --sandbox" } else { "" });
    console.say(&format!(
        "Wrote {shown}{beside}. Notifications and reconfirmation follow Microsoft's tutorial; the file names the other \
         keys.\nNext: `sspr plan {shown}{sandbox}` shows what would change, and writes nothing.\n"
    ))?;
    let path = args.file.display().to_string();
    let document = json!({"format": "sspr.init/1", "path": path, "schema": schema, "spec": text});
    Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") })
}
