//! A saved plan that was reviewed and is now to be applied.
//!
//! It is not replayed blindly. A new plan is made, and may differ from the reviewed one only in being
//! smaller: what is already there need not be written again.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Plan;
use crate::digest::{bare, of_document as digest, sha256};
use crate::ids::TenantId;
use crate::spec_file::{Key, listed_keys};
use crate::text::{counted, decoded, excerpt, visible};

/// The format of the plans this version saves and reads.
pub const FORMAT: &str = "sspr.plan/1";

/// Why a saved plan is not applied. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// Not whole: the file ends early, or is no JSON.
    #[error("the saved plan cannot be read: {0}")]
    Unreadable(String),
    /// Made by another version of this tool.
    #[error("the saved plan has the format {0}, but sspr reads {FORMAT}")]
    OtherFormat(String),
    /// Changed after it was saved.
    #[error("the saved plan was edited after it was made")]
    Edited,
    /// Made for another tenant.
    #[error("the saved plan is for tenant {}, but you are signed in to {}", visible(.planned), .found)]
    OtherTenant {
        /// The tenant of the plan.
        planned: String,
        /// The tenant that answered.
        found: TenantId,
    },
    /// Made from a file that reads differently now.
    #[error("{} changed since the plan was made", visible(.0))]
    OtherSpec(String),
    /// Made with other keys of its file left out.
    #[error("the saved plan leaves out {planned}, and this run {asked}")]
    OtherExcept {
        /// What the plan leaves out.
        planned: String,
        /// What is left out now.
        asked: String,
    },
    /// Made too long ago.
    #[error("the saved plan was made on {made}, more than {max_age} ago")]
    TooOld {
        /// When it was made.
        made: Timestamp,
        /// The age allowed, in words.
        max_age: String,
    },
    /// Made later than now, by more than clocks differ.
    #[error("the saved plan was made on {made}, which is in the future: it is now {now}")]
    FromFuture {
        /// When it was made, by the clock there.
        made: Timestamp,
        /// When it is, by the clock here.
        now: Timestamp,
    },
    /// The way to the spec is no longer what was reviewed.
    #[error("the plan is no longer what was reviewed: {}", .0.join("; "))]
    Differs(Vec<String>),
}

/// A saved plan, checked to be whole and as it was saved.
#[derive(Clone, Debug)]
pub struct Reviewed {
    document: Value,
    made: Timestamp,
}

/// Returns whether a file is a saved plan rather than a spec; by content, not by name.
pub fn is_saved_plan(bytes: &[u8]) -> bool {
    // A plan cut short within a character is still a plan, and refused as one.
    let text = decoded(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes));
    text.trim_start().starts_with('{') && text.contains("\"sspr.plan/")
}

/// Reads when a plan was made. The first plans say the day alone, of whatever zone: it counts from its beginning in UTC.
fn instant(made: &str) -> Option<Timestamp> {
    let of_day = || Some(made.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    made.parse().ok().or_else(of_day)
}

impl Reviewed {
    /// Reads a saved plan.
    ///
    /// # Errors
    /// Truncated, of another format, or edited by hand.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReviewError> {
        let unreadable = |problem: &str| ReviewError::Unreadable(problem.to_owned());
        let text = decoded(bytes).map_err(|error| unreadable(&format!("the file {error}")))?;
        let document: Value =
            serde_json::from_str(&text).map_err(|error| unreadable(&excerpt(&error.to_string(), 120)))?;
        let format = document["format"].as_str().unwrap_or("none");
        if format != FORMAT {
            return Err(ReviewError::OtherFormat(excerpt(format, 40)));
        }
        if document["digest"] != digest(&document).as_str() {
            return Err(ReviewError::Edited);
        }
        let made = document["made"].as_str().and_then(instant);
        Ok(Self { made: made.ok_or_else(|| unreadable("it does not say when it was made"))?, document })
    }

    /// Returns a plan as one that was reviewed: whoever said yes to it was shown it.
    pub fn shown(plan: &Plan) -> Self {
        let document = json!({"tenant": {"id": plan.tenant_id}, "changes": plan.changes});
        Self { document, made: plan.made }
    }

    /// Returns the path of the spec it was made from, as it was given then.
    pub fn spec_path(&self) -> &str {
        self.document["spec"]["path"].as_str().unwrap_or_default()
    }

    /// Checks that the bytes are those of the spec the plan was made from.
    ///
    /// # Errors
    /// [`ReviewError::OtherSpec`].
    pub fn check_spec(&self, bytes: &[u8]) -> Result<(), ReviewError> {
        let found = sha256(bytes);
        match self.document["spec"]["sha256"].as_str() {
            Some(planned) if planned == bare(&found) => Ok(()),
            _ => Err(ReviewError::OtherSpec(self.spec_path().to_owned())),
        }
    }

    /// Returns what of its spec it left out.
    ///
    /// # Errors
    /// [`ReviewError::Unreadable`], where that is no key.
    pub fn except(&self) -> Result<Vec<Key>, ReviewError> {
        let words = self.document["except"].as_array().map(Vec::as_slice).unwrap_or_default();
        let key = |word: &Value| word.as_str().unwrap_or_default().parse::<Key>();
        let keys: Result<Vec<Key>, _> = words.iter().map(key).collect();
        keys.map_err(|error| ReviewError::Unreadable(error.to_string()))
    }

    /// Checks that as much of its spec is left out as was then.
    ///
    /// # Errors
    /// [`ReviewError::OtherExcept`].
    pub fn check_except(&self, asked: &[Key]) -> Result<(), ReviewError> {
        let planned = self.except()?;
        let words = |keys: &[Key]| match keys {
            [] => "nothing".to_owned(),
            keys => listed_keys(keys),
        };
        match planned == asked {
            true => Ok(()),
            false => Err(ReviewError::OtherExcept { planned: words(&planned), asked: words(asked) }),
        }
    }

    /// Checks that the plan is not older than so many days of 24 hours, a part of one not counted.
    ///
    /// # Errors
    /// [`ReviewError::TooOld`]; [`ReviewError::FromFuture`] for one made more than a day from now, which a wrong clock
    /// makes.
    pub fn check_age(&self, now: Timestamp, max_age_days: u32) -> Result<(), ReviewError> {
        const HOURS_A_DAY: i64 = 24;
        let made = self.made;
        let age = now.duration_since(made);
        if age < SignedDuration::from_hours(-HOURS_A_DAY) {
            return Err(ReviewError::FromFuture { made, now });
        }
        if age.as_hours() / HOURS_A_DAY > i64::from(max_age_days) {
            return Err(ReviewError::TooOld { made, max_age: counted(max_age_days as usize, "day") });
        }
        Ok(())
    }

    /// Checks that applying `plan` does nothing that was not reviewed.
    ///
    /// # Errors
    /// [`ReviewError::OtherTenant`], or [`ReviewError::Differs`] with every difference.
    pub fn check_plan(&self, plan: &Plan) -> Result<(), ReviewError> {
        let planned = self.document["tenant"]["id"].as_str().unwrap_or_default();
        if !plan.tenant_id.is(planned) {
            return Err(ReviewError::OtherTenant { planned: planned.to_owned(), found: plan.tenant_id });
        }
        let reviewed = self.document["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let differences = plan.changes.iter().filter_map(|change| {
            let is_same = |reviewed: &&Value| {
                reviewed["key"] == change.key.as_str() && reviewed["resource"] == change.resource.as_str()
            };
            let shown = |value: &Value| excerpt(&value.to_string(), 200);
            let (key, now) = (&change.key, format!("{} → {}", shown(&change.from), shown(&change.to)));
            match reviewed.iter().find(is_same) {
                None => Some(format!("{key} is now also {now}")),
                Some(seen) if seen["from"] == change.from && seen["to"] == change.to => None,
                Some(seen) => {
                    let (from, to) = (shown(&seen["from"]), shown(&seen["to"]));
                    Some(format!("{key} was {from} → {to}, is now {now}"))
                }
            }
        });
        let differences: Vec<String> = differences.collect();
        if differences.is_empty() { Ok(()) } else { Err(ReviewError::Differs(differences)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(mut document: Value) -> Vec<u8> {
        document["digest"] = json!(digest(&document));
        document.to_string().into_bytes()
    }

    fn a_plan() -> Value {
        json!({"format": FORMAT, "made": "2026-11-20", "spec": {"path": "pilot.yaml", "sha256": "00"}, "changes": []})
    }

    #[test]
    fn only_a_whole_and_untouched_plan_is_read() {
        assert!(Reviewed::parse(&saved(a_plan())).is_ok());
        let whole = saved(a_plan());
        assert!(matches!(Reviewed::parse(&whole[..whole.len() - 1]), Err(ReviewError::Unreadable(_))));
        let edited = String::from_utf8(whole).unwrap().replace("pilot.yaml", "other.yaml");
        assert_eq!(Reviewed::parse(edited.as_bytes()).unwrap_err(), ReviewError::Edited);
        let mut newer = a_plan();
        newer["format"] = json!("sspr.plan/2");
        assert_eq!(
            Reviewed::parse(&saved(newer)).unwrap_err(),
            ReviewError::OtherFormat("sspr.plan/2".to_owned())
        );
    }

    #[test]
    fn a_plan_ages_by_days_wherever_it_was_made() {
        let at = |made: &str| {
            let mut plan = a_plan();
            plan["made"] = json!(made);
            Reviewed::parse(&saved(plan)).unwrap()
        };
        let check = |made: &str, now: &str, max_age| at(made).check_age(now.parse().unwrap(), max_age);
        let made = "2026-11-20T09:30:00Z";
        for now in ["2026-11-20T09:30:00Z", "2026-11-21T09:29:59Z", "2026-11-19T09:30:00Z"] {
            assert_eq!(check(made, now, 0), Ok(()), "{now}");
        }
        assert!(matches!(check(made, "2026-11-21T09:30:00Z", 0), Err(ReviewError::TooOld { .. })));
        assert_eq!(check(made, "2026-11-28T09:29:59Z", 7), Ok(()));
        assert!(matches!(check(made, "2026-11-28T09:30:00Z", 7), Err(ReviewError::TooOld { .. })));
        let message = check(made, "2026-11-19T09:29:59Z", 7).unwrap_err().to_string();
        assert_eq!(
            message,
            "the saved plan was made on 2026-11-20T09:30:00Z, which is in the future: it is now 2026-11-19T09:29:59Z"
        );
        // Plans that say the day alone are still read, and those of Auckland say tomorrow.
        for (now, is_fit) in
            [("2026-11-19T11:00:00Z", true), ("2026-11-27T23:59:59Z", true), ("2026-11-28T00:00:00Z", false)]
        {
            assert_eq!(check("2026-11-20", now, 7).is_ok(), is_fit, "{now}");
        }
    }

    #[test]
    fn a_saved_plan_is_recognised_by_its_content() {
        assert!(is_saved_plan(b"{\"format\": \"sspr.plan/1\""));
        assert!(is_saved_plan(b"\xef\xbb\xbf \n{ \"format\" : \"sspr.plan/9\"}"));
        assert!(!is_saved_plan(b"{version: 1}"));
        assert!(!is_saved_plan(b"version: 1 # \"sspr.plan/1\""));
    }
}
