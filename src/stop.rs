//! A request to stop the run: by a signal, or by its time limit.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Why a run should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Ctrl-C, or SIGINT from elsewhere.
    Interrupted,
    /// SIGTERM: a service manager or a container's engine ends the run.
    Terminated,
    /// SIGHUP: the terminal was closed, or the connection to it was lost.
    HungUp,
    /// Ctrl-Break, on Windows.
    Break,
    /// The console was closed, on Windows; a few seconds are left.
    ConsoleClosed,
    /// The user signs out, or Windows shuts down; a few seconds are left.
    SessionEnded,
    /// The run took longer than it was given.
    OutOfTime(Duration),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupted => "interrupted by Ctrl-C",
            Self::Terminated => "interrupted by SIGTERM",
            Self::HungUp => "interrupted by SIGHUP (the terminal is gone)",
            Self::Break => "interrupted by Ctrl-Break",
            Self::ConsoleClosed => "interrupted by the closing of the console",
            Self::SessionEnded => "interrupted by the end of the Windows session",
            Self::OutOfTime(limit) => {
                return write!(f, "the time limit of {} s is over", limit.as_secs_f64());
            }
        })
    }
}

impl StopReason {
    /// Returns whether someone asked, and not the clock.
    pub fn is_signal(self) -> bool {
        !matches!(self, Self::OutOfTime(_))
    }
}

/// What was asked for so far.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    first: Option<StopReason>,
    /// The signal that came when stopping was asked for already.
    again: Option<StopReason>,
}

/// A request to stop, shared by everything that sends: reads break off at once, a write in flight is
/// finished and no other is begun. Asked again by a signal, no one waits for the write either.
#[derive(Clone, Debug)]
pub struct Stop {
    asked: Arc<watch::Sender<Asked>>,
    /// Asked of all that this one is part of.
    whole: Option<Box<Self>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { asked: Arc::new(watch::Sender::new(Asked::default())), whole: None }
    }
}

impl Stop {
    /// Asks to stop. The first reason stays; a signal after it says that a write under way is not waited for.
    pub fn ask(&self, reason: StopReason) {
        self.asked.send_modify(|asked| match asked.first {
            None => asked.first = Some(reason),
            Some(_) if reason.is_signal() => asked.again = asked.again.or(Some(reason)),
            Some(_) => {}
        });
    }

    /// Returns a request for a part alone: asked of the part, nothing else stops; asked of the whole, the part does too.
    #[must_use]
    pub fn part(&self) -> Self {
        Self { whole: Some(Box::new(self.clone())), ..Self::default() }
    }

    /// Returns the reason, if stopping was asked for.
    pub fn reason(&self) -> Option<StopReason> {
        self.asked.borrow().first.or_else(|| self.reason_of_whole())
    }

    /// Returns the reason, if stopping was asked of the whole that this one is part of.
    pub fn reason_of_whole(&self) -> Option<StopReason> {
        self.whole.as_ref().and_then(|whole| whole.reason())
    }

    /// Waits until stopping is asked for.
    pub async fn asked(&self) -> StopReason {
        self.wait(|asked| asked.first).await
    }

    /// Waits until stopping is asked for again, by a signal.
    pub async fn asked_again(&self) -> StopReason {
        self.wait(|asked| asked.again).await
    }

    async fn wait(&self, which: fn(&Asked) -> Option<StopReason>) -> StopReason {
        match &self.whole {
            None => self.wait_for_own(which).await,
            Some(whole) => tokio::select! {
                biased;
                reason = self.wait_for_own(which) => reason,
                reason = Box::pin(whole.wait(which)) => reason,
            },
        }
    }

    async fn wait_for_own(&self, which: fn(&Asked) -> Option<StopReason>) -> StopReason {
        let mut asked = self.asked.subscribe();
        match asked.wait_for(|asked| which(asked).is_some()).await.map(|asked| which(&asked)) {
            Ok(Some(reason)) => reason,
            // The sender lives as long as `self`, so there is always a reason here.
            _ => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_stays_and_only_a_signal_asks_again() {
        let stop = Stop::default();
        assert_eq!(stop.reason(), None);
        stop.ask(StopReason::Terminated);
        stop.ask(StopReason::OutOfTime(Duration::from_secs(1)));
        assert_eq!(stop.asked().await, StopReason::Terminated);
        assert_eq!(stop.asked.borrow().again, None);
        stop.ask(StopReason::Interrupted);
        assert_eq!(stop.asked().await, StopReason::Terminated);
        assert_eq!(stop.asked_again().await, StopReason::Interrupted);
    }

    #[tokio::test]
    async fn a_part_stops_alone_and_all_parts_with_the_whole() {
        let whole = Stop::default();
        let (one, other) = (whole.part(), whole.part());
        one.ask(StopReason::Terminated);
        assert_eq!(one.asked().await, StopReason::Terminated);
        assert_eq!((other.reason(), whole.reason(), one.reason_of_whole()), (None, None, None));
        whole.ask(StopReason::HungUp);
        assert_eq!((other.reason(), other.asked().await), (Some(StopReason::HungUp), StopReason::HungUp));
        assert_eq!(one.reason(), Some(StopReason::Terminated));
    }
}
