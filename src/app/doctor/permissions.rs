//! The permissions and roles that commands need, and which of them a token has.

use crate::client::Claims;

/// A permission on Graph that commands need; any of its names will do.
#[derive(Debug)]
pub(in crate::app) struct Permission {
    /// Names that grant it, the narrowest first (facts 1.1, 4).
    names: &'static [&'static str],
    /// What is done with it.
    pub(in crate::app) used_for: &'static str,
    /// How much it matters.
    pub(in crate::app) need: Need,
}

/// How much a permission matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Need {
    /// A command fails without it.
    Always,
    /// A command fails without it where the spec has `administrators.allow_sspr`.
    WithAdministrators,
    /// Something is unknown without it.
    ToKnow,
}

/// What a person's own rights stand in for.
const AS_THE_PERSON: &str = "Directory.AccessAsUser.All";
const DIRECTORY: &str = "Directory.Read.All";

/// What the commands need of Graph.
pub(in crate::app) const PERMISSIONS: [Permission; 11] = [
    Permission {
        names: &["Organization.Read.All", DIRECTORY, AS_THE_PERSON],
        used_for: "every command: which tenant this is",
        need: Need::Always,
    },
    Permission {
        names: &["GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", DIRECTORY, AS_THE_PERSON],
        used_for: "plan and apply: the pilot group and its members",
        need: Need::Always,
    },
    Permission {
        names: &[
            "Policy.Read.AuthenticationMethod",
            "Policy.Read.All",
            "Policy.ReadWrite.AuthenticationMethod",
        ],
        used_for: "plan with `methods.allowed`",
        need: Need::Always,
    },
    Permission {
        names: &["Policy.ReadWrite.AuthenticationMethod"],
        used_for: "apply with `methods.allowed`, where the tenant is migrated",
        need: Need::Always,
    },
    Permission {
        names: &["Policy.ReadWrite.Authorization"],
        used_for: "apply with `administrators.allow_sspr`; a person needs the role Privileged Role Administrator too",
        need: Need::WithAdministrators,
    },
    Permission {
        names: &["User.Read.All", "User.ReadWrite.All", DIRECTORY, AS_THE_PERSON],
        used_for: "people and verify: licences and account state",
        need: Need::Always,
    },
    Permission {
        names: &["RoleManagement.Read.Directory", "RoleManagement.Read.All", DIRECTORY, AS_THE_PERSON],
        used_for: "people and verify: who is an administrator",
        need: Need::Always,
    },
    Permission {
        names: &["AuditLog.Read.All"],
        used_for: "people, verify and report: who has registered",
        need: Need::Always,
    },
    Permission {
        names: &[
            "RoleEligibilitySchedule.Read.Directory",
            "RoleEligibilitySchedule.ReadWrite.Directory",
            "RoleManagement.Read.All",
            "RoleManagement.Read.Directory",
        ],
        used_for: "plan, people and verify: who can become an administrator",
        need: Need::ToKnow,
    },
    Permission {
        names: &["LicenseAssignment.Read.All", "Organization.Read.All", DIRECTORY, AS_THE_PERSON],
        used_for: "plan: whether the tenant has a licence that covers password reset",
        need: Need::ToKnow,
    },
    Permission {
        names: &["OnPremDirectorySynchronization.Read.All"],
        used_for: "plan, people and verify: whether synchronised passwords are written back",
        need: Need::ToKnow,
    },
];

impl Permission {
    /// Returns the narrowest name.
    pub(in crate::app) fn name(&self) -> &'static str {
        self.names[0]
    }

    /// Returns whether a token has it; `None` where the token does not say its permissions.
    pub(in crate::app) fn is_held(&self, claims: &Claims) -> Option<bool> {
        let has = |name: &&str| claims.permissions.iter().any(|held| held == name);
        (!claims.permissions.is_empty()).then(|| self.names.iter().any(has))
    }
}

/// Roles that may change the password reset policy (facts 2.3): template id and name.
pub(in crate::app) const WRITING_ROLES: [(&str, &str); 2] = [
    ("0526716b-113d-4c15-b2c8-68e3c22b9f80", "Authentication Policy Administrator"),
    ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator"),
];
