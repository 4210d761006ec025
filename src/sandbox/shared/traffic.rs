//! The traffic with all clients: how much latency it has, and a log of it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::state::lock;

/// One request the sandbox answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Body, as sent.
    pub body: String,
    /// Status of the answer; 0 where none was given.
    pub status: u16,
    /// Whether the sandbox has such a route; a test that meets none of them must fail.
    pub is_known: bool,
}

/// How long answers take to arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Each answer takes this long …
    pub each: Duration,
    /// … and so much longer for every MiB of it.
    pub per_mib: Duration,
}

impl Latency {
    /// Returns how long an answer of so many bytes takes.
    pub(crate) fn of(self, bytes: u64) -> Duration {
        // A `f64` holds every size there is.
        self.each + self.per_mib.mul_f64(bytes as f64 / (1024.0 * 1024.0))
    }
}

#[derive(Default)]
pub(crate) struct Traffic {
    pub(crate) latency: OnceLock<Latency>,
    pub(crate) log: OnceLock<Log>,
}

/// A log in a file, one JSON object a line.
pub(crate) struct Log {
    file: Mutex<File>,
    opened: Instant,
}

impl Log {
    /// Starts a log in a new file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(crate) fn start(path: &Path) -> io::Result<Self> {
        Ok(Self { file: Mutex::new(File::create(path)?), opened: Instant::now() })
    }

    /// Returns the microseconds since the log began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(crate) fn write(&self, line: &Value) {
        // A log that cannot be written is missed by whoever reads it; the answer is not to blame.
        let _ = writeln!(lock(&self.file), "{line}");
    }
}
