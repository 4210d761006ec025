//! Logs waits before retries: one line for many.

use std::mem::Discriminant;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::time::Instant;

use super::error::ClientError;

/// After so long the same trouble is worth another line: it is still there.
const STILL_THERE: Duration = Duration::from_secs(30);

/// What made a request wait: how its attempt ended, and the status where there was an answer.
type Trouble = (Discriminant<ClientError>, Option<StatusCode>);

/// What was said last, shared by everything that sends.
#[derive(Debug, Default)]
pub(super) struct RetryLog {
    last: Mutex<Option<(Trouble, Instant)>>,
}

impl RetryLog {
    /// Says that a request is sent again after a wait: where eight at once meet the same, for the first of them, and
    /// for the others only with -v.
    pub(super) fn log(&self, error: &ClientError, wait: Duration) {
        let (message, seconds) = (error.with_causes(), wait.as_secs_f64());
        match (self.is_news((std::mem::discriminant(error), error.status()), Instant::now()), error.brief()) {
            (true, Some(brief)) => {
                tracing::warn!("{brief}; trying for a while");
                tracing::info!("{message}; retrying in {seconds:.1} s");
            }
            (true, None) => tracing::warn!(
                "{message}; retrying in {seconds:.1} s, like other requests that fail the same way"
            ),
            (false, _) => tracing::info!("{message}; retrying in {seconds:.1} s"),
        }
    }

    fn is_news(&self, trouble: Trouble, now: Instant) -> bool {
        let Ok(mut last) = self.last.lock() else { return true };
        let is_known =
            last.is_some_and(|(known, at)| known == trouble && now.duration_since(at) < STILL_THERE);
        if !is_known {
            *last = Some((trouble, now));
        }
        !is_known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::error::Call;

    #[test]
    fn a_repeated_retry_is_logged_once_and_again_when_it_lasts() {
        let log = RetryLog::default();
        let met = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            let error =
                ClientError::Status { call: Box::new(Call::example()), status, detail: Box::default() };
            (std::mem::discriminant(&error), error.status())
        };
        let start = Instant::now();
        assert!(log.is_news(met(503), start));
        assert!(!log.is_news(met(503), start + STILL_THERE / 2));
        assert!(log.is_news(met(429), start + STILL_THERE / 2));
        assert!(!log.is_news(met(429), start + STILL_THERE));
        assert!(log.is_news(met(429), start + STILL_THERE * 2));
    }
}
