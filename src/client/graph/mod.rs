//! Microsoft Graph v1.0: the tenant, its groups and their people.

mod audit;
mod changes;
mod directory;
mod groups;
mod members;
mod pages;
mod registration;
mod reports;
mod roles;

pub use audit::AuditEvent;
pub use changes::{LoggedChange, LoggedTarget, LoggedWho};
pub use members::MemberPage;
pub use pages::{List, NextPage};
pub use registration::{ApplicationKey, Me};
pub use reports::{RegistrationPage, RegistrationRow};
pub use roles::RoleAssignment;

use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use self::pages::name;
use super::ClientError;
use super::access::{Access, Held};
use super::rate_limiter::{Pace, RateLimiter};
use super::transport::{Request, Transport};
use crate::ids::TenantId;
use crate::tenant::{MethodsPolicy, Object, Organization, Resource};

pub(super) const AUTHORIZATION: [&str; 3] = ["v1.0", "policies", "authorizationPolicy"];

pub(super) fn method(id: &str) -> [&str; 5] {
    ["v1.0", "policies", "authenticationMethodsPolicy", "authenticationMethodConfigurations", id]
}

/// Reads Graph.
#[derive(Clone, Debug)]
pub struct GraphReader {
    pub(super) transport: Arc<Transport>,
    /// Where the report and audit endpoints are waited for, which share a limit.
    reports: RateLimiter,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationWire {
    id: TenantId,
    display_name: Option<String>,
    verified_domains: Option<Vec<Option<VerifiedDomainWire>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifiedDomainWire {
    name: Option<String>,
    is_default: Option<bool>,
}

impl GraphReader {
    pub(super) fn new(transport: Arc<Transport>, reports: Pace) -> Self {
        Self { transport, reports: RateLimiter::new(reports) }
    }

    /// Reads what is only good to know. Where the token tells that Graph would refuse it, Graph is not asked.
    ///
    /// # Errors
    /// As the reading; [`ClientError::Unpermitted`].
    pub fn read_if_open<'a, T, F: Future<Output = Result<T, ClientError>> + 'a>(
        &'a self,
        access: &'static Access,
        reading: F,
    ) -> impl Future<Output = Result<T, ClientError>> + use<'a, T, F> {
        // In boxes: many are in flight together, each of which would hold the reading twice.
        let (reading, claims) = (Box::pin(reading), Box::pin(self.transport.fetch_claims()));
        async move {
            match claims.await?.opens(access) {
                Held::No => Err(ClientError::Unpermitted { access }),
                Held::Yes | Held::Maybe | Held::Untold => reading.await,
            }
        }
    }

    /// Fetches the tenant the token belongs to.
    /// <https://learn.microsoft.com/graph/api/organization-list>
    ///
    /// # Errors
    /// As every request; also when not exactly one organisation answers, or its id is no GUID.
    pub async fn fetch_organization(&self) -> Result<Organization, ClientError> {
        let query = [("$select", "id,displayName,verifiedDomains")];
        let request = self.get(&["organization"], &query);
        let (page, answer) = self.transport.fetch_page::<OrganizationWire>(request).await?;
        if page.odd > 0 {
            return Err(answer.unreadable(
                "an organisation that is not in the form Graph documents (its id, a GUID, or another field)",
            ));
        }
        let Ok([organization]) = <[OrganizationWire; 1]>::try_from(page.rows) else {
            return Err(answer.unreadable("not exactly one organisation"));
        };
        Ok(organization.into())
    }

    /// Fetches the Authentication methods policy, every method in it, with all its fields: what is written is compared
    /// with it.
    /// <https://learn.microsoft.com/graph/api/authenticationmethodspolicy-get>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_methods_policy(&self) -> Result<MethodsPolicy, ClientError> {
        let request = self.get(&["policies", "authenticationMethodsPolicy"], &[]);
        let (policy, answer): (Value, _) = self.transport.fetch(request).await?;
        MethodsPolicy::from_json(policy).map_err(|error| answer.unreadable(&error.to_string()))
    }

    /// Fetches the authorization policy. <https://learn.microsoft.com/graph/api/authorizationpolicy-get>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_authorization_policy(&self) -> Result<Object, ClientError> {
        let request = self.transport.request(Method::GET, &AUTHORIZATION, &[]);
        self.transport.fetch_object(Resource::Authorization, request).await
    }

    /// Fetches one method of the Authentication methods policy.
    /// <https://learn.microsoft.com/graph/api/smsauthenticationmethodconfiguration-get>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_method(&self, id: &str) -> Result<Object, ClientError> {
        let request = self.transport.request(Method::GET, &method(id), &[]);
        let (json, answer): (Value, _) = self.transport.fetch(request).await?;
        let answered = json["id"].as_str();
        if answered.is_some_and(|answered| !answered.eq_ignore_ascii_case(id)) {
            return Err(answer.unreadable(&format!("another method than {id}, which was asked for")));
        }
        let method = Object::from_json(Resource::Method(id.to_owned()), json);
        method.map_err(|error| answer.unreadable(&error.to_string()))
    }

    fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Request {
        self.transport.request(Method::GET, &[&["v1.0"], path].concat(), query)
    }
}

impl From<OrganizationWire> for Organization {
    fn from(wire: OrganizationWire) -> Self {
        let mut domains: Vec<VerifiedDomainWire> =
            wire.verified_domains.unwrap_or_default().into_iter().flatten().collect();
        domains.sort_by_key(|domain| domain.is_default != Some(true));
        Self {
            id: wire.id,
            display_name: wire.display_name.map(name).unwrap_or_default(),
            // A domain name is 253 letters at most; what is longer or empty is none.
            verified_domains: domains
                .into_iter()
                .filter_map(|domain| domain.name)
                .filter(|name| (1..=253).contains(&name.len()))
                .collect(),
        }
    }
}
