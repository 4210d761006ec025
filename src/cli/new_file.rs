//! Writes new files whole or not at all, and never over an existing one without consent.

use std::path::Path;

use anyhow::anyhow;

use super::Console;
use crate::error::{Exit, Failure};
use crate::files::{Existing, Readers};
use crate::text::visible;

/// Refuses where a file is there already: before anything is asked or read for it.
pub(super) fn refuse_existing(path: &Path, is_overwriting: bool) -> Result<(), Failure> {
    match !is_overwriting && path.symlink_metadata().is_ok() {
        true => Err(exists(path)),
        false => Ok(()),
    }
}

pub(super) fn write_whole(
    path: &Path,
    text: &str,
    is_overwriting: bool,
    console: &Console,
) -> Result<(), Failure> {
    let existing = if is_overwriting { Existing::Replace } else { Existing::Keep };
    console.save_as(path, text, Readers::Everyone, existing).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(path),
        _ => {
            let shown = visible(&path.display().to_string());
            anyhow::Error::from(error).context(format!("{shown} could not be written")).into()
        }
    })
}

fn exists(path: &Path) -> Failure {
    let error = anyhow!("{} already exists", visible(&path.display().to_string()));
    Failure::new(Exit::Refused, error, "name another file, or pass --force to overwrite it")
}
