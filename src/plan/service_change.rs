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
    /// What will happen, as a clause.
    pub will: &'static str,
    /// What happened, as a clause; `None` where no one has confirmed that it did, whatever day it is.
    pub was: Option<&'static str>,
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
        was: Some("methods were no longer managed in the legacy MFA and SSPR policies"),
        source: "https://learn.microsoft.com/entra/identity/authentication/concept-authentication-methods-manage",
    },
    ServiceChange {
        code: "explicit-registration",
        announced: "2026-11-09",
        in_force: date(2026, 11, 9),
        will: "only registered methods count for a reset, none from the directory alone",
        was: None,
        source: "https://mc.merill.net/message/MC1325414",
    },
    ServiceChange {
        code: "sms-voice-retire",
        announced: "2027-02-01",
        in_force: date(2027, 2, 1),
        will: "SMS and voice calls sent by Microsoft end in the public cloud",
        was: Some("SMS and voice calls sent by Microsoft ended in the public cloud"),
        source: "https://learn.microsoft.com/entra/identity/authentication/concept-sms-voice-retirement",
    },
    ServiceChange {
        code: "security-questions-retire",
        announced: "2027-03",
        in_force: date(2027, 4, 1),
        will: "security questions will be retired from password reset",
        was: Some("security questions were retired from password reset"),
        source: "https://learn.microsoft.com/entra/identity/authentication/concept-authentication-security-questions",
    },
];

/// Returns whether, on a day, only registered methods count, as announced: by people themselves or by an administrator
/// (facts 2026-11 A2 and A3). Microsoft's Learn page gives other dates than the announcement.
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
        let announced = self.announced;
        let preposition = if announced.len() == "2027-03".len() { "In" } else { "On" };
        match self.was {
            None => format!("Announced for {announced}: {}", self.will),
            Some(was) if today >= self.in_force => format!("{preposition} {announced}, {was}"),
            Some(_) => format!("{preposition} {announced}, {}", self.will),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_as_past_from_its_day_on() {
        let change = ServiceChange::find("sms-voice-retire").unwrap();
        assert!(change.message_on(date(2027, 1, 31)).contains("Microsoft end in"));
        assert!(change.message_on(date(2027, 2, 1)).contains("Microsoft ended in"));
    }

    #[test]
    fn what_no_one_has_confirmed_is_announced_on_every_day() {
        let change = ServiceChange::find("explicit-registration").unwrap();
        let said = "Announced for 2026-11-09: only registered methods count for a reset, none from the directory alone";
        for day in [date(2026, 10, 1), date(2026, 11, 9), date(2027, 6, 1)] {
            assert_eq!(change.message_on(day), said);
        }
    }

    #[test]
    fn a_month_without_a_day_is_past_only_when_the_month_is_over() {
        let change = ServiceChange::find("security-questions-retire").unwrap();
        assert!(change.message_on(date(2027, 3, 31)).starts_with("In 2027-03, security questions will"));
        assert!(change.message_on(date(2027, 4, 1)).contains("were retired"));
    }
}
