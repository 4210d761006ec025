//! The FILE argument and `--except`: a spec, and the parts of it that a run leaves alone.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::spec_arguments::{load_bytes, name_of};
use crate::error::Failure;
use crate::spec_file::{self, Key, Spec};

/// The keys that are left out.
#[derive(Debug, Args)]
pub(super) struct Except {
    /// Leave a key of the spec alone, as if it were absent, with all below it; give it again for more
    #[arg(long = "except", value_name = "KEY")]
    pub(super) keys: Vec<Key>,
}

/// The spec file of a command, and what of it is left out.
#[derive(Debug, Args)]
pub(super) struct PartOfSpec {
    /// The pilot's YAML file
    #[arg(value_name = "FILE", default_value = "pilot.yaml")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) except: Except,
}

impl PartOfSpec {
    /// Reads and checks the spec, without what is left out.
    pub(super) fn load(&self, global: &Global) -> Result<Spec, Failure> {
        let bytes = load_bytes(&self.file, global)?;
        Ok(spec_file::load_except(&name_of(&self.file), &bytes, &self.except.keys)?)
    }
}
