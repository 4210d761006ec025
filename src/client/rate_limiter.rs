//! Keeps requests below a limit per period, and learns from refusals how low it is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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
pub(super) struct RateLimit {
    pace: Pace,
    /// When the last turns were, at most as many as fit into one stretch.
    turns: VecDeque<Duration>,
    /// The service said no until then.
    closed_until: Duration,
    /// The time between two turns: none at first, and an even share once others were seen to use the limit too.
    spacing: Duration,
}

impl RateLimit {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, turns: VecDeque::new(), closed_until: Duration::ZERO, spacing: Duration::ZERO }
    }

    /// Returns when the next request may be sent: now, or later. Times count from any fixed moment.
    pub(super) fn turn(&mut self, now: Duration) -> Duration {
        let mut turn = now.max(self.closed_until);
        if let Some(last) = self.turns.back() {
            turn = turn.max(*last + self.spacing);
        }
        while self.turns.len() >= self.pace.requests {
            let first = self.turns.pop_front().unwrap_or_default();
            turn = turn.max(first + self.pace.per);
        }
        self.turns.push_back(turn);
        turn
    }

    /// Learns that the service refused the last request, and how long it is left alone for that.
    ///
    /// The first time, others may have used the limit up a moment ago: what they used comes free bit by bit, so
    /// turns are spread evenly from then on. Refused in spite of that, the limit is lower than thought, or shared
    /// for good: one request less in each stretch.
    pub(super) fn refuse(&mut self, now: Duration, wait: Duration) {
        // What was refused took no turn of the service's.
        self.turns.pop_back();
        // Requests sent together are refused together; that is one thing learnt.
        let is_news = now >= self.closed_until;
        self.closed_until = self.closed_until.max(now + wait);
        if !is_news {
            return;
        }
        if self.spacing > Duration::ZERO {
            self.pace.requests = self.pace.requests.saturating_sub(1).max(1);
        }
        self.spacing = self.pace.per / u32::try_from(self.pace.requests).unwrap_or(u32::MAX);
    }
}

/// Where requests that share a limit wait for their turn: a [`RateLimit`] and the clock it lacks.
#[derive(Clone, Debug)]
pub(super) struct RateLimiter {
    limit: Arc<Mutex<RateLimit>>,
    /// What its times count from.
    opened: Instant,
}

impl RateLimiter {
    pub(super) fn new(pace: Pace) -> Self {
        Self { limit: Arc::new(Mutex::new(RateLimit::new(pace))), opened: Instant::now() }
    }

    pub(super) async fn pass(&self) {
        let now = self.opened.elapsed();
        let turn = self.limit.lock().unwrap_or_else(PoisonError::into_inner).turn(now);
        tokio::time::sleep(turn - now).await;
    }

    /// Learns that the service refused a request, as [`RateLimit::refuse`].
    pub(super) fn refuse(&self, wait: Duration) {
        let now = self.opened.elapsed();
        self.limit.lock().unwrap_or_else(PoisonError::into_inner).refuse(now, wait);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hundred_requests_take_as_long_as_the_limit_says_and_no_longer() {
        let mut limit = RateLimit::new(Pace { requests: 5, per: Duration::from_secs(10) });
        let mut now = Duration::ZERO;
        for _ in 0..100 {
            now = limit.turn(now);
        }
        assert_eq!(now, Duration::from_secs(190));
    }

    /// A service that lets so many requests through in any stretch, others' among them.
    struct Service {
        requests: usize,
        answered: Vec<Duration>,
    }

    impl Service {
        fn ask(&mut self, now: Duration) -> Result<(), Duration> {
            let per = Duration::from_secs(10);
            let recent: Vec<Duration> = self.answered.iter().copied().filter(|&at| at + per > now).collect();
            if recent.len() < self.requests {
                self.answered.push(now);
                return Ok(());
            }
            // In whole seconds, rounded up, as `Retry-After` is.
            Err(Duration::from_secs((recent[0] + per - now).as_secs_f64().ceil() as u64))
        }
    }

    /// Asks so often, and returns when the last answer came and how many were refused, the first window apart.
    fn ask_all(service: &mut Service, times: usize) -> (Duration, usize) {
        let mut limit = RateLimit::new(Pace { requests: 5, per: Duration::from_secs(10) });
        let (mut now, mut refused, mut answered) = (Duration::ZERO, 0, 0);
        while answered < times {
            now = limit.turn(now);
            match service.ask(now) {
                Ok(()) => answered += 1,
                Err(wait) => {
                    refused += usize::from(now >= Duration::from_secs(10));
                    limit.refuse(now, wait);
                }
            }
        }
        (now, refused)
    }

    #[test]
    fn after_the_first_window_nothing_is_refused_and_hardly_any_of_the_rate_is_lost() {
        for used_before in [0, 1, 3, 5] {
            // Others' requests came within the last second, or all along the last ten.
            for apart in [200, 2000] {
                let answered = (0..used_before).map(|i| Duration::from_millis(i * apart)).collect();
                let mut service = Service { requests: 5, answered };
                let (took, refused) = ask_all(&mut service, 101);
                assert_eq!(refused, 0, "{used_before} before, {apart} ms apart");
                let permitted = Duration::from_secs(10) * (100 + used_before as u32) / 5;
                let share = permitted.as_secs_f64() / took.as_secs_f64();
                assert!(share >= 0.9, "{used_before} before, {apart} ms apart: {share}");
            }
        }
    }

    #[test]
    fn a_limit_lower_than_thought_is_learnt() {
        let mut service = Service { requests: 3, answered: Vec::new() };
        let (_, refused) = ask_all(&mut service, 60);
        assert!(refused <= 2, "{refused} refused; five thought, three are");
    }

    proptest! {
        #[test]
        fn no_stretch_has_more_than_the_limit(waits in proptest::collection::vec(0_u64..5000, 1..60)) {
            let pace = Pace { requests: 5, per: Duration::from_secs(10) };
            let mut limit = RateLimit::new(pace);
            let mut now = Duration::ZERO;
            let mut sent = Vec::new();
            for wait in waits {
                now += Duration::from_millis(wait);
                let turn = limit.turn(now);
                prop_assert!(turn >= now);
                sent.push(turn);
            }
            for window in sent.windows(pace.requests + 1) {
                prop_assert!(window[pace.requests] - window[0] >= pace.per);
            }
        }
    }
}
