//! A group.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::generated_users::GeneratedRange;
use super::seed::id;
use super::user::RoleGrant;

/// A group of the pretend tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Object id.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Whether it is a security group.
    pub is_security: bool,
    /// Ids of its direct members, users and groups alike.
    pub members: Vec<Uuid>,
    /// Generated people that are direct members.
    #[serde(default, alias = "crowd")]
    pub generated: Vec<GeneratedRange>,
    /// Whether its members are shown only to those with `Member.Read.Hidden`, which no one has here.
    #[serde(default)]
    pub is_membership_hidden: bool,
    /// Roles its members hold through it; a group with any is role-assignable.
    #[serde(default)]
    pub roles: Vec<RoleGrant>,
}

impl Group {
    /// Makes a security group without roles, which has the id of its name.
    pub(crate) fn security(name: &str, members: Vec<Uuid>) -> Self {
        Self {
            id: id(name),
            name: name.to_owned(),
            is_security: true,
            members,
            generated: Vec::new(),
            is_membership_hidden: false,
            roles: Vec::new(),
        }
    }
}
