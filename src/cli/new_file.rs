//! Writes new files whole or not at all, and never over an existing one without consent.

use std::path::Path;

use anyhow::anyhow;

use super::Console;
use super::schema::schema_text;
use crate::error::{Exit, Failure};
use crate::files::{Existing, Readers};
use crate::plan::SCHEMA;
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

/// Writes a spec, and beside it the schema that its first line names. Returns the schema's path, where it is there: what
/// somebody else has in its place stays.
pub(super) fn write_spec(
    path: &Path,
    text: &str,
    is_overwriting: bool,
    console: &Console,
) -> Result<Option<String>, Failure> {
    write_whole(path, text, is_overwriting, console)?;
    let (place, schema) = (path.with_file_name(SCHEMA), schema_text());
    let shown = place.display().to_string();
    match console.save_as(&place, &schema, Readers::Everyone, Existing::Keep) {
        Ok(()) => Ok(Some(shown)),
        Err(_) if std::fs::read(&place).is_ok_and(|there| there == schema.as_bytes()) => Ok(Some(shown)),
        Err(error) => {
            let (shown, why) = (
                visible(&shown),
                match error.kind() {
                    std::io::ErrorKind::AlreadyExists => "it is there already, and is another one".to_owned(),
                    _ => error.to_string(),
                },
            );
            tracing::warn!(
                "{shown}, which editors read, was not written: {why}; `sspr schema --out {shown}` writes it"
            );
            Ok(None)
        }
    }
}

fn exists(path: &Path) -> Failure {
    let error = anyhow!("{} already exists", visible(&path.display().to_string()));
    Failure::new(Exit::Refused, error, "name another file, or pass --force to overwrite it")
}
