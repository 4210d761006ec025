//! What opens each path of Graph: the one table behind `doctor`, the look before the first request, and what is said of
//! a 403.
//!
//! The names are those of Microsoft's own table, for people and applications alike (facts sign-in.md 1;
//! <https://github.com/microsoftgraph/microsoft-graph-devx-content>, `permissions/new/permissions.json`). It says of
//! `Directory.AccessAsUser.All` that it opens none of these paths; that it opens ordinary reads of the directory is
//! common practice.

use reqwest::Method;
use url::Url;

use super::Claims;

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
    /// Permissions of which any will do, the narrowest first.
    names: &'static [&'static str],
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
    /// Something is unknown.
    ToKnow,
}

/// Whether a token opens a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It has one of the permissions.
    Yes,
    /// It has none, and one that is known to do although Microsoft's table does not have it.
    Maybe,
    /// It tells its permissions, and none of them is among those needed.
    No,
    /// It does not tell its permissions.
    Untold,
}

/// The Azure CLI's own application, which the Azure Developer CLI signs in with too (facts sign-in.md 1).
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// Microsoft Graph as an audience, which is its address too.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// What the Azure CLI's sign-in to Graph may do (facts sign-in.md 1): fixed by Microsoft, and the same in every tenant.
const AZURE_CLI_SCOPES: [&str; 8] = [
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "AuditLog.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    AS_THE_PERSON,
    "Group.ReadWrite.All",
    "User.Read.All",
    "User.ReadWrite.All",
];

/// What a person's own rights stand in for.
const AS_THE_PERSON: &str = "Directory.AccessAsUser.All";
const DIRECTORY: &str = "Directory.Read.All";
const WIDER_DIRECTORY: &str = "Directory.ReadWrite.All";
const METHODS: &[&str] = &["policies", "authenticationMethodsPolicy"];
const AUTHORIZATION: &[&str] = &["policies", "authorizationPolicy"];

const fn read(
    what: &'static str,
    path: &'static [&'static str],
    names: &'static [&'static str],
    (need, used_for): (Need, &'static str),
) -> Access {
    Access { what, used_for, need, is_write: false, path, names, may: &[] }
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
    &[
        "Organization.Read.All",
        "User.Read",
        "User.Read.All",
        "User.ReadWrite.All",
        "Organization.ReadWrite.All",
        DIRECTORY,
        WIDER_DIRECTORY,
    ],
    (Need::Always, "every command: which tenant this is"),
)
.of_the_directory();

/// Groups, and who is in them.
pub static GROUPS: Access = read(
    "groups and their members",
    &["groups"],
    &[
        "GroupMember.Read.All",
        "GroupMember.ReadWrite.All",
        "GroupMember.ReadBasic.All",
        "Group.Read.All",
        "Group.ReadBasic.All",
        "Group.ReadWrite.All",
        DIRECTORY,
        WIDER_DIRECTORY,
    ],
    (Need::Sometimes, "a spec with `group`: the pilot group and its members"),
)
.of_the_directory();

/// One user.
pub static USERS: Access = read(
    "users",
    &["users"],
    &["User.Read.All", "User.ReadWrite.All", DIRECTORY, WIDER_DIRECTORY],
    (Need::Sometimes, "people, report and verify --user: licences and account state"),
)
.of_the_directory();

/// The Authentication methods policy.
pub static METHODS_POLICY: Access = read(
    "the Authentication methods policy",
    METHODS,
    &["Policy.Read.AuthenticationMethod", "Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"],
    (Need::Sometimes, "a spec with `methods.allowed`; else who can reset is partly unknown"),
)
// <https://github.com/microsoftgraph/msgraph-sdk-powershell/issues/2631>
.perhaps(&["UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All"]);

/// A method of that policy, written.
pub static METHODS_POLICY_WRITE: Access = read(
    "the Authentication methods policy",
    METHODS,
    &["Policy.ReadWrite.AuthenticationMethod"],
    (Need::Sometimes, "apply with `methods.allowed`, where the tenant is migrated"),
)
.written();

/// The authorization policy.
pub static AUTHORIZATION_POLICY: Access = read(
    "the authorization policy",
    AUTHORIZATION,
    &["Policy.Read.All", "Policy.ReadWrite.Authorization"],
    (Need::WithAdministrators, "a spec with `administrators.allow_sspr`"),
);

/// The authorization policy, written.
pub static AUTHORIZATION_POLICY_WRITE: Access = read(
    "the authorization policy",
    AUTHORIZATION,
    &["Policy.ReadWrite.Authorization"],
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
    &["AuditLog.Read.All", DIRECTORY],
    (Need::Sometimes, "apply --prove and verify --watch; report without it shows no resets"),
);

/// Who has registered what.
pub static REGISTRATIONS: Access = read(
    "the registration report",
    &["reports", "authenticationMethods"],
    &["AuditLog.Read.All"],
    (Need::ToKnow, "plan, people, verify and report: who has registered"),
);

/// Who holds a role.
pub static ROLES: Access = read(
    "administrator roles",
    &["roleManagement", "directory", "roleAssignments"],
    &[
        "RoleManagement.Read.Directory",
        "RoleManagement.Read.All",
        "RoleManagement.ReadWrite.Directory",
        DIRECTORY,
        WIDER_DIRECTORY,
    ],
    (Need::ToKnow, "plan, people and verify: who is an administrator"),
)
.of_the_directory();

/// Who can take up a role.
pub static ELIGIBLE_ROLES: Access = read(
    "roles that can be activated",
    &["roleManagement", "directory", "roleEligibilityScheduleInstances"],
    &[
        "RoleEligibilitySchedule.Read.Directory",
        "RoleEligibilitySchedule.ReadWrite.Directory",
        "RoleManagement.Read.All",
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
    ],
    (Need::ToKnow, "plan, people and verify: who can become an administrator"),
);

/// What the tenant has licences for.
pub static LICENCES: Access = read(
    "the tenant's licences",
    &["subscribedSkus"],
    &[
        "LicenseAssignment.Read.All",
        "Organization.Read.All",
        "Organization.ReadWrite.All",
        DIRECTORY,
        WIDER_DIRECTORY,
    ],
    (Need::ToKnow, "plan: whether the tenant has a licence that covers password reset"),
)
.of_the_directory();

/// Whether passwords are written back.
pub static WRITEBACK: Access = read(
    "password writeback",
    &["directory", "onPremisesSynchronization"],
    &["OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All"],
    (Need::ToKnow, "plan, people and verify: whether synchronised passwords are written back"),
);

/// Every path that is asked, in the order in which `doctor` speaks of them.
pub static ACCESSES: [&Access; 13] = [
    &ORGANIZATION,
    &GROUPS,
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
    /// Returns the narrowest permission that opens it.
    pub const fn permission(&self) -> &'static str {
        self.names[0]
    }

    /// Returns what is done there: "read" or "change".
    pub fn verb(&self) -> &'static str {
        if self.is_write { "change" } else { "read" }
    }

    /// Returns whether the Azure CLI's sign-in can be sufficient.
    pub fn is_open_to_azure_cli(&self) -> bool {
        self.names.iter().chain(self.may).any(|name| AZURE_CLI_SCOPES.contains(name))
    }

    /// Returns what opens the path of a request.
    pub(super) fn to(method: &Method, url: &str) -> Option<&'static Self> {
        let url = Url::parse(url).ok()?;
        // The version.
        let segments: Vec<&str> = url.path_segments()?.skip(1).collect();
        let is_write = method != Method::GET;
        ACCESSES.into_iter().find(|access| access.is_write == is_write && segments.starts_with(access.path))
    }
}

impl Claims {
    /// Returns whether the token opens a path.
    pub fn opens(&self, access: &Access) -> Held {
        let has = |name: &&str| self.permissions.iter().any(|held| held == name);
        // What a token for another service says is about that service, and Graph will say that it is not its own.
        let is_graphs =
            self.audience.as_deref().is_none_or(|audience| audience == GRAPH || audience.contains("graph"));
        match (self.permissions.is_empty() || !is_graphs, access.names.iter().any(has)) {
            (true, _) => Held::Untold,
            (false, true) => Held::Yes,
            (false, false) if access.may.iter().any(has) => Held::Maybe,
            (false, false) => Held::No,
        }
    }

    /// Returns whether the token is one of the Azure CLI's, or of the Azure Developer CLI, which has the same id.
    pub fn is_azure_cli(&self) -> bool {
        !self.is_application && self.application.as_deref() == Some(AZURE_CLI)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(permissions: &[&str]) -> Claims {
        Claims {
            permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
            ..Claims::default()
        }
    }

    #[test]
    fn every_path_finds_its_own_permission() {
        for (method, path, permission) in [
            (Method::GET, "v1.0/organization", "Organization.Read.All"),
            (Method::GET, "v1.0/groups/x/transitiveMembers/microsoft.graph.user", "GroupMember.Read.All"),
            (Method::GET, "v1.0/users/x", "User.Read.All"),
            (Method::GET, "v1.0/policies/authenticationMethodsPolicy", "Policy.Read.AuthenticationMethod"),
            (
                Method::PATCH,
                "beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Sms",
                "Policy.ReadWrite.AuthenticationMethod",
            ),
            (Method::GET, "v1.0/policies/authorizationPolicy", "Policy.Read.All"),
            (Method::PATCH, "v1.0/policies/authorizationPolicy", "Policy.ReadWrite.Authorization"),
            (Method::GET, "v1.0/auditLogs/directoryAudits", "AuditLog.Read.All"),
            (
                Method::GET,
                "v1.0/directory/onPremisesSynchronization",
                "OnPremDirectorySynchronization.Read.All",
            ),
        ] {
            let access = Access::to(&method, &format!("https://graph.microsoft.com/{path}?$top=1"));
            assert_eq!(access.map(Access::permission), Some(permission), "{method} {path}");
        }
        assert_eq!(Access::to(&Method::GET, "https://graph.microsoft.com/v1.0/policies"), None);
        assert_eq!(Access::to(&Method::PATCH, "https://graph.microsoft.com/v1.0/groups/x"), None);
    }

    #[test]
    fn only_a_token_that_tells_is_certain_to_lack_something() {
        assert_eq!(claims(&[]).opens(&METHODS_POLICY), Held::Untold);
        assert_eq!(claims(&["Policy.Read.All"]).opens(&METHODS_POLICY), Held::Yes);
        assert_eq!(claims(&["Policy.Read.All"]).opens(&METHODS_POLICY_WRITE), Held::No);
        for (audience, held) in [
            ("https://graph.microsoft.com", Held::No),
            ("https://dod-graph.microsoft.us/", Held::No),
            ("https://microsoftgraph.chinacloudapi.cn", Held::No),
            (GRAPH, Held::No),
            ("74658136-14ec-4630-ad9b-26e160ff0fc6", Held::Untold),
        ] {
            let token = Claims { audience: Some(audience.to_owned()), ..claims(&["user_impersonation"]) };
            assert_eq!(token.opens(&METHODS_POLICY), held, "{audience}");
        }
        let azure_cli = claims(&AZURE_CLI_SCOPES);
        for access in ACCESSES {
            let held = azure_cli.opens(access);
            assert_eq!(held != Held::No, access.is_open_to_azure_cli(), "{access:?}");
        }
        let opens: Vec<&str> = ACCESSES
            .iter()
            .filter(|access| azure_cli.opens(access) == Held::Yes)
            .map(|access| access.what)
            .collect();
        assert_eq!(
            opens,
            [
                "which tenant this is",
                "groups and their members",
                "users",
                "the registration report",
                "the audit log"
            ]
        );
    }
}
