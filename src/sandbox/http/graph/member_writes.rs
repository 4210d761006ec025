//! Writes of a group's members, and what Graph refuses (facts 2026-11 B1).
//! <https://learn.microsoft.com/graph/api/group-post-members>, <https://learn.microsoft.com/graph/api/group-delete-members>

use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use serde_json::Value;
use uuid::Uuid;

use super::groups::find;
use super::types::{DIRECTORY_OBJECT, GROUP};
use crate::sandbox::http::odata::{Ask, Refused, Sent};
use crate::sandbox::shared::Holder;
use crate::sandbox::tenant::{Group, GroupKind, TenantState};

/// How many references a PATCH takes.
const MOST_BOUND: usize = 20;
const BIND: &str = "members@odata.bind";
const ROLES: &str = "RoleManagement.ReadWrite.Directory";

/// Adds one member.
pub(super) async fn add(
    id: Path<String>,
    ask: Ask,
    Extension(holder): Extension<Holder>,
    Sent(sent): Sent,
) -> Result<Response, Refused> {
    ask.query(&DIRECTORY_OBJECT, &[])?;
    add_all(&ask, &id, &holder, &[reference(sent.get("@odata.id"))?])
}

/// Adds up to twenty members, all or none. What else a PATCH of a group can change is not served.
pub(super) async fn bind(
    id: Path<String>,
    ask: Ask,
    Extension(holder): Extension<Holder>,
    Sent(sent): Sent,
) -> Result<Response, Refused> {
    ask.query(&GROUP, &[])?;
    if let Some(other) = sent.keys().find(|name| *name != BIND) {
        return Err(Refused::not_served(&format!("writes of a group's '{other}'")));
    }
    let links = sent.get(BIND).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if links.is_empty() || links.len() > MOST_BOUND {
        return Err(Refused::invalid(format!(
            "The number of references in '{BIND}' must be from 1 to {MOST_BOUND}."
        )));
    }
    let members: Vec<Uuid> =
        links.iter().map(|link| reference(Some(link))).collect::<Result<_, Refused>>()?;
    if members.iter().enumerate().any(|(at, member)| members[..at].contains(member)) {
        return Err(Refused::invalid(
            "An object reference can only be present once as an add/remove change.",
        ));
    }
    add_all(&ask, &id, &holder, &members)
}

/// Takes one member out.
pub(super) async fn remove(
    Path((id, member)): Path<(String, String)>,
    ask: Ask,
    Extension(holder): Extension<Holder>,
) -> Result<Response, Refused> {
    ask.query(&DIRECTORY_OBJECT, &[])?;
    let tenant = ask.shared.tenant().clone();
    let group = find(&tenant, &id)?;
    refuse_unmanageable(group, &holder)?;
    let (group, member) = (group.id, parse(&member)?);
    let generated = tenant.generated.index(member);
    if !tenant.group(group).is_some_and(|group| group.has_direct(member, generated)) {
        return Err(Refused::no_such(&member.to_string()));
    }
    Ok(ask.write(|tenant| {
        let group = tenant.groups.iter_mut().find(|other| other.id == group);
        group.into_iter().for_each(|group| group.take_out(member, generated));
    }))
}

/// Without `/$ref` it is the member itself that goes, where the permissions allow it.
pub(super) async fn delete_object(
    Path((id, member)): Path<(String, String)>,
    ask: Ask,
    Extension(holder): Extension<Holder>,
) -> Result<Response, Refused> {
    ask.query(&DIRECTORY_OBJECT, &[])?;
    let tenant = ask.shared.tenant().clone();
    let (group, member) = (find(&tenant, &id)?, parse(&member)?);
    if !group.members.contains(&member) {
        return Err(Refused::no_such(&member.to_string()));
    }
    let opened = if tenant.group(member).is_some() { "Group.ReadWrite.All" } else { "User.ReadWrite.All" };
    if ![opened, "Directory.ReadWrite.All"].iter().any(|name| holder.may(name)) {
        return Err(Refused::denied());
    }
    Ok(ask.write(|tenant| {
        tenant.groups.retain(|group| group.id != member);
        tenant.users.retain(|user| user.id != member);
        tenant.groups.iter_mut().for_each(|group| group.take_out(member, None));
    }))
}

fn add_all(ask: &Ask, id: &str, holder: &Holder, members: &[Uuid]) -> Result<Response, Refused> {
    let tenant = ask.shared.tenant().clone();
    let group = find(&tenant, id)?;
    refuse_unmanageable(group, holder)?;
    for member in members {
        if !is_there(&tenant, *member) {
            return Err(Refused::no_such(&member.to_string()));
        }
        if *member == group.id || group.has_direct(*member, tenant.generated.index(*member)) {
            return Err(Refused::invalid(
                "One or more added object references already exist for the following modified properties: 'members'.",
            ));
        }
    }
    let group = group.id;
    Ok(ask.write(|tenant| {
        let group = tenant.groups.iter_mut().find(|other| other.id == group);
        group.into_iter().for_each(|group| group.members.extend(members));
    }))
}

fn is_there(tenant: &TenantState, id: Uuid) -> bool {
    tenant.group(id).is_some() || tenant.person(id).is_some()
}

fn refuse_unmanageable(group: &Group, holder: &Holder) -> Result<(), Refused> {
    let is_others = group.kind != GroupKind::Assigned;
    let is_for_roles = !group.roles.is_empty() && !holder.may(ROLES);
    if is_others || is_for_roles { Err(Refused::denied()) } else { Ok(()) }
}

/// Returns the id a reference ends with, on whatever host: `…/directoryObjects/{id}`, `…/users/{id}`, `…/groups/{id}`.
fn reference(link: Option<&Value>) -> Result<Uuid, Refused> {
    let refused = || Refused::invalid("Invalid URL format specified in @odata.bind or @odata.id.");
    let link = link.and_then(Value::as_str).ok_or_else(refused)?;
    let mut segments = link.rsplit('/');
    let (id, kind) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let is_known = ["directoryObjects", "users", "groups"].contains(&kind);
    Uuid::try_parse(id).ok().filter(|_| is_known && link.starts_with("http")).ok_or_else(refused)
}

fn parse(id: &str) -> Result<Uuid, Refused> {
    Uuid::try_parse(id).map_err(|_| Refused::no_id(id))
}
