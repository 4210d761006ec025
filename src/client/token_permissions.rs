//! Which Graph requests a token may make, by what it says of its permissions.

use reqwest::Method;
use url::Url;

use super::Claims;
use crate::tenant::graph_permissions::{AS_THE_PERSON, Access, GRAPH};

/// The Azure CLI's own application, which the Azure Developer CLI signs in with too (facts sign-in.md 1).
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

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

/// Whether a token opens a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It has one of the permissions.
    Yes,
    /// It has none, and one that is known to do although Microsoft's table does not have it.
    Maybe,
    /// It lists its permissions, and none of them is among those needed.
    No,
    /// It does not list its permissions.
    Untold,
}

/// Returns what opens the path of a request.
pub(super) fn access_to(method: &Method, url: &str) -> Option<&'static Access> {
    let url = Url::parse(url).ok()?;
    // The version.
    let segments: Vec<&str> = url.path_segments()?.skip(1).collect();
    Access::to(method != Method::GET, &segments)
}

impl Access {
    /// Returns whether the Azure CLI's sign-in can be sufficient.
    pub fn is_open_to_azure_cli(&self) -> bool {
        let held = |name: &str| AZURE_CLI_SCOPES.contains(&name);
        self.is_opened_by(held) || self.may_be_opened_by(held)
    }
}

impl Claims {
    /// Returns whether the token opens a path.
    pub fn opens(&self, access: &Access) -> Held {
        let has = |name: &str| self.permissions.iter().any(|held| held == name);
        // What a token for another service says is about that service, and Graph will say that it is not its own.
        let is_graphs = self
            .audience
            .as_deref()
            .is_none_or(|audience| audience == GRAPH.to_string() || audience.contains("graph"));
        match (self.permissions.is_empty() || !is_graphs, access.is_opened_by(has)) {
            (true, _) => Held::Untold,
            (false, true) => Held::Yes,
            (false, false) if access.may_be_opened_by(has) => Held::Maybe,
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
    use crate::tenant::graph_permissions::{ACCESSES, METHODS_POLICY, METHODS_POLICY_WRITE};

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
            (Method::POST, "v1.0/groups/x/members/$ref", "GroupMember.ReadWrite.All"),
            (Method::DELETE, "v1.0/groups/x/members/y/$ref", "GroupMember.ReadWrite.All"),
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
            let access = access_to(&method, &format!("https://graph.microsoft.com/{path}?$top=1"));
            assert_eq!(access.map(|access| access.permission.name), Some(permission), "{method} {path}");
        }
        assert_eq!(access_to(&Method::GET, "https://graph.microsoft.com/v1.0/policies"), None);
        assert_eq!(access_to(&Method::PATCH, "https://graph.microsoft.com/v1.0/users/x"), None);
    }

    #[test]
    fn only_a_token_with_permissions_is_certain_to_lack_one() {
        assert_eq!(claims(&[]).opens(&METHODS_POLICY), Held::Untold);
        assert_eq!(claims(&["Policy.Read.All"]).opens(&METHODS_POLICY), Held::Yes);
        assert_eq!(claims(&["Policy.Read.All"]).opens(&METHODS_POLICY_WRITE), Held::No);
        for (audience, held) in [
            ("https://graph.microsoft.com", Held::No),
            ("https://dod-graph.microsoft.us/", Held::No),
            ("https://microsoftgraph.chinacloudapi.cn", Held::No),
            ("00000003-0000-0000-c000-000000000000", Held::No),
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
                // `Group.ReadWrite.All` is among its scopes.
                "groups and their members",
                "users",
                "the registration report",
                "the audit log"
            ]
        );
    }
}
