//! The rule by which a fleet run begins no further tenant.

use std::fmt;
use std::str::FromStr;

/// How many tenants may fail before no further one is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxFailures {
    /// Any number.
    All,
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u8),
}

impl MaxFailures {
    /// Returns whether more of so many tenants failed than may. Reached is not exceeded.
    pub fn is_exceeded(self, failures: usize, of: usize) -> bool {
        match self {
            Self::All => false,
            Self::Count(most) => failures as u64 > u64::from(most),
            Self::Percent(most) => failures as u64 * 100 > u64::from(most) * of as u64,
        }
    }
}

impl fmt::Display for MaxFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("100%"),
            Self::Count(most) => most.fmt(f),
            Self::Percent(most) => write!(f, "{most}%"),
        }
    }
}

/// A text that says no number of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMaximum;

impl fmt::Display for NotAMaximum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither a number of tenants, such as 3, nor a share of them, such as 10%")
    }
}

impl std::error::Error for NotAMaximum {}

impl FromStr for MaxFailures {
    type Err = NotAMaximum;

    fn from_str(text: &str) -> Result<Self, NotAMaximum> {
        match text.strip_suffix('%') {
            Some(share) => match share.parse() {
                Ok(100) => Ok(Self::All),
                Ok(share @ 0..100) => Ok(Self::Percent(share)),
                _ => Err(NotAMaximum),
            },
            None => text.parse().map(Self::Count).map_err(|_| NotAMaximum),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_limit_is_exceeded_and_not_equalled() {
        let exceeded =
            |rule: &str, failures, of| rule.parse::<MaxFailures>().unwrap().is_exceeded(failures, of);
        assert!(!exceeded("0", 0, 10) && exceeded("0", 1, 10));
        assert!(!exceeded("3", 3, 10) && exceeded("3", 4, 10));
        assert!(!exceeded("10%", 1, 10) && exceeded("10%", 2, 10));
        // A share of few tenants is less than one of them.
        assert!(!exceeded("10%", 0, 5) && exceeded("10%", 1, 5));
        assert!(!exceeded("100%", 10, 10) && !exceeded("100%", 0, 0));
    }

    #[test]
    fn what_is_no_number_of_tenants_is_refused() {
        for text in ["", "-1", "1.5", "101%", "300%", "%", "any", "10 %", "4294967296"] {
            assert_eq!(text.parse::<MaxFailures>(), Err(NotAMaximum), "{text}");
        }
    }

    proptest! {
        /// More failures never make room, and the words of a rule mean the rule.
        #[test]
        fn a_rule_is_monotonous_and_reads_as_it_is_written(
            rule in prop_oneof![
                Just(MaxFailures::All), any::<u32>().prop_map(MaxFailures::Count), (0..100u8).prop_map(MaxFailures::Percent)
            ],
            failures in 0..2000usize,
            of in 0..2000usize,
        ) {
            prop_assert_eq!(rule.to_string().parse(), Ok(rule));
            prop_assert!(rule.is_exceeded(failures + 1, of) || !rule.is_exceeded(failures, of));
            prop_assert!(!rule.is_exceeded(0, of));
        }
    }
}
