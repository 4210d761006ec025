//! Reads what is the same for every group: role holders, licences, and password writeback.

use std::collections::BTreeMap;

use anyhow::Result;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::app::observe::members::fetch_first_page;
use crate::app::observe::unknown::{Subject, known, known_list};
use crate::client::{ClientError, GraphReader, List, RoleAssignment};
use crate::ids::GroupId;
use crate::people::{HeldRole, Person, RoleIndex};
use crate::tenant::graph_permissions;

/// What is read beside the policy, in the same round: it depends on no group.
#[derive(Debug)]
pub(super) struct DirectoryContext {
    pub(super) active: Option<List<RoleAssignment>>,
    pub(super) eligible: Option<List<RoleAssignment>>,
    pub(super) writeback: Option<bool>,
    pub(super) is_licensed: Option<bool>,
    pub(super) unread: Vec<String>,
}

/// Reads what depends on no group. What is refused is unknown, and noted.
pub(super) async fn fetch_directory_context(graph: &GraphReader) -> Result<DirectoryContext, ClientError> {
    let licences = graph.read_if_open(&graph_permissions::LICENCES, graph.fetch_is_licensed());
    let (around, is_licensed) = tokio::join!(fetch_roles(graph), licences);
    let mut around = around?;
    let is_licensed = known(is_licensed, LICENCES, &mut around.unread)?;
    if is_licensed == Some(None) {
        around.unread.push("the tenant's licences (some are not in a form sspr knows)".to_owned());
    }
    around.is_licensed = is_licensed.flatten();
    Ok(around)
}

/// As [`fetch_directory_context`], without the tenant's licences: for one who looks at each person's.
pub(super) async fn fetch_roles(graph: &GraphReader) -> Result<DirectoryContext, ClientError> {
    let (active, eligible, writeback) = tokio::join!(
        graph.read_if_open(&graph_permissions::ROLES, graph.fetch_role_assignments()),
        graph.read_if_open(&graph_permissions::ELIGIBLE_ROLES, graph.fetch_eligible_roles()),
        graph.read_if_open(&graph_permissions::WRITEBACK, graph.fetch_writeback()),
    );
    let mut unread = Vec::new();
    let active = known_list(active, ROLES, &mut unread)?;
    let eligible = known_list(eligible, ELIGIBLE_ROLES, &mut unread)?;
    // A tenant without synchronised accounts need not know that writeback is unknown; the rule about it says so.
    let writeback = known(writeback, WRITEBACK, &mut Vec::new())?.flatten();
    Ok(DirectoryContext { active, eligible, writeback, is_licensed: None, unread })
}

const LICENCES: Subject = Subject::new("the tenant's licences", graph_permissions::LICENCES.permission.name);
const ROLES: Subject = Subject::new("administrator roles", graph_permissions::ROLES.permission.name);
const ELIGIBLE_ROLES: Subject =
    Subject::new("roles that can be activated", graph_permissions::ELIGIBLE_ROLES.permission.name);
const WRITEBACK: Subject = Subject::new("password writeback", graph_permissions::WRITEBACK.permission.name);
const ROLE_MEMBERS: Subject =
    Subject::new("members of groups that hold roles", graph_permissions::GROUPS.permission.name);

/// Role-assignable groups a tenant can have
/// (<https://learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions>).
const MOST_GROUPS: usize = 500;

/// People of one such group that are read; what gives a role to more is not known here.
const MOST_MEMBERS: usize = 100_000;

/// The roles a role-assignable group gives its members, and whether each has to be activated.
#[derive(Default)]
struct RolesThrough {
    name: String,
    roles: Vec<(Uuid, bool)>,
}

/// Finds out who holds a role, the members of role-assignable groups included.
pub(super) async fn read_roles(
    graph: &GraphReader,
    directory_context: &mut DirectoryContext,
) -> Result<RoleIndex> {
    let mut book = RoleIndex::default();
    // A row that cannot be read gives someone a role.
    let is_whole = |list: &Option<List<RoleAssignment>>| list.as_ref().is_some_and(|list| list.odd == 0);
    (book.is_active_known, book.is_eligible_known) =
        (is_whole(&directory_context.active), is_whole(&directory_context.eligible));
    let mut groups = JoinSet::new();
    let all = [(&directory_context.active, false), (&directory_context.eligible, true)];
    let mut by_group = BTreeMap::<GroupId, RolesThrough>::new();
    for (assignments, is_eligible) in all {
        for assignment in assignments.iter().flat_map(|list| &list.rows) {
            match assignment.kind.as_str() {
                "servicePrincipal" => {}
                "group" => {
                    let group = by_group.entry(assignment.principal.into()).or_default();
                    group.name.clone_from(&assignment.principal_name);
                    group.roles.push((assignment.role, is_eligible));
                }
                _ => {
                    let role = HeldRole { role: assignment.role, is_eligible, through: None };
                    book.insert(assignment.principal.into(), role);
                }
            }
        }
    }
    if by_group.len() > MOST_GROUPS {
        (book.is_active_known, book.is_eligible_known) = (false, false);
        let line =
            format!("members of groups that hold roles (there are more than {MOST_GROUPS} such groups)");
        directory_context.unread.push(line);
    }
    for (id, group) in by_group.into_iter().take(MOST_GROUPS) {
        let graph = graph.clone();
        groups.spawn(async move { (group, fetch_everyone(&graph, id).await) });
    }
    while let Some(done) = groups.join_next().await {
        let (RolesThrough { name, roles }, members) = done?;
        let members = known_list(members, ROLE_MEMBERS, &mut directory_context.unread)?;
        if members.as_ref().is_none_or(|members| members.odd > 0) {
            (book.is_active_known, book.is_eligible_known) = (false, false);
        }
        for person in members.into_iter().flat_map(|members| members.rows) {
            for &(role, is_eligible) in &roles {
                book.insert(person.id, HeldRole { role, is_eligible, through: Some(name.clone()) });
            }
        }
    }
    Ok(book)
}

async fn fetch_everyone(graph: &GraphReader, group: GroupId) -> Result<List<Person>, ClientError> {
    let mut page = fetch_first_page(graph, group).await?.page;
    let mut people = List { rows: page.people, odd: page.odd, is_all: true };
    while let Some(next) = page.next {
        page = graph.fetch_more_members(&next).await?;
        people.rows.append(&mut page.people);
        people.odd += page.odd;
        if people.rows.len() > MOST_MEMBERS {
            people.odd += 1;
            break;
        }
    }
    Ok(people)
}
