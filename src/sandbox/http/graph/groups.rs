//! Groups: by name, by id, and around others.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::members::as_object;
use super::types::{DIRECTORY_OBJECT, GROUP};
use super::users;
use crate::sandbox::http::odata::{Ask, DIRECTORY, NUMBER, OBJECT, Refused};
use crate::sandbox::tenant::{Group, GroupKind, TenantState};

/// How many groups a page holds where no one says.
const PAGE: usize = 100;

/// The groups of the tenant. Graph compares names without regard to letter case.
pub(super) async fn groups(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&GROUP, DIRECTORY)?;
    let rows = ask.shared.tenant().groups.iter().map(group_json).collect();
    ask.list(&query, "groups", rows, PAGE)
}

pub(super) async fn count(ask: Ask) -> Result<Response, Refused> {
    let query = ask.advanced(&GROUP, NUMBER)?;
    let tenant = ask.shared.tenant();
    let left = tenant.groups.iter().filter(|group| query.leaves(&group_json(group)));
    Ok(left.count().to_string().into_response())
}

pub(super) async fn group(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&GROUP, OBJECT)?;
    let tenant = ask.shared.tenant();
    Ok(ask.object(&query, "groups", group_json(find(&tenant, &id)?)))
}

pub(super) async fn groups_around(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&DIRECTORY_OBJECT, &["$select", "$filter", "$top", "$skiptoken"])?;
    let tenant = ask.shared.tenant();
    let rows = tenant.groups_around(find(&tenant, &id)?.id).into_iter().map(as_object).collect();
    ask.list(&query, "directoryObjects", rows, PAGE)
}

/// What a group is in directly, from the directory itself and not from its index.
pub(super) async fn holders(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&DIRECTORY_OBJECT, &["$select", "$filter", "$top", "$skiptoken"])?;
    let tenant = ask.shared.tenant();
    let rows = tenant.groups_holding(find(&tenant, &id)?.id).map(as_object).collect();
    ask.list(&query, "directoryObjects", rows, PAGE)
}

/// The groups that are in a group directly. Like every cast, from the index.
pub(super) async fn groups_within(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.advanced(&GROUP, DIRECTORY)?;
    let tenant = ask.shared.tenant();
    let group = find(&tenant, &id)?;
    let is_in = |other: &&Group| !group.is_membership_hidden && group.members.contains(&other.id);
    ask.list(&query, "groups", tenant.groups.iter().filter(is_in).map(group_json).collect(), PAGE)
}

/// The groups a group is in directly.
pub(super) async fn groups_holding_group(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let tenant = ask.shared.tenant();
    holding(&ask, &tenant, find(&tenant, &id)?.id)
}

pub(super) async fn groups_holding_user(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let tenant = ask.shared.tenant();
    holding(&ask, &tenant, users::find(&tenant, &id)?.id)
}

fn holding(ask: &Ask, tenant: &TenantState, id: Uuid) -> Result<Response, Refused> {
    let query = ask.advanced(&GROUP, DIRECTORY)?;
    ask.list(&query, "groups", tenant.groups_holding(id).map(group_json).collect(), PAGE)
}

pub(super) fn find<'a>(tenant: &'a TenantState, id: &str) -> Result<&'a Group, Refused> {
    let parsed = Uuid::try_parse(id).map_err(|_| Refused::no_id(id))?;
    tenant.group(parsed).ok_or_else(|| Refused::no_such(id))
}

pub(super) fn group_json(group: &Group) -> Value {
    let nickname: String = group.name.chars().filter(char::is_ascii_alphanumeric).collect();
    let dynamic = (group.kind == GroupKind::Dynamic).then_some("DynamicMembership");
    let types: Vec<&str> = (!group.is_security).then_some("Unified").into_iter().chain(dynamic).collect();
    json!({
        "id": group.id, "displayName": group.name, "securityEnabled": group.is_security,
        "mailEnabled": !group.is_security || group.kind == GroupKind::MailEnabled, "groupTypes": types,
        "mailNickname": nickname, "createdDateTime": "2025-01-01T00:00:00Z",
        "onPremisesSyncEnabled": (group.kind == GroupKind::Synced).then_some(true),
        "description": null, "visibility": group.is_membership_hidden.then_some("HiddenMembership"),
        "isAssignableToRole": (!group.roles.is_empty()).then_some(true),
        "deletedDateTime": null, "classification": null, "membershipRule": null,
        "membershipRuleProcessingState": null,
    })
}
