//! `sspr completions`: prints the script that completes commands and flags in a shell.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

use super::{Cli, CommandOutput, CommandResult, Console};
use crate::error::Exit;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr completions bash > ~/.local/share/bash-completion/completions/sspr
  sspr completions zsh > \"${fpath[1]}/_sspr\"
  sspr completions fish > ~/.config/fish/completions/sspr.fish
  sspr completions powershell | Out-String | Invoke-Expression    in $PROFILE, to keep it")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, console: &mut Console) -> CommandResult {
    let mut command = Cli::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "sspr", &mut script);
    let script = String::from_utf8(script).map_err(anyhow::Error::from)?;
    console.hand_over(&script)?;
    let document = json!({"format": "sspr.completions/1", "shell": args.shell.to_string(), "script": script});
    Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") })
}
