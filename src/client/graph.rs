//! Microsoft Graph v1.0: the tenant, its groups and their people.

mod audit;
mod changes;
mod directory;
mod members;
mod reports;
mod roles;

pub use audit::AuditEvent;
pub use changes::{LoggedChange, LoggedTarget, LoggedWho};
pub use members::MemberPage;
pub use reports::{RegistrationPage, RegistrationRow};
pub use roles::RoleAssignment;

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::Value;

use super::ClientError;
use super::pacer::{Pace, Turnstile};
use super::transport::{Request, Transport};
use crate::tenant::{Group, MethodsPolicy, NamedGroup, Object, Organization, Resource};

const GROUP_FIELDS: &str = "id,displayName,securityEnabled";

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
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

/// A directory object that holds a group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerWire {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    id: String,
    display_name: Option<String>,
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupWire {
    id: String,
    display_name: Option<String>,
    security_enabled: Option<bool>,
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

    /// Fetches a group by object id; `None` where the tenant has none with it.
    /// <https://learn.microsoft.com/graph/api/group-get>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_group(&self, id: &str) -> Result<Option<Group>, ClientError> {
        let query = [("$select", GROUP_FIELDS)];
        match self.transport.fetch::<GroupWire>(self.get(&["groups", id], &query)).await {
            Ok((group, _)) => Ok(Some(group.into())),
            // How Graph says that there is no such object.
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the groups with this display name, which is not unique. Stops at the second: more than one
    /// is already too many.
    /// <https://learn.microsoft.com/graph/api/group-list>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_groups_named(&self, name: &str) -> Result<Vec<Group>, ClientError> {
        // In an OData string a quote is written twice.
        let filter = format!("displayName eq '{}'", name.replace('\'', "''"));
        let query = [("$filter", filter.as_str()), ("$select", GROUP_FIELDS)];
        let mut request = self.get(&["groups"], &query);
        let mut groups = Vec::new();
        loop {
            let (page, _): (Page<GroupWire>, _) = self.transport.fetch(request).await?;
            groups.extend(page.value.into_iter().map(Group::from));
            match page.next_link {
                // A page can be empty and still not be the last.
                Some(link) if groups.len() < 2 => request = self.transport.page(&link)?,
                _ => return Ok(groups),
            }
        }
    }

    /// Counts the users in a group through all nesting. The index behind it can lag a little (facts 5).
    /// <https://learn.microsoft.com/graph/api/group-list-transitivemembers>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_member_count(&self, group: &str) -> Result<u64, ClientError> {
        let mut request =
            self.get(&["groups", group, "transitiveMembers", "microsoft.graph.user", "$count"], &[]);
        // Graph refuses the cast without it.
        request.headers.insert("ConsistencyLevel", HeaderValue::from_static("eventual"));
        self.transport.send(request).await?.count()
    }

    /// Fetches the groups that a group sits in, through all nesting; `None` where the service does not know
    /// the group yet: a new one takes a moment to be indexed.
    /// <https://learn.microsoft.com/graph/api/group-list-transitivememberof>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_containing_groups(&self, group: &str) -> Result<Option<Vec<NamedGroup>>, ClientError> {
        let query = [("$select", "id,displayName"), ("$top", "999")];
        let mut request = self.get(&["groups", group, "transitiveMemberOf"], &query);
        let mut groups = Vec::new();
        loop {
            let page: Page<ContainerWire> = match self.transport.fetch(request).await {
                Ok((page, _)) => page,
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) => return Err(error),
            };
            // Administrative units and directory roles hold groups too; methods are not given to those.
            let is_group = |container: &ContainerWire| {
                container.kind.as_deref().is_none_or(|kind| kind == "#microsoft.graph.group")
            };
            groups.extend(page.value.into_iter().filter(is_group).map(NamedGroup::from));
            match page.next_link {
                Some(link) => request = self.transport.page(&link)?,
                None => return Ok(Some(groups)),
            }
        }
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

impl From<GroupWire> for Group {
    fn from(wire: GroupWire) -> Self {
        Self {
            id: wire.id.to_ascii_lowercase(),
            display_name: wire.display_name.unwrap_or_default(),
            security_enabled: wire.security_enabled,
            members: None,
            within: None,
        }
    }
}

impl From<ContainerWire> for NamedGroup {
    fn from(wire: ContainerWire) -> Self {
        Self { id: wire.id.to_ascii_lowercase(), display_name: wire.display_name.unwrap_or_default() }
    }
}
