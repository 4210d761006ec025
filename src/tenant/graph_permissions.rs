//! Which permissions allow which Graph requests: the one table behind `doctor`, checks, errors and `--setup`.
//!
//! The names are those of Microsoft's own table, for people and applications alike (facts sign-in.md 1;
//! <https://github.com/microsoftgraph/microsoft-graph-devx-content>, `permissions/new/permissions.json`). It says of
//! `Directory.AccessAsUser.All` that it opens none of these paths; that it opens ordinary reads of the directory is
//! common practice. The ids are those of delegated permissions (facts sign-in.md 3).

use uuid::Uuid;

/// Microsoft Graph's application id.
pub const GRAPH: Uuid = Uuid::from_u128(0x00000003_0000_0000_c000_000000000000);

/// Who may consent to permissions, and register applications.
pub const MAY_CONSENT: &str = "Cloud Application Administrator";

/// A delegated permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Its name.
    pub name: &'static str,
    /// Its id, in every tenant and cloud.
    pub id: Uuid,
}

/// A path of Graph, and what opens it.
#[derive(Debug, PartialEq, Eq)]
pub struct Access {
    /// What is there.
    pub what: &'static str,
    /// What it is read or written for.
    pub used_for: &'static str,
    /// What it costs to lack it.
    pub need: Need,
    is_write: bool,
    /// The segments behind the version that a path of this kind begins with; `*` is any.
    path: &'static [&'static str],
    /// The narrowest permission that opens it.
    pub permission: Permission,
    /// Others of which any will do.
    wider: &'static [&'static str],
    /// Permissions that may open it too, although Microsoft's table does not have them.
    may: &'static [&'static str],
}

/// What it costs to lack a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Every command fails.
    Always,
    /// A command fails, of those it is used for.
    Sometimes,
    /// A command fails where the spec has `administrators.allow_sspr`.
    WithAdministrators,
    /// A command fails where the spec has `rollout`.
    WithRings,
    /// Something is unknown.
    ToKnow,
}

/// What a person's own rights stand in for.
pub const AS_THE_PERSON: &str = "Directory.AccessAsUser.All";
const DIRECTORY: &str = "Directory.Read.All";
const WIDER_DIRECTORY: &str = "Directory.ReadWrite.All";
const AUDIT: Permission = permission("AuditLog.Read.All", 0xe4c9e354_4dc5_45b8_9e7c_e1393b0b1a20);
const TENANT: Permission = permission("Organization.Read.All", 0x4908d5b9_3fb2_4b1e_9336_1888b7937185);
const METHODS: &[&str] = &["policies", "authenticationMethodsPolicy"];
const AUTHORIZATION: &[&str] = &["policies", "authorizationPolicy"];

const fn read(
    what: &'static str,
    path: &'static [&'static str],
    (permission, wider): (Permission, &'static [&'static str]),
    (need, used_for): (Need, &'static str),
) -> Access {
    Access { what, used_for, need, is_write: false, path, permission, wider, may: &[] }
}

pub(super) const fn permission(name: &'static str, id: u128) -> Permission {
    Permission { name, id: Uuid::from_u128(id) }
}

impl Access {
    const fn of_the_directory(self) -> Self {
        self.perhaps(&[AS_THE_PERSON])
    }

    const fn perhaps(self, may: &'static [&'static str]) -> Self {
        Self { may, ..self }
    }

    const fn written(self) -> Self {
        Self { is_write: true, ..self }
    }
}

/// Which tenant it is.
pub static ORGANIZATION: Access = read(
    "which tenant this is",
    &["organization"],
    (
        TENANT,
        &[
            "User.Read",
            "User.Read.All",
            "User.ReadWrite.All",
            "Organization.ReadWrite.All",
            DIRECTORY,
            WIDER_DIRECTORY,
        ],
    ),
    (Need::Always, "every command: which tenant this is"),
)
.of_the_directory();

/// Groups, and who is in them.
pub static GROUPS: Access = read(
    "groups and their members",
    &["groups"],
    (
        permission("GroupMember.Read.All", 0xbc024368_1153_4739_b217_4326f2e966d0),
        &[
            "GroupMember.ReadWrite.All",
            "GroupMember.ReadBasic.All",
            "Group.Read.All",
            "Group.ReadBasic.All",
            "Group.ReadWrite.All",
            DIRECTORY,
            WIDER_DIRECTORY,
        ],
    ),
    (Need::Sometimes, "a spec with `group`: the pilot group and its members"),
)
.of_the_directory();

/// The members of a group, written.
pub static GROUP_MEMBERS_WRITE: Access = read(
    "groups and their members",
    &["groups"],
    (
        permission("GroupMember.ReadWrite.All", 0xf81125ac_d3b7_4573_a3b2_7099cc39df9e),
        &["Group.ReadWrite.All", WIDER_DIRECTORY],
    ),
    (Need::WithRings, "apply with `rollout`, where a ring is opened or closed"),
)
.written()
.of_the_directory();

/// One user.
pub static USERS: Access = read(
    "users",
    &["users"],
    (
        permission("User.Read.All", 0xa154be20_db9c_4678_8ab7_66f6cc099a59),
        &["User.ReadWrite.All", DIRECTORY, WIDER_DIRECTORY],
    ),
    (Need::Sometimes, "people, report and verify --user: licences and account state"),
)
.of_the_directory();

/// The Authentication methods policy.
pub static METHODS_POLICY: Access = read(
    "the Authentication methods policy",
    METHODS,
    (
        permission("Policy.Read.AuthenticationMethod", 0xa6ff13ac_1851_4993_8ca9_a671d70de2d5),
        &["Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"],
    ),
    (Need::Sometimes, "a spec with `methods.allowed`; else who can reset is partly unknown"),
)
// <https://github.com/microsoftgraph/msgraph-sdk-powershell/issues/2631>
.perhaps(&["UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"]);

/// A method of that policy, written.
pub static METHODS_POLICY_WRITE: Access = read(
    "the Authentication methods policy",
    METHODS,
    (permission("Policy.ReadWrite.AuthenticationMethod", 0x7e823077_d88e_468f_a337_e18f1f0e6c7c), &[]),
    (Need::Sometimes, "apply with `methods.allowed`, where the tenant is migrated"),
)
.written();

/// The authorization policy.
pub static AUTHORIZATION_POLICY: Access = read(
    "the authorization policy",
    AUTHORIZATION,
    (
        permission("Policy.Read.All", 0x572fea84_0151_49b2_9301_11cb16974376),
        &["Policy.ReadWrite.Authorization"],
    ),
    (Need::WithAdministrators, "a spec with `administrators.allow_sspr`"),
);

/// The authorization policy, written.
pub static AUTHORIZATION_POLICY_WRITE: Access = read(
    "the authorization policy",
    AUTHORIZATION,
    (permission("Policy.ReadWrite.Authorization", 0xedd3c878_b384_41fd_95ad_e7407dd775be), &[]),
    (
        Need::WithAdministrators,
        "apply with `administrators.allow_sspr`; a person needs the role Privileged Role Administrator too",
    ),
)
.written();

/// The audit log.
pub static AUDIT_LOG: Access = read(
    "the audit log",
    &["auditLogs"],
    (AUDIT, &[DIRECTORY]),
    (Need::Sometimes, "apply --prove and verify --watch; report without it shows no resets"),
);

/// Who has registered what.
pub static REGISTRATIONS: Access = read(
    "the registration report",
    &["reports", "authenticationMethods"],
    (AUDIT, &[]),
    (Need::ToKnow, "plan, people, verify and report: who has registered"),
);

/// When the members of a group last signed in, which takes more than to list them, and Entra ID P1 or P2
/// (<https://learn.microsoft.com/graph/api/resources/user>, `signInActivity`). In none of the tables by path: it is a property.
pub static SIGN_INS: Access = read(
    "when people last signed in",
    &["groups"],
    (AUDIT, &[]),
    (Need::ToKnow, "plan and rings, where a ring is opened: whom no prompt reaches"),
);

/// Who holds a role.
pub static ROLES: Access = read(
    "administrator roles",
    &["roleManagement", "directory", "roleAssignments"],
    (
        permission("RoleManagement.Read.Directory", 0x741c54c3_0c1e_44a1_818b_3f97ab4e8c83),
        &["RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory", DIRECTORY, WIDER_DIRECTORY],
    ),
    (Need::ToKnow, "plan, people and verify: who is an administrator"),
)
.of_the_directory();

/// Who can take up a role.
pub static ELIGIBLE_ROLES: Access = read(
    "roles that can be activated",
    &["roleManagement", "directory", "roleEligibilityScheduleInstances"],
    (
        permission("RoleEligibilitySchedule.Read.Directory", 0xeb0788c2_6d4e_4658_8c9e_c0fb8053f03d),
        &[
            "RoleEligibilitySchedule.ReadWrite.Directory",
            "RoleManagement.Read.All",
            "RoleManagement.Read.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
    ),
    (Need::ToKnow, "plan, people and verify: who can become an administrator"),
);

/// What the tenant has licences for.
pub static LICENCES: Access = read(
    "the tenant's licences",
    &["subscribedSkus"],
    (TENANT, &["Organization.ReadWrite.All", DIRECTORY, WIDER_DIRECTORY]),
    (Need::ToKnow, "plan: whether the tenant has a licence that covers password reset"),
)
.of_the_directory();

/// Whether passwords are written back.
pub static WRITEBACK: Access = read(
    "password writeback",
    &["directory", "onPremisesSynchronization"],
    (
        permission("OnPremDirectorySynchronization.Read.All", 0xf6609722_4100_44eb_b747_e6ca0536989d),
        &["OnPremDirectorySynchronization.ReadWrite.All"],
    ),
    (Need::ToKnow, "plan, people and verify: whether synchronised passwords are written back"),
);

/// Every path that is asked, in the order in which `doctor` speaks of them.
pub static ACCESSES: [&Access; 14] = [
    &ORGANIZATION,
    &GROUPS,
    &GROUP_MEMBERS_WRITE,
    &METHODS_POLICY,
    &METHODS_POLICY_WRITE,
    &AUTHORIZATION_POLICY,
    &AUTHORIZATION_POLICY_WRITE,
    &USERS,
    &ROLES,
    &REGISTRATIONS,
    &AUDIT_LOG,
    &ELIGIBLE_ROLES,
    &LICENCES,
    &WRITEBACK,
];

impl Access {
    /// Returns whether one of some permissions opens it by Microsoft's table.
    pub fn is_opened_by(&self, held: impl Fn(&str) -> bool) -> bool {
        held(self.permission.name) || self.wider.iter().any(|name| held(name))
    }

    /// Returns whether one of some permissions may open it, which Microsoft does not promise.
    pub fn may_be_opened_by(&self, held: impl Fn(&str) -> bool) -> bool {
        self.may.iter().any(|name| held(name))
    }

    /// Returns what is done there: "read" or "change".
    pub fn verb(&self) -> &'static str {
        if self.is_write { "change" } else { "read" }
    }

    /// Returns what opens a path, given in segments behind the version.
    pub fn to(is_write: bool, segments: &[&str]) -> Option<&'static Self> {
        ACCESSES.into_iter().find(|access| access.is_write == is_write && segments.starts_with(access.path))
    }
}
