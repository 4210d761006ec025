//! Reads the spec file that a command is given, from a path or standard input.

use std::path::{Path, PathBuf};

use super::Global;
use super::signals::unless_stopped;
use crate::error::{Exit, Failure};
use crate::spec_file::{self, Spec};

/// The spec that a command takes which was given none.
pub(super) const SPEC: &str = "pilot.yaml";

/// Reads and checks a spec file.
pub(super) fn load_spec(path: &Path, global: &Global) -> Result<Spec, Failure> {
    Ok(spec_file::load(&name_of(path), &load_bytes(path, global)?)?)
}

/// Returns what a spec is called in a plan, which may be made on Windows and applied elsewhere: both take `/` in a path
/// from where one is.
pub(super) fn name_of(path: &Path) -> String {
    let shown = path.display().to_string();
    if cfg!(windows) && path.is_relative() { shown.replace('\\', "/") } else { shown }
}

/// Reads the spec of a command that needs none: the one it was given, or `pilot.yaml` where there is one.
pub(super) fn load_guard(given: Option<&Path>, global: &Global) -> Result<Option<Spec>, Failure> {
    let path = given.map(Path::to_owned).or_else(default_spec);
    path.as_deref().map(|path| load_spec(path, global)).transpose()
}

/// Returns the spec that a command takes which was given none and needs none.
pub(super) fn default_spec() -> Option<PathBuf> {
    Some(PathBuf::from(SPEC)).filter(|path| path.exists())
}

/// Reads a spec, a fleet file or a saved plan, as far as one may go.
pub(super) fn load_bytes(path: &Path, global: &Global) -> Result<Vec<u8>, Failure> {
    let named = path.to_owned();
    let shown = if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() };
    // A pipe no one writes to is waited for, but not for ever.
    let read =
        unless_stopped(&global.stop, move || read_at_most(&named, spec_file::MAX_FLEET_BYTES as u64 + 1));
    let read = read.map_err(anyhow::Error::from)?.map_err(Failure::stopped)?;
    read.map_err(|error| {
        let is_missing = error.kind() == std::io::ErrorKind::NotFound;
        let error = unreadable(error, path, &shown);
        let place = "name the YAML file, or run the command in its folder".to_owned();
        let hints = match is_missing && path == Path::new(SPEC) {
            true => {
                let init = "`sspr init` asks six questions and writes it".to_owned();
                let import = format!("`sspr import {SPEC}` writes what the tenant has today");
                vec![init, import, place]
            }
            false => vec![place],
        };
        Failure { exit: Exit::Failed, error, hints }
    })
}

/// Says why a file could not be read, by the name it is shown under.
pub(super) fn unreadable(error: std::io::Error, path: &Path, shown: &str) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::anyhow!("there is no file {shown}"),
        // Windows denies access to it, as if rights were missing.
        _ if path.is_dir() => anyhow::anyhow!("{shown} is a folder"),
        _ => anyhow::Error::from(error).context(format!("{shown} could not be read")),
    }
}

/// Returns whether a path means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads one byte more than a file may have, so that a huge file is refused without being read.
fn read_at_most(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    match is_stdin(path) {
        true => std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?,
        false => std::fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}
