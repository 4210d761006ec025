//! One member of the group, as the directory has them.

use jiff::{SignedDuration, Timestamp};

use crate::ids::UserId;
use crate::tenant::DirectoryContacts;

use super::Licence;

/// A user. What Graph did not say is `None`: unknown, never a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Object id.
    pub id: UserId,
    /// User principal name; foreign text.
    pub user_principal_name: Option<String>,
    /// Display name; foreign text.
    pub display_name: Option<String>,
    /// The address of their mailbox; foreign text. `None` where they have none.
    pub mail: Option<String>,
    /// Whether the account is enabled.
    pub is_enabled: Option<bool>,
    /// Whether the user is a guest.
    pub is_guest: Option<bool>,
    /// Whether the account is synchronised from on-premises. Graph says `null` for a cloud account, so
    /// there is no unknown here.
    pub is_synced: bool,
    /// What covers the user's password reset.
    pub licence: Licence,
    /// The numbers and addresses that the directory has of them.
    pub directory: Option<DirectoryContacts>,
    /// When they last signed in themselves, where that was asked for.
    pub last_sign_in: LastSignIn,
}

/// When someone last signed in interactively, which is when they are asked to register. Graph counts attempts that failed
/// (`signInActivity/lastSignInDateTime`, <https://learn.microsoft.com/graph/api/resources/signinactivity>); the time of the last
/// successful one is no substitute, as apps that sign in by themselves count there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastSignIn {
    /// Not asked for, or not in a form sspr knows.
    #[default]
    Unknown,
    /// Not since April 2020, from when on Graph knows.
    Never,
    /// Then.
    At(Timestamp),
}

impl LastSignIn {
    /// Days within which a sign-in is recent: what Microsoft's own `Get-EntraBetaInactiveSignInUser` takes
    /// (<https://learn.microsoft.com/powershell/module/microsoft.entra.beta.users/get-entrabetainactivesigninuser>).
    pub const RECENT_DAYS: i64 = 30;

    /// Returns whether Graph said when.
    pub fn is_at_a_time(self) -> bool {
        matches!(self, Self::At(_))
    }

    /// Returns whether it is recent; `None` is unknown.
    pub fn is_recent(self, now: Timestamp) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Never => Some(false),
            Self::At(at) => {
                Some(now.duration_since(at) <= SignedDuration::from_hours(24 * Self::RECENT_DAYS))
            }
        }
    }
}

impl Person {
    /// Returns what to call the person: the principal name, or the id where there is none.
    pub fn name(&self) -> String {
        self.user_principal_name.clone().unwrap_or_else(|| self.id.to_string())
    }
}
