//! Reads and writes the app registration that `sspr login` uses: application, consents and assignments.
//! <https://learn.microsoft.com/graph/api/resources/application>,
//! <https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant>

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::GraphReader;
use super::pages::name;
use crate::client::{ClientError, TenantWriter, odata};
use crate::tenant::app_registration::{
    Application, Assignment, Grant, RegistrationWrite, ServicePrincipal, ShortId,
};
use crate::tenant::graph_permissions::GRAPH;

const APPLICATION: &str = "id,appId,displayName,createdDateTime,signInAudience,isFallbackPublicClient,publicClient,web,spa,\
                           passwordCredentials,keyCredentials,tags,requiredResourceAccess";

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// Object id.
    pub id: Uuid,
    /// Their name; foreign text.
    pub user_principal_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationWire {
    id: Uuid,
    app_id: Uuid,
    display_name: Option<String>,
    created_date_time: Option<String>,
    sign_in_audience: Option<String>,
    is_fallback_public_client: Option<bool>,
    public_client: Option<PlatformWire>,
    web: Option<PlatformWire>,
    spa: Option<PlatformWire>,
    password_credentials: Option<Vec<Value>>,
    key_credentials: Option<Vec<Value>>,
    tags: Option<Vec<String>>,
    #[serde(default)]
    required_resource_access: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlatformWire {
    redirect_uris: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServicePrincipalWire {
    id: Uuid,
    app_role_assignment_required: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssignmentWire {
    id: ShortId,
    principal_id: Uuid,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GrantWire {
    id: ShortId,
    principal_id: Option<Uuid>,
    resource_id: Uuid,
    scope: Option<String>,
}

/// Only the id of an answer.
#[derive(Deserialize)]
struct IdWire {
    id: Uuid,
}

impl GraphReader {
    /// Fetches the signed-in person. Refuses an application.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_me(&self) -> Result<Me, ClientError> {
        let request = self.get(&["me"], &[("$select", "id,userPrincipalName")]);
        let (me, _): (Me, _) = self.transport.fetch(request).await?;
        Ok(Me { user_principal_name: name(me.user_principal_name), ..me })
    }

    /// Fetches the applications with a tag, of a name, or of a client's id.
    ///
    /// # Errors
    /// As every request; also where one of them cannot be read: it may be the one that is looked for.
    pub async fn fetch_applications(&self, key: ApplicationKey<'_>) -> Result<Vec<Application>, ClientError> {
        let filter = match key {
            ApplicationKey::Tag(tag) => format!("tags/any(tag:tag eq {})", odata::quote(tag)),
            ApplicationKey::Client(id) => format!("appId eq '{id}'"),
            ApplicationKey::Name(name) => format!("displayName eq {}", odata::quote(name)),
        };
        let rows: Vec<ApplicationWire> = self.fetch_filtered(&["applications"], &filter, APPLICATION).await?;
        Ok(rows.into_iter().map(Application::from).collect())
    }

    /// Fetches an application by its object id; `None` where there is none, or not yet.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_application(&self, id: Uuid) -> Result<Option<Application>, ClientError> {
        let request = self.get(&["applications", &id.to_string()], &[("$select", APPLICATION)]);
        match self.transport.fetch::<ApplicationWire>(request).await {
            Ok((application, _)) => Ok(Some(application.into())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the id of Graph's own service principal in this tenant.
    ///
    /// # Errors
    /// As every request; also where there is none.
    pub async fn fetch_graphs_principal(&self) -> Result<Uuid, ClientError> {
        let filter = format!("appId eq '{GRAPH}'");
        let request = self.get(&["servicePrincipals"], &[("$filter", filter.as_str()), ("$select", "id")]);
        let (page, answer) = self.transport.fetch_page::<IdWire>(request).await?;
        match page.rows.as_slice() {
            [only] => Ok(only.id),
            _ => Err(answer.unreadable("not exactly one service principal of Microsoft Graph")),
        }
    }

    /// Fetches the service principal of an application; `None` where there is none, or not yet.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_service_principal(
        &self,
        app_id: Uuid,
    ) -> Result<Option<ServicePrincipal>, ClientError> {
        let filter = format!("appId eq '{app_id}'");
        let select = "id,appRoleAssignmentRequired";
        let rows: Vec<ServicePrincipalWire> =
            self.fetch_filtered(&["servicePrincipals"], &filter, select).await?;
        Ok(rows.into_iter().next().map(|wire| ServicePrincipal {
            id: wire.id,
            requires_assignment: wire.app_role_assignment_required == Some(true),
        }))
    }

    /// Fetches who is assigned to a service principal.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_assignments_to(&self, principal: Uuid) -> Result<Vec<Assignment>, ClientError> {
        let path = ["servicePrincipals", &principal.to_string(), "appRoleAssignedTo"];
        let rows = self.fetch_all::<AssignmentWire>(self.get(&path, &[])).await?.rows;
        Ok(rows.into_iter().map(|wire| Assignment { id: wire.id, principal: wire.principal_id }).collect())
    }

    /// Fetches the consents of a service principal on Graph. `graph` is Graph's own service principal.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_grants(&self, principal: Uuid, graph: Uuid) -> Result<Vec<Grant>, ClientError> {
        let filter = format!("clientId eq '{principal}'");
        let request = self.get(&["oauth2PermissionGrants"], &[("$filter", filter.as_str())]);
        let rows = self
            .fetch_all::<GrantWire>(request)
            .await?
            .rows
            .into_iter()
            .filter(|wire| wire.resource_id == graph);
        Ok(rows.map(Grant::from).collect())
    }

    async fn fetch_filtered<T: serde::de::DeserializeOwned>(
        &self,
        path: &[&str],
        filter: &str,
        select: &str,
    ) -> Result<Vec<T>, ClientError> {
        let request = self.get(path, &[("$filter", filter), ("$select", select)]);
        let (page, answer) = self.transport.fetch_page(request).await?;
        // An unreadable row may be the one sought, so making another would be wrong.
        match page.odd == 0 && page.next_link.is_none() {
            true => Ok(page.rows),
            false => {
                Err(answer.unreadable("more than a page, or a row that is not in the form Graph documents"))
            }
        }
    }
}

/// What applications are found by.
#[derive(Clone, Copy, Debug)]
pub enum ApplicationKey<'a> {
    /// A tag.
    Tag(&'a str),
    /// The id that it signs in with.
    Client(Uuid),
    /// The name, whatever its letter case.
    Name(&'a str),
}

impl TenantWriter {
    /// Sends a write of the registration, once. Returns the object id of what was made, if the answer has it.
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn write_registration(&self, write: &RegistrationWrite) -> Result<Option<Uuid>, ClientError> {
        use RegistrationWrite as Write;
        let (applications, principals, grants) =
            ("applications".to_owned(), "servicePrincipals".to_owned(), "oauth2PermissionGrants".to_owned());
        let assigned = "appRoleAssignedTo".to_owned();
        let (method, path, body) = match write {
            Write::CreateApplication(body) => (Method::POST, vec![applications], Some(body)),
            Write::ChangeApplication(id, body) => {
                (Method::PATCH, vec![applications, id.to_string()], Some(body))
            }
            Write::DeleteApplication(id) => (Method::DELETE, vec![applications, id.to_string()], None),
            Write::CreateServicePrincipal(body) => (Method::POST, vec![principals], Some(body)),
            Write::ChangeServicePrincipal(id, body) => {
                (Method::PATCH, vec![principals, id.to_string()], Some(body))
            }
            Write::DeleteServicePrincipal(id) => (Method::DELETE, vec![principals, id.to_string()], None),
            Write::Assign(to, body) => (Method::POST, vec![principals, to.to_string(), assigned], Some(body)),
            Write::Unassign(from, id) => {
                (Method::DELETE, vec![principals, from.to_string(), assigned, id.as_str().to_owned()], None)
            }
            Write::Consent(body) => (Method::POST, vec![grants], Some(body)),
            Write::ChangeConsent(id, body) => {
                (Method::PATCH, vec![grants, id.as_str().to_owned()], Some(body))
            }
            Write::Revoke(id) => (Method::DELETE, vec![grants, id.as_str().to_owned()], None),
        };
        let path: Vec<&str> = std::iter::once("v1.0").chain(path.iter().map(String::as_str)).collect();
        let mut request = self.graph.request(method, &path, &[]);
        request.body = body.cloned();
        let answer = self.graph.send(request).await?;
        Ok(answer.json::<IdWire>().ok().map(|wire| wire.id))
    }
}

impl From<ApplicationWire> for Application {
    fn from(wire: ApplicationWire) -> Self {
        let redirects =
            |platform: Option<PlatformWire>| platform.and_then(|it| it.redirect_uris).unwrap_or_default();
        let count = |all: Option<Vec<Value>>| all.map_or(0, |all| all.len());
        Self {
            id: wire.id,
            app_id: wire.app_id,
            name: wire.display_name.map(name).unwrap_or_default(),
            created: wire.created_date_time.map(name),
            audience: wire.sign_in_audience.map(name),
            is_fallback_public_client: wire.is_fallback_public_client,
            tags: wire.tags.unwrap_or_default(),
            redirects: redirects(wire.public_client),
            other_redirects: [redirects(wire.web), redirects(wire.spa)].concat(),
            credentials: count(wire.password_credentials) + count(wire.key_credentials),
            required: match wire.required_resource_access {
                Value::Null => Value::Array(Vec::new()),
                required => required,
            },
        }
    }
}

impl From<GrantWire> for Grant {
    fn from(wire: GrantWire) -> Self {
        let scopes = wire.scope.unwrap_or_default();
        Self {
            id: wire.id,
            principal: wire.principal_id,
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        }
    }
}
