//! `sspr validate`: checks a spec without signing in.

use clap::Args;

use super::{CommandOutput, CommandResult, Console, Global, SpecFile, load_spec};
use crate::error::Exit;
use crate::plan::spec_findings;
use crate::render::{github, json, validate};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr validate                  check pilot.yaml; exit 65 if it is invalid: for a commit hook
  sspr validate --format github  the mistakes as annotations at their lines")]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) spec: SpecFile,
}

pub(super) fn run(args: &ValidateArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = load_spec(&args.spec.file, global)?;
    let findings = spec_findings(&spec);
    let document = validate::document(spec.path(), &findings);
    console.annotate(Some(spec.path()), |file| github::spec_findings(&findings, spec.lines(), file))?;
    console.show(document)?;
    Ok(CommandOutput { exit: Exit::Done, json: json::valid(spec.path(), spec.sha256(), &findings) })
}
