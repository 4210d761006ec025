//! The people of the pretend tenant as Graph shows them: members, roles, plans, registration, audit log.

use std::time::Instant;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::crowd::{Crowd, CrowdRange};
use super::filter::{Filter, Literal, Operator, Record};
use super::graph::{error, no_such};
use super::odata;
use super::server::Shared;
use super::world::{Group, User, World};

/// What a user is licensed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Licence {
    /// Nothing that covers password reset.
    None,
    /// Entra ID P1.
    P1,
    /// Entra ID P1, expired: the plan is there and not enabled.
    P1Suspended,
    /// Entra ID P2 alone; some products carry it without P1.
    P2,
    /// Microsoft 365 Business Standard, which has no Entra plan at all (facts 3.1).
    BusinessStandard,
}

/// A directory role given to a user or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Template id of the role.
    pub role: Uuid,
    /// Whether it has to be activated first (Privileged Identity Management).
    pub is_eligible: bool,
}

impl RoleGrant {
    /// Returns a role that is held now.
    pub fn active(role: Uuid) -> Self {
        Self { role, is_eligible: false }
    }

    /// Returns a role that can be activated.
    pub fn eligible(role: Uuid) -> Self {
        Self { role, is_eligible: true }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// `activityDisplayName`.
    pub activity: String,
    /// `success` or `failure`.
    pub result: String,
    /// `resultReason`.
    pub reason: String,
    /// The user it is about.
    pub user: Uuid,
}

const P1: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
const P2: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";
const BUSINESS_STANDARD: &str = "f245ecc8-75af-4f8e-b61f-27d8114de5f3";
const EXCHANGE: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";
/// Graph's largest page.
const MAX_PAGE: usize = 999;

#[derive(Debug, Deserialize)]
struct Options {
    #[serde(rename = "$select")]
    select: Option<String>,
    #[serde(rename = "$filter")]
    filter: Option<String>,
    #[serde(rename = "$top")]
    top: Option<usize>,
    #[serde(rename = "$count")]
    count: Option<bool>,
    #[serde(rename = "$orderby")]
    orderby: Option<String>,
    #[serde(rename = "$skiptoken")]
    skiptoken: Option<String>,
}

/// Returns the Graph routes about people.
pub(super) fn routes(shared: &Shared) -> Router<Shared> {
    let reports = Router::new()
        .route("/reports/authenticationMethods/userRegistrationDetails", get(registrations))
        .route("/reports/authenticationMethods/userRegistrationDetails/{id}", get(registration))
        .route("/auditLogs/directoryAudits", get(audits))
        .layer(middleware::from_fn_with_state(shared.clone(), limited));
    Router::new()
        .route("/groups/{id}/transitiveMembers/microsoft.graph.user/$count", get(member_count))
        .route("/groups/{id}/transitiveMembers/microsoft.graph.user", get(members))
        .route("/groups/{id}/memberOf/microsoft.graph.group", get(member_of))
        .route("/users/{id}/memberOf/microsoft.graph.group", get(member_of))
        .route("/users/{id}", get(user))
        .route("/roleManagement/directory/roleAssignments", get(assignments))
        .route("/roleManagement/directory/roleEligibilityScheduleInstances", get(eligibilities))
        .route("/subscribedSkus", get(skus))
        .route("/directory/onPremisesSynchronization", get(synchronization))
        .merge(reports)
}

async fn limited(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    shared.refresh();
    let admitted = shared.reports().admit(Instant::now());
    let Err(wait) = admitted else { return next.run(request).await };
    let mut response = error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "Too many requests.");
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    if let Ok(seconds) = seconds.to_string().parse() {
        response.headers_mut().insert("Retry-After", seconds);
    }
    response
}

fn unsupported(message: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
}

fn is_eventual(headers: &HeaderMap) -> bool {
    headers.get("ConsistencyLevel").is_some_and(|level| level.as_bytes().eq_ignore_ascii_case(b"eventual"))
}

const NEEDS_HEADER: &str =
    "Request with $count or an OData cast requires the ConsistencyLevel header set to eventual.";

/// Some people of the tenant: those made by hand, and generated ones.
struct Selection<'a> {
    world: &'a World,
    users: Vec<&'a User>,
    crowd: Vec<CrowdRange>,
}

impl<'a> Selection<'a> {
    fn of_group(world: &'a World, group: Uuid) -> Self {
        let mut users = world.members_through_nesting(group);
        users.sort_by_key(|user| order(user));
        Self { world, users, crowd: world.crowd_through_nesting(group) }
    }

    fn everyone(world: &'a World) -> Self {
        let mut users: Vec<&User> = world.users.iter().collect();
        users.sort_by_key(|user| order(user));
        Self { world, users, crowd: vec![CrowdRange { start: 0, end: world.crowd.size }] }
    }

    /// Narrows the crowd to the names a filter and a page token leave, so that a page does not walk it all.
    fn narrow(&mut self, filter: Option<&Filter>, after: Option<&str>) {
        let crowd = self.world.crowd;
        let name = |alias: &str| {
            let domain = self.world.domains.first().map_or("", String::as_str);
            format!("{alias}@{domain}").to_lowercase()
        };
        let (mut start, mut end) = (0, crowd.size);
        if let Some(after) = after {
            start = crowd.position(|alias| name(alias).as_str() <= after);
            self.users.retain(|user| name(&user.alias).as_str() > after);
        }
        for part in filter.into_iter().flat_map(Filter::conjuncts) {
            match part {
                Filter::Compare(property, operator, Literal::Text(text))
                    if property == "userPrincipalName" =>
                {
                    let text = text.to_lowercase();
                    if matches!(operator, Operator::AtLeast | Operator::Equal) {
                        start = start.max(crowd.position(|alias| name(alias) < text));
                    }
                    if matches!(operator, Operator::AtMost | Operator::Equal) {
                        end = end.min(crowd.position(|alias| name(alias) <= text));
                    }
                }
                Filter::StartsWith(property, text) if property == "userPrincipalName" => {
                    let text = text.to_lowercase();
                    start = start.max(crowd.position(|alias| name(alias) < text));
                    end =
                        end.min(crowd.position(|alias| name(alias) < text || name(alias).starts_with(&text)));
                }
                _ => {}
            }
        }
        for range in &mut self.crowd {
            (range.start, range.end) =
                (range.start.max(start), range.end.min(end).max(range.start.max(start)));
        }
    }

    /// Walks the selection in the order of user principal names.
    fn walk(&self, mut visit: impl FnMut(&User) -> bool) {
        let mut by_hand = self.users.iter().copied().peekable();
        for i in self.crowd.iter().flat_map(|range| range.start..range.end) {
            let person = self.world.crowd.person(i);
            while let Some(user) = by_hand.next_if(|user| order(user) < order(&person)) {
                if !visit(user) {
                    return;
                }
            }
            if !visit(&person) {
                return;
            }
        }
        for user in by_hand {
            if !visit(user) {
                return;
            }
        }
    }

    fn count(&self, filter: Option<&Filter>) -> usize {
        let is_by_name_alone = filter.is_none_or(|filter| {
            filter.conjuncts().iter().all(|part| {
                matches!(part, Filter::Compare(name, Operator::AtLeast | Operator::AtMost | Operator::Equal, Literal::Text(_))
                    | Filter::StartsWith(name, _) if name == "userPrincipalName")
            })
        });
        let users = self.users.iter().filter(|user| holds(filter, self.world, user)).count();
        if is_by_name_alone {
            let crowd: u64 = self.crowd.iter().map(|range| range.end - range.start).sum();
            return users + usize::try_from(crowd).unwrap_or(usize::MAX);
        }
        let mut count = 0;
        self.walk(|user| {
            count += usize::from(holds(filter, self.world, user));
            true
        });
        count
    }
}

fn holds(filter: Option<&Filter>, world: &World, user: &User) -> bool {
    filter.is_none_or(|filter| filter.holds(&Seen { world, user }))
}

/// A user as filters see it.
struct Seen<'a> {
    world: &'a World,
    user: &'a User,
}

struct Element(&'static str, String, &'static str);

impl Record for Element {
    fn property(&self, name: &str) -> Option<Literal> {
        match name.split_once('/').map_or(name, |(_, name)| name) {
            "capabilityStatus" => Some(Literal::Text(self.2.to_owned())),
            property if property == self.0 => Some(Literal::Text(self.1.clone())),
            _ => None,
        }
    }
}

impl Record for Seen<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        let Self { world, user } = self;
        Some(match name {
            "id" => Literal::Text(user.id.to_string()),
            "userPrincipalName" => Literal::Text(world.user_principal_name(user)),
            "displayName" => Literal::Text(user.name.clone()),
            "accountEnabled" => Literal::Flag(user.is_enabled),
            "userType" => Literal::Text(if user.is_guest { "Guest" } else { "Member" }.to_owned()),
            "onPremisesSyncEnabled" if user.is_synced => Literal::Flag(true),
            "onPremisesSyncEnabled" => Literal::Null,
            _ => return None,
        })
    }

    fn elements(&self, name: &str) -> Vec<Box<dyn Record>> {
        let element = |property, value: &str, status| {
            Box::new(Element(property, value.to_owned(), status)) as Box<dyn Record>
        };
        match name {
            "assignedPlans" => plans(self.user.licence)
                .iter()
                .map(|(plan, status)| element("servicePlanId", plan, status))
                .collect(),
            "assignedLicenses" => sku(self.user.licence)
                .iter()
                .map(|sku| element("skuId", &sku.to_string(), "Enabled"))
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn plans(licence: Licence) -> Vec<(&'static str, &'static str)> {
    match licence {
        Licence::None => Vec::new(),
        Licence::P1 => vec![(EXCHANGE, "Enabled"), (P1, "Enabled")],
        Licence::P1Suspended => vec![(P1, "Suspended")],
        Licence::P2 => vec![(P2, "Enabled")],
        Licence::BusinessStandard => vec![(EXCHANGE, "Enabled")],
    }
}

fn sku(licence: Licence) -> Option<Uuid> {
    let id = match licence {
        Licence::None => return None,
        Licence::P1 | Licence::P1Suspended => "078d2b04-f1bd-4111-bbd4-b4b1b354cef4",
        Licence::P2 => "84a661c4-e949-4bd2-a560-ed7766fcaf2b",
        Licence::BusinessStandard => BUSINESS_STANDARD,
    };
    Uuid::try_parse(id).ok()
}

fn user_json(world: &World, user: &User) -> Value {
    let plans: Vec<Value> = plans(user.licence)
        .into_iter()
        .map(|(plan, status)| json!({"assignedDateTime": "2025-01-01T00:00:00Z", "capabilityStatus": status, "service": "AADPremiumService", "servicePlanId": plan}))
        .collect();
    let licences: Vec<Value> =
        sku(user.licence).into_iter().map(|sku| json!({"disabledPlans": [], "skuId": sku})).collect();
    json!({
        "id": user.id, "userPrincipalName": world.user_principal_name(user), "displayName": user.name,
        "accountEnabled": user.is_enabled, "userType": if user.is_guest { "Guest" } else { "Member" },
        "onPremisesSyncEnabled": user.is_synced.then_some(true), "assignedPlans": plans, "assignedLicenses": licences,
    })
}

/// Answers one page of a selection.
fn page(
    selection: &mut Selection<'_>,
    options: &Options,
    path: &str,
    host: &str,
    row: impl Fn(&World, &User) -> Option<Value>,
) -> Response {
    let filter = match options.filter.as_deref().map(Filter::parse) {
        None => None,
        Some(Some(filter)) => Some(filter),
        Some(None) => return unsupported("Unsupported or invalid query filter clause."),
    };
    let top = options.top.unwrap_or(100);
    if !(1..=MAX_PAGE).contains(&top) {
        return error(
            StatusCode::BAD_REQUEST,
            "Request_BadRequest",
            "Invalid page size specified. Must be between 1 and 999 inclusive.",
        );
    }
    if options.orderby.as_deref().is_some_and(|orderby| orderby != "userPrincipalName") {
        return unsupported("Sorting not supported for current query.");
    }
    let world = selection.world;
    let is_counted = options.count == Some(true) && options.skiptoken.is_none();
    selection.narrow(filter.as_ref(), None);
    let count = is_counted.then(|| selection.count(filter.as_ref()));
    selection.narrow(filter.as_ref(), options.skiptoken.as_deref());
    let (mut rows, mut last, mut has_more) = (Vec::with_capacity(top), String::new(), false);
    selection.walk(|user| {
        if !holds(filter.as_ref(), world, user) {
            return true;
        }
        let Some(row) = row(world, user) else { return true };
        if rows.len() == top {
            has_more = true;
            return false;
        }
        last = world.user_principal_name(user).to_lowercase();
        rows.push(odata::select(row, options.select.as_deref()));
        true
    });
    let mut answer = json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{path}"), "value": rows});
    if let Some(count) = count {
        answer["@odata.count"] = json!(count);
    }
    if has_more {
        answer["@odata.nextLink"] = json!(next_link(host, path, options, &last));
    }
    Json(answer).into_response()
}

fn next_link(host: &str, path: &str, options: &Options, last: &str) -> String {
    let mut link = url::form_urlencoded::Serializer::new(format!("http://{host}/v1.0/{path}?"));
    let top = options.top.map(|top| top.to_string());
    let count = options.count.map(|count| count.to_string());
    let kept = [
        ("$filter", options.filter.as_deref()),
        ("$select", options.select.as_deref()),
        ("$orderby", options.orderby.as_deref()),
        ("$top", top.as_deref()),
        ("$count", count.as_deref()),
        ("$skiptoken", Some(last)),
    ];
    for (name, value) in kept {
        if let Some(value) = value {
            link.append_pair(name, value);
        }
    }
    link.finish()
}

fn host(headers: &HeaderMap) -> &str {
    headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default()
}

fn found<'a>(world: &'a World, id: &str) -> Option<&'a Group> {
    Uuid::try_parse(id).ok().and_then(|id| world.group(id))
}

async fn member_count(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
) -> Response {
    if !is_eventual(&headers) {
        return unsupported(NEEDS_HEADER);
    }
    let filter = match options.filter.as_deref().map(Filter::parse) {
        None => None,
        Some(Some(filter)) => Some(filter),
        Some(None) => return unsupported("Unsupported or invalid query filter clause."),
    };
    let world = shared.world().clone();
    let Some(group) = found(&world, &id) else { return no_such(&id) };
    let mut selection = Selection::of_group(&world, group.id);
    selection.narrow(filter.as_ref(), None);
    selection.count(filter.as_ref()).to_string().into_response()
}

async fn members(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
) -> Response {
    if !is_eventual(&headers) || options.count != Some(true) {
        return unsupported(NEEDS_HEADER);
    }
    // A copy, so that one page being made does not hold up the next.
    let world = shared.world().clone();
    let Some(group) = found(&world, &id) else { return no_such(&id) };
    let path = format!("groups/{id}/transitiveMembers/microsoft.graph.user");
    let mut selection = Selection::of_group(&world, group.id);
    page(&mut selection, &options, &path, host(&headers), |world, user| Some(user_json(world, user)))
}

async fn member_of(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
) -> Response {
    if !is_eventual(&headers) || options.count != Some(true) {
        return unsupported(NEEDS_HEADER);
    }
    let world = shared.world();
    let Ok(id) = Uuid::try_parse(&id) else { return no_such(&id) };
    let generated = world.crowd.index(id);
    let holds = |group: &&Group| {
        group.members.contains(&id)
            || generated
                .is_some_and(|i| group.crowd.iter().any(|range| (range.start..range.end).contains(&i)))
    };
    let groups: Vec<Value> = world
        .groups
        .iter()
        .filter(holds)
        .map(|group| {
            odata::select(json!({"id": group.id, "displayName": group.name}), options.select.as_deref())
        })
        .collect();
    Json(json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups", "@odata.count": groups.len(), "value": groups}))
        .into_response()
}

async fn user(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let by_name = |user: &&User| world.user_principal_name(user).eq_ignore_ascii_case(&id);
    let by_id = Uuid::try_parse(&id).ok();
    let by_hand = world.users.iter().find(|user| by_id == Some(user.id) || by_name(user)).cloned();
    let generated = || {
        let i = match by_id {
            Some(id) => world.crowd.index(id)?,
            None => {
                let name = id.to_lowercase();
                let at = |alias: &str| format!("{alias}@{}", world.domains[0]).to_lowercase();
                world.crowd.position(|alias| at(alias) < name)
            }
        };
        (i < world.crowd.size)
            .then(|| world.crowd.person(i))
            .filter(|person| by_id.is_some() || by_name(&person))
    };
    match by_hand.or_else(generated) {
        Some(user) => {
            Json(odata::select(user_json(&world, &user), options.select.as_deref())).into_response()
        }
        None => no_such(&id),
    }
}

fn grants(world: &World, is_eligible: bool) -> Vec<Value> {
    let row = |principal: Uuid, kind: &str, name: &str, grant: &RoleGrant| {
        json!({
            "id": format!("{principal}-{}", grant.role), "principalId": principal, "roleDefinitionId": grant.role,
            "directoryScopeId": "/",
            "principal": {"@odata.type": format!("#microsoft.graph.{kind}"), "id": principal, "displayName": name},
        })
    };
    let mut rows = Vec::new();
    let wanted = |grant: &&RoleGrant| grant.is_eligible == is_eligible;
    for user in &world.users {
        rows.extend(user.roles.iter().filter(wanted).map(|grant| row(user.id, "user", &user.name, grant)));
    }
    for group in &world.groups {
        rows.extend(
            group.roles.iter().filter(wanted).map(|grant| row(group.id, "group", &group.name, grant)),
        );
    }
    for i in world.crowd.admins() {
        let person = world.crowd.person(i);
        rows.extend(
            person.roles.iter().filter(wanted).map(|grant| row(person.id, "user", &person.name, grant)),
        );
    }
    rows
}

fn list(resource: &str, rows: &[Value]) -> Response {
    Json(json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{resource}"), "value": rows}))
        .into_response()
}

async fn assignments(State(shared): State<Shared>) -> Response {
    list("roleManagement/directory/roleAssignments", &grants(&shared.world(), false))
}

async fn eligibilities(State(shared): State<Shared>) -> Response {
    list("roleManagement/directory/roleEligibilityScheduleInstances", &grants(&shared.world(), true))
}

async fn skus() -> Response {
    let sku = |id: Option<Uuid>, name: &str, plans: &[(&str, &str)]| {
        let plans: Vec<Value> = plans
            .iter()
            .map(|(id, name)| json!({"servicePlanId": id, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"}))
            .collect();
        json!({"id": format!("sku-{name}"), "skuId": id, "skuPartNumber": name, "capabilityStatus": "Enabled", "appliesTo": "User", "consumedUnits": 3, "servicePlans": plans})
    };
    list(
        "subscribedSkus",
        &[
            sku(
                sku_of(Licence::P1),
                "AAD_PREMIUM",
                &[(P1, "AAD_PREMIUM"), (EXCHANGE, "EXCHANGE_S_FOUNDATION")],
            ),
            sku(sku_of(Licence::P2), "AAD_PREMIUM_P2", &[(P2, "AAD_PREMIUM_P2")]),
        ],
    )
}

fn sku_of(licence: Licence) -> Option<Uuid> {
    sku(licence)
}

async fn synchronization(State(shared): State<Shared>) -> Response {
    let world = shared.world();
    let is_on = world.writeback["enablementForTenant"].as_bool().unwrap_or(false);
    let rows: Vec<Value> = world
        .is_hybrid
        .then(|| json!({"id": world.tenant_id, "features": {"passwordWritebackEnabled": is_on, "passwordSyncEnabled": true}}))
        .into_iter()
        .collect();
    list("directory/onPremisesSynchronization", &rows)
}

/// Disabled users have no row (facts 4).
fn registration_json(world: &World, user: &User) -> Option<Value> {
    let required = world.policy["numberOfAuthenticationMethodsRequired"].as_u64().unwrap_or(1);
    let usable = ["email", "mobilePhone", "officePhone", "softwareOneTimePasscode", "securityQuestion"];
    let count = user.methods.iter().filter(|method| usable.contains(&method.as_str())).count() as u64;
    let is_registered = count >= required;
    (user.is_enabled && user.is_reported).then(|| {
        json!({
            "id": user.id, "userPrincipalName": world.user_principal_name(user), "userDisplayName": user.name,
            "userType": if user.is_guest { "guest" } else { "member" }, "isAdmin": !user.roles.is_empty(),
            "isSsprRegistered": is_registered, "isSsprEnabled": true, "isSsprCapable": is_registered,
            "isMfaRegistered": !user.methods.is_empty(), "isMfaCapable": !user.methods.is_empty(),
            "isPasswordlessCapable": false, "methodsRegistered": user.methods,
            "lastUpdatedDateTime": "2026-11-21T18:00:00Z",
        })
    })
}

async fn registrations(
    State(shared): State<Shared>,
    Query(options): Query<Options>,
    headers: HeaderMap,
) -> Response {
    let world = shared.world().clone();
    let mut selection = Selection::everyone(&world);
    let path = "reports/authenticationMethods/userRegistrationDetails";
    page(&mut selection, &Options { count: None, ..options }, path, host(&headers), registration_json)
}

async fn registration(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let wanted = Uuid::try_parse(&id).ok();
    let by_hand = world.users.iter().find(|user| Some(user.id) == wanted).cloned();
    let person = by_hand.or_else(|| Some(world.crowd.person(world.crowd.index(wanted?)?)));
    match person.and_then(|person| registration_json(&world, &person)) {
        Some(row) => Json(odata::select(row, options.select.as_deref())).into_response(),
        None => no_such(&id),
    }
}

async fn audits(State(shared): State<Shared>, Query(options): Query<Options>) -> Response {
    let filter = match options.filter.as_deref().map(Filter::parse) {
        None => None,
        Some(Some(filter)) => Some(filter),
        Some(None) => return unsupported("Unsupported or invalid query filter clause."),
    };
    let world = shared.world();
    let mut rows: Vec<Value> = world
        .audits
        .iter()
        .enumerate()
        .filter(|(_, event)| filter.as_ref().is_none_or(|filter| filter.holds(&SeenEvent(event))))
        .map(|(at, event)| audit_json(&world, at, event))
        .collect();
    // Newest first, as the service gives them.
    rows.reverse();
    rows.truncate(options.top.unwrap_or(1000));
    list("auditLogs/directoryAudits", &rows)
}

struct SeenEvent<'a>(&'a AuditEvent);

impl Record for SeenEvent<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        Some(Literal::Text(match name {
            "activityDateTime" => self.0.at.to_string(),
            "activityDisplayName" => self.0.activity.clone(),
            "loggedByService" => SERVICE.to_owned(),
            _ => return None,
        }))
    }

    fn elements(&self, name: &str) -> Vec<Box<dyn Record>> {
        match name {
            "targetResources" => vec![Box::new(Element("id", self.0.user.to_string(), ""))],
            _ => Vec::new(),
        }
    }
}

const SERVICE: &str = "Self-service Password Management";

fn audit_json(world: &World, at: usize, event: &AuditEvent) -> Value {
    let user = world.users.iter().find(|user| user.id == event.user);
    let who = json!({
        "id": event.user, "displayName": user.map(|user| user.name.clone()),
        "userPrincipalName": user.map(|user| world.user_principal_name(user)),
    });
    let mut target = who.clone();
    target["type"] = json!("User");
    target["modifiedProperties"] = json!([]);
    json!({
        "id": format!("SSPR_{at:06}"), "activityDateTime": event.at.to_string(), "activityDisplayName": event.activity,
        "category": "UserManagement", "loggedByService": SERVICE, "operationType": "", "result": event.result,
        "resultReason": event.reason, "correlationId": event.user, "additionalDetails": [],
        "initiatedBy": {"app": null, "user": who}, "targetResources": [target],
    })
}

/// Returns a generated person's row of the registration report, for tests that know the answers.
pub fn generated_row(crowd: Crowd, i: u64, world: &World) -> Option<Value> {
    registration_json(world, &crowd.person(i))
}

/// What users are in order of: the principal name, which goes on with `@` behind the alias.
fn order(user: &User) -> String {
    format!("{}@", user.alias.to_lowercase())
}
