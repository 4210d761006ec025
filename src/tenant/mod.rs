//! What a tenant is, as far as self-service password reset goes. Plain data: no HTTP, no files.

pub mod graph_permissions;
mod portal_page;
mod directory_contacts;
mod documented;
mod graph_method;
mod method;
mod methods_policy;
mod object;
mod member_counts;
pub mod app_registration;
mod membership;
mod resource;
mod ring;
mod scope;
mod setting;
mod settings;
mod snapshot;

pub use directory_contacts::DirectoryContacts;
pub use graph_method::{GraphMethod, Need};
pub use member_counts::{Candidate, FIRST, HIDDEN_MEMBERS, MemberCounts, Tally};
pub use membership::{is_member, membership};
pub use method::Method;
pub use methods_policy::{ALL_USERS, MethodView, MethodsPolicy, Migration, allows_push, target_id};
pub(crate) use object::MOST_NESTED;
pub use object::{Object, PolicyError};
pub use portal_page::PortalPage;
pub use resource::Resource;
pub use ring::{Opened, PeopleOfRing, Resets, Ring, Share, Witness};
pub use scope::Scope;
pub use setting::{Setting, ValueKind};
pub use settings::{SETTINGS, setting};
pub use snapshot::{
    Closed, Reading, SNAPSHOT_FORMAT, Snapshot, SnapshotError, SnapshotMark, SnapshotSignIn, WITHOUT_PEOPLE,
};

use std::fmt;

use serde::Serialize;

use crate::ids::{GroupId, TenantId};

/// A word that is none of the values it is parsed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord;

/// The two APIs a setting can live behind; distinguished in every line of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Surface {
    /// The admin-centre API (`PasswordReset/PasswordResetPolicies`): undocumented, user tokens only.
    Portal,
    /// Microsoft Graph.
    Graph,
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portal => "portal",
            Self::Graph => "graph",
        })
    }
}

/// The tenant itself, from Graph `/organization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Tenant id.
    pub id: TenantId,
    /// The name people know it by; foreign text.
    pub display_name: String,
    /// Every verified domain, the default one first.
    pub verified_domains: Vec<String>,
}

impl Organization {
    /// Returns whether `name` (a tenant id or one of the verified domains) means this tenant.
    pub fn is_called(&self, name: &str) -> bool {
        self.id.is(name) || self.verified_domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
    }

    /// Returns the default domain, or the id if no domain is known.
    pub fn domain(&self) -> String {
        self.verified_domains.first().cloned().unwrap_or_else(|| self.id.to_string())
    }
}

/// The group a pilot is scoped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Object id.
    pub id: GroupId,
    /// Display name; foreign text, not unique in a tenant.
    pub display_name: String,
    /// Whether it is a security group; the tutorial asks for one (facts 3.3). Unknown where Graph did not say.
    pub security_enabled: Option<bool>,
    /// Whether Graph keeps its members from a sign-in without `Member.Read.Hidden`, and lists none
    /// (<https://learn.microsoft.com/graph/api/resources/group>, `visibility`).
    pub hides_members: bool,
    /// What keeps others from changing who is in it, or it from being in other groups.
    pub traits: GroupTraits,
    /// User members through all nesting, each counted once. Unknown where the count could not be read.
    pub members: Option<u64>,
    /// The groups it sits in, through all nesting: what they are allowed, its people are. Unknown where they
    /// could not be read, and not read where nothing depends on them.
    pub within: Option<Vec<NamedGroup>>,
}

/// What of a group decides whether its members can be changed over Graph (facts 2026-11 B1), and whether it can be a ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupTraits {
    /// Whether a rule decides who is in it.
    pub is_dynamic: bool,
    /// Whether it is a Microsoft 365 group.
    pub is_microsoft_365: bool,
    /// Whether Exchange manages it.
    pub is_mail_enabled: bool,
    /// Whether it is synchronised from on-premises.
    pub is_synced: bool,
    /// Whether it can hold administrator roles.
    pub is_role_assignable: bool,
}

/// A group, as far as telling it apart goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedGroup {
    /// Object id.
    pub id: GroupId,
    /// Display name; foreign text, not unique in a tenant.
    pub display_name: String,
}

/// Everything observed in one look at a tenant: the actual state a plan starts from.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Which tenant answered.
    pub organization: Organization,
    /// The password reset policy as it is; `None` where the portal half is left out, and then nothing of it is known.
    pub policy: Option<Object>,
    /// Password writeback as it is, where the spec manages it.
    pub writeback: Option<Object>,
    /// The authorization policy as it is, where the spec manages something on it.
    pub authorization: Option<Object>,
    /// The Authentication methods policy as it is, where the spec manages methods, or where who can reset today
    /// rests on it.
    pub methods: Option<MethodsPolicy>,
    /// The group the spec names, where it names one.
    pub group: Option<Group>,
    /// What is known about the people of that group.
    pub people: MemberCounts,
    /// The rings of the roll-out, in its order; none where the spec has none.
    pub rings: Vec<Ring>,
    /// The groups that are directly in the pilot group, where the spec has a roll-out; `None` is unknown.
    pub nested: Option<Vec<NamedGroup>>,
}

impl Tenant {
    /// Returns an object as it is, where it was read.
    pub fn object(&self, resource: &Resource) -> Option<&Object> {
        match resource {
            Resource::PasswordReset => self.policy.as_ref(),
            Resource::Writeback => self.writeback.as_ref(),
            Resource::Authorization => self.authorization.as_ref(),
            Resource::Method(id) => self.methods.as_ref()?.method(GraphMethod::from_id(id)?),
            Resource::Membership { .. } => {
                self.rings.iter().map(|ring| &ring.membership).find(|object| object.resource() == resource)
            }
        }
    }
}
