//! The registration report.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::page::Page;
use super::types::REGISTRATION;
use super::user_fields::View;
use super::user_query::Selection;
use crate::sandbox::http::odata::{Ask, LIST, OBJECT, Refused};
use crate::sandbox::tenant::{TenantState, User};

const REPORT: &str = "reports/authenticationMethods/userRegistrationDetails";

/// The report on everyone. Microsoft's page names `$filter` and `$orderby`; `$select` and `$top` work (facts 4).
pub(super) async fn registrations(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&REGISTRATION, LIST)?;
    let tenant = ask.shared.tenant().clone();
    let page = Page { ask: &ask, query: &query, resource: REPORT, prefix: Vec::new() };
    page.answer(Selection::everyone(&tenant, View::Registrations), |tenant, user, page| {
        serde_json::to_writer(page, &query.selected(registration_json(tenant, user))).is_ok()
    })
}

pub(super) async fn registration(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&REGISTRATION, OBJECT)?;
    let tenant = ask.shared.tenant();
    let person = Uuid::try_parse(&id).ok().and_then(|id| tenant.person(id)).filter(has_row);
    let person = person.ok_or_else(|| Refused::no_such(&id))?;
    Ok(ask.object(&query, REPORT, registration_json(&tenant, &person)))
}

/// Disabled users have no row (facts 4).
pub(super) fn has_row(user: &User) -> bool {
    user.is_enabled && user.is_reported
}

/// Returns what one of the properties that are true or false says of a user.
pub(super) fn flag(tenant: &TenantState, user: &User, name: &str) -> Option<bool> {
    Some(match name {
        "isSsprRegistered" | "isSsprCapable" => {
            let required = tenant.policy["numberOfAuthenticationMethodsRequired"].as_u64().unwrap_or(1);
            let usable =
                ["email", "mobilePhone", "officePhone", "softwareOneTimePasscode", "securityQuestion"];
            let count = user.methods.iter().filter(|method| usable.contains(&method.as_str())).count();
            count as u64 >= required
        }
        "isSsprEnabled" => true,
        "isMfaRegistered" | "isMfaCapable" => !user.methods.is_empty(),
        "isPasswordlessCapable" | "isSystemPreferredAuthenticationMethodEnabled" => false,
        _ => return None,
    })
}

fn registration_json(tenant: &TenantState, user: &User) -> Value {
    let mut row = json!({
        "id": user.id, "userPrincipalName": tenant.user_principal_name(user), "userDisplayName": user.name,
        "userType": if user.is_guest { "guest" } else { "member" }, "isAdmin": !user.roles.is_empty(),
        "methodsRegistered": user.methods, "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "none", "lastUpdatedDateTime": "2026-11-21T18:00:00Z",
    });
    for property in REGISTRATION.all() {
        if let Some(flag) = flag(tenant, user, property.name) {
            row[property.name] = flag.into();
        }
    }
    row
}
