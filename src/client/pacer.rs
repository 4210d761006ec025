//! Keeping below a limit of so many requests in any stretch of time. Knows no clock: the caller brings it.

use std::collections::VecDeque;
use std::time::Duration;

/// How fast an endpoint may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So many requests …
    pub requests: usize,
    /// … in any stretch of this length.
    pub per: Duration,
}

impl Pace {
    /// The limit of Graph's report and audit endpoints (facts 5), with a hundredth to spare for requests
    /// that travel at different speed.
    pub const REPORTS: Self = Self { requests: 5, per: Duration::from_millis(10_100) };
}

/// Gives out turns.
#[derive(Debug)]
pub(super) struct Pacer {
    pace: Pace,
    turns: VecDeque<Duration>,
}

impl Pacer {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, turns: VecDeque::new() }
    }

    /// Returns when the next request may be sent: now, or later. Times count from any fixed moment.
    pub(super) fn turn(&mut self, now: Duration) -> Duration {
        let turn = match self.turns.len() < self.pace.requests {
            true => now,
            false => self.turns.pop_front().map_or(now, |first| now.max(first + self.pace.per)),
        };
        self.turns.push_back(turn);
        turn
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hundred_requests_take_as_long_as_the_limit_says_and_no_longer() {
        let mut pacer = Pacer::new(Pace { requests: 5, per: Duration::from_secs(10) });
        let mut now = Duration::ZERO;
        for _ in 0..100 {
            now = pacer.turn(now);
        }
        assert_eq!(now, Duration::from_secs(190));
    }

    proptest! {
        #[test]
        fn no_stretch_has_more_than_the_limit(waits in proptest::collection::vec(0_u64..5000, 1..60)) {
            let pace = Pace { requests: 5, per: Duration::from_secs(10) };
            let mut pacer = Pacer::new(pace);
            let mut now = Duration::ZERO;
            let mut sent = Vec::new();
            for wait in waits {
                now += Duration::from_millis(wait);
                let turn = pacer.turn(now);
                prop_assert!(turn >= now);
                sent.push(turn);
            }
            for window in sent.windows(pace.requests + 1) {
                prop_assert!(window[pace.requests] - window[0] >= pace.per);
            }
        }
    }
}
