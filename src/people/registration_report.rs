//! The registration report in little memory: a million rows in 24 MB.

use crate::ids::UserId;

use super::NotReadyReason;
use crate::tenant::Method;

/// A row of the registration report, in compact form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Which methods are registered, as a set of [`MethodNames`].
    pub methods: u32,
    /// Whether the user registered as many methods as password reset takes.
    pub is_registered: Option<bool>,
    /// Whether the policy lets the user reset.
    pub is_enabled: Option<bool>,
    /// Both of those.
    pub is_capable: Option<bool>,
}

/// The report's words for methods, by their place in a set. The words are open: new ones come.
#[derive(Clone, Debug, Default)]
pub struct MethodNames {
    names: Vec<String>,
}

/// Room for words in a set; later ones share the last place.
const PLACES: usize = 32;

impl MethodNames {
    /// Returns the set of these words.
    pub fn set(&mut self, words: &[String]) -> u32 {
        words.iter().map(|word| short(word)).fold(0, |set, word| {
            let known = self.names.iter().position(|name| name == word);
            let at = known.unwrap_or_else(|| {
                if self.names.len() < PLACES - 1 {
                    self.names.push(word.to_owned());
                } else if self.names.len() == PLACES - 1 {
                    self.names.push("other".to_owned());
                }
                self.names.len() - 1
            });
            set | 1 << at
        })
    }

    /// Returns the words of a set, in the order they were first met.
    pub fn words(&self, set: u32) -> Vec<&str> {
        self.names
            .iter()
            .enumerate()
            .filter(|(at, _)| set & (1 << at) != 0)
            .map(|(_, name)| name.as_str())
            .collect()
    }
}

/// Returns a word as far as one is kept; those there are have 40 letters at most.
fn short(word: &str) -> &str {
    word.char_indices().nth(100).map_or(word, |(cut, _)| &word[..cut])
}

/// Every row that was read, found by user id.
#[derive(Clone, Debug, Default)]
pub struct RegistrationIndex {
    rows: Vec<(UserId, u32, u32)>,
    names: MethodNames,
    oldest: Option<String>,
    is_sorted: bool,
    has_nameless: bool,
}

/// The most letters a time has.
const LONGEST_TIME: usize = 40;

const SEEN: u32 = 1 << 31;
/// Marks a row of which nothing but whose it is could be read.
const UNREADABLE: u32 = 1 << 30;

impl RegistrationIndex {
    /// Adds a row. `words` are `methodsRegistered`; `updated` is the report's own time for it (ISO 8601 text).
    pub fn insert(
        &mut self,
        user: UserId,
        words: &[String],
        flags: [Option<bool>; 3],
        updated: Option<&str>,
    ) {
        let set = self.names.set(words);
        let flags =
            flags.iter().rev().fold(0, |all, flag| all << 2 | flag.map_or(0, |flag| 2 | u32::from(flag)));
        self.rows.push((user, set, flags));
        self.is_sorted = false;
        if let Some(updated) = updated.filter(|updated| updated.len() <= LONGEST_TIME)
            && self.oldest.as_deref().is_none_or(|oldest| updated < oldest)
        {
            self.oldest = Some(updated.to_owned());
        }
    }

    /// Adds a row of which nothing but whose it is could be read; or not even that.
    pub fn insert_unreadable(&mut self, user: Option<UserId>) {
        match user {
            Some(user) => self.rows.push((user, 0, UNREADABLE)),
            None => self.has_nameless = true,
        }
        self.is_sorted = false;
    }

    /// Returns why there is no [`row`](Self::row) of a user.
    pub fn lack(&self, user: UserId) -> NotReadyReason {
        let is_unreadable = self.find(user).is_some_and(|at| self.rows[at].2 & UNREADABLE != 0);
        if is_unreadable || self.has_nameless {
            NotReadyReason::ReportRowUnreadable
        } else {
            NotReadyReason::NoReportRow
        }
    }

    /// Makes the rows findable; a user with two rows keeps one.
    pub fn sort(&mut self) {
        self.rows.sort_unstable_by_key(|(user, ..)| *user);
        self.rows.dedup_by_key(|(user, ..)| *user);
        self.is_sorted = true;
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the time of the oldest row, as the report wrote it.
    pub fn oldest(&self) -> Option<&str> {
        self.oldest.as_deref()
    }

    /// Marks a user as met; `None` where there is no row, `Some(false)` where they were met before.
    pub fn meet(&mut self, user: UserId) -> Option<bool> {
        let at = self.find(user)?;
        let flags = &mut self.rows[at].2;
        let is_new = *flags & SEEN == 0;
        *flags |= SEEN;
        Some(is_new)
    }

    /// Returns the row of a user; `None` where the report has none that could be read.
    pub fn row(&self, user: UserId) -> Option<Registration> {
        let (_, methods, flags) = self.rows[self.find(user)?];
        if flags & UNREADABLE != 0 {
            return None;
        }
        let flag = |at: u32| match flags >> (2 * at) & 3 {
            2 => Some(false),
            3 => Some(true),
            _ => None,
        };
        Some(Registration { methods, is_registered: flag(0), is_enabled: flag(1), is_capable: flag(2) })
    }

    /// Returns the words behind the sets of methods.
    pub fn names(&self) -> &MethodNames {
        &self.names
    }

    fn find(&self, user: UserId) -> Option<usize> {
        if self.is_sorted {
            self.rows.binary_search_by_key(&user, |(id, ..)| *id).ok()
        } else {
            self.rows.iter().position(|(id, ..)| *id == user)
        }
    }
}

/// Returns what the portal calls a word of the report; `None` for one this version does not know.
pub fn method_name(word: &str) -> Option<&'static str> {
    Some(match word {
        "alternateMobilePhone" => "Alternate mobile phone",
        "hardwareOneTimePasscode" => "Hardware OATH token",
        "microsoftAuthenticatorPasswordless" => "Microsoft Authenticator, passwordless",
        "fido2SecurityKey" | "fido2" => "Passkey (FIDO2)",
        "passKeyDeviceBound" => "Passkey, device-bound",
        "passKeyDeviceBoundAuthenticator" => "Passkey in Microsoft Authenticator",
        "passKeyDeviceBoundWindowsHello" => "Passkey in Windows Hello",
        "passKeySynced" => "Passkey, synced",
        "windowsHelloForBusiness" => "Windows Hello for Business",
        "macOsSecureEnclaveKey" => "Platform credential for macOS",
        "temporaryAccessPass" => "Temporary Access Pass",
        "qrCode" => "QR code",
        word => return method(word).map(Method::label),
    })
}

/// Returns the spec's method behind a word of the report; `None` where password reset has no use for it.
pub fn method(word: &str) -> Option<Method> {
    Some(match word {
        "email" => Method::Email,
        "mobilePhone" | "alternateMobilePhone" => Method::MobilePhone,
        "officePhone" => Method::OfficePhone,
        "microsoftAuthenticatorPush" => Method::MobileAppNotification,
        "softwareOneTimePasscode" | "hardwareOneTimePasscode" => Method::MobileAppCode,
        "securityQuestion" => Method::SecurityQuestions,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(id: u128) -> UserId {
        Uuid::from_u128(id).into()
    }

    #[test]
    fn a_row_comes_back_as_it_went_in() {
        let mut book = RegistrationIndex::default();
        let words = ["email".to_owned(), "fido2SecurityKey".to_owned()];
        book.insert(id(9), &words, [Some(true), None, Some(false)], Some("2026-11-21T18:00:00Z"));
        book.insert(id(3), &[], [Some(false); 3], Some("2026-11-20T18:00:00Z"));
        book.sort();
        let row = book.row(id(9)).unwrap();
        assert_eq!(book.names().words(row.methods), ["email", "fido2SecurityKey"]);
        assert_eq!((row.is_registered, row.is_enabled, row.is_capable), (Some(true), None, Some(false)));
        assert_eq!(book.row(id(4)), None);
        assert_eq!(book.oldest(), Some("2026-11-20T18:00:00Z"));
        assert_eq!((book.meet(id(3)), book.meet(id(3))), (Some(true), Some(false)));
        assert_eq!(book.row(id(3)).unwrap().is_registered, Some(false));
    }

    #[test]
    fn more_words_than_places_share_the_last() {
        let mut names = MethodNames::default();
        let words: Vec<String> = (0..41).map(|i| format!("word{i}")).collect();
        let set = names.set(&words);
        assert_eq!(names.words(set).len(), PLACES);
        assert_eq!(names.words(set).last(), Some(&"other"));
        let twice = names.set(&["word1".to_owned(), "word1".to_owned()]);
        assert_eq!(names.words(twice), ["word1"]);
    }

    #[test]
    fn words_and_times_longer_than_any_take_no_room() {
        let mut book = RegistrationIndex::default();
        let words = ["ä".repeat(5_000_000), "email".to_owned()];
        book.insert(id(1), &words, [None; 3], Some(&"2".repeat(5_000_000)));
        assert_eq!((book.names().words(1)[0].chars().count(), book.names().words(2)), (100, vec!["email"]));
        assert_eq!(book.oldest(), None);
    }

    #[test]
    fn a_user_with_two_rows_keeps_one() {
        let mut book = RegistrationIndex::default();
        assert!(book.is_empty());
        for user in [7, 3, 7] {
            book.insert(id(user), &[], [None; 3], None);
        }
        assert!(!book.is_empty());
        assert!(book.row(id(3)).is_some() && book.row(id(4)).is_none());
        book.sort();
        assert_eq!((book.len(), book.oldest()), (2, None));
    }

    #[test]
    fn the_reports_words_are_read_and_new_ones_are_no_method_of_ours() {
        for (word, read) in [
            ("email", Some(Method::Email)),
            ("mobilePhone", Some(Method::MobilePhone)),
            ("alternateMobilePhone", Some(Method::MobilePhone)),
            ("officePhone", Some(Method::OfficePhone)),
            ("microsoftAuthenticatorPush", Some(Method::MobileAppNotification)),
            ("softwareOneTimePasscode", Some(Method::MobileAppCode)),
            ("hardwareOneTimePasscode", Some(Method::MobileAppCode)),
            ("securityQuestion", Some(Method::SecurityQuestions)),
            ("microsoftAuthenticatorPasswordless", None),
            ("windowsHelloForBusiness", None),
        ] {
            assert_eq!(method(word), read, "{word}");
            assert!(method_name(word).is_some(), "{word}");
        }
    }
}
