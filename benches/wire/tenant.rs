//! A pretend tenant in a process of its own, and what went over the wire to it.

use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::run::program;

/// How far away the tenant is.
pub(crate) const LATENCY: Duration = Duration::from_millis(40);
const PILOT: &str = include_str!("../../examples/pilot.yaml");

/// A served tenant. It ends when dropped.
pub(crate) struct Tenant {
    serving: Child,
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
    /// How much of the log has been looked at.
    read: u64,
}

/// What went over the wire.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) requests: usize,
    /// Of the answers' bodies.
    pub(crate) bytes: u64,
    /// How many requests waited for one another: the most that follow each other without overlap.
    pub(crate) deep: usize,
    /// How many were answered 429.
    pub(crate) refused: usize,
    /// How many pages of the registration report came.
    pub(crate) reports: usize,
}

#[derive(Deserialize)]
struct Line {
    target: String,
    status: u16,
    bytes: u64,
    began_us: u64,
    ended_us: u64,
}

impl Tenant {
    pub(crate) fn open(binary: &Path, seed: &str, people: u64, latency: Duration) -> Self {
        Self::open_with(binary, seed, people, &["--latency", &latency.as_millis().to_string()])
    }

    /// Serves a seed with so many generated people, and with these arguments of `sandbox serve`.
    pub(crate) fn open_with(binary: &Path, seed: &str, people: u64, serve: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("sandbox-state");
        let people = people.to_string();
        let reset = program(binary)
            .env("SSPR_STATE_DIR", &state)
            .args(["sandbox", "reset", "--seed", seed, "--people", &people])
            .output()
            .unwrap();
        assert!(reset.status.success(), "{}", String::from_utf8_lossy(&reset.stderr));
        let log = folder.path().join("log.jsonl");
        let mut serving = program(binary)
            .env("SSPR_STATE_DIR", &state)
            .args(["sandbox", "serve"])
            .args(serve)
            .arg("--log")
            .arg(&log)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let told = BufReader::new(serving.stdout.take().unwrap()).lines().take(4);
        let variables = told.map(|line| {
            let line = line.unwrap();
            let (name, value) = line.trim_start_matches("export ").split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        let variables = variables.collect();
        std::fs::write(folder.path().join("pilot.yaml"), PILOT).unwrap();
        Self { serving, folder, variables, read: 0 }
    }

    /// Puts another spec in the place of the pilot's.
    pub(crate) fn want(&self, spec: &str) {
        std::fs::write(self.folder.path().join("pilot.yaml"), spec).unwrap();
    }

    /// Returns the program pointed at this tenant, with no state of earlier runs.
    pub(crate) fn client(&self, binary: &Path) -> Command {
        let state = self.folder.path().join("client-state");
        let _ = std::fs::remove_dir_all(&state);
        let mut command = program(binary);
        command.env("SSPR_STATE_DIR", state).envs(self.variables.iter().cloned());
        command.current_dir(self.folder.path());
        command
    }

    pub(crate) fn variable(&self, name: &str) -> &str {
        self.variables.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Returns what went over the wire since the last call.
    pub(crate) fn traffic(&mut self) -> Traffic {
        let mut log = std::fs::File::open(self.folder.path().join("log.jsonl")).unwrap();
        log.seek(SeekFrom::Start(self.read)).unwrap();
        let mut text = String::new();
        self.read += log.read_to_string(&mut text).unwrap() as u64;
        let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let is_report = |line: &&Line| line.status == 200 && line.target.contains("userRegistrationDetails");
        Traffic {
            requests: lines.len(),
            bytes: lines.iter().map(|line| line.bytes).sum(),
            deep: deep(lines.iter().map(|line| (line.began_us, line.ended_us)).collect()),
            refused: lines.iter().filter(|line| line.status == 429).count(),
            reports: lines.iter().filter(is_report).count(),
        }
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.serving.kill();
        let _ = self.serving.wait();
    }
}

/// Returns the most stretches of time that follow each other without overlap: whatever ends first is taken, and
/// then the next that had not begun by then.
fn deep(mut stretches: Vec<(u64, u64)>) -> usize {
    stretches.sort_by_key(|(_, ended)| *ended);
    let (mut deep, mut over) = (0, 0);
    for (began, ended) in stretches {
        if began >= over {
            deep += 1;
            over = ended;
        }
    }
    deep
}
