//! Whether a person can reset a password under the spec: yes, no or unknown, and why.

use std::collections::BTreeSet;

use super::Person;
use super::enough_methods::{are_enough, has_enough_methods};
use super::registration_report::method;
use crate::tenant::{DirectoryContacts, Method};

/// What a reset takes: from the spec where it manages it, else as the tenant has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The methods allowed; `None` is unknown.
    pub allowed: Option<BTreeSet<Method>>,
    /// How many a reset takes; `None` is unknown.
    pub required: Option<u64>,
    /// Whether only the Authentication methods policy counts (facts 3.6); `None` is unknown.
    pub is_migrated: Option<bool>,
    /// Whether only registered methods count, as announced (facts 2026-11 A2).
    pub is_explicit: bool,
    /// Whether synchronised passwords are written back; `None` is unknown.
    pub writeback: Option<bool>,
}

/// Why someone is not ready, or why that is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotReadyReason {
    /// The account is disabled.
    Disabled,
    /// Guests reset where they come from.
    Guest,
    /// Nothing assigned covers password reset.
    Unlicensed,
    /// The account is synchronised and passwords are not written back.
    NoWriteback,
    /// What is registered is not enough, and would be with the numbers and addresses that are in the directory alone.
    DirectoryOnly,
    /// Fewer methods registered than a reset takes.
    TooFewMethods,
    /// Only the app's notification is registered; with one method required only its code works (facts 3.5).
    NotificationOnly,
    /// Administrators fall under Microsoft's two-gate policy, not under the spec.
    Administrator,
    /// The registration report has no row: stale by up to 36 hours, or never registered (facts 4).
    NoReportRow,
    /// The report has a row that is not in a form sspr knows: theirs, or someone's it does not name.
    ReportRowUnreadable,
    /// The registration report was not read.
    ReportNotRead,
    /// Whether passwords are written back is unknown.
    WritebackUnknown,
    /// The licence is unknown.
    LicenceUnknown,
    /// Graph did not say whether the account is enabled or a guest.
    AccountUnknown,
    /// The roles are unknown.
    RolesUnknown,
    /// What a reset takes is unknown.
    RuleUnknown,
}

/// Whether a person can reset; `None` is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Yes, no, or unknown.
    pub is_ready: Option<bool>,
    /// The reasons, gravest first; empty where ready.
    pub why: Vec<NotReadyReason>,
    /// Whether the person counts as registered today and will not be able to reset under the spec.
    pub is_locked_out: bool,
    /// Whether numbers and addresses that are in the directory alone are what the person could reset with; `None` is
    /// unknown.
    pub is_directory_only: Option<bool>,
}

impl NotReadyReason {
    /// Returns the word machines read.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// Returns the reason in words for people.
    pub fn message(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Disabled => ("disabled", "account is disabled"),
            Self::Guest => ("guest", "guest: resets at home"),
            Self::Unlicensed => ("unlicensed", "no licence"),
            Self::NoWriteback => ("no-writeback", "synchronised, no writeback"),
            Self::DirectoryOnly => ("directory-only", "contacts in the directory only"),
            Self::TooFewMethods => ("too-few-methods", "too few methods"),
            Self::NotificationOnly => ("app-notification-only", "app notification alone"),
            Self::Administrator => ("administrator", "administrator: own policy"),
            Self::NoReportRow => ("no-report-row", "no row in the report yet"),
            Self::ReportRowUnreadable => ("report-row-unreadable", "unreadable row in the report"),
            Self::ReportNotRead => ("report-not-read", "registration not read"),
            Self::WritebackUnknown => ("writeback-unknown", "writeback unknown"),
            Self::LicenceUnknown => ("licence-unknown", "licence unknown"),
            Self::AccountUnknown => ("account-unknown", "account state unknown"),
            Self::RolesUnknown => ("roles-unknown", "roles unknown"),
            Self::RuleUnknown => ("rule-unknown", "reset policy unknown"),
        }
    }

    /// Returns whether the reason stands, whatever someone registers.
    fn leaves_out(self) -> bool {
        let is_of_methods = matches!(self, Self::DirectoryOnly | Self::TooFewMethods);
        (self.is_no() && !is_of_methods) || self == Self::Administrator
    }

    /// Returns whether the reason is a no; the others are unknowns.
    fn is_no(self) -> bool {
        matches!(
            self,
            Self::Disabled
                | Self::Guest
                | Self::Unlicensed
                | Self::NoWriteback
                | Self::DirectoryOnly
                | Self::TooFewMethods
        )
    }
}

impl Readiness {
    /// Returns why no method could make someone ready; `None` where one could.
    pub fn left_out(&self) -> Option<NotReadyReason> {
        self.why.iter().copied().find(|why| why.leaves_out())
    }

    /// Returns what someone lacks whom registering could make ready; `None` where it could not, or where something
    /// that was not read stands in the way.
    pub fn nudge(&self) -> Option<NotReadyReason> {
        use NotReadyReason as Why;
        let why = self.why.first().copied().filter(|_| self.left_out().is_none())?;
        let is_lack =
            matches!(why, Why::DirectoryOnly | Why::TooFewMethods | Why::NotificationOnly | Why::NoReportRow);
        is_lack.then_some(why)
    }

    /// Returns the reasons to show: the one that leaves someone out alone, and none that another says
    /// more exactly.
    pub fn reasons(&self) -> impl Iterator<Item = NotReadyReason> {
        let left_out = self.left_out();
        let is_exact = self.why.contains(&NotReadyReason::DirectoryOnly);
        let is_shown = move |why: &NotReadyReason| match left_out {
            Some(left_out) => *why == left_out,
            None => !(is_exact && *why == NotReadyReason::TooFewMethods),
        };
        self.why.iter().copied().filter(is_shown)
    }
}

impl Rule {
    /// Judges one person. `registration` is the words of their report row and whether the report calls them
    /// registered and capable; `None` where there is no row, for the reason `without`. `is_administrator` is `None` where unknown.
    pub fn judge(
        &self,
        person: &Person,
        is_administrator: Option<bool>,
        registration: Option<(&[&str], Option<bool>, Option<bool>)>,
        without: NotReadyReason,
    ) -> Readiness {
        let mut why = self.account(person, is_administrator);
        let mut is_locked_out = false;
        let is_directory_only = match registration {
            _ if why.iter().any(|why| why.leaves_out()) => Some(false),
            Some((words, ..)) => self.relies_on(person.directory, words),
            None => person.directory.filter(|contacts| contacts.methods().next().is_none()).map(|_| false),
        };
        match registration {
            None => why.push(without),
            Some((words, is_registered, is_capable)) => match self.methods(words) {
                None => {}
                // Before the day, what the directory holds counted too, and only the report knows of it.
                Some(_) if !self.is_explicit && is_capable == Some(true) => {}
                Some(lack) => {
                    why.push(lack);
                    why.extend((is_directory_only == Some(true)).then_some(NotReadyReason::DirectoryOnly));
                    is_locked_out = lack == NotReadyReason::TooFewMethods && is_registered == Some(true);
                }
            },
        }
        why.sort();
        let is_ready = match why.first() {
            None => Some(true),
            Some(_) if why.iter().any(|why| why.is_no()) => Some(false),
            Some(_) => None,
        };
        Readiness { is_ready, why, is_locked_out, is_directory_only }
    }

    fn account(&self, person: &Person, is_administrator: Option<bool>) -> Vec<NotReadyReason> {
        use NotReadyReason as Why;
        let is_known = person.is_enabled.is_some() && person.is_guest.is_some();
        let writeback = if person.is_synced { self.writeback } else { Some(true) };
        let unless = |is_fine: Option<bool>, no: Why, unknown: Why| match is_fine {
            Some(true) => None,
            Some(false) => Some(no),
            None => Some(unknown),
        };
        let why = [
            (!is_known).then_some(Why::AccountUnknown),
            (person.is_enabled == Some(false)).then_some(Why::Disabled),
            (person.is_guest == Some(true)).then_some(Why::Guest),
            unless(person.licence.covers(person.is_synced), Why::Unlicensed, Why::LicenceUnknown),
            unless(writeback, Why::NoWriteback, Why::WritebackUnknown),
            unless(is_administrator.map(|is_one| !is_one), Why::Administrator, Why::RolesUnknown),
        ];
        why.into_iter().flatten().collect()
    }

    /// Returns the rule as it would be if SMS and voice calls did not count.
    pub fn without_phones(&self) -> Self {
        let mut rule = self.clone();
        rule.allowed.iter_mut().for_each(|allowed| allowed.retain(|method| !method.is_phone()));
        rule
    }

    /// Returns whether the words of a report row are enough for a reset; `None` is unknown.
    pub fn is_met_by<S: AsRef<str>>(&self, words: &[S]) -> Option<bool> {
        has_enough_methods(self.allowed.as_ref()?, self.required?, self.is_migrated, words)
    }

    /// Returns whether what the directory has would be enough beside the words of a report row, and these alone are not;
    /// `None` is unknown.
    pub fn relies_on<S: AsRef<str>>(
        &self,
        directory: Option<DirectoryContacts>,
        words: &[S],
    ) -> Option<bool> {
        if self.is_met_by(words)? {
            return Some(false);
        }
        let registered = words.iter().filter_map(|word| method(word.as_ref()));
        let methods = registered.chain(directory?.methods());
        are_enough(self.allowed.as_ref()?, self.required?, self.is_migrated, methods)
    }

    /// Returns what the registered methods lack; `None` where they suffice.
    fn methods(&self, words: &[&str]) -> Option<NotReadyReason> {
        let (Some(allowed), Some(required)) = (&self.allowed, self.required) else {
            return Some(NotReadyReason::RuleUnknown);
        };
        match has_enough_methods(allowed, required, self.is_migrated, words) {
            Some(true) => None,
            Some(false) => Some(NotReadyReason::TooFewMethods),
            None => Some(NotReadyReason::NotificationOnly),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Licence;

    fn rule(required: u64, allowed: &[Method]) -> Rule {
        Rule {
            allowed: Some(allowed.iter().copied().collect()),
            required: Some(required),
            is_migrated: Some(false),
            is_explicit: true,
            writeback: Some(true),
        }
    }

    fn person() -> Person {
        Person {
            id: uuid::Uuid::from_u128(1).into(),
            user_principal_name: Some("ada@contoso.com".to_owned()),
            display_name: None,
            is_enabled: Some(true),
            is_guest: Some(false),
            is_synced: false,
            licence: Licence::P1,
            mail: None,
            directory: Some(DirectoryContacts::default()),
            last_sign_in: crate::people::LastSignIn::Unknown,
        }
    }

    fn judge(rule: &Rule, words: &[&str]) -> (Option<bool>, Vec<NotReadyReason>) {
        let readiness = rule.judge(
            &person(),
            Some(false),
            Some((words, Some(true), Some(true))),
            NotReadyReason::NoReportRow,
        );
        (readiness.is_ready, readiness.why)
    }

    #[test]
    fn only_methods_the_spec_allows_count_and_a_phone_counts_once() {
        let two = rule(2, &[Method::Email, Method::MobilePhone]);
        assert_eq!(judge(&two, &["email", "mobilePhone"]), (Some(true), vec![]));
        let short = (Some(false), vec![NotReadyReason::TooFewMethods]);
        assert_eq!(judge(&two, &["email", "officePhone", "fido2"]), short);
        assert_eq!(judge(&two, &["mobilePhone", "alternateMobilePhone"]), short);
        assert_eq!(judge(&rule(1, &[Method::Email]), &[]), short);
    }

    #[test]
    fn the_app_counts_once_and_its_notification_alone_is_no_certain_way() {
        let both = [Method::MobileAppNotification, Method::MobileAppCode, Method::Email];
        let app = ["microsoftAuthenticatorPush", "softwareOneTimePasscode"];
        assert_eq!(judge(&rule(2, &both), &app), (Some(false), vec![NotReadyReason::TooFewMethods]));
        assert_eq!(judge(&rule(1, &both), &app), (Some(true), vec![]));
        assert_eq!(judge(&rule(1, &both), &app[..1]), (None, vec![NotReadyReason::NotificationOnly]));
        assert_eq!(judge(&rule(2, &both), &["email", app[0]]), (Some(true), vec![]));
    }

    #[test]
    fn a_missing_row_is_unknown_and_never_no() {
        let rule = rule(1, &[Method::Email]);
        let readiness = rule.judge(&person(), Some(false), None, NotReadyReason::NoReportRow);
        assert_eq!((readiness.is_ready, readiness.why), (None, vec![NotReadyReason::NoReportRow]));
        let disabled = Person { is_enabled: Some(false), ..person() };
        let readiness = rule.judge(&disabled, Some(false), None, NotReadyReason::NoReportRow);
        assert_eq!(
            (readiness.is_ready, readiness.why),
            (Some(false), vec![NotReadyReason::Disabled, NotReadyReason::NoReportRow])
        );
    }

    #[test]
    fn before_the_day_the_report_may_know_of_more() {
        let mut rule = rule(1, &[Method::Email]);
        assert_eq!(judge(&rule, &[]).0, Some(false));
        rule.is_explicit = false;
        assert_eq!(judge(&rule, &[]).0, Some(true));
    }

    #[test]
    fn registered_today_and_not_enough_under_the_spec_is_locked_out() {
        let readiness = rule(2, &[Method::Email]).judge(
            &person(),
            Some(false),
            Some((&["email"], Some(true), None)),
            NotReadyReason::NoReportRow,
        );
        assert!(readiness.is_locked_out);
        let fresh = rule(2, &[Method::Email]).judge(
            &person(),
            Some(false),
            Some((&[], Some(false), None)),
            NotReadyReason::NoReportRow,
        );
        assert!(!fresh.is_locked_out);
    }

    #[test]
    fn a_synchronised_account_needs_writeback() {
        let synced = Person { is_synced: true, ..person() };
        for (writeback, is_ready) in [(Some(true), Some(true)), (Some(false), Some(false)), (None, None)] {
            let rule = Rule { writeback, ..rule(1, &[Method::Email]) };
            let row: (&[&str], _, _) = (&["email"], None, None);
            assert_eq!(
                rule.judge(&synced, Some(false), Some(row), NotReadyReason::NoReportRow).is_ready,
                is_ready
            );
        }
    }

    #[test]
    fn an_administrator_is_not_the_specs_to_judge() {
        let rule = rule(1, &[Method::Email]);
        let row: (&[&str], _, _) = (&["email"], None, None);
        assert_eq!(rule.judge(&person(), Some(true), Some(row), NotReadyReason::NoReportRow).is_ready, None);
        assert_eq!(
            rule.judge(&person(), None, Some(row), NotReadyReason::NoReportRow).why,
            [NotReadyReason::RolesUnknown]
        );
    }

    #[test]
    fn what_the_service_leaves_out_of_an_account_is_unknown() {
        let rule = rule(1, &[Method::Email]);
        let row: (&[&str], _, _) = (&["email"], None, None);
        for (person, why) in [
            (Person { is_enabled: None, ..person() }, NotReadyReason::AccountUnknown),
            (Person { is_guest: None, ..person() }, NotReadyReason::AccountUnknown),
            (Person { licence: Licence::Unknown, ..person() }, NotReadyReason::LicenceUnknown),
        ] {
            let readiness = rule.judge(&person, Some(false), Some(row), NotReadyReason::NoReportRow);
            assert_eq!((readiness.is_ready, readiness.why), (None, vec![why]));
        }
        let guest = Person { is_enabled: None, is_guest: Some(true), ..person() };
        assert_eq!(
            rule.judge(&guest, Some(false), Some(row), NotReadyReason::NoReportRow).is_ready,
            Some(false)
        );
    }

    #[test]
    fn numbers_and_addresses_of_the_directory_are_told_from_registered_ones() {
        let contacts = DirectoryContacts { mobile_phone: true, ..DirectoryContacts::default() };
        let someone = Person { directory: Some(contacts), ..person() };
        let judge = |rule: &Rule, person: &Person, words: Option<&[&str]>| {
            let row = words.map(|words| (words, None, Some(true)));
            let readiness = rule.judge(person, Some(false), row, NotReadyReason::NoReportRow);
            (readiness.is_ready, readiness.is_directory_only, readiness.reasons().next())
        };
        let allowed = rule(1, &[Method::Email, Method::MobilePhone]);
        let relies = (Some(false), Some(true), Some(NotReadyReason::DirectoryOnly));
        assert_eq!(judge(&allowed, &someone, Some(&[])), relies);
        assert_eq!(
            judge(&rule(2, &[Method::Email, Method::MobilePhone]), &someone, Some(&["email"])),
            relies
        );
        // Before the day they count, and are listed all the same.
        let before = Rule { is_explicit: false, ..allowed.clone() };
        assert_eq!(judge(&before, &someone, Some(&[])), (Some(true), Some(true), None));
        // A method that is not allowed, one too few, or a registered one that is enough.
        let few = (Some(false), Some(false), Some(NotReadyReason::TooFewMethods));
        assert_eq!(judge(&rule(1, &[Method::Email]), &someone, Some(&[])), few);
        assert_eq!(judge(&rule(2, &[Method::Email, Method::MobilePhone]), &someone, Some(&[])), few);
        assert_eq!(judge(&allowed, &someone, Some(&["email"])), (Some(true), Some(false), None));
        // Whom no method makes ready is no one to reach; what is not told is unknown.
        let guest = Person { is_guest: Some(true), ..someone.clone() };
        assert_eq!(judge(&allowed, &guest, Some(&[])).1, Some(false));
        let untold = Person { directory: None, ..person() };
        assert_eq!(judge(&allowed, &untold, Some(&[])).1, None);
        assert_eq!(judge(&allowed, &someone, None).1, None);
        assert_eq!(judge(&allowed, &person(), None).1, Some(false));
    }

    #[test]
    fn every_reason_has_a_word_and_a_sentence_of_its_own() {
        use std::collections::BTreeSet;

        let reasons = [
            NotReadyReason::ReportRowUnreadable,
            NotReadyReason::Disabled,
            NotReadyReason::Guest,
            NotReadyReason::Unlicensed,
            NotReadyReason::NoWriteback,
            NotReadyReason::DirectoryOnly,
            NotReadyReason::TooFewMethods,
            NotReadyReason::NotificationOnly,
            NotReadyReason::Administrator,
            NotReadyReason::NoReportRow,
            NotReadyReason::ReportNotRead,
            NotReadyReason::WritebackUnknown,
            NotReadyReason::LicenceUnknown,
            NotReadyReason::AccountUnknown,
            NotReadyReason::RolesUnknown,
            NotReadyReason::RuleUnknown,
        ];
        let words: BTreeSet<&str> = reasons.iter().map(|why| why.as_str()).collect();
        let described: BTreeSet<&str> = reasons.iter().map(|why| why.message()).collect();
        assert_eq!((words.len(), described.len()), (reasons.len(), reasons.len()));
        assert!(
            words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')),
            "{words:?}"
        );
    }
}
