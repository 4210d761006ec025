//! Writes to streams that may block, for no longer than the run may go on.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::stop::Stop;

/// How long a reader has to take what is left once the run is to end.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked whether the run is to end.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Puts something out, for as long as it takes its reader to take it; but once the run is to end, for a second. What is
/// not taken then stays behind, and the process ends without it.
pub(super) fn while_taken<T: Send + 'static>(
    stop: &Stop,
    put_out: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (answers, answer) = mpsc::channel();
    std::thread::Builder::new().spawn(move || answers.send(put_out()))?;
    let mut left = PATIENCE;
    loop {
        match answer.recv_timeout(BETWEEN_LOOKS) {
            Ok(done) => return done,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("the thread that wrote it is gone"));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let Some(reason) = stop.reason() else { continue };
        left = left.saturating_sub(BETWEEN_LOOKS);
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("{reason}, and no one read it")));
        }
    }
}

/// Returns whether what goes to stdout is lost without an error.
///
/// The runtime below us opens the null device for reading and writing in place of a stdout that is closed, and passes
/// over one that cannot be written. A shell's `>/dev/null` is for writing alone; but a caller that opens it for both, as
/// Python's `DEVNULL` does, looks the same as one that closed stdout.
#[cfg(unix)]
pub(super) fn is_closed(stdout: &io::Stdout) -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fstat, stat};

    let Ok(flags) = fcntl_getfl(stdout) else { return true };
    let is_null =
        || matches!((fstat(stdout), stat("/dev/null")), (Ok(it), Ok(null)) if it.st_rdev == null.st_rdev);
    match flags & OFlags::RWMODE {
        OFlags::WRONLY => false,
        OFlags::RDWR => is_null(),
        _ => true,
    }
}

/// Only Unix can distinguish them.
#[cfg(not(unix))]
pub(super) fn is_closed(_: &io::Stdout) -> bool {
    false
}
