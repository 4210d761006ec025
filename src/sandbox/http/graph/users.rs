//! Users, one at a time and all of them, and how they look.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::page::Page;
use super::types::USER;
use super::user_fields::{Seen, View};
use super::user_query::Selection;
use crate::sandbox::http::odata::{Ask, DIRECTORY, NUMBER, OBJECT, Property, Query, Record as _, Refused};
use crate::sandbox::shared::Principal;
use crate::sandbox::tenant::{TenantState, User};

pub(super) const SERVICE: &str = "AADPremiumService";

pub(super) async fn users(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&USER, DIRECTORY)?;
    let tenant = ask.shared.tenant().clone();
    let page = Page { ask: &ask, query: &query, resource: "users", prefix: Vec::new() };
    page.people(Selection::everyone(&tenant, View::Users), None)
}

pub(super) async fn count(ask: Ask) -> Result<Response, Refused> {
    let query = ask.advanced(&USER, NUMBER)?;
    let tenant = ask.shared.tenant().clone();
    Ok(number(Selection::everyone(&tenant, View::Users), &query, 0))
}

/// One user, by object id or by principal name.
pub(super) async fn user(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&USER, OBJECT)?;
    let tenant = ask.shared.tenant();
    Ok(one(&ask, &query, &tenant, &find(&tenant, &id)?))
}

pub(super) async fn me(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&USER, OBJECT)?;
    match ask.principal {
        Some(Principal::Person) => Ok(one(&ask, &query, &ask.shared.tenant(), &TenantState::administrator())),
        _ => Err(Refused::bad("/me request is only valid with delegated authentication flow.")),
    }
}

fn one(ask: &Ask, query: &Query, tenant: &TenantState, user: &User) -> Response {
    let seen = Seen { view: View::Users, tenant, user };
    let now = ask.shared.audits().now();
    ask.object(query, "users", json!(UserRow { seen, properties: &query.shown(), kind: None, now }))
}

pub(super) fn find(tenant: &TenantState, id: &str) -> Result<User, Refused> {
    let person = match Uuid::try_parse(id) {
        Ok(id) => tenant.person(id),
        Err(_) => tenant.person_named(id),
    };
    person.ok_or_else(|| Refused::no_such(id))
}

impl Page<'_> {
    /// Answers a page of people; `kind` is told where directory objects of several kinds come.
    pub(super) fn people(
        self,
        selection: Selection<'_>,
        kind: Option<&'static str>,
    ) -> Result<Response, Refused> {
        let properties = self.query.shown();
        let now = self.ask.shared.audits().now();
        self.answer(selection, |tenant, user, page| {
            let seen = Seen { view: View::Users, tenant, user };
            serde_json::to_writer(page, &UserRow { seen, properties: &properties, kind, now }).is_ok()
        })
    }
}

/// Answers with how many people there are beside so many others, as text.
pub(super) fn number(mut selection: Selection<'_>, query: &Query, others: usize) -> Response {
    selection.narrow(query.filter.as_ref(), None);
    (others + selection.count(query.filter.as_ref())).to_string().into_response()
}

/// A user with some properties; one that users do not have is left out.
struct UserRow<'a> {
    seen: Seen<'a>,
    properties: &'a [Property],
    kind: Option<&'static str>,
    now: Timestamp,
}

impl Serialize for UserRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        if let Some(kind) = self.kind {
            row.serialize_entry("@odata.type", kind)?;
        }
        for Property { name, .. } in self.properties {
            match *name {
                "assignedPlans" => row.serialize_entry(name, &plans(self.seen.user))?,
                "assignedLicenses" => row.serialize_entry(name, &licences(self.seen.user))?,
                "businessPhones" => row.serialize_entry(name, &self.seen.user.business_phones)?,
                "otherMails" => row.serialize_entry(name, &self.seen.user.other_mails)?,
                // Left out of someone who never signed in.
                "signInActivity" => {
                    if let Some(days) = self.seen.user.days_since_sign_in {
                        row.serialize_entry(name, &activity(self.now, days))?;
                    }
                }
                _ => {
                    if let Some(value) = self.seen.property(name) {
                        row.serialize_entry(name, &value)?;
                    }
                }
            }
        }
        row.end()
    }
}

/// Apps sign in by themselves until today. To the hour: two looks at the same tenant see the same.
fn activity(now: Timestamp, days: u32) -> Value {
    const HOUR: i64 = 3600;
    let at = now - SignedDuration::from_hours(24 * i64::from(days));
    let text = |at: Timestamp| Timestamp::from_second(at.as_second() / HOUR * HOUR).unwrap_or(at).to_string();
    json!({
        "lastSignInDateTime": text(at),
        "lastNonInteractiveSignInDateTime": text(now),
        "lastSuccessfulSignInDateTime": text(now),
    })
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
