//! Applications, their service principals, who is assigned to them, and what is consented to. Shapes and status codes:
//! <https://learn.microsoft.com/graph/api/resources/application>,
//! <https://learn.microsoft.com/graph/api/resources/serviceprincipal>,
//! <https://learn.microsoft.com/graph/api/resources/approleassignment>,
//! <https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant>.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::types::{APPLICATION, ASSIGNED_ROLE, GRANT, SERVICE_PRINCIPAL};
use crate::sandbox::http::odata::{Ask, DIRECTORY, Entity, OBJECT, Refused, Sent};
use crate::sandbox::tenant::{TenantState, id, lay_over};

/// How many rows a page holds where no one says.
const PAGE: usize = 100;
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
/// The role of whoever is assigned to an application that has no roles.
const DEFAULT_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// A kind of object, and where the tenant keeps it.
struct Collection {
    entity: &'static Entity,
    resource: &'static str,
    of: fn(&mut TenantState) -> &mut Vec<Value>,
}

static APPLICATIONS: Collection =
    Collection { entity: &APPLICATION, resource: "applications", of: |tenant| &mut tenant.applications };
static PRINCIPALS: Collection = Collection {
    entity: &SERVICE_PRINCIPAL,
    resource: "servicePrincipals",
    of: |tenant| &mut tenant.service_principals,
};
static ASSIGNMENTS: Collection = Collection {
    entity: &ASSIGNED_ROLE,
    resource: "appRoleAssignments",
    of: |tenant| &mut tenant.app_assignments,
};
static GRANTS: Collection =
    Collection { entity: &GRANT, resource: "oauth2PermissionGrants", of: |tenant| &mut tenant.grants };

pub(super) fn routes() -> Router {
    Router::new()
        .route("/applications", all(&APPLICATIONS).post(add_application))
        .route("/applications/{id}", changeable(&APPLICATIONS).delete(remove_application))
        .route("/servicePrincipals", get(principals).post(add_principal))
        .route("/servicePrincipals/{id}", changeable(&PRINCIPALS).delete(remove_principal))
        .route("/servicePrincipals/{id}/appRoleAssignedTo", get(assigned).post(assign))
        .route("/servicePrincipals/{id}/appRoleAssignedTo/{assignment}", delete(unassign))
        .route("/oauth2PermissionGrants", all(&GRANTS).post(add_grant))
        .route("/oauth2PermissionGrants/{id}", one(&GRANTS).patch(change_grant).delete(revoke))
}

fn all(of: &'static Collection) -> MethodRouter {
    get(async move |ask: Ask| of.list(&ask, of.rows(&ask)))
}

fn one(of: &'static Collection) -> MethodRouter {
    get(async move |Path(id): Path<String>, ask: Ask| of.get(&ask, &id))
}

fn changeable(of: &'static Collection) -> MethodRouter {
    one(of).patch(async move |Path(id): Path<String>, ask: Ask, sent: Sent| of.change(&ask, &id, sent))
}

impl Collection {
    fn rows(&self, ask: &Ask) -> Vec<Value> {
        let mut tenant = ask.shared.tenant().clone();
        (self.of)(&mut tenant).clone()
    }

    fn find(&self, ask: &Ask, id: &str) -> Result<Value, Refused> {
        self.rows(ask).into_iter().find(|row| row["id"] == id).ok_or_else(|| Refused::no_such(id))
    }

    fn list(&self, ask: &Ask, rows: Vec<Value>) -> Result<Response, Refused> {
        ask.list(&ask.query(self.entity, DIRECTORY)?, self.resource, rows, PAGE)
    }

    fn get(&self, ask: &Ask, id: &str) -> Result<Response, Refused> {
        let query = ask.query(self.entity, OBJECT)?;
        Ok(ask.object(&query, self.resource, self.find(ask, id)?))
    }

    /// Adds an object, and answers 201 with it.
    fn add(&self, ask: &Ask, object: Value) -> Result<Response, Refused> {
        let query = ask.query(self.entity, &[])?;
        let saved = ask.write(|tenant| (self.of)(tenant).push(object.clone()));
        match saved.status() {
            StatusCode::NO_CONTENT => {
                let mut created = ask.object(&query, self.resource, object);
                *created.status_mut() = StatusCode::CREATED;
                Ok(created)
            }
            _ => Ok(saved),
        }
    }

    /// Lays fields over an object, and answers 204.
    fn change(&self, ask: &Ask, id: &str, Sent(sent): Sent) -> Result<Response, Refused> {
        self.find(ask, id)?;
        self.check(&sent)?;
        Ok(ask.write(|tenant| {
            let row = (self.of)(tenant).iter_mut().find(|row| row["id"] == id);
            row.into_iter().for_each(|row| lay_over(row, sent.clone()));
        }))
    }

    /// Takes an object away, and answers 204.
    fn remove(&self, ask: &Ask, id: &str, also: impl Fn(&mut TenantState)) -> Result<Response, Refused> {
        self.find(ask, id)?;
        Ok(ask.write(|tenant| {
            (self.of)(tenant).retain(|row| row["id"] != id);
            also(tenant);
        }))
    }

    fn check(&self, sent: &Map<String, Value>) -> Result<(), Refused> {
        let known = |name: &str| self.entity.all().any(|property| property.name == name);
        match sent.keys().find(|name| !known(name)) {
            None => Ok(()),
            Some(name) => Err(Refused::invalid(format!(
                "One or more property values specified are invalid. Could not find a property named '{name}' on type \
                 'microsoft.graph.{}'.",
                self.entity.name
            ))),
        }
    }
}

fn text<'a>(sent: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refused> {
    let value = sent.get(name).and_then(Value::as_str);
    value.ok_or_else(|| Refused::invalid(format!("A value is required for property '{name}' of resource.")))
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

async fn add_application(ask: Ask, Sent(sent): Sent) -> Result<Response, Refused> {
    APPLICATIONS.check(&sent)?;
    text(&sent, "displayName")?;
    let mut application = json!({
        "id": Uuid::new_v4(), "appId": Uuid::new_v4(), "createdDateTime": now(), "tags": [],
        "signInAudience": "AzureADandPersonalMicrosoftAccount", "isFallbackPublicClient": null,
        "publicClient": {"redirectUris": []}, "web": {"redirectUris": []}, "spa": {"redirectUris": []},
        "passwordCredentials": [], "keyCredentials": [], "requiredResourceAccess": [], "description": null,
    });
    lay_over(&mut application, sent);
    APPLICATIONS.add(&ask, application)
}

/// The tenant's own service principal goes with it.
async fn remove_application(Path(id): Path<String>, ask: Ask) -> Result<Response, Refused> {
    let app = APPLICATIONS.find(&ask, &id)?["appId"].clone();
    APPLICATIONS.remove(&ask, &id, |tenant| {
        let gone: Vec<Value> = tenant
            .service_principals
            .iter()
            .filter(|row| row["appId"] == app)
            .map(|row| row["id"].clone())
            .collect();
        tenant.service_principals.retain(|row| row["appId"] != app);
        gone.iter().for_each(|principal| forget(tenant, principal));
    })
}

/// Takes away what hangs on a service principal.
fn forget(tenant: &mut TenantState, principal: &Value) {
    tenant.app_assignments.retain(|row| row["resourceId"] != *principal);
    tenant.grants.retain(|row| row["clientId"] != *principal);
}

/// Microsoft Graph's own, which every tenant has.
fn graph() -> Value {
    json!({
        "id": id("Microsoft Graph"), "appId": GRAPH, "displayName": "Microsoft Graph", "appRoleAssignmentRequired": false,
        "accountEnabled": true, "servicePrincipalType": "Application", "tags": [],
    })
}

async fn principals(ask: Ask) -> Result<Response, Refused> {
    let mut rows = PRINCIPALS.rows(&ask);
    rows.insert(0, graph());
    PRINCIPALS.list(&ask, rows)
}

async fn add_principal(ask: Ask, Sent(sent): Sent) -> Result<Response, Refused> {
    PRINCIPALS.check(&sent)?;
    let app = text(&sent, "appId")?;
    let application = APPLICATIONS.rows(&ask).into_iter().find(|row| row["appId"] == app);
    let application = application.ok_or_else(|| {
        Refused::invalid(format!(
            "The appId '{app}' of the service principal does not reference a valid application object."
        ))
    })?;
    if PRINCIPALS.rows(&ask).iter().any(|row| row["appId"] == app) {
        let message = "The service principal cannot be created, updated, or restored because the service principal name is \
                       already in use.";
        return Err(Refused::invalid(message));
    }
    let mut principal = json!({
        "id": Uuid::new_v4(), "displayName": application["displayName"], "appRoleAssignmentRequired": false,
        "accountEnabled": true, "servicePrincipalType": "Application", "tags": [],
    });
    lay_over(&mut principal, sent);
    PRINCIPALS.add(&ask, principal)
}

async fn remove_principal(Path(id): Path<String>, ask: Ask) -> Result<Response, Refused> {
    PRINCIPALS.remove(&ask, &id, |tenant| forget(tenant, &json!(id)))
}

async fn assigned(Path(id): Path<String>, ask: Ask) -> Result<Response, Refused> {
    PRINCIPALS.find(&ask, &id)?;
    let rows = ASSIGNMENTS.rows(&ask).into_iter().filter(|row| row["resourceId"] == id.as_str()).collect();
    ASSIGNMENTS.list(&ask, rows)
}

async fn assign(Path(id): Path<String>, ask: Ask, Sent(sent): Sent) -> Result<Response, Refused> {
    ASSIGNMENTS.check(&sent)?;
    let resource = PRINCIPALS.find(&ask, &id)?;
    let (principal, role) = (text(&sent, "principalId")?, text(&sent, "appRoleId")?);
    if text(&sent, "resourceId")? != id {
        return Err(Refused::invalid("The resourceId does not match the service principal in the request."));
    }
    if role != DEFAULT_ROLE {
        return Err(Refused::invalid("Permission being assigned was not found on application."));
    }
    let person = Uuid::try_parse(principal).ok().and_then(|id| ask.shared.tenant().person(id));
    let person = person.ok_or_else(|| Refused::no_such(principal))?;
    let is_there = |row: &Value| row["resourceId"] == id.as_str() && row["principalId"] == principal;
    if ASSIGNMENTS.rows(&ask).iter().any(is_there) {
        return Err(Refused::invalid("Permission being assigned already exists on the object."));
    }
    let assignment = json!({
        "id": short_id(), "deletedDateTime": null, "appRoleId": role, "createdDateTime": now(),
        "principalDisplayName": person.name, "principalId": principal, "principalType": "User",
        "resourceDisplayName": resource["displayName"], "resourceId": id,
    });
    ASSIGNMENTS.add(&ask, assignment)
}

async fn unassign(Path((principal, id)): Path<(String, String)>, ask: Ask) -> Result<Response, Refused> {
    PRINCIPALS.find(&ask, &principal)?;
    ASSIGNMENTS.remove(&ask, &id, |_| ())
}

async fn add_grant(ask: Ask, Sent(sent): Sent) -> Result<Response, Refused> {
    GRANTS.check(&sent)?;
    let (client, resource) = (text(&sent, "clientId")?, text(&sent, "resourceId")?);
    text(&sent, "scope")?;
    PRINCIPALS.find(&ask, client)?;
    if resource != id("Microsoft Graph").to_string() {
        PRINCIPALS.find(&ask, resource)?;
    }
    let principal = sent.get("principalId").cloned().unwrap_or_default();
    match (text(&sent, "consentType")?, principal.as_str()) {
        ("AllPrincipals", None) | ("Principal", Some(_)) => {}
        _ => return Err(Refused::invalid("Property principalId is invalid.")),
    }
    let is_there = |row: &Value| {
        row["clientId"] == client && row["resourceId"] == resource && row["principalId"] == principal
    };
    if GRANTS.rows(&ask).iter().any(is_there) {
        return Err(Refused::invalid("Permission entry already exists."));
    }
    let mut grant = json!({"id": short_id(), "principalId": null});
    lay_over(&mut grant, sent);
    GRANTS.add(&ask, grant)
}

async fn change_grant(Path(id): Path<String>, ask: Ask, sent: Sent) -> Result<Response, Refused> {
    match sent.0.keys().find(|name| *name != "scope") {
        Some(name) => Err(Refused::invalid(format!("Property '{name}' is read-only and cannot be set."))),
        None => GRANTS.change(&ask, &id, sent),
    }
}

async fn revoke(Path(id): Path<String>, ask: Ask) -> Result<Response, Refused> {
    GRANTS.remove(&ask, &id, |_| ())
}

/// Ids of assignments and grants are no GUIDs but 43 letters, digits, `-` and `_`.
fn short_id() -> String {
    let id = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    format!("-{}", &id[..42])
}
