//! `sspr fleet`: one command in many tenants.

mod matrix;
mod validate;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::spec_arguments::{load_bytes, name_of};
use super::{CommandResult, Console, Global};
use crate::error::Failure;
use crate::render::markdown;
use crate::spec_file::fleet::{self, Fleet};

#[derive(Debug, Subcommand)]
pub(super) enum FleetCommand {
    /// Check a fleet file without signing in, and show what a tenant gets; sends nothing
    Validate(validate::FleetValidateArgs),
    /// Print the jobs among which a pipeline shares the tenants
    Matrix(matrix::FleetMatrixArgs),
}

impl FleetCommand {
    /// Returns the file it is given.
    pub(super) fn file(&self) -> &PathBuf {
        match self {
            Self::Validate(args) => &args.file,
            Self::Matrix(args) => &args.file,
        }
    }

    /// Returns the marker of its page; `None` where it has no Markdown form.
    pub(super) fn marker(&self) -> Option<String> {
        match self {
            Self::Validate(args) if args.show.is_none() => {
                Some(markdown::marker("fleet validate", Some(&args.file.display().to_string())))
            }
            Self::Validate(_) | Self::Matrix(_) => None,
        }
    }

    /// Returns whether the result is about tenants, or about what was done to them.
    pub(super) fn has_tenant(&self) -> bool {
        match self {
            Self::Validate(_) | Self::Matrix(_) => false,
        }
    }
}

pub(super) async fn run(command: &FleetCommand, global: &Global, console: &mut Console) -> CommandResult {
    match command {
        FleetCommand::Validate(args) => validate::run(args, global, console),
        FleetCommand::Matrix(args) => matrix::run(args, global, console),
    }
}

/// Reads and checks a fleet file.
fn load_fleet(path: &Path, global: &Global) -> Result<Fleet, Failure> {
    Ok(fleet::load(&name_of(path), &load_bytes(path, global)?)?)
}
