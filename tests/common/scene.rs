//! The program run as a user runs it: own state directory, scrubbed environment, everything it said in one text.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use sspr::sandbox::Sandbox;

use super::bench::TODAY;
use super::{folder, repository};

/// A folder to run the program in, and the environment it gets.
pub struct Scene {
    directory: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a run of the program showed, ids and paths scrubbed. Displayed as one text to snapshot.
#[derive(Debug)]
#[must_use = "snapshot it, or assert the code"]
pub struct Shown {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Scene {
    /// Returns a scene in an empty folder, without a tenant.
    pub fn new() -> Self {
        Self { directory: folder(), environment: Vec::new() }
    }

    /// Returns a scene whose environment points at a running sandbox, as at a real tenant.
    pub fn against(sandbox: &Sandbox) -> Self {
        Self::new().at(sandbox)
    }

    /// Points the environment at a running sandbox, and lifts its limit on reports: several runs in ten seconds
    /// would meet it.
    pub fn at(self, sandbox: &Sandbox) -> Self {
        sandbox.limit_reports(usize::MAX, Duration::ZERO);
        self.env("SSPR_GRAPH_URL", &sandbox.root())
            .env("SSPR_PORTAL_URL", &sandbox.root())
            .env("SSPR_GRAPH_TOKEN", sandbox.graph_token())
            .env("SSPR_PORTAL_TOKEN", sandbox.portal_token())
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file into the folder.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.directory.path().join(name), content).unwrap();
        self
    }

    /// Copies an example into the folder as `pilot.yaml`.
    pub fn example(self, name: &str) -> Self {
        let content = fs::read(repository("examples").join(name)).unwrap();
        self.file("pilot.yaml", content)
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn state_dir(&self) -> PathBuf {
        self.path().join("state")
    }

    /// Returns the program, ready to run; nothing of the machine's own environment reaches it.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_on(TODAY, args)
    }

    /// As [`Scene::command`], on another day.
    pub fn command_on(&self, today: jiff::civil::Date, args: &[&str]) -> Command {
        let mut command = self.program(args);
        command.args(["--today", &today.to_string()]);
        Command::from_std(command)
    }

    /// As [`Scene::command`], for whoever brings the program its own streams.
    pub fn program(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sspr"));
        command.env_clear();
        // Windows cannot open a socket without it.
        for name in ["SystemRoot", "PATH"] {
            if let Ok(value) = std::env::var(name) {
                command.env(name, value);
            }
        }
        command
            .env("SSPR_STATE_DIR", self.state_dir())
            .env("TZ", "UTC")
            // Where Windows keeps what is this user's on this machine.
            .env("LOCALAPPDATA", self.path().join("local"))
            .envs(self.environment.iter().cloned())
            .current_dir(self.path())
            .args(args);
        command
    }

    /// As [`Scene::command`], to be watched and signalled while it runs.
    pub fn process(&self, args: &[&str]) -> std::process::Command {
        let prepared = self.command(args);
        let mut command = std::process::Command::new(prepared.get_program());
        command.args(prepared.get_args()).current_dir(self.path()).env_clear();
        for (name, value) in prepared.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Shown {
        self.shown(&self.command(args).output().unwrap())
    }

    /// Returns what a run showed.
    pub fn shown(&self, output: &std::process::Output) -> Shown {
        let scrubbed = |bytes: &[u8]| self.scrub(std::str::from_utf8(bytes).unwrap());
        Shown {
            stdout: scrubbed(&output.stdout),
            stderr: scrubbed(&output.stderr),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// Replaces what differs from run to run, and between operating systems.
    fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (path, mark) in [(self.state_dir(), "@@STATE@@"), (self.path().to_owned(), "@@FOLDER@@")] {
            let path = path.display().to_string();
            // As JSON writes it, where the separator needs escaping.
            text = text.replace(&path.replace('\\', "\\\\"), mark).replace(&path, mark);
        }
        let words = text.split_inclusive(|c: char| c.is_whitespace() || c == '"');
        let separators = |word: &str| match word.starts_with("@@STATE@@") || word.starts_with("@@FOLDER@@") {
            true => word.replace("\\\\", "/").replace('\\', "/"),
            false => word.to_owned(),
        };
        let mut text: String = words.map(separators).collect();
        for (name, value) in &self.environment {
            if name.ends_with("_URL") {
                text = text.replace(value.as_str(), "@@HOST@@");
            }
        }
        let words = text.split_inclusive(|c: char| c.is_whitespace() || "\"/(),".contains(c));
        scrub_times(&words.map(scrub_word).collect::<String>())
    }
}

/// Replaces times the run itself made, as screens have them: `2026-11-22 22:56 UTC`.
fn scrub_times(text: &str) -> String {
    let mut scrubbed = String::new();
    for (at, part) in text.split(" UTC").enumerate() {
        if at > 0 {
            let made = scrubbed.len().checked_sub(16).filter(|from| {
                let time = scrubbed.get(*from..).map(|time| format!("{}:00Z", time.replace(' ', "T")));
                time.and_then(|time| time.parse().ok()).is_some_and(is_about_now)
            });
            if let Some(from) = made {
                scrubbed.replace_range(from.., "@@TIME@@");
            }
            scrubbed.push_str(" UTC");
        }
        scrubbed.push_str(part);
    }
    scrubbed
}

/// Run directories (`20261122T225641Z-ab12cd`, `20261122-2256`) and random ids (version 4) stand for themselves no longer;
/// seeded ids (version 5) stay.
fn scrub_word(word: &str) -> String {
    let bare = word.trim_end_matches(|c: char| c.is_whitespace() || "\"/(),".contains(c));
    let bare = bare.trim_end_matches('.');
    let is_whole = bare.len() == 23 && bare.as_bytes()[8] == b'T' && bare.as_bytes()[15] == b'Z';
    let is_short = [13, 15].contains(&bare.len())
        && bare
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 8 { byte == b'-' } else { byte.is_ascii_digit() });
    let is_run = is_whole || is_short;
    let is_now = bare.parse().is_ok_and(is_about_now);
    let is_random_id = uuid::Uuid::try_parse(bare).is_ok_and(|id| id.get_version_num() == 4);
    match (is_run, is_random_id, is_now) {
        (true, _, _) => word.replace(bare, "@@RUN@@"),
        (_, true, _) => word.replace(bare, "@@ID@@"),
        (_, _, true) => word.replace(bare, "@@TIME@@"),
        _ => word.to_owned(),
    }
}

/// A time the run itself made; those that are set stand for themselves.
fn is_about_now(time: jiff::Timestamp) -> bool {
    time.duration_since(jiff::Timestamp::now()).unsigned_abs() < std::time::Duration::from_secs(3600)
}

impl Shown {
    /// Asserts the code and returns what was shown.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "------- stderr -------\n{}", self.stderr)?;
        }
        writeln!(f, "[exit status: {}]", self.code)
    }
}
