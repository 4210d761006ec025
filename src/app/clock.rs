//! The time a run takes for now: the system's, or one that a person or a test sets.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::plan::utc_day;

/// The time a run goes by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// The instant taken for now; `None` is this machine's clock.
    pub fixed: Option<Timestamp>,
    /// How far the tenant's own clock is ahead of this machine's: only that of a pretend one can be.
    pub ahead: SignedDuration,
}

impl Clock {
    /// Returns the time, in whole seconds.
    pub fn now(self) -> Timestamp {
        let now = self.fixed.unwrap_or_else(|| Timestamp::now() + self.ahead);
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Returns the day in UTC, wherever this machine is.
    pub fn today(self) -> Date {
        utc_day(self.now())
    }
}
