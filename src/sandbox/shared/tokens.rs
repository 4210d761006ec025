//! Who may ask: one token per surface, a person's or an application's, and renewed ones when the first expire.
//! They are JWT-shaped, have one audience each, and are good for this sandbox alone.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use azure_core::base64::{decode_url_safe, encode_url_safe};
use serde_json::{Value, json};
use uuid::Uuid;

use super::state::lock;
use crate::sandbox::tenant::{Initiator, RoleGrant, id};

const GRAPH: &str = "https://graph.microsoft.com";
/// The audience of the admin-centre API (facts 2.3).
pub(crate) const PORTAL: &str = "74658136-14ec-4630-ad9b-26e160ff0fc6";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Someone who signed in.
    Person,
    /// A service principal.
    Application,
}

impl Principal {
    pub(crate) fn initiator(self) -> Initiator {
        match self {
            Self::Person => Initiator::Person { id: id(PERSON), name: PERSON_UPN.to_owned() },
            Self::Application => {
                Initiator::Application { id: id(APPLICATION), name: APPLICATION_NAME.to_owned() }
            }
        }
    }
}

const PERSON: &str = "sandbox.admin";
const PERSON_UPN: &str = "sandbox.admin@contoso.onmicrosoft.com";
const APPLICATION: &str = "pipeline";
const APPLICATION_NAME: &str = "Sandbox pipeline";
/// The secret of the application, the same in every tenant.
pub const APPLICATION_SECRET: &str = "sandbox";

/// What the sandbox's tokens allow on Graph.
const PERMISSIONS: &str = "AuditLog.Read.All GroupMember.Read.All GroupMember.ReadWrite.All OnPremDirectorySynchronization.Read.All \
    Organization.Read.All Policy.Read.All Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.Authorization RoleManagement.Read.Directory User.Read.All";

/// The Azure CLI's own application, and what its sign-in to Graph may do (facts sign-in.md 1).
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const AZURE_CLI_SCOPES: &str = "email openid profile Application.ReadWrite.All AppRoleAssignment.ReadWrite.All \
    AuditLog.Read.All DelegatedPermissionGrant.ReadWrite.All Directory.AccessAsUser.All Group.ReadWrite.All \
    User.Read.All User.ReadWrite.All";

#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// Who.
    pub(crate) principal: Principal,
    /// Permissions, with blanks between.
    pub(crate) permissions: String,
}

impl Holder {
    /// Returns whether the token has a permission.
    pub(crate) fn may(&self, permission: &str) -> bool {
        self.permissions.split(' ').any(|held| held == permission)
    }
}

/// The tokens of a sandbox.
pub(crate) struct Tokens {
    /// A person's for Graph: the first, and the renewed one.
    pub(crate) graph: [String; 2],
    /// A person's for the admin centre: the first, and the renewed one.
    pub(crate) portal: [String; 2],
    /// An application's, for Graph alone.
    pub(crate) application: String,
    /// A person's for Graph, as the Azure CLI gets it.
    pub(crate) azure_cli: String,
    /// A person's for Graph that were asked for, each with its permissions.
    given: Mutex<Vec<(String, String)>>,
    tenant: Uuid,
    is_expired: AtomicBool,
}

impl Tokens {
    pub(crate) fn mint(tenant: Uuid) -> Self {
        let renewable =
            |audience| [(); 2].map(|()| mint(audience, tenant, Principal::Person, PERMISSIONS, None));
        Self {
            graph: renewable(GRAPH),
            portal: renewable(PORTAL),
            application: mint(GRAPH, tenant, Principal::Application, PERMISSIONS, None),
            azure_cli: mint(GRAPH, tenant, Principal::Person, AZURE_CLI_SCOPES, Some(AZURE_CLI)),
            given: Mutex::default(),
            tenant,
            is_expired: AtomicBool::new(false),
        }
    }

    /// Mints a person's token for Graph with these permissions, blanks between.
    pub(crate) fn give(&self, permissions: &str) -> String {
        let token = mint(GRAPH, self.tenant, Principal::Person, permissions, None);
        lock(&self.given).push((token.clone(), permissions.to_owned()));
        token
    }

    /// Mints an application's token for the admin centre, which does not take it.
    pub(crate) fn application_for_portal(&self) -> String {
        mint(PORTAL, self.tenant, Principal::Application, PERMISSIONS, None)
    }

    /// Returns who holds a token that Graph takes now, and what they may.
    pub(crate) fn holder(&self, token: &str) -> Option<Holder> {
        let given = lock(&self.given);
        let (principal, permissions) = match token {
            token if token == self.taken(&self.graph) => (Principal::Person, PERMISSIONS),
            token if token == self.application => (Principal::Application, PERMISSIONS),
            token if token == self.azure_cli => (Principal::Person, AZURE_CLI_SCOPES),
            token => {
                let (_, permissions) = given.iter().find(|(known, _)| known == token)?;
                (Principal::Person, permissions.as_str())
            }
        };
        Some(Holder { principal, permissions: permissions.to_owned() })
    }

    /// Refuses the first tokens from now on.
    pub(crate) fn expire(&self) {
        self.is_expired.store(true, Ordering::Relaxed);
    }

    /// Returns the one of two tokens that is taken now.
    pub(crate) fn taken<'a>(&self, tokens: &'a [String; 2]) -> &'a str {
        &tokens[usize::from(self.is_expired.load(Ordering::Relaxed))]
    }
}

/// Returns the id of the application that has a token, the same in every tenant.
pub fn application_id() -> Uuid {
    id(APPLICATION)
}

/// Returns the tenant that a token says it is for.
pub(crate) fn tenant_of(token: &str) -> Option<Uuid> {
    let claims: Value = serde_json::from_slice(&decode_url_safe(token.split('.').nth(1)?).ok()?).ok()?;
    Uuid::try_parse(claims["tid"].as_str()?).ok()
}

/// Returns a token for an audience. Not signed in any real sense: nothing outside the sandbox takes it.
fn mint(
    audience: &str,
    tenant: Uuid,
    principal: Principal,
    permissions: &str,
    program: Option<&str>,
) -> String {
    let header = json!({"alg": "none", "typ": "JWT"});
    let mut claims = match principal {
        Principal::Person => json!({
            "aud": audience, "tid": tenant, "idtyp": "user", "upn": PERSON_UPN,
            "name": "Sandbox Admin", "exp": 4_102_444_800_u64, "oid": id(PERSON),
            "scp": if audience == GRAPH { permissions } else { "user_impersonation" },
            "wids": [RoleGrant::AUTHENTICATION_POLICY_ADMINISTRATOR],
        }),
        Principal::Application => json!({
            "aud": audience, "tid": tenant, "idtyp": "app", "app_displayname": APPLICATION_NAME,
            "appid": id(APPLICATION), "exp": 4_102_444_800_u64, "roles": permissions.split(' ').collect::<Vec<_>>(),
        }),
    };
    if let Some(program) = program {
        claims["appid"] = program.into();
    }
    let [header, claims] = [header, claims].map(|part| encode_url_safe(part.to_string()));
    format!("{header}.{claims}.{}", Uuid::new_v4().simple())
}
