//! Running the program, its wall time and its peak memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// Most resident memory, in KiB; `None` where the system does not tell.
    pub(crate) peak: Option<u64>,
}

impl Run {
    pub(crate) fn shown_peak(&self) -> String {
        self.peak.map_or_else(|| "not told".to_owned(), |peak| format!("{:.1}", peak as f64 / 1024.0))
    }
}

/// Returns the program with nothing of this machine's environment but what Windows needs to open a socket.
pub(crate) fn program(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env_clear();
    for name in ["SystemRoot", "PATH"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Runs a command to its end. Its output goes nowhere.
pub(crate) fn run(command: &mut Command) -> Run {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let child = command.spawn().unwrap();
    let id = child.id();
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut peak = None;
            while !is_over.load(Ordering::Relaxed) {
                peak = peak_memory(id).or(peak);
                std::thread::sleep(Duration::from_millis(2));
            }
            peak
        });
        let output = child.wait_with_output().unwrap();
        let wall = began.elapsed();
        is_over.store(true, Ordering::Relaxed);
        // 3 and 5 are answers too: a guard that a plan meets, a condition that does not hold.
        let is_answer = matches!(output.status.code(), Some(0 | 3 | 5));
        assert!(is_answer, "{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        Run { wall, peak: watching.join().unwrap() }
    })
}

/// Returns the most memory a process has held, in KiB; `None` where it is over.
#[cfg(target_os = "linux")]
fn peak_memory(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Elsewhere it takes calls that need `unsafe`, and the numbers differ little between systems.
#[cfg(not(target_os = "linux"))]
fn peak_memory(_: u32) -> Option<u64> {
    None
}

/// Returns the run of middle length.
pub(crate) fn median(runs: &[Run]) -> Run {
    let mut runs = runs.to_vec();
    runs.sort_by_key(|run| run.wall);
    runs[runs.len() / 2]
}

pub(crate) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 100.0 { format!("{milliseconds:.1}") } else { format!("{milliseconds:.0}") }
}

pub(crate) mod repeat {
    use super::Run;

    /// Returns the run of middle length with what belongs to it.
    pub(crate) fn middle<T>(mut measured: Vec<(Run, T)>) -> (Run, T) {
        measured.sort_by_key(|(run, _)| run.wall);
        measured.swap_remove(measured.len() / 2)
    }
}
