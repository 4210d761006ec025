//! Decides whether and when to send a request again. Pure: it knows no clock, network or randomness.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How patient requests are. Reads alone are sent again by themselves; before a write is, the engine looks at what
/// it would write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often one request is sent at most.
    pub attempts: u32,
    /// The wait before the second attempt where the service names none; each further one is twice as long.
    pub first: Duration,
    /// The longest single wait; a service that asks for more gets none, and the request fails.
    pub longest: Duration,
    /// How long one request may take with all its attempts and waits.
    pub total: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(120),
            total: Duration::from_secs(300),
        }
    }
}

/// What an attempt met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// An answer that is no success, and the wait it asks for.
    Status(StatusCode, Option<Duration>),
    /// No answer, or one that broke off or cannot be decoded.
    Lost,
}

impl RetryPolicy {
    /// Returns how long to wait before sending again; `None` is to give up. `attempts` is how often the request was
    /// sent, and `elapsed` the time since the first. `jitter` is from 0 to 1 and spreads clients that were turned away
    /// together.
    pub(super) fn next(
        &self,
        met: FailureKind,
        attempts: u32,
        elapsed: Duration,
        jitter: f64,
    ) -> Option<Duration> {
        let asked = match met {
            FailureKind::Status(status, _) if !is_transient(status) => return None,
            FailureKind::Status(_, asked) => asked,
            FailureKind::Lost => None,
        };
        if attempts >= self.attempts {
            return None;
        }
        let wait = match asked {
            Some(asked) if asked > self.longest => return None,
            // Never earlier than asked.
            Some(asked) => asked + asked.mul_f64(jitter / 10.0),
            None => {
                let doubled = self.first.saturating_mul(1 << attempts.saturating_sub(1).min(16));
                doubled.min(self.longest).mul_f64(0.5 + jitter / 2.0)
            }
        };
        (elapsed + wait <= self.total).then_some(wait)
    }
}

fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// Returns the wait a `Retry-After` header asks for, in seconds or as an HTTP date; a date that is past asks
/// for none.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        attempts: 4,
        first: Duration::from_secs(1),
        longest: Duration::from_secs(60),
        total: Duration::from_secs(100),
    };

    fn status(code: u16) -> FailureKind {
        FailureKind::Status(StatusCode::from_u16(code).unwrap(), None)
    }

    fn status_after(code: u16, seconds: u64) -> FailureKind {
        FailureKind::Status(StatusCode::from_u16(code).unwrap(), Some(Duration::from_secs(seconds)))
    }

    #[test]
    fn a_read_is_sent_again_after_what_passes() {
        for met in [408, 429, 500, 502, 503, 504].map(status).into_iter().chain([FailureKind::Lost]) {
            assert!(POLICY.next(met, 1, Duration::ZERO, 0.0).is_some(), "{met:?}");
        }
        for met in [301, 400, 401, 403, 404, 409, 412, 501, 505].map(status) {
            assert_eq!(POLICY.next(met, 1, Duration::ZERO, 0.0), None, "{met:?}");
        }
    }

    #[test]
    fn waits_double_and_are_spread_and_end() {
        let waits = |jitter| {
            [1, 2, 3].map(|n| POLICY.next(FailureKind::Lost, n, Duration::ZERO, jitter).unwrap().as_millis())
        };
        assert_eq!(waits(1.0), [1000, 2000, 4000]);
        assert_eq!(waits(0.0), [500, 1000, 2000]);
        assert_eq!(POLICY.next(FailureKind::Lost, 4, Duration::ZERO, 1.0), None);
        let long = RetryPolicy { attempts: 100, total: Duration::MAX, ..POLICY };
        assert_eq!(long.next(FailureKind::Lost, 90, Duration::ZERO, 1.0), Some(Duration::from_secs(60)));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_or_not_started() {
        let asked = |seconds, jitter| POLICY.next(status_after(429, seconds), 1, Duration::ZERO, jitter);
        assert_eq!(asked(7, 0.0), Some(Duration::from_secs(7)));
        assert!(asked(7, 1.0).unwrap() > Duration::from_secs(7));
        assert_eq!(asked(0, 1.0), Some(Duration::ZERO));
        assert_eq!(asked(61, 0.0), None);
        assert_eq!(POLICY.next(status_after(429, 7), 1, Duration::from_secs(95), 0.0), None);
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now = "2026-10-21T07:27:30Z".parse().unwrap();
        let wait =
            |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]), now);
        assert_eq!(wait("30"), Some(Duration::from_secs(30)));
        assert_eq!(wait(" 0 "), Some(Duration::ZERO));
        assert_eq!(wait("Wed, 21 Oct 2026 07:28:00 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(wait("Wed, 21 Oct 2026 07:00:00 GMT"), Some(Duration::ZERO));
        for nonsense in ["soon", "-3", "1.5", ""] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
