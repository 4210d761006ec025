//! The writes of the registration, what came of them, and what undoes that.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Application, Part, Registration, ShortId};
use crate::text::visible;

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

    /// Returns what the thing that it makes is known by even where the answer is lost: the application by its tag, an
    /// assignment and a consent by the person.
    pub fn mark(&self) -> Option<&str> {
        match self {
            Self::CreateApplication(body) => body["tags"][0].as_str(),
            Self::Assign(_, body) | Self::Consent(body) => body["principalId"].as_str(),
            _ => None,
        }
    }

    /// Returns what a write made that was not refused, from what is there after it.
    pub fn made(&self, before: &Registration, after: &Registration) -> Option<Made> {
        let person = || self.mark().and_then(|mark| mark.parse().ok());
        match self {
            Self::CreateApplication(_) => Made::application(after),
            Self::ChangeApplication(id, after) => {
                let before = fields_of(before.application.as_ref()?, after);
                Some(Made::ApplicationFields { id: *id, before, after: after.clone() })
            }
            Self::CreateServicePrincipal(_) => Made::service_principal(after),
            Self::ChangeServicePrincipal(id, _) => Some(Made::AssignmentRequired { id: *id }),
            Self::Assign(..) => Made::assignment(after, person()?),
            Self::Consent(_) => Made::grant(after, person()),
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
    /// Returns what a write made whose end is not known, by its mark. A consent for the whole tenant has none: it may be
    /// somebody else's.
    pub fn recovered(part: Part, mark: Option<&str>, seen: &Registration) -> Option<Self> {
        let person = || mark?.parse().ok();
        match part {
            Part::Application => Self::application(seen).filter(|_| {
                let tags = seen.application.iter().flat_map(|application| &application.tags);
                tags.into_iter().any(|tag| Some(tag.as_str()) == mark)
            }),
            Part::ServicePrincipal => Self::service_principal(seen),
            Part::Assignment => Self::assignment(seen, person()?),
            Part::Consent => Self::grant(seen, Some(person()?)),
        }
    }

    fn application(seen: &Registration) -> Option<Self> {
        let Application { id, app_id, .. } = *seen.application.as_ref()?;
        Some(Self::Application { id, app_id })
    }

    fn service_principal(seen: &Registration) -> Option<Self> {
        seen.service_principal.as_ref().map(|principal| Self::ServicePrincipal { id: principal.id })
    }

    fn assignment(seen: &Registration, person: Uuid) -> Option<Self> {
        let service_principal = seen.service_principal.as_ref()?.id;
        let assignment = seen.assignments.iter().find(|assignment| assignment.principal == person)?;
        Some(Self::Assignment { id: assignment.id.clone(), service_principal })
    }

    fn grant(seen: &Registration, person: Option<Uuid>) -> Option<Self> {
        let grant = seen.grants.iter().find(|grant| grant.principal == person)?;
        Some(Self::Grant { id: grant.id.clone() })
    }

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
