//! A user: identity, licence, roles, methods, and their events in the audit log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::licence::Licence;
use super::seed::id;

/// A user of the pretend tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Object id.
    pub id: Uuid,
    /// The part of the user principal name before the `@`.
    pub alias: String,
    /// Display name.
    pub name: String,
    /// Whether the account is enabled.
    pub is_enabled: bool,
    /// Whether it is a guest.
    pub is_guest: bool,
    /// Whether the account is synchronised from on-premises.
    pub is_synced: bool,
    /// The licence assigned.
    pub licence: Licence,
    /// Directory roles assigned directly.
    pub roles: Vec<RoleGrant>,
    /// Methods registered, in the report's words.
    pub methods: Vec<String>,
    /// Whether the registration report has a row for the user yet.
    pub is_reported: bool,
    /// Days since they last signed in interactively, by the tenant's clock; `None` where they never did.
    #[serde(default)]
    pub days_since_sign_in: Option<u32>,
    /// The number in `mobilePhone`.
    #[serde(default)]
    pub mobile_phone: Option<String>,
    /// The numbers in `businessPhones`.
    #[serde(default)]
    pub business_phones: Vec<String>,
    /// The addresses in `otherMails`.
    #[serde(default)]
    pub other_mails: Vec<String>,
}

impl User {
    /// Makes an enabled member who is licensed and has registered nothing yet, and who has the id of their alias.
    pub(crate) fn new(alias: &str, name: &str) -> Self {
        Self {
            id: id(alias),
            alias: alias.to_owned(),
            name: name.to_owned(),
            is_enabled: true,
            is_guest: false,
            is_synced: false,
            licence: Licence::P1,
            roles: Vec::new(),
            methods: Vec::new(),
            is_reported: true,
            days_since_sign_in: Some(1),
            mobile_phone: None,
            business_phones: Vec::new(),
            other_mails: Vec::new(),
        }
    }
}

/// A directory role given to a user or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Template id of the role.
    pub role: Uuid,
    /// Whether it has to be activated first (Privileged Identity Management).
    pub is_eligible: bool,
}

impl RoleGrant {
    /// Helpdesk Administrator's template id (facts 3.4).
    pub(crate) const HELPDESK_ADMINISTRATOR: Uuid = Uuid::from_u128(0x729827e3_9c14_49f7_bb1b_9608f156bbb8);

    /// Authentication Policy Administrator's template id (facts 3.2).
    pub(crate) const AUTHENTICATION_POLICY_ADMINISTRATOR: Uuid =
        Uuid::from_u128(0x0526716b_113d_4c15_b2c8_68e3c22b9f80);

    /// The template id of the role that every member has (facts 2026-11 F).
    pub(crate) const EVERY_MEMBER: Uuid = Uuid::from_u128(0xb79fbf4d_3ef9_4689_8143_76b194e85509);

    /// Returns a role that is held now.
    pub fn active(role: Uuid) -> Self {
        Self { role, is_eligible: false }
    }

    /// Returns a role that can be activated.
    pub fn eligible(role: Uuid) -> Self {
        Self { role, is_eligible: true }
    }
}

/// A line of the audit log about a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// `activityDisplayName`.
    pub activity: String,
    /// `success` or `failure`.
    pub result: String,
    /// `resultReason`.
    pub reason: String,
    /// The user it is about.
    pub user: Uuid,
}
