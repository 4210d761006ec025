//! The limit on report and audit requests: so many in any such stretch of time (facts 5).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A sliding window over the requests that were answered.
#[derive(Debug)]
pub(crate) struct Limit {
    requests: usize,
    per: Duration,
    answered: VecDeque<Instant>,
}

impl Default for Limit {
    fn default() -> Self {
        Self::new(5, Duration::from_secs(10))
    }
}

impl Limit {
    pub(crate) fn new(requests: usize, per: Duration) -> Self {
        Self { requests, per, answered: VecDeque::new() }
    }

    /// Lets a request through, or says how long to wait.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        while self.answered.front().is_some_and(|&first| now.duration_since(first) >= self.per) {
            self.answered.pop_front();
        }
        match self.answered.front() {
            Some(&first) if self.answered.len() >= self.requests => Err(self.per - now.duration_since(first)),
            _ => {
                self.answered.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_so_many_through_in_any_stretch() {
        let mut limit = Limit::new(2, Duration::from_secs(10));
        let start = Instant::now();
        assert!(limit.admit(start).is_ok());
        assert!(limit.admit(start + Duration::from_secs(4)).is_ok());
        assert_eq!(limit.admit(start + Duration::from_secs(9)), Err(Duration::from_secs(1)));
        assert!(limit.admit(start + Duration::from_secs(10)).is_ok());
        assert!(limit.admit(start + Duration::from_secs(11)).is_err());
    }
}
