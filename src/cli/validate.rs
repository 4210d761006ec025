//! `sspr validate`: is the file right, without asking any tenant.

use clap::Args;

use super::console::{Console, Done};
use super::session::load_spec;
use super::{Global, SpecFile};
use crate::error::{Exit, Failure};
use crate::report::{json, markdown};
use crate::text::visible;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr validate                  is pilot.yaml right; exit 65 if not: for a commit hook
  sspr validate --format github  the mistakes as annotations at their lines")]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) spec: SpecFile,
}

pub(super) fn run(args: &ValidateArgs, global: &Global, console: &mut Console) -> Result<Done, Failure> {
    let spec = load_spec(&args.spec.file, global)?;
    console.set_page(|| markdown::valid(spec.path()));
    console.say(&format!("{} is a valid spec. Nothing was sent.\n", visible(spec.path())))?;
    Ok(Done { exit: Exit::Done, json: json::valid(spec.path(), spec.sha256()) })
}
