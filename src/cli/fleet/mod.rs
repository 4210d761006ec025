//! `sspr fleet`: one command in many tenants.

mod arguments;
mod front;
mod matrix;
mod merge;
mod plans_folder;
mod run;
mod validate;
mod verbs;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use self::verbs::TenantsCommand;
use super::spec_arguments::{load_bytes, name_of};
use super::{CommandResult, Console, Global};
use crate::error::Failure;
use crate::render::markdown;
use crate::spec_file::fleet::{self, Fleet};

pub(super) const EXAMPLES: &str = "\
Examples:
  sspr fleet validate      check fleet.yaml, without signing in
  sspr fleet plan          what would change in each tenant
  sspr fleet apply         do it, wave after wave
  sspr fleet status        how it stands in each";

#[derive(Debug, Subcommand)]
pub(super) enum FleetCommand {
    /// Check a fleet file without signing in, and show what a tenant gets; sends nothing
    Validate(validate::FleetValidateArgs),
    #[command(flatten)]
    Tenants(TenantsCommand),
    /// Print the jobs among which a pipeline shares the tenants
    Matrix(matrix::FleetMatrixArgs),
    /// Make one table of what several machines found or did
    Merge(merge::FleetMergeArgs),
}

impl FleetCommand {
    /// Returns the fleet file, or what is in its place.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::Validate(args) => Some(&args.file),
            Self::Matrix(args) => Some(&args.file),
            Self::Tenants(command) => Some(command.file()),
            Self::Merge(_) => None,
        }
    }

    /// Returns the page it writes.
    pub(super) fn page(&self) -> Option<&PathBuf> {
        match self {
            Self::Tenants(command) => command.page(),
            Self::Merge(args) => args.out.as_ref(),
            Self::Validate(_) | Self::Matrix(_) => None,
        }
    }

    /// Returns the marker of its page; `None` where it has no Markdown form.
    pub(super) fn marker(&self) -> Option<String> {
        match self {
            Self::Validate(args) if args.show.is_none() => {
                Some(markdown::marker("fleet validate", Some(&args.file.display().to_string())))
            }
            Self::Validate(_) | Self::Matrix(_) => None,
            Self::Merge(_) => Some(markdown::marker("fleet merge", None)),
            Self::Tenants(command) => Some(command.marker()),
        }
    }

    /// Returns whether the result is about tenants, or about what was done to them.
    pub(super) fn has_tenant(&self) -> bool {
        match self {
            Self::Validate(_) | Self::Matrix(_) | Self::Merge(_) => false,
            Self::Tenants(_) => true,
        }
    }
}

pub(super) async fn run(command: &FleetCommand, global: &Global, console: &mut Console) -> CommandResult {
    match command {
        FleetCommand::Validate(args) => validate::run(args, global, console),
        FleetCommand::Matrix(args) => matrix::run(args, global, console),
        FleetCommand::Merge(args) => merge::run(args, console),
        FleetCommand::Tenants(command) => run::run(command, global, console).await,
    }
}

/// Reads and checks a fleet file.
fn load_fleet(path: &Path, global: &Global) -> Result<Fleet, Failure> {
    Ok(fleet::load(&name_of(path), &load_bytes(path, global)?)?)
}
