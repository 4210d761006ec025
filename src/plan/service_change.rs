//! The dated changes Microsoft makes to password reset: one table, with sources.

use jiff::civil::{Date, date};

/// A change on Microsoft's side that reaches a pilot.
#[derive(Debug)]
pub struct ServiceChange {
    /// Kebab-case name; also the code of its finding.
    pub code: &'static str,
    /// The date as announced: a day, or a month where no day is public.
    pub announced: &'static str,
    /// The first day on which the change is certainly in force.
    pub in_force: Date,
    /// What happens, after "will": "be retired".
    pub will: &'static str,
    /// What happened, after the date: "were retired".
    pub was: &'static str,
    /// Where the date comes from.
    pub source: &'static str,
}

/// Every dated change this version knows (facts 0).
pub static SERVICE_CHANGES: [ServiceChange; 4] = [
    ServiceChange {
        code: "legacy-methods-frozen",
        announced: "2025-09-30",
        in_force: date(2025, 9, 30),
        will: "methods will no longer be managed in the legacy MFA and SSPR policies",
        was: "methods were no longer managed in the legacy MFA and SSPR policies",
        source: "https://learn.microsoft.com/entra/identity/authentication/concept-authentication-methods-manage",
    },
    ServiceChange {
        code: "explicit-registration",
        announced: "2026-11-09",
        in_force: date(2026, 11, 9),
        will: "password reset will accept only methods people registered themselves; numbers and addresses from the directory will no longer count",
        was: "password reset began to accept only methods people registered themselves; numbers and addresses from the directory no longer count",
        source: "https://mc.merill.net/message/MC1325414",
    },
    ServiceChange {
        code: "sms-voice-retire",
        announced: "2027-02-01",
        in_force: date(2027, 2, 1),
        will: "SMS and voice calls sent by Microsoft end in the public cloud",
        was: "SMS and voice calls sent by Microsoft ended in the public cloud",
        source: "https://learn.microsoft.com/entra/identity/authentication/concept-sms-voice-retirement",
    },
    ServiceChange {
        code: "security-questions-retire",
        announced: "2027-03",
        in_force: date(2027, 4, 1),
        will: "security questions will be retired from password reset",
        was: "security questions were retired from password reset",
        source: "https://learn.microsoft.com/entra/identity/authentication/concept-authentication-security-questions",
    },
];

/// Returns whether, on a day, only methods people registered themselves count (facts 0).
pub fn explicit_registration(today: Date) -> bool {
    ServiceChange::find("explicit-registration").is_some_and(|change| today >= change.in_force)
}

impl ServiceChange {
    /// Returns the change with this code.
    pub fn find(code: &str) -> Option<&'static Self> {
        SERVICE_CHANGES.iter().find(|change| change.code == code)
    }

    /// Returns the change as a sentence seen from `today`.
    pub fn message_on(&self, today: Date) -> String {
        if today >= self.in_force {
            format!("On {}, {}", self.announced, self.was)
        } else {
            format!("On {}, {}", self.announced, self.will)
        }
        .replace("On 2027-03,", "In 2027-03,")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_change_reads_as_past_from_its_date() {
        let change = ServiceChange::find("explicit-registration").unwrap();
        assert!(change.message_on(date(2026, 11, 8)).contains("will accept"));
        assert!(change.message_on(date(2026, 11, 9)).contains("began to accept"));
    }

    #[test]
    fn a_month_without_a_day_is_past_only_when_the_month_is_over() {
        let change = ServiceChange::find("security-questions-retire").unwrap();
        assert!(change.message_on(date(2027, 3, 31)).starts_with("In 2027-03, security questions will"));
        assert!(change.message_on(date(2027, 4, 1)).contains("were retired"));
    }
}
