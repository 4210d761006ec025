//! Being asked to stop: by Ctrl-C, or by the run's own time limit.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Why a run should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Someone pressed Ctrl-C.
    Interrupted,
    /// The run took longer than it was given.
    OutOfTime(Duration),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("interrupted by Ctrl-C"),
            Self::OutOfTime(limit) => write!(f, "the time limit of {} s is over", limit.as_secs_f64()),
        }
    }
}

/// A request to stop, shared by everything that sends: reads break off at once, a write in flight is
/// finished and no other is begun.
#[derive(Clone, Debug)]
pub struct Stop {
    asked: Arc<watch::Sender<Option<StopReason>>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { asked: Arc::new(watch::Sender::new(None)) }
    }
}

impl Stop {
    /// Asks to stop. The first reason stays.
    pub fn ask(&self, reason: StopReason) {
        self.asked.send_if_modified(|asked| {
            let is_first = asked.is_none();
            asked.get_or_insert(reason);
            is_first
        });
    }

    /// Returns the reason, if stopping was asked for.
    pub fn reason(&self) -> Option<StopReason> {
        *self.asked.borrow()
    }

    /// Waits until stopping is asked for.
    pub async fn asked(&self) -> StopReason {
        let mut asked = self.asked.subscribe();
        match asked.wait_for(Option::is_some).await.map(|reason| *reason) {
            Ok(Some(reason)) => reason,
            // The sender lives as long as `self`, so there is always a reason here.
            _ => std::future::pending().await,
        }
    }
}
