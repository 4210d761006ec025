//! The app registration that `sspr login` uses: what it should be, what is missing, and what undoes it.
//! (Facts sign-in.md 3.) Pure: what was seen comes in, the next write comes out.

mod made;
mod needed_permissions;
mod wanted;

pub use made::{Made, RegistrationWrite, TakingBack};
pub use needed_permissions::{Use, permissions, scopes, setup_command};
pub use wanted::Wanted;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ids::TenantId;
use crate::tenant::graph_permissions::ACCESSES;
use crate::text::visible;

/// What the registration is called, unless another name is given.
pub const NAME: &str = "sspr";
/// Where the browser comes back to. The port is no part of it: Entra ignores it for `localhost`.
pub const REDIRECT: &str = "http://localhost";
/// What signing in takes beside permissions.
const SIGN_IN_SCOPES: [&str; 3] = ["openid", "profile", "offline_access"];
const AUDIENCE: &str = "AzureADMyOrg";

/// A part of the registration, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The application: a single-tenant public client.
    Application,
    /// Its service principal, which requires assignment.
    ServicePrincipal,
    /// The assignment of the person who sets it up.
    Assignment,
    /// The consent to act on Graph for them.
    Consent,
}

/// An application, as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Object id.
    pub id: Uuid,
    /// The id it signs in with.
    pub app_id: Uuid,
    /// Its name; foreign text.
    pub name: String,
    /// When it was registered, as Graph says it.
    pub created: Option<String>,
    /// `signInAudience`.
    pub audience: Option<String>,
    /// Whether device code works with it.
    pub is_fallback_public_client: Option<bool>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `publicClient.redirectUris`.
    pub redirects: Vec<String>,
    /// The redirects of its other platforms, `web` and `spa`.
    pub other_redirects: Vec<String>,
    /// How many secrets and certificates it has.
    pub credentials: usize,
    /// `requiredResourceAccess`, whole.
    pub required: Value,
}

/// A service principal.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePrincipal {
    /// Object id.
    pub id: Uuid,
    /// Whether only people who are assigned to it may sign in.
    pub requires_assignment: bool,
}

/// An assignment to a service principal.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Its id.
    pub id: ShortId,
    /// Who.
    pub principal: Uuid,
}

/// A consent to delegated permissions on Graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// Its id.
    pub id: ShortId,
    /// The user who consented; `None` is for everyone in the tenant.
    pub principal: Option<Uuid>,
    /// The scopes.
    pub scopes: Vec<String>,
}

/// An id of Graph's that is no GUID. Parsed: it can be a segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortId(String);

impl ShortId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ShortId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_fitting = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        match (1..=120).contains(&text.len()) && text.bytes().all(is_fitting) {
            true => Ok(Self(text)),
            false => Err("an id with characters that no id has"),
        }
    }
}

impl From<ShortId> for String {
    fn from(id: ShortId) -> Self {
        id.0
    }
}

/// What there is of the registration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registration {
    /// The application.
    pub application: Option<Application>,
    /// Its service principal.
    pub service_principal: Option<ServicePrincipal>,
    /// Who is assigned to it.
    pub assignments: Vec<Assignment>,
    /// What is consented to.
    pub grants: Vec<Grant>,
}

/// Who consent is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentFor {
    /// Only the person who sets it up.
    Person,
    /// Everyone in the tenant; assignment says who may sign in.
    Tenant,
}

/// Returns where someone who may consents for the whole tenant.
pub fn consent_link(authority: &str, tenant: TenantId, client: &str, scope: &str) -> String {
    let start = format!("{}/{tenant}/v2.0/adminconsent?", authority.trim_end_matches('/'));
    let length = start.len();
    let mut link = url::form_urlencoded::Serializer::for_suffix(start, length);
    link.extend_pairs([("client_id", client), ("scope", scope), ("redirect_uri", REDIRECT)]).finish()
}

impl Part {
    /// Every part, in the order in which they are made.
    pub const ALL: [Self; 4] = [Self::Application, Self::ServicePrincipal, Self::Assignment, Self::Consent];

    /// Returns its name for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::ServicePrincipal => "service principal",
            Self::Assignment => "assignment",
            Self::Consent => "consent",
        }
    }
}

impl Application {
    /// Returns whether someone else could sign in with it: it comes back to other addresses too, or has a secret or a
    /// certificate. One that setup made has neither.
    pub fn has_other_uses(&self) -> bool {
        let is_other = |redirect: &String| redirect != REDIRECT;
        self.redirects.iter().any(is_other) || !self.other_redirects.is_empty() || self.credentials > 0
    }

    /// Returns what somebody has to know of it who is to use it.
    pub fn describe(&self) -> String {
        let access = self.required.as_array().into_iter().flatten().flat_map(|entry| {
            entry["resourceAccess"].as_array().into_iter().flatten().filter_map(|it| it["id"].as_str())
        });
        let permissions: Vec<String> = access.map(|id| known_name(id).unwrap_or(visible(id))).collect();
        let listed = |all: &[String]| if all.is_empty() { "none".to_owned() } else { all.join(" ") };
        let redirects = self.redirects.iter().chain(&self.other_redirects);
        let redirects: Vec<String> = redirects.map(|redirect| visible(redirect)).collect();
        format!(
            "\"{}\" ({}), created {}, redirects: {}, secrets and certificates: {}, permissions: {}",
            visible(&self.name),
            self.app_id,
            self.created.as_deref().map_or("at an unknown time".to_owned(), visible),
            listed(&redirects),
            self.credentials,
            listed(&permissions),
        )
    }
}

/// Returns the name of a permission that commands ask for.
fn known_name(id: &str) -> Option<String> {
    let id = id.parse::<Uuid>().ok()?;
    let all = permissions(&Use::ALL);
    let read = ACCESSES.iter().map(|access| &access.permission);
    all.iter().chain(read).find(|it| it.id == id).map(|it| it.name.to_owned())
}
