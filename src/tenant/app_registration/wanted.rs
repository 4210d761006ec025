//! What the registration should be, and the write that a part lacks.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    AUDIENCE, Application, ConsentFor, Grant, Part, REDIRECT, Registration, RegistrationWrite, SIGN_IN_SCOPES,
};
use crate::tenant::graph_permissions::{GRAPH, Permission};
use crate::text::visible;

/// What the registration should be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the application is called, where it is made.
    pub name: String,
    /// The tag that it is found by where the answer to making it is lost. No other run has it.
    pub tag: String,
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// Who consent is given for.
    pub consent: ConsentFor,
    /// Object id of the person who sets it up.
    pub person: Uuid,
    /// Object id of Graph's service principal in this tenant.
    pub graph: Uuid,
}

impl Wanted {
    /// Returns what the consent names.
    pub fn consented(&self) -> Vec<&'static str> {
        SIGN_IN_SCOPES.into_iter().chain(self.permissions.iter().map(|it| it.name)).collect()
    }

    /// Returns what the person, or everyone, has consented to beside that, in words.
    pub fn consented_beside(&self, seen: &Registration) -> Option<String> {
        let wanted = self.consented();
        let own = |grant: &&Grant| grant.principal.is_none_or(|person| person == self.person);
        let mut beside: Vec<String> = seen
            .grants
            .iter()
            .filter(own)
            .flat_map(|grant| &grant.scopes)
            .filter(|scope| !wanted.contains(&scope.as_str()))
            .map(|scope| visible(scope))
            .collect();
        beside.sort();
        beside.dedup();
        (!beside.is_empty()).then(|| beside.join(" "))
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
                "tags": [self.tag],
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
