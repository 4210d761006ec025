//! Everything a pretend tenant holds, and look-ups by id and name.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::generated_users::GeneratedUsers;
use super::group::Group;
use super::licence::Licence;
use super::user::{AuditEvent, RoleGrant, User};

/// Everything the pretend tenant holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TenantState {
    /// Tenant id.
    pub tenant_id: Uuid,
    /// Tenant display name.
    pub tenant_name: String,
    /// Verified domains; the first is the default.
    pub domains: Vec<String>,
    /// The `PasswordResetPolicies` object, whole and raw.
    pub policy: Value,
    /// The `OnPremisesPasswordResetPolicies` object, whole and raw.
    pub writeback: Value,
    /// The `authorizationPolicy` object, whole and raw.
    pub authorization: Value,
    /// The `authenticationMethodsPolicy` object, whole and raw.
    pub methods: Value,
    /// Groups.
    pub groups: Vec<Group>,
    /// Users.
    pub users: Vec<User>,
    /// Generated users beside those.
    #[serde(default, alias = "crowd")]
    pub generated: GeneratedUsers,
    /// What the audit log holds, oldest first.
    #[serde(default)]
    pub audits: Vec<AuditEvent>,
    /// Whether accounts are synchronised from on-premises.
    #[serde(default)]
    pub is_hybrid: bool,
    /// The tenant's own applications, raw; then their service principals, who is assigned to those, and what is
    /// consented to.
    #[serde(default)]
    pub applications: Vec<Value>,
    /// Service principals, raw; Microsoft Graph's own is not among them.
    #[serde(default)]
    pub service_principals: Vec<Value>,
    /// Who is assigned to which service principal, raw.
    #[serde(default)]
    pub app_assignments: Vec<Value>,
    /// Which service principal may act for whom, raw.
    #[serde(default)]
    pub grants: Vec<Value>,
}

impl TenantState {
    /// Returns the group with this id.
    pub fn group(&self, id: Uuid) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Returns the person with this id, made by hand or generated.
    pub(crate) fn person(&self, id: Uuid) -> Option<User> {
        let by_hand = self.users.iter().find(|user| user.id == id).cloned();
        let by_hand = by_hand.or_else(|| Some(Self::administrator()).filter(|user| user.id == id));
        by_hand.or_else(|| Some(self.generated.person(self.generated.index(id)?)))
    }

    /// Returns the person with this principal name, made by hand or generated.
    pub(crate) fn person_named(&self, name: &str) -> Option<User> {
        let is_named = |user: &User| self.user_principal_name(user).eq_ignore_ascii_case(name);
        let by_hand = self.users.iter().find(|user| is_named(user)).cloned();
        let by_hand = by_hand.or_else(|| Some(Self::administrator()).filter(is_named));
        by_hand.or_else(|| {
            let name = name.to_lowercase();
            let i = self.generated.position(|alias| self.principal_name_of(alias).to_lowercase() < name);
            (i < self.generated.size).then(|| self.generated.person(i)).filter(is_named)
        })
    }

    /// Returns the person whose tokens a sandbox gives out. The report has no row for them yet.
    pub(crate) fn administrator() -> User {
        User {
            roles: vec![RoleGrant::active(RoleGrant::AUTHENTICATION_POLICY_ADMINISTRATOR)],
            is_reported: false,
            ..User::new("sandbox.admin", "Sandbox Admin")
        }
    }

    /// Returns a user's principal name.
    pub fn user_principal_name(&self, user: &User) -> String {
        self.principal_name_of(&user.alias)
    }

    /// Returns the address of a user's mailbox: a guest's at home, and no one's without a licence.
    pub(crate) fn mail(&self, user: &User) -> Option<String> {
        match user.alias.split_once("#EXT#") {
            Some((home, _)) => home.rsplit_once('_').map(|(name, domain)| format!("{name}@{domain}")),
            None => (user.licence != Licence::None).then(|| self.user_principal_name(user)),
        }
    }

    /// Returns the principal name that goes with an alias.
    pub(crate) fn principal_name_of(&self, alias: &str) -> String {
        format!("{alias}@{}", self.domains.first().map_or(super::Seed::DOMAIN, String::as_str))
    }
}

/// Lays fields over a raw object: those of the same name are replaced, the others stay.
pub(crate) fn lay_over(object: &mut Value, fields: impl Into<Value>) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields.into()) {
        object.extend(fields);
    }
}
