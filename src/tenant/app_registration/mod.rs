//! The app registration that `sspr login` uses: what it should be, what is missing, and what undoes it.
//! (Facts sign-in.md 3.) Pure: what was seen comes in, the next write comes out.

mod needed_permissions;

pub use needed_permissions::{Use, permissions, setup_command};

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::ids::TenantId;
use crate::tenant::graph_permissions::{ACCESSES, GRAPH, Permission};
use crate::text::visible;

/// What the registration is called, unless another name is given.
pub const NAME: &str = "sspr";
/// The tag that finds it even after a rename. Anyone who may register an application can set it.
pub const TAG: &str = "sspr-login";
/// Where the browser comes back to. The port is no part of it: Entra ignores it for `localhost`.
pub const REDIRECT: &str = "http://localhost";
/// What signing in takes beside permissions.
pub const SIGN_IN_SCOPES: [&str; 3] = ["openid", "profile", "offline_access"];
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
    /// `publicClient.redirectUris`.
    pub redirects: Vec<String>,
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

/// What the registration should be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the application is called, where it is made.
    pub name: String,
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// Who consent is given for.
    pub consent: ConsentFor,
    /// Object id of the person who sets it up.
    pub person: Uuid,
    /// Object id of Graph's service principal in this tenant.
    pub graph: Uuid,
}

/// A write of the registration.
#[derive(Clone, Debug, PartialEq)]
pub enum RegistrationWrite {
    /// Makes the application.
    CreateApplication(Value),
    /// Changes fields of it.
    ChangeApplication(Uuid, Value),
    /// Deletes it.
    DeleteApplication(Uuid),
    /// Makes the service principal.
    CreateServicePrincipal(Value),
    /// Changes fields of it.
    ChangeServicePrincipal(Uuid, Value),
    /// Deletes it.
    DeleteServicePrincipal(Uuid),
    /// Assigns a user to a service principal.
    Assign(Uuid, Value),
    /// Deletes an assignment.
    Unassign(Uuid, ShortId),
    /// Consents.
    Consent(Value),
    /// Changes what is consented to.
    ChangeConsent(ShortId, Value),
    /// Deletes a consent.
    Revoke(ShortId),
}

/// Something that setup made, as recorded: enough to undo exactly that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Made {
    /// The application.
    Application {
        /// Object id.
        id: Uuid,
        /// The id it signs in with.
        app_id: Uuid,
    },
    /// Fields of an application that was there.
    ApplicationFields {
        /// Object id.
        id: Uuid,
        /// The fields as they were.
        before: Value,
        /// The fields as they were left.
        after: Value,
    },
    /// The service principal.
    ServicePrincipal {
        /// Object id.
        id: Uuid,
    },
    /// The assignment requirement of one that was there.
    AssignmentRequired {
        /// Object id.
        id: Uuid,
    },
    /// An assignment.
    Assignment {
        /// Its id.
        id: ShortId,
        /// The service principal.
        service_principal: Uuid,
    },
    /// A consent.
    Grant {
        /// Its id.
        id: ShortId,
    },
    /// Scopes that were added to a consent that was there.
    GrantScopes {
        /// Its id.
        id: ShortId,
        /// The scopes as they were.
        before: Vec<String>,
        /// The scopes as they were left.
        after: Vec<String>,
    },
}

/// How to undo something that setup made.
#[derive(Clone, Debug, PartialEq)]
pub enum TakingBack {
    /// This write does it.
    Write(RegistrationWrite),
    /// Nothing of it is left.
    NothingLeft,
    /// It stays, and why.
    Kept(&'static str),
}

/// Returns where someone who may consents for the whole tenant.
pub fn consent_link(authority: &str, tenant: TenantId, client: &str, scopes: &[impl Borrow<str>]) -> String {
    let start = format!("{}/{tenant}/v2.0/adminconsent?", authority.trim_end_matches('/'));
    let length = start.len();
    let mut link = url::form_urlencoded::Serializer::for_suffix(start, length);
    let pairs = [("client_id", client), ("scope", &scopes.join(" ")), ("redirect_uri", REDIRECT)];
    link.extend_pairs(pairs).finish()
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
    /// Returns whether it comes back where setup has it come back, and nowhere else.
    pub fn is_as_made(&self) -> bool {
        self.audience.as_deref() == Some(AUDIENCE) && self.redirects == [REDIRECT]
    }

    /// Returns what somebody has to know of it who is to use it.
    pub fn describe(&self) -> String {
        let access = self.required.as_array().into_iter().flatten().flat_map(|entry| {
            entry["resourceAccess"].as_array().into_iter().flatten().filter_map(|it| it["id"].as_str())
        });
        let permissions: Vec<String> = access.map(|id| known_name(id).unwrap_or(visible(id))).collect();
        let listed = |all: &[String]| if all.is_empty() { "none".to_owned() } else { all.join(" ") };
        let redirects: Vec<String> = self.redirects.iter().map(|redirect| visible(redirect)).collect();
        format!(
            "\"{}\" ({}), created {}, redirects: {}, permissions: {}",
            visible(&self.name),
            self.app_id,
            self.created.as_deref().map_or("at an unknown time".to_owned(), visible),
            listed(&redirects),
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

impl Wanted {
    /// Returns what the consent names.
    pub fn consented(&self) -> Vec<&'static str> {
        SIGN_IN_SCOPES.into_iter().chain(self.permissions.iter().map(|it| it.name)).collect()
    }

    /// Returns what a part comes to, in words.
    pub fn describe(&self, part: Part) -> String {
        match part {
            Part::Application => format!(
                "\"{}\": this tenant only, public client, redirect {REDIRECT} (mobile and desktop), device code allowed",
                visible(&self.name)
            ),
            Part::ServicePrincipal => "only people who are assigned to it may sign in".to_owned(),
            Part::Assignment => "you".to_owned(),
            Part::Consent => {
                let whom = match self.consent {
                    ConsentFor::Person => "for you only",
                    ConsentFor::Tenant => "for everyone in the tenant who is assigned",
                };
                let names: Vec<&str> = self.permissions.iter().map(|it| it.name).collect();
                format!("{whom}: {}", names.join(" "))
            }
        }
    }

    /// Returns the write that a part lacks; `None` where it is already so. What comes before it has to be there.
    pub fn write(&self, part: Part, seen: &Registration) -> Option<RegistrationWrite> {
        match part {
            Part::Application => self.write_application(seen.application.as_ref()),
            Part::ServicePrincipal => match &seen.service_principal {
                None => {
                    let app_id = seen.application.as_ref().map(|application| application.app_id);
                    let body = json!({"appId": app_id, "appRoleAssignmentRequired": true});
                    Some(RegistrationWrite::CreateServicePrincipal(body))
                }
                Some(principal) if principal.requires_assignment => None,
                Some(principal) => {
                    let body = json!({"appRoleAssignmentRequired": true});
                    Some(RegistrationWrite::ChangeServicePrincipal(principal.id, body))
                }
            },
            Part::Assignment => {
                let is_there = seen.assignments.iter().any(|assignment| assignment.principal == self.person);
                let principal = seen.service_principal.as_ref().map_or(Uuid::nil(), |principal| principal.id);
                let body = json!({
                    "principalId": self.person, "resourceId": principal,
                    // The role of an application that has none of its own.
                    "appRoleId": Uuid::nil(),
                });
                (!is_there).then_some(RegistrationWrite::Assign(principal, body))
            }
            Part::Consent => self.write_consent(seen),
        }
    }

    fn write_application(&self, seen: Option<&Application>) -> Option<RegistrationWrite> {
        let Some(seen) = seen else {
            return Some(RegistrationWrite::CreateApplication(json!({
                "displayName": self.name,
                "signInAudience": AUDIENCE,
                "isFallbackPublicClient": true,
                "publicClient": {"redirectUris": [REDIRECT]},
                "requiredResourceAccess": self.required(&json!([])),
                "tags": [TAG],
            })));
        };
        let mut fields = Map::new();
        if seen.audience.as_deref() != Some(AUDIENCE) {
            fields.insert("signInAudience".to_owned(), json!(AUDIENCE));
        }
        if seen.is_fallback_public_client != Some(true) {
            fields.insert("isFallbackPublicClient".to_owned(), json!(true));
        }
        if !seen.redirects.iter().any(|redirect| redirect == REDIRECT) {
            let redirects: Vec<&str> = seen.redirects.iter().map(String::as_str).chain([REDIRECT]).collect();
            fields.insert("publicClient".to_owned(), json!({"redirectUris": redirects}));
        }
        let required = self.required(&seen.required);
        if required != seen.required {
            fields.insert("requiredResourceAccess".to_owned(), required);
        }
        let is_lacking = !fields.is_empty();
        is_lacking.then_some(RegistrationWrite::ChangeApplication(seen.id, Value::Object(fields)))
    }

    /// Returns the list of permissions with ours in it; whatever else is there stays.
    fn required(&self, seen: &Value) -> Value {
        let mut all = seen.as_array().cloned().unwrap_or_default();
        let is_graph =
            |entry: &Value| entry["resourceAppId"].as_str().is_some_and(|id| id.parse() == Ok(GRAPH));
        let at = all.iter().position(is_graph).unwrap_or_else(|| {
            all.push(json!({"resourceAppId": GRAPH, "resourceAccess": []}));
            all.len() - 1
        });
        let mut listed = all[at]["resourceAccess"].as_array().cloned().unwrap_or_default();
        for permission in &self.permissions {
            let is_it = |entry: &Value| {
                entry["id"].as_str().is_some_and(|id| id.parse() == Ok(permission.id))
                    && entry["type"] == "Scope"
            };
            if !listed.iter().any(is_it) {
                listed.push(json!({"id": permission.id, "type": "Scope"}));
            }
        }
        all[at]["resourceAccess"] = Value::Array(listed);
        Value::Array(all)
    }

    fn write_consent(&self, seen: &Registration) -> Option<RegistrationWrite> {
        let wanted = self.consented();
        let principal = match self.consent {
            ConsentFor::Person => Some(self.person),
            ConsentFor::Tenant => None,
        };
        // A consent for the whole tenant covers the person too.
        let counts = |grant: &&Grant| grant.principal.is_none() || grant.principal == principal;
        let held: Vec<&str> = seen
            .grants
            .iter()
            .filter(counts)
            .flat_map(|grant| grant.scopes.iter().map(String::as_str))
            .collect();
        if wanted.iter().all(|scope| held.contains(scope)) {
            return None;
        }
        let own = seen.grants.iter().find(|grant| grant.principal == principal);
        if let Some(own) = own {
            // Earlier consents stay.
            let kept = own.scopes.iter().map(String::as_str);
            let added = wanted.iter().copied().filter(|scope| !own.scopes.iter().any(|known| known == scope));
            let scope = kept.chain(added).collect::<Vec<_>>().join(" ");
            return Some(RegistrationWrite::ChangeConsent(own.id.clone(), json!({"scope": scope})));
        }
        let client = seen.service_principal.as_ref().map(|principal| principal.id);
        Some(RegistrationWrite::Consent(json!({
            "clientId": client,
            "consentType": if principal.is_some() { "Principal" } else { "AllPrincipals" },
            "principalId": principal,
            "resourceId": self.graph,
            "scope": wanted.join(" "),
        })))
    }
}

impl RegistrationWrite {
    /// Returns whether it makes something that was not there.
    pub fn creates(&self) -> bool {
        matches!(
            self,
            Self::CreateApplication(_)
                | Self::CreateServicePrincipal(_)
                | Self::Assign(..)
                | Self::Consent(_)
        )
    }

    /// Returns what a write made, from what is there after it.
    pub fn made(&self, before: &Registration, after: &Registration) -> Option<Made> {
        let principal = || after.service_principal.as_ref();
        match self {
            Self::CreateApplication(_) => {
                let Application { id, app_id, .. } = *after.application.as_ref()?;
                Some(Made::Application { id, app_id })
            }
            Self::ChangeApplication(id, after) => {
                let before = fields_of(before.application.as_ref()?, after);
                Some(Made::ApplicationFields { id: *id, before, after: after.clone() })
            }
            Self::CreateServicePrincipal(_) => Some(Made::ServicePrincipal { id: principal()?.id }),
            Self::ChangeServicePrincipal(id, _) => Some(Made::AssignmentRequired { id: *id }),
            Self::Assign(service_principal, body) => {
                let person: Uuid = body["principalId"].as_str()?.parse().ok()?;
                let assignment =
                    after.assignments.iter().find(|assignment| assignment.principal == person)?;
                Some(Made::Assignment { id: assignment.id.clone(), service_principal: *service_principal })
            }
            Self::Consent(_) => {
                let is_new = |grant: &&Grant| !before.grants.iter().any(|known| known.id == grant.id);
                Some(Made::Grant { id: after.grants.iter().find(is_new)?.id.clone() })
            }
            Self::ChangeConsent(id, _) => {
                let of = |seen: &Registration| {
                    Some(seen.grants.iter().find(|grant| grant.id == *id)?.scopes.clone())
                };
                Some(Made::GrantScopes { id: id.clone(), before: of(before)?, after: of(after)? })
            }
            Self::DeleteApplication(_)
            | Self::DeleteServicePrincipal(_)
            | Self::Unassign(..)
            | Self::Revoke(_) => None,
        }
    }
}

/// Returns the fields of an application that `others` would overwrite.
fn fields_of(application: &Application, others: &Value) -> Value {
    let all = [
        ("signInAudience", json!(application.audience)),
        ("isFallbackPublicClient", json!(application.is_fallback_public_client)),
        ("publicClient", json!({"redirectUris": application.redirects})),
        ("requiredResourceAccess", application.required.clone()),
    ];
    let named = all.into_iter().filter(|(name, _)| others.get(name).is_some());
    Value::Object(named.map(|(name, value)| (name.to_owned(), value)).collect())
}

const OTHERS: &str = "others are assigned to it, or have consented to it";
const EDITED: &str = "someone changed it since";

impl Made {
    /// Returns its name for people.
    pub fn describe(&self) -> String {
        match self {
            Self::Application { app_id, .. } => format!("application {app_id}"),
            Self::ApplicationFields { before, .. } => {
                let names = before.as_object().into_iter().flat_map(|fields| fields.keys());
                format!("fields of the application: {}", names.cloned().collect::<Vec<_>>().join(", "))
            }
            Self::ServicePrincipal { .. } => "service principal".to_owned(),
            Self::AssignmentRequired { .. } => "that people have to be assigned".to_owned(),
            Self::Assignment { .. } => "assignment".to_owned(),
            Self::Grant { .. } => "consent".to_owned(),
            Self::GrantScopes { before, after, .. } => {
                let added: Vec<String> = after
                    .iter()
                    .filter(|scope| !before.contains(scope))
                    .map(|scope| visible(scope))
                    .collect();
                format!("consent to {}", added.join(" "))
            }
        }
    }

    /// Returns the part it belongs to.
    pub fn part(&self) -> Part {
        match self {
            Self::Application { .. } | Self::ApplicationFields { .. } => Part::Application,
            Self::ServicePrincipal { .. } | Self::AssignmentRequired { .. } => Part::ServicePrincipal,
            Self::Assignment { .. } => Part::Assignment,
            Self::Grant { .. } | Self::GrantScopes { .. } => Part::Consent,
        }
    }

    /// Returns how to undo it, given what was read. Later parts are removed already.
    pub fn take_back(&self, seen: &Registration) -> TakingBack {
        use RegistrationWrite as Write;
        let application = |id: &Uuid| seen.application.as_ref().filter(|application| application.id == *id);
        let principal = |id: &Uuid| seen.service_principal.as_ref().filter(|principal| principal.id == *id);
        let grant = |id: &ShortId| seen.grants.iter().find(|grant| grant.id == *id);
        let has_others = !seen.assignments.is_empty() || !seen.grants.is_empty();
        match self {
            Self::Application { id, .. } => match application(id) {
                None => TakingBack::NothingLeft,
                Some(_) if seen.service_principal.is_some() => TakingBack::Kept(OTHERS),
                Some(_) => TakingBack::Write(Write::DeleteApplication(*id)),
            },
            Self::ApplicationFields { id, before, after } => match application(id) {
                None => TakingBack::NothingLeft,
                Some(application) if fields_of(application, after) == *after => {
                    TakingBack::Write(Write::ChangeApplication(*id, before.clone()))
                }
                Some(application) if fields_of(application, before) == *before => TakingBack::NothingLeft,
                Some(_) => TakingBack::Kept(EDITED),
            },
            Self::ServicePrincipal { id } => match principal(id) {
                None => TakingBack::NothingLeft,
                Some(_) if has_others => TakingBack::Kept(OTHERS),
                Some(_) => TakingBack::Write(Write::DeleteServicePrincipal(*id)),
            },
            Self::AssignmentRequired { id } => match principal(id) {
                Some(principal) if principal.requires_assignment => {
                    let body = json!({"appRoleAssignmentRequired": false});
                    TakingBack::Write(Write::ChangeServicePrincipal(*id, body))
                }
                _ => TakingBack::NothingLeft,
            },
            Self::Assignment { id, service_principal } => {
                match seen.assignments.iter().any(|assignment| assignment.id == *id) {
                    true => TakingBack::Write(Write::Unassign(*service_principal, id.clone())),
                    false => TakingBack::NothingLeft,
                }
            }
            Self::Grant { id } => match grant(id) {
                Some(_) => TakingBack::Write(Write::Revoke(id.clone())),
                None => TakingBack::NothingLeft,
            },
            Self::GrantScopes { id, before, after } => match grant(id) {
                None => TakingBack::NothingLeft,
                Some(grant) if grant.scopes == *after => {
                    let body = json!({"scope": before.join(" ")});
                    TakingBack::Write(Write::ChangeConsent(id.clone(), body))
                }
                Some(grant) if grant.scopes == *before => TakingBack::NothingLeft,
                Some(_) => TakingBack::Kept(EDITED),
            },
        }
    }
}
