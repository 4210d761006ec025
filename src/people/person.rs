//! One member of the group, as the directory has them.

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
}

impl Person {
    /// Returns what to call the person: the principal name, or the id where there is none.
    pub fn name(&self) -> String {
        self.user_principal_name.clone().unwrap_or_else(|| self.id.to_string())
    }
}
