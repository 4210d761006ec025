//! What a result says of the snapshot it was made from: which file, and as of when.

use jiff::Timestamp;

use super::{Snapshot, SnapshotError};
use crate::text::{counted, shell_word};

/// Days after which a snapshot is said to be old, where no age is asked for.
const IS_OLD_AFTER: i64 = 7;

const HOURS_A_DAY: i64 = 24;

/// Where something was read that was not read from the tenant itself, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotMark {
    /// The file, as it was named.
    pub path: String,
    /// When it was taken.
    pub taken: Timestamp,
    /// When it is now.
    pub now: Timestamp,
    /// Its digest.
    pub digest: String,
    /// Whether the admin centre's half alone was read from it, and Graph's from the tenant.
    pub is_portal_only: bool,
    /// Whether people are in it.
    pub has_people: bool,
}

impl SnapshotMark {
    /// Returns the mark of a snapshot that is read now.
    pub fn new(snapshot: &Snapshot, path: &str, now: Timestamp) -> Self {
        Self {
            path: path.to_owned(),
            taken: snapshot.taken,
            now,
            digest: snapshot.digest(),
            is_portal_only: false,
            has_people: snapshot.has_people,
        }
    }

    /// Returns how old it is in whole days of 24 hours.
    pub fn days(&self) -> i64 {
        self.now.duration_since(self.taken).as_hours() / HOURS_A_DAY
    }

    /// Returns how old it is in words: "3 days old".
    pub fn age(&self) -> String {
        let age = self.now.duration_since(self.taken);
        match (age.as_hours() / HOURS_A_DAY, age.as_hours(), age.as_mins()) {
            (_, _, ..0) => "from the future".to_owned(),
            (0, 0, 0) => "less than a minute old".to_owned(),
            (0, 0, minutes) => format!("{} old", counted_signed(minutes, "minute")),
            (0, hours, _) => format!("{} old", counted_signed(hours, "hour")),
            (days, _, _) => format!("{} old", counted_signed(days, "day")),
        }
    }

    /// As [`Self::age`], for what is compared with what was said an hour ago.
    pub fn age_in_days(&self) -> String {
        if (0..HOURS_A_DAY).contains(&self.now.duration_since(self.taken).as_hours()) {
            return "less than a day old".to_owned();
        }
        self.age()
    }

    /// Checks the age: more than `max_days` of 24 hours, a part of one not counted, is refused.
    ///
    /// # Errors
    /// Too old; or taken more than a day from now, which a wrong clock makes.
    pub fn check_age(&self, max_days: Option<u32>) -> Result<(), SnapshotError> {
        let (taken, now) = (self.taken, self.now);
        if now.duration_since(taken).as_hours() < -HOURS_A_DAY {
            return Err(SnapshotError::FromFuture { taken, now });
        }
        match max_days {
            Some(max) if self.days() > i64::from(max) => {
                Err(SnapshotError::TooOld { taken, max_age: counted(max, "day") })
            }
            _ => Ok(()),
        }
    }

    /// Returns the warning of a snapshot that is old; `None` of one that is not.
    pub fn warning(&self) -> Option<String> {
        let is_old = self.days() > IS_OLD_AFTER;
        is_old.then(|| {
            format!(
                "The snapshot is {}: the tenant may have changed since. `sspr snapshot{} --out {}` takes a new one.",
                self.age(),
                if self.has_people { " --with-people" } else { "" },
                shell_word(&self.path)
            )
        })
    }
}

fn counted_signed(count: i64, noun: &str) -> String {
    counted(count.unsigned_abs(), noun)
}

#[cfg(test)]
mod tests {
    use super::super::tests::example;
    use super::*;

    fn at(now: &str) -> SnapshotMark {
        // Taken on 2026-11-26T07:00:00Z.
        SnapshotMark::new(&example(), "s.json", now.parse().unwrap())
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        for (now, said) in [
            ("2026-11-26T07:00:59Z", "less than a minute old"),
            ("2026-11-26T07:01:00Z", "1 minute old"),
            ("2026-11-26T08:59:00Z", "1 hour old"),
            ("2026-11-27T06:59:59Z", "23 hours old"),
            ("2026-11-29T07:00:00Z", "3 days old"),
            ("2026-11-26T06:00:00Z", "from the future"),
        ] {
            assert_eq!(at(now).age(), said, "{now}");
        }
    }

    #[test]
    fn an_old_one_is_warned_of_and_refused_only_where_an_age_is_asked_for() {
        let taken = "2026-11-26T07:00:00Z".parse().unwrap();
        assert_eq!(at("2026-12-04T06:59:59Z").warning(), None);
        assert!(at("2026-12-04T07:00:00Z").warning().is_some_and(|said| said.contains("8 days old")));
        assert_eq!(at("2027-11-26T07:00:00Z").check_age(None), Ok(()));
        let too_old = SnapshotError::TooOld { taken, max_age: "1 day".to_owned() };
        assert_eq!(at("2026-11-28T07:00:00Z").check_age(Some(1)), Err(too_old));
        assert_eq!(at("2026-11-28T06:59:59Z").check_age(Some(1)), Ok(()));
        assert!(at("2026-11-25T05:59:59Z").check_age(None).is_err());
        assert_eq!(at("2026-11-25T07:00:00Z").check_age(Some(0)), Ok(()));
    }
}
