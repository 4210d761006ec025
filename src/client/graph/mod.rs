//! Microsoft Graph v1.0: the tenant, its groups and their people.

mod audit;
mod changes;
mod directory;
mod groups;
mod members;
mod pages;
mod reports;
mod roles;

pub use audit::AuditEvent;
pub use changes::{LoggedChange, LoggedTarget, LoggedWho};
pub use members::MemberPage;
pub use reports::{RegistrationPage, RegistrationRow};
pub use roles::RoleAssignment;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use self::pages::Page;
use super::ClientError;
use super::pacer::{Pace, Turnstile};
use super::transport::{Request, Transport};
use crate::tenant::{MethodsPolicy, Object, Organization, Resource};

const AUTHORIZATION: [&str; 2] = ["policies", "authorizationPolicy"];

/// Reads Graph.
#[derive(Clone, Debug)]
pub struct GraphReader {
    pub(super) transport: Arc<Transport>,
    /// Where the report and audit endpoints are waited for, which share a limit.
    reports: Turnstile,
}

/// Writes Graph.
#[derive(Clone, Debug)]
pub struct GraphWriter {
    transport: Arc<Transport>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationWire {
    id: String,
    display_name: Option<String>,
    #[serde(default)]
    verified_domains: Vec<VerifiedDomainWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifiedDomainWire {
    name: Option<String>,
    is_default: Option<bool>,
}

impl GraphReader {
    pub(super) fn new(transport: Arc<Transport>, reports: Pace) -> Self {
        Self { transport, reports: Turnstile::new(reports) }
    }

    /// Fetches the tenant the token belongs to.
    /// <https://learn.microsoft.com/graph/api/organization-list>
    ///
    /// # Errors
    /// As every request; also when not exactly one organisation answers.
    pub async fn fetch_organization(&self) -> Result<Organization, ClientError> {
        let query = [("$select", "id,displayName,verifiedDomains")];
        let (page, answer): (Page<OrganizationWire>, _) =
            self.transport.fetch(self.get(&["organization"], &query)).await?;
        let Ok([organization]) = <[OrganizationWire; 1]>::try_from(page.value) else {
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
        self.transport.fetch_object(Resource::Authorization, self.get(&AUTHORIZATION, &[])).await
    }

    /// Fetches one method of the Authentication methods policy.
    /// <https://learn.microsoft.com/graph/api/smsauthenticationmethodconfiguration-get>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_method(&self, id: &str) -> Result<Object, ClientError> {
        let request = self.get(&method_path(id), &[]);
        self.transport.fetch_object(Resource::Method(id.to_owned()), request).await
    }

    fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Request {
        self.transport.request(Method::GET, &versioned(path), query)
    }
}

impl GraphWriter {
    pub(super) fn new(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    pub(in crate::client) async fn wait_after(
        &self,
        refused: &ClientError,
        attempts: u32,
        elapsed: Duration,
    ) -> Result<bool, ClientError> {
        self.transport.wait_after(refused, attempts, elapsed).await
    }

    /// Changes some fields of the authorization policy.
    /// <https://learn.microsoft.com/graph/api/authorizationpolicy-update>
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn patch_authorization_policy(&self, fields: &Value) -> Result<(), ClientError> {
        self.patch(&AUTHORIZATION, fields).await
    }

    /// Changes some fields of one method; `fields` must carry the method's `@odata.type` (facts 1.5).
    /// <https://learn.microsoft.com/graph/api/smsauthenticationmethodconfiguration-update>
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn patch_method(&self, id: &str, fields: &Value) -> Result<(), ClientError> {
        self.patch(&method_path(id), fields).await
    }

    async fn patch(&self, path: &[&str], fields: &Value) -> Result<(), ClientError> {
        let mut request = self.transport.request(Method::PATCH, &versioned(path), &[]);
        request.body = Some(fields.clone());
        self.transport.send(request).await.map(|_| ())
    }
}

fn versioned<'a>(path: &[&'a str]) -> Vec<&'a str> {
    std::iter::once("v1.0").chain(path.iter().copied()).collect()
}

fn method_path(id: &str) -> [&str; 4] {
    ["policies", "authenticationMethodsPolicy", "authenticationMethodConfigurations", id]
}

impl From<OrganizationWire> for Organization {
    fn from(wire: OrganizationWire) -> Self {
        let mut domains = wire.verified_domains;
        domains.sort_by_key(|domain| domain.is_default != Some(true));
        Self {
            id: wire.id.to_ascii_lowercase(),
            display_name: wire.display_name.unwrap_or_default(),
            verified_domains: domains.into_iter().filter_map(|domain| domain.name).collect(),
        }
    }
}
