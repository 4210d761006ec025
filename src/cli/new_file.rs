//! Files for a person to keep: they appear whole or not at all, and none is lost.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};

use crate::error::{Exit, Failure};
use crate::text::visible;

/// Refuses where a file is there already: before anything is asked or read for it.
///
/// # Errors
/// There is one, and overwriting it was not asked for.
pub(super) fn refuse_existing(path: &Path, is_overwriting: bool) -> Result<(), Failure> {
    match !is_overwriting && path.symlink_metadata().is_ok() {
        true => Err(exists(path)),
        false => Ok(()),
    }
}

/// Writes a file whole.
///
/// # Errors
/// It cannot be written, or is there already and must not be overwritten.
pub(super) fn write_whole(path: &Path, text: &str, is_overwriting: bool) -> Result<(), Failure> {
    let shown = visible(&path.display().to_string());
    let failed = || format!("{shown} could not be written");
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sspr-");
    // A temporary file is the owner's alone; what is to be reviewed and committed is not.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder).with_context(failed)?;
    file.write_all(text.as_bytes()).with_context(failed)?;
    if is_overwriting {
        file.persist(path).map_err(|error| error.error).with_context(failed)?;
        return Ok(());
    }
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(anyhow::Error::from(error.error).context(failed()).into()),
    }
}

fn exists(path: &Path) -> Failure {
    let error = anyhow!("{} already exists", visible(&path.display().to_string()));
    Failure::new(Exit::Refused, error, "name another file, or pass --force to overwrite it")
}
