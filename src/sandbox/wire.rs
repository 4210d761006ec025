//! The way to the pretend tenant made as long as a real one, and a log of what went over it: for measuring.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use super::server::Shared;

/// How long answers travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Distance {
    /// Each answer takes this long …
    pub each: Duration,
    /// … and so much longer for every MiB of it.
    pub per_mib: Duration,
}

/// The wire: its length, and the log of what went over it.
#[derive(Debug, Default)]
pub(super) struct Wire {
    distance: OnceLock<Distance>,
    log: OnceLock<Log>,
}

#[derive(Debug)]
struct Log {
    file: Mutex<File>,
    opened: Instant,
}

impl Wire {
    pub(super) fn set_distance(&self, distance: Distance) {
        // Set when the sandbox is opened, and never again.
        let _ = self.distance.set(distance);
    }

    /// Starts a log in a new file.
    pub(super) fn log_to(&self, path: &Path) -> io::Result<()> {
        let file = Mutex::new(File::create(path)?);
        let _ = self.log.set(Log { file, opened: Instant::now() });
        Ok(())
    }
}

/// Stands around everything else, so that what is measured is what a client sees.
pub(super) async fn travel(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let wire = shared.wire();
    let distance = wire.distance.get().copied().unwrap_or_default();
    let Some(log) = wire.log.get() else {
        let response = next.run(request).await;
        tokio::time::sleep(distance.of(&response)).await;
        return response;
    };
    let began = log.opened.elapsed();
    let method = request.method().to_string();
    let target = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let response = next.run(request).await;
    tokio::time::sleep(distance.of(&response)).await;
    let line = json!({
        "method": method, "target": target, "status": response.status().as_u16(),
        "bytes": size(&response), "began_us": micros(began), "ended_us": micros(log.opened.elapsed()),
    });
    // A log that cannot be written is missed by whoever reads it; the answer is not to blame.
    let _ = writeln!(log.file.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
    response
}

impl Distance {
    fn of(self, response: &Response) -> Duration {
        // A `f64` holds every size there is.
        self.each + self.per_mib.mul_f64(size(response) as f64 / (1024.0 * 1024.0))
    }
}

fn size(response: &Response) -> u64 {
    response.body().size_hint().lower()
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
