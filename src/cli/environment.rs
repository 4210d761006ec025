//! Reads the environment: variables, folders, programs and limits; the only module that does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::stderr::has_terminal;
use crate::client::Environment;
use crate::error::{Exit, Failure};

/// What the environment says about where the output goes.
#[derive(Clone, Debug, Default)]
pub(super) struct OutputEnv {
    /// The root of the repository, where GitHub runs a step.
    pub(super) workspace: Option<PathBuf>,
    /// No one watches, even where there seems to be a terminal.
    pub(super) is_ci: bool,
    /// The terminal cannot move its cursor.
    pub(super) is_dumb: bool,
    /// The locale has no letters but those of ASCII.
    pub(super) is_ascii: bool,
    /// Whether a terminal here follows links (OSC 8).
    pub(super) follows_links: bool,
}

impl OutputEnv {
    /// Looks around. What is not text is as good as not set: nothing but looks depends on it.
    pub(super) fn detect() -> Self {
        let set = |name| variable(name).ok().flatten();
        // Windows has terminals without a name.
        let is_dumb = set("TERM").map_or(!cfg!(windows), |term| term == "dumb");
        // As the C library picks it. Where nothing is set, as on Windows, nothing is said.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let locale = locale.map(|locale| locale.to_ascii_lowercase());
        let is_plain = is_dumb || set("NO_COLOR").is_some();
        Self {
            workspace: set("GITHUB_WORKSPACE").map(PathBuf::from),
            is_ci: set("CI").is_some_and(|is_ci| is_ci != "false"),
            is_dumb,
            is_ascii: locale.is_some_and(|locale| !locale.contains("utf-8") && !locale.contains("utf8")),
            follows_links: !is_plain && supports_hyperlinks::supports_hyperlinks(),
        }
    }
}

/// Whether someone can type and a browser can be opened, where the program runs.
#[derive(Debug)]
pub(super) struct Interactivity {
    /// Someone sees stderr and can type.
    pub(super) has_terminal: bool,
    /// Why no browser can be opened; `None` where one can.
    pub(super) no_browser: Option<&'static str>,
}

impl Interactivity {
    /// Looks at this process and its environment.
    pub(super) fn detect() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let no_browser = if is_set("BROWSER") {
            None
        } else if ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().any(is_set) {
            Some("this is a session over SSH")
        } else if cfg!(any(windows, target_os = "macos")) {
            None
        } else {
            let has_display = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(is_set);
            (!has_display).then_some("there is no display")
        };
        Self { has_terminal: has_terminal(), no_browser }
    }
}

/// Looks at the files that certificate roots are read from, before something reads them that cannot be stopped.
pub(super) fn check_roots() -> Result<(), Failure> {
    let refuse = |name: &str, path: &Path| {
        let error = anyhow::anyhow!("{name} names {}, which is not a regular file", path.display());
        Err(Failure::new(
            Exit::Failed,
            error,
            "name a file of certificates in PEM, or a folder of such files",
        ))
    };
    let is_odd = |path: &Path| path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir());
    if let Some(file) = variable("SSL_CERT_FILE")?.map(PathBuf::from).filter(|file| is_odd(file)) {
        return refuse("SSL_CERT_FILE", &file);
    }
    for folder in std::env::split_paths(&variable("SSL_CERT_DIR")?.unwrap_or_default()) {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        if let Some(odd) = std::iter::once(folder).chain(entries).find(|path| is_odd(path)) {
            return refuse("SSL_CERT_DIR", &odd);
        }
    }
    Ok(())
}

/// Returns what the environment has to sign in with: variables, and programs on PATH.
pub(super) fn environment() -> Result<Environment, Failure> {
    let mut variables = BTreeMap::new();
    for name in Environment::VARIABLES {
        if let Some(value) = variable(name)? {
            variables.insert(name.to_owned(), value.into());
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &str| {
        // On Windows both are scripts or programs with an ending.
        let files = ["", ".cmd", ".exe", ".bat"].map(|ending| format!("{name}{ending}"));
        std::env::split_paths(&path).any(|folder| files.iter().any(|file| folder.join(file).is_file()))
    };
    let programs = Environment::PROGRAMS.into_iter().filter(|name| is_there(name));
    Ok(Environment::new(variables, programs.map(str::to_owned).collect()))
}

/// Returns the folders that identify this machine's user, and their placeholders.
pub(super) fn personal_folders() -> Vec<(String, String)> {
    const FOLDERS: [(&str, &str); 4] = [
        ("LOCALAPPDATA", "%LOCALAPPDATA%"),
        ("APPDATA", "%APPDATA%"),
        ("USERPROFILE", "%USERPROFILE%"),
        ("HOME", "~"),
    ];
    let folder = |(name, shown): (&str, &str)| Some((variable(name).ok()??, shown.to_owned()));
    FOLDERS.into_iter().filter_map(folder).collect()
}

/// Returns an error where this process may open too few files: the runtime and others below us panic then.
pub(super) fn check_open_files() -> Result<(), Failure> {
    // What a run with the sandbox in it opens at once, measured, and a few more.
    const NEEDED: usize = 24;
    if cfg!(unix) {
        let opened: std::io::Result<Vec<_>> =
            std::iter::repeat_with(|| std::fs::File::open("/dev/null")).take(NEEDED).collect();
        // Whatever else is wrong with /dev/null is no matter.
        const TOO_MANY: [i32; 2] = [23, 24];
        if opened.is_err_and(|error| error.raw_os_error().is_some_and(|code| TOO_MANY.contains(&code))) {
            let error = anyhow::anyhow!("this process may not open {NEEDED} files at once, as a run needs");
            return Err(Failure::new(Exit::Failed, error, "raise the limit, such as with `ulimit -n 256`"));
        }
    }
    Ok(())
}

/// Returns the files that the environment names for signing in.
pub(super) fn files_of_sign_in() -> impl Iterator<Item = PathBuf> {
    let variables = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "SSL_CERT_FILE"];
    variables.into_iter().filter_map(|name| variable(name).ok().flatten()).map(PathBuf::from)
}

/// Returns the folder that is this user's.
pub(super) fn profile_dir() -> Option<PathBuf> {
    etcetera::home_dir().ok()
}

/// Returns where the sandbox keeps its tenant, and the baselines of applies to it.
pub(super) fn sandbox_dir() -> Result<PathBuf, Failure> {
    Ok(state_dir()?.join("sandbox"))
}

/// Returns where every run of this user on this machine looks for locks. By the user alone: a nightly job has another
/// environment than a shell, and no `XDG_RUNTIME_DIR`.
#[cfg(unix)]
pub(super) fn lock_dir() -> Option<PathBuf> {
    Some(Path::new("/tmp").join(format!("sspr-{}", rustix::process::geteuid().as_raw())))
}

/// Returns where every run of this user on this machine looks for locks.
#[cfg(not(unix))]
pub(super) fn lock_dir() -> Option<PathBuf> {
    let platform = etcetera::choose_base_strategy().ok()?;
    Some(platform.cache_dir().join("sspr").join("locks"))
}

pub(super) fn state_dir() -> Result<PathBuf, Failure> {
    let (place, roaming) = place_of_state()?;
    if let Some(roaming) = roaming.filter(|roaming| cfg!(windows) && roaming.is_dir()) {
        tracing::warn!(
            "records in {} are not read: move them to {}, which stays on this machine",
            roaming.display(),
            place.display()
        );
    }
    Ok(place)
}

/// Returns the state directory; and, where nothing is said, the roaming one it might be taken for.
pub(super) fn place_of_state() -> Result<(PathBuf, Option<PathBuf>), Failure> {
    if let Some(directory) = variable("SSPR_STATE_DIR")? {
        return Ok((directory.into(), None));
    }
    let platform = etcetera::choose_base_strategy().map_err(|error| {
        let error = anyhow::Error::from(error).context("there is no home directory to keep baselines in");
        Failure::new(Exit::Failed, error, "set SSPR_STATE_DIR to a directory only you can read")
    })?;
    Ok((default_state_dir(&platform), Some(platform.data_dir().join("sspr"))))
}

/// Returns where state is kept if nothing else is said. On Windows that is `%LOCALAPPDATA%`: a roaming profile would
/// carry one machine's journals to another, late and whole.
fn default_state_dir(platform: &impl BaseStrategy) -> PathBuf {
    platform.state_dir().unwrap_or_else(|| platform.cache_dir()).join("sspr")
}

/// Returns a variable's value; an empty one counts as not set.
pub(super) fn variable(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::new(Exit::Usage, anyhow::anyhow!("{name} is not text"), "set it again, or unset it"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_windows_state_stays_on_the_machine() {
        let platform = etcetera::base_strategy::Windows::new().unwrap();
        let place = default_state_dir(&platform);
        assert_eq!(place, platform.cache_dir().join("sspr"));
        assert_ne!(place, platform.data_dir().join("sspr"));
    }
}
