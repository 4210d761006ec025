//! Users, one at a time and all of them, and how they look.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::page::Page;
use super::seen::View;
use super::selection::Selection;
use super::types::USER;
use crate::sandbox::http::odata::{Ask, Property, Query, Refused, Takes};
use crate::sandbox::state::{Principal, Shared};
use crate::sandbox::tenant::{TenantState, User};

/// Whose service plans are shown.
pub(super) const SERVICE: &str = "AADPremiumService";

/// All users of the tenant.
pub(super) async fn users(State(shared): State<Shared>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&USER, Takes::DIRECTORY)?;
    let tenant = shared.tenant().clone();
    people(Selection::everyone(&tenant, View::Users), &ask, &query)
}

/// How many users the tenant has.
pub(super) async fn count(State(shared): State<Shared>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.advanced(&USER, Takes::NUMBER)?;
    let tenant = shared.tenant().clone();
    number(Selection::everyone(&tenant, View::Users), &query)
}

/// One user, by object id or by principal name.
pub(super) async fn user(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    ask: Ask,
) -> Result<Response, Refused> {
    let query = ask.query(&USER, Takes::OBJECT)?;
    let tenant = shared.tenant();
    let found = match Uuid::try_parse(&id) {
        Ok(id) => tenant.person(id),
        Err(_) => tenant.person_named(&id),
    };
    Ok(one(&ask, &query, &tenant, &found.ok_or_else(|| Refused::no_such(&id))?))
}

/// Whoever asks.
pub(super) async fn me(
    State(shared): State<Shared>,
    Extension(principal): Extension<Principal>,
    ask: Ask,
) -> Result<Response, Refused> {
    let query = ask.query(&USER, Takes::OBJECT)?;
    match principal {
        Principal::Person => Ok(one(&ask, &query, &shared.tenant(), &TenantState::administrator())),
        Principal::Application => {
            Err(Refused::bad("/me request is only valid with delegated authentication flow."))
        }
    }
}

fn one(ask: &Ask, query: &Query, tenant: &TenantState, user: &User) -> Response {
    let row = json!(UserRow { tenant, user, properties: &query.shown(), kind: None });
    ask.object(query, "users", row)
}

/// Answers a page of people.
pub(super) fn people(selection: Selection<'_>, ask: &Ask, query: &Query) -> Result<Response, Refused> {
    let properties = query.shown();
    let page = Page { ask, query, resource: "users", prefix: Vec::new() };
    page.answer(selection, |tenant, user, page| {
        serde_json::to_writer(page, &UserRow { tenant, user, properties: &properties, kind: None }).is_ok()
    })
}

/// Answers with how many people there are, as text.
pub(super) fn number(mut selection: Selection<'_>, query: &Query) -> Result<Response, Refused> {
    selection.narrow(query.filter.as_ref(), None);
    Ok(selection.count(query.filter.as_ref()).to_string().into_response())
}

/// A user with some properties; one that users do not have is left out.
pub(super) struct UserRow<'a> {
    pub(super) tenant: &'a TenantState,
    pub(super) user: &'a User,
    pub(super) properties: &'a [&'static Property],
    /// Told where directory objects of several kinds come.
    pub(super) kind: Option<&'static str>,
}

impl Serialize for UserRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        if let Some(kind) = self.kind {
            row.serialize_entry("@odata.type", kind)?;
        }
        let user = self.user;
        for Property { name, .. } in self.properties {
            match *name {
                "id" => row.serialize_entry(name, &user.id)?,
                "userPrincipalName" => row.serialize_entry(name, &self.tenant.user_principal_name(user))?,
                "displayName" => row.serialize_entry(name, &user.name)?,
                "accountEnabled" => row.serialize_entry(name, &user.is_enabled)?,
                "userType" => row.serialize_entry(name, if user.is_guest { "Guest" } else { "Member" })?,
                "onPremisesSyncEnabled" => row.serialize_entry(name, &user.is_synced.then_some(true))?,
                "assignedPlans" => row.serialize_entry(name, &plans(user))?,
                "assignedLicenses" => row.serialize_entry(name, &licences(user))?,
                "businessPhones" => row.serialize_entry(name, &[(); 0])?,
                "givenName" | "jobTitle" | "mail" | "mobilePhone" | "officeLocation"
                | "preferredLanguage" | "surname" => row.serialize_entry(name, &Value::Null)?,
                _ => {}
            }
        }
        row.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanRow {
    assigned_date_time: &'static str,
    capability_status: &'static str,
    service: &'static str,
    service_plan_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LicenceRow {
    disabled_plans: [Uuid; 0],
    sku_id: Uuid,
}

fn plans(user: &User) -> Vec<PlanRow> {
    let plan = |&(service_plan_id, capability_status)| PlanRow {
        assigned_date_time: "2025-01-01T00:00:00Z",
        capability_status,
        service: SERVICE,
        service_plan_id,
    };
    user.licence.plans().iter().map(plan).collect()
}

fn licences(user: &User) -> Vec<LicenceRow> {
    user.licence.sku().into_iter().map(|sku_id| LicenceRow { disabled_plans: [], sku_id }).collect()
}
