//! Ends a run on a signal or at its time limit.

use std::io;
use std::sync::mpsc;
use std::time::Duration;

use crate::stop::{Stop, StopReason};

/// Listens from here on, for as long as the run lasts. Signals are asked for by name: process 1 of a container gets
/// none that it did not ask for. A thread of its own listens: those of the run may all be waiting for a reader.
pub(super) fn listen(stop: &Stop, limit: Option<Duration>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let inside = runtime.enter();
    listen_to_signals(stop);
    if let Some(limit) = limit {
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            stop.ask(StopReason::OutOfTime(limit));
        });
    }
    drop(inside);
    std::thread::Builder::new().spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(())
}

/// Takes a kind of signal away from the system's own way with it. Where that cannot be had, it ends the process as it
/// always did.
macro_rules! on_each {
    ($registered:expr, $stop:expr, $reason:expr) => {
        if let Ok(mut signals) = $registered {
            let stop = $stop.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    stop.ask($reason);
                }
            });
        }
    };
}

#[cfg(unix)]
fn listen_to_signals(stop: &Stop) {
    use tokio::signal::unix::{SignalKind, signal};

    on_each!(signal(SignalKind::interrupt()), stop, StopReason::Interrupted);
    on_each!(signal(SignalKind::terminate()), stop, StopReason::Terminated);
    // `nohup` means that the run goes on when the terminal goes.
    if !ignores_hangups() {
        on_each!(signal(SignalKind::hangup()), stop, StopReason::HungUp);
    }
}

/// Returns whether this process was started to go on after SIGHUP. Only Linux shows it; elsewhere it is not so.
#[cfg(unix)]
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    ignored & 1 << (rustix::process::Signal::HUP.as_raw() - 1) != 0
}

/// After the last three the system ends the process within seconds, whatever it does.
#[cfg(windows)]
fn listen_to_signals(stop: &Stop) {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

    on_each!(ctrl_c(), stop, StopReason::Interrupted);
    on_each!(ctrl_break(), stop, StopReason::Break);
    on_each!(ctrl_close(), stop, StopReason::ConsoleClosed);
    on_each!(ctrl_logoff(), stop, StopReason::SessionEnded);
    on_each!(ctrl_shutdown(), stop, StopReason::SessionEnded);
}

/// Waits for something that blocks, such as a key or a file, and for no longer than the run may go on. What is waited
/// for in vain stays behind, and the process ends without it.
pub(super) fn unless_stopped<T: Send + 'static>(
    stop: &Stop,
    blocking: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Result<T, StopReason>> {
    let (answers, answer) = mpsc::channel();
    let (stops, stop) = (answers.clone(), stop.clone());
    std::thread::Builder::new().spawn(move || answers.send(Ok(blocking())))?;
    let stopping = tokio::spawn(async move { stops.send(Err(stop.asked().await)) });
    let answer = answer.recv().map_err(io::Error::other);
    stopping.abort();
    answer
}
