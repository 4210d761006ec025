//! A group.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::generated_users::GeneratedRange;
use super::seed::id;
use super::user::RoleGrant;

/// Who decides who is in a group. Over Graph only assigned members can be changed (facts 2026-11 B1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupKind {
    /// Whoever manages it, over Graph too.
    #[default]
    Assigned,
    /// A rule.
    Dynamic,
    /// The on-premises directory.
    Synced,
    /// Exchange.
    MailEnabled,
}

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
    /// Who decides who is in it.
    #[serde(default)]
    pub kind: GroupKind,
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
            kind: GroupKind::Assigned,
        }
    }

    /// Returns whether someone, or a group, is in it directly; `generated` is the number of a generated person.
    pub(crate) fn has_direct(&self, id: Uuid, generated: Option<u64>) -> bool {
        let is_generated = generated.is_some_and(|i| self.generated.iter().any(|range| range.contains(i)));
        self.members.contains(&id) || is_generated
    }

    /// Takes someone, or a group, out.
    pub(crate) fn take_out(&mut self, id: Uuid, generated: Option<u64>) {
        self.members.retain(|member| *member != id);
        if let Some(i) = generated {
            let around = |range: &GeneratedRange| match range.contains(i) {
                true => [(range.start, i), (i + 1, range.end)].to_vec(),
                false => [(range.start, range.end)].to_vec(),
            };
            let parts = self.generated.iter().flat_map(around).filter(|(start, end)| start < end);
            self.generated = parts.map(|(start, end)| GeneratedRange { start, end }).collect();
        }
    }
}
