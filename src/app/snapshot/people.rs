//! The people of a snapshot: rows of them where they are wanted, and else the word that there are none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Groups, graph_path, groups_within_path, put, unless_closed};
use crate::app::Session;
use crate::app::observe::LOG_KEPT;
use crate::client::{Claims, ClientError, GraphReader, MemberList, SIGN_INS};
use crate::ids::GroupId;
use crate::plan::SETTINGS_CHANGED;
use crate::tenant::graph_permissions;
use crate::tenant::{Closed, Reading, Snapshot, Surface, WITHOUT_PEOPLE};

const USERS: &str = "/v1.0/users";
const REPORT: [&str; 3] = ["reports", "authenticationMethods", "userRegistrationDetails"];
const AUDIT_LOG: [&str; 2] = ["auditLogs", "directoryAudits"];
const ROLES: [&str; 2] = ["roleAssignments", "roleEligibilityScheduleInstances"];
/// Role-assignable groups a tenant can have
/// (<https://learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions>).
const MOST_ROLE_GROUPS: usize = 500;

pub(super) fn members_path(group: GroupId) -> String {
    list_path(group.into())
}

fn list_path(list: MemberList) -> String {
    format!("/v1.0/groups/{}/{}/microsoft.graph.user", list.group, list.name())
}

fn roles_path(list: &str) -> String {
    graph_path(&["roleManagement", "directory", list])
}

/// Says of everything that would name people that it was left out.
pub(super) fn leave_out(groups: &Groups, snapshot: &mut Snapshot) {
    let groups = groups.pilots.iter().chain(&groups.rings);
    let others = [USERS.to_owned(), graph_path(&REPORT), graph_path(&AUDIT_LOG)];
    let roles = ROLES.map(roles_path);
    for path in groups.map(|id| members_path(*id)).chain(others).chain(roles) {
        let left_out = WITHOUT_PEOPLE.to_owned();
        snapshot.keep_closed(Surface::Graph, &path, Closed::LeftOut { left_out });
    }
}

/// Keeps the people of groups, who holds a role, what they registered, and what the audit log has of the last 30 days.
pub(super) async fn keep(
    session: &Session,
    claims: &Claims,
    groups: &Groups,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    let graph = &session.reader.graph;
    let mut users = Users::default();
    for &ring in &groups.rings {
        users.keep_ring(graph, claims, ring, snapshot).await?;
    }
    for &pilot in &groups.pilots {
        users.keep(graph, pilot.into(), snapshot).await?;
        users.keep(graph, MemberList { is_direct: true, ..pilot.into() }, snapshot).await?;
    }
    let lists = [&graph_permissions::ROLES, &graph_permissions::ELIGIBLE_ROLES];
    for (list, access) in ROLES.into_iter().zip(lists) {
        let came = unless_closed(claims, access, graph.capture_roles(list)).await;
        put(snapshot, Surface::Graph, &roles_path(list), came)?;
    }
    // What is in the pilot group beside the rings, and what gives a role.
    for group in nested(&groups.pilots, snapshot).into_iter().chain(role_groups(snapshot)) {
        users.keep(graph, group.into(), snapshot).await?;
    }
    let users = users.0;
    let report =
        unless_closed(claims, &graph_permissions::REGISTRATIONS, graph.capture_registrations()).await;
    let of_them = |rows: Vec<Value>| -> Value {
        // A row that cannot be read may be anyone's.
        let is_theirs = |row: &Value| row["id"].as_str().is_none_or(|id| users.contains_key(id));
        rows.into_iter().filter(is_theirs).collect()
    };
    put(snapshot, Surface::Graph, &graph_path(&REPORT), report.map(|came| came.map(of_them)))?;
    let log = capture_log(graph, &groups.rings, session.clock.now());
    let log = unless_closed(claims, &graph_permissions::AUDIT_LOG, log).await;
    put(snapshot, Surface::Graph, &graph_path(&AUDIT_LOG), log)?;
    snapshot.keep(Surface::Graph, USERS, users.into_values().collect());
    Ok(())
}

/// The rows of everyone, by their ids: lists of members have the ids alone.
#[derive(Default)]
struct Users(BTreeMap<String, Value>);

impl Users {
    /// Keeps who is in a list of members, unless it is kept already.
    async fn keep(
        &mut self,
        graph: &GraphReader,
        list: MemberList,
        snapshot: &mut Snapshot,
    ) -> Result<(), ClientError> {
        let path = list_path(list);
        if snapshot.reading(Surface::Graph, &path).is_some() {
            return Ok(());
        }
        let came = graph.capture_people(list).await.map(|people| self.add(people));
        put(snapshot, Surface::Graph, &path, Some(came))
    }

    /// Keeps who is in a ring, with their last sign-ins where those may be read.
    async fn keep_ring(
        &mut self,
        graph: &GraphReader,
        claims: &Claims,
        ring: GroupId,
        snapshot: &mut Snapshot,
    ) -> Result<(), ClientError> {
        let list = MemberList { has_sign_ins: true, ..ring.into() };
        let came = unless_closed(claims, &graph_permissions::SIGN_INS, graph.capture_people(list)).await;
        let path = format!("{}{SIGN_INS}", members_path(ring));
        match came {
            Some(Ok(people)) => {
                let ids = self.add(people);
                snapshot.keep(Surface::Graph, &path, Value::Bool(true));
                snapshot.keep(Surface::Graph, &members_path(ring), ids);
                Ok(())
            }
            refused => {
                put(snapshot, Surface::Graph, &path, refused.map(|came| came.map(Value::from)))?;
                self.keep(graph, ring.into(), snapshot).await
            }
        }
    }

    /// Adds people, of whom a row that is there already has as much or more; returns their ids.
    fn add(&mut self, people: Vec<Value>) -> Value {
        let id = |row: &Value| row["id"].as_str().map(str::to_owned);
        let ids: Value = people.iter().map(|row| json!(id(row))).collect();
        for row in people {
            if let Some(id) = id(&row) {
                let is_more = row.get("signInActivity").is_some();
                let known = self.0.entry(id).or_insert_with(|| row.clone());
                if is_more {
                    *known = row;
                }
            }
        }
        ids
    }
}

/// Returns the rows of a list of Graph's that the snapshot has; none of one that is closed.
fn rows<'a>(snapshot: &'a Snapshot, path: &str) -> &'a [Value] {
    match snapshot.reading(Surface::Graph, path) {
        Some(Reading::Answer(Value::Array(rows))) => rows,
        _ => &[],
    }
}

/// Returns the groups that are in the pilot groups.
fn nested(pilots: &[GroupId], snapshot: &Snapshot) -> Vec<GroupId> {
    let rows = pilots.iter().flat_map(|&id| rows(snapshot, &groups_within_path(id)));
    rows.filter_map(|row| row["id"].as_str()?.parse().ok()).collect()
}

/// Returns the groups that give their members a role.
fn role_groups(snapshot: &Snapshot) -> Vec<GroupId> {
    let rows = ROLES.into_iter().flat_map(|list| rows(snapshot, &roles_path(list)));
    let groups = rows.filter(|row| row["principal"]["@odata.type"] == "#microsoft.graph.group");
    let mut ids: Vec<GroupId> = groups.filter_map(|row| row["principalId"].as_str()?.parse().ok()).collect();
    ids.sort();
    ids.dedup();
    ids.truncate(MOST_ROLE_GROUPS);
    ids
}

async fn capture_log(graph: &GraphReader, rings: &[GroupId], now: Timestamp) -> Result<Value, ClientError> {
    let since = now - LOG_KEPT;
    let mut lines = graph.capture_resets(since).await?;
    lines.extend(graph.capture_changes_called(SETTINGS_CHANGED, since).await?);
    for &ring in rings {
        lines.extend(graph.capture_additions(ring, since).await?);
    }
    let lines: BTreeMap<_, _> = lines.into_iter().map(|line| (line["id"].to_string(), line)).collect();
    Ok(lines.into_values().collect())
}
