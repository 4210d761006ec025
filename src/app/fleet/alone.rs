//! Keeps one tenant's part of a run away from the others': its time is limited, and a panic in it is its own.

use std::any::Any;
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio::time::{sleep, timeout};

use crate::stop::{Stop, StopReason};

/// How long one tenant's part may take.
#[derive(Clone, Copy, Debug)]
pub struct TenantLimits {
    /// For planning it, or reading it; and again for writing it. Then it is asked to stop, as by `--timeout`.
    pub time: Duration,
    /// From then on, and from when the run is asked to stop, while nothing is written. Then it is given up.
    pub grace_to_read: Duration,
    /// The same while it is written: a write under way is finished, and read back. Longer than both take.
    pub grace_to_write: Duration,
}

/// How a part ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended<T> {
    /// By itself.
    Done(T),
    /// It panicked: an error of sspr's own, and what it said.
    Panicked(String),
    /// It went on when it was asked to stop, and was given up.
    GivenUp,
}

/// Runs a part of a run apart from the others, and for no longer than its time and its grace. `stop` is the part's own.
pub(super) async fn alone<T: Send + 'static>(
    part: impl Future<Output = T> + Send + 'static,
    stop: &Stop,
    (time, grace): (Duration, Duration),
) -> Ended<T> {
    let mut running = Running(tokio::spawn(part));
    tokio::select! {
        biased;
        ended = &mut running.0 => return Ended::of(ended),
        () = sleep(time) => stop.ask(StopReason::OutOfTime(time)),
        _ = stop.asked() => {}
    }
    match timeout(grace, &mut running.0).await {
        Ok(ended) => Ended::of(ended),
        Err(_) => Ended::GivenUp,
    }
}

/// A task that ends with what waits for it.
struct Running<T>(JoinHandle<T>);

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T> Ended<T> {
    fn of(ended: Result<T, JoinError>) -> Self {
        match ended.map_err(JoinError::try_into_panic) {
            Ok(done) => Self::Done(done),
            Err(Ok(panic)) => Self::Panicked(said(&*panic)),
            Err(Err(_)) => Self::GivenUp,
        }
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    const LONG: Duration = Duration::from_secs(3600);
    const NONE: Duration = Duration::ZERO;

    #[tokio::test]
    async fn a_part_that_ends_by_itself_is_waited_for() {
        assert_eq!(alone(async { 7 }, &Stop::default(), (LONG, LONG)).await, Ended::Done(7));
    }

    #[tokio::test]
    async fn a_panic_is_told_and_not_passed_on() {
        let (number, stop) = (7, Stop::default());
        let panicked = alone(async move { assert_eq!(number, 8, "at {number}") }, &stop, (LONG, LONG)).await;
        assert!(matches!(panicked, Ended::Panicked(ref said) if said.contains("at 7")), "{panicked:?}");
    }

    #[tokio::test]
    async fn a_part_whose_time_is_over_is_asked_to_stop_and_may_say_how_it_ended() {
        let (whole, limit) = (Stop::default(), Duration::from_millis(1));
        let part = whole.part();
        let ends = {
            let part = part.clone();
            async move { part.asked().await }
        };
        assert_eq!(alone(ends, &part, (limit, LONG)).await, Ended::Done(StopReason::OutOfTime(limit)));
        assert_eq!(whole.reason(), None, "no other is stopped");
    }

    #[tokio::test]
    async fn a_part_that_does_not_listen_is_given_up_whoever_asked() {
        let whole = Stop::default();
        assert_eq!(alone(pending::<()>(), &whole.part(), (NONE, NONE)).await, Ended::GivenUp);
        whole.ask(StopReason::Interrupted);
        assert_eq!(alone(pending::<()>(), &whole.part(), (LONG, NONE)).await, Ended::GivenUp);
    }
}
