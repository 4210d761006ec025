//! Reads everything that a plan needs, in parallel.

use anyhow::Result;
use tokio::task::JoinSet;

use crate::app::observe::directory_context::{DirectoryContext, fetch_directory_context};
use crate::app::observe::member_counts::{Reporting, fetch_member_counts};
use crate::app::observe::tenant_guard::refuse_other_tenants;
use crate::app::observe::unknown::{AROUND, METHODS_POLICY, NESTED, Subject, known};
use crate::client::{ClientError, GraphReader, List, TenantReader};
use crate::ids::GroupId;
use crate::outcome::Refusal;
use crate::spec_file::{GroupName, Spec};
use crate::tenant::graph_permissions;
use crate::tenant::{
    Group, MemberCounts, MethodsPolicy, NamedGroup, Object, Resource, Ring, SETTINGS, Scope, Tenant,
    is_member, membership,
};

/// Which of the two surfaces is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SurfaceSelection {
    /// Both; one that is closed to the sign-in is an error.
    Both,
    /// Both; where the admin centre is closed to the sign-in, Graph's half.
    BestEffort,
    /// Graph's half, and nothing is asked of the admin centre.
    GraphOnly,
}

/// What a look brought, of the half or surfaces that were open.
#[derive(Debug)]
pub struct Observed {
    /// The tenant; nothing of the admin centre is known where it was left out or closed, or of writeback alone.
    pub tenant: Tenant,
    /// Why the admin centre was closed, where it was, or writeback alone.
    pub closed: Option<ClientError>,
}

/// Reads the tenant's actual state, or the half of it that is asked for, and checks that it is the tenant the spec
/// is for.
///
/// The reads run at the same time; only the people and the group's parent groups wait for its id. No people are read in
/// another tenant than the spec's.
///
/// # Errors
/// A surface that cannot be read, another tenant than the spec's, no group or several of its name.
pub async fn observe(reader: &TenantReader, spec: &Spec, surfaces: SurfaceSelection) -> Result<Observed> {
    observe_parts(reader, spec, surfaces, Whom::of(spec)).await
}

/// Like [`observe`], without the people.
pub(in crate::app) async fn observe_settings(
    reader: &TenantReader,
    spec: &Spec,
    surfaces: SurfaceSelection,
) -> Result<Observed> {
    observe_parts(reader, spec, surfaces, Whom::Nobody).await
}

/// Like [`observe_settings`], and the group's members are not even counted: for one who reads them all afterwards.
pub(in crate::app) async fn observe_uncounted(
    reader: &TenantReader,
    spec: &Spec,
    surfaces: SurfaceSelection,
) -> Result<Observed> {
    observe_parts(reader, spec, surfaces, Whom::Uncounted).await
}

async fn observe_parts(
    reader: &TenantReader,
    spec: &Spec,
    surfaces: SurfaceSelection,
    whom: Whom,
) -> Result<Observed> {
    let wants_people = whom == Whom::Group;
    // A snapshot has the counts as they were made when it was taken.
    let counts = wants_people && reader.graph.snapshot().is_none();
    let has_portal = surfaces != SurfaceSelection::GraphOnly;
    let guard = refuse_other_tenants(reader, Some(spec), has_portal).await?;
    // The slowest endpoint there is, and nothing of the next round waits for it.
    let report = counts.then(|| Reporting::begin(&reader.graph));
    let (organization, portal, methods, group, rings, authorization, around, everyone) = tokio::join!(
        guard.fetch_organization(reader, Some(spec)),
        fetch_portal(reader, spec, surfaces),
        fetch_methods(&reader.graph, spec, wants_people),
        find_group(&reader.graph, spec),
        find_rings(&reader.graph, spec),
        fetch_if(manages(spec, &Resource::Authorization), reader.fetch_object(&Resource::Authorization)),
        fetch_if(counts, fetch_directory_context(&reader.graph)),
        fetch_if(whom == Whom::Everyone, reader.graph.fetch_user_count()),
    );
    let organization = organization?;
    let PortalHalf { policy, writeback, closed } = portal?;
    let (methods, unread) = methods?;
    let mut group = group?;
    let rings = rings?;
    let mut people = MemberCounts::default();
    let (mut memberships, mut nested) = (Vec::new(), None);
    if let Some(group) = &mut group {
        let (seen, within, read) = tokio::join!(
            fetch_if(
                whom != Whom::Uncounted,
                fetch_counts(&reader.graph, group.id, wants_people, around?.zip(report)),
            ),
            fetch_within(&reader.graph, spec, methods.is_some(), group.id),
            fetch_memberships(reader, group, &rings),
        );
        people = seen?.unwrap_or_default();
        (memberships, nested) = read?;
        people.unread.extend(unread);
        if group.hides_members && people.members == Some(0) {
            people.hide();
        }
        group.within = within?;
        group.members = people.members;
    }
    people.everyone = known(everyone, USERS, &mut people.unread)?.flatten();
    let authorization = authorization?;
    let rings = rings.into_iter().zip(memberships).map(|(group, membership)| Ring::new(group, membership));
    let rings = rings.collect();
    let tenant =
        Tenant { organization, policy, methods, group, writeback, authorization, people, rings, nested };
    Ok(Observed { tenant, closed })
}

/// What the admin centre holds, or why it is closed; nothing of either where it is left out.
#[derive(Default)]
struct PortalHalf {
    policy: Option<Object>,
    writeback: Option<Object>,
    closed: Option<ClientError>,
}

async fn fetch_portal(
    reader: &TenantReader,
    spec: &Spec,
    surfaces: SurfaceSelection,
) -> Result<PortalHalf, ClientError> {
    if surfaces == SurfaceSelection::GraphOnly {
        return Ok(PortalHalf::default());
    }
    let (policy, writeback) = tokio::join!(
        reader.fetch_object(&Resource::PasswordReset),
        fetch_if(manages(spec, &Resource::Writeback), reader.fetch_object(&Resource::Writeback)),
    );
    let is_best_effort = surfaces == SurfaceSelection::BestEffort;
    let (policy, writeback) = match (policy, writeback) {
        (Err(error), _) if is_best_effort && error.is_closed_portal() => {
            return Ok(PortalHalf { closed: Some(error), ..PortalHalf::default() });
        }
        // Writeback takes another role than the policy.
        (Ok(policy), Err(error)) if is_best_effort && error.is_closed_portal() => {
            return Ok(PortalHalf { policy: Some(policy), writeback: None, closed: Some(error) });
        }
        (policy, writeback) => (policy?, writeback?),
    };
    Ok(PortalHalf { policy: Some(policy), writeback, closed: None })
}

/// Returns whether the spec has a key of an object.
pub(in crate::app) fn manages(spec: &Spec, resource: &Resource) -> bool {
    SETTINGS.iter().any(|row| row.object == *resource && spec.value(row.key).is_some())
}

/// Whose people a plan is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// No one's, and how many they are is not asked.
    Uncounted,
    /// No one's: with scope None the group is named for the record, and nobody in it is touched.
    Nobody,
    Group,
    Everyone,
}

impl Whom {
    fn of(spec: &Spec) -> Self {
        match spec.scope() {
            Some(Scope::None) => Self::Nobody,
            Some(Scope::All) => Self::Everyone,
            _ if spec.group().is_some() => Self::Group,
            _ => Self::Nobody,
        }
    }
}

const USERS: Subject =
    Subject::new("how many users the tenant has", graph_permissions::USERS.permission.name);

/// Fetches where it is wanted: each object wants a right of its own, which nobody should need for what they do not
/// manage.
pub(super) async fn fetch_if<T, E>(
    is_wanted: bool,
    fetch: impl Future<Output = Result<T, E>>,
) -> Result<Option<T>, E> {
    if is_wanted { fetch.await.map(Some) } else { Ok(None) }
}

async fn fetch_counts(
    graph: &GraphReader,
    group: GroupId,
    wants_people: bool,
    wanted: Option<(DirectoryContext, Reporting)>,
) -> Result<MemberCounts> {
    if wants_people && graph.snapshot().is_some() {
        return Ok(graph.recall_counts(group)?);
    }
    if let Some((around, report)) = wanted {
        return fetch_member_counts(graph, group, around, report).await;
    }
    let members = match graph.fetch_member_count(group).await {
        // A group seen a moment ago whose members cannot be found is not yet in the index: its count is unknown.
        Err(error) if error.is_not_found() => None,
        count => Some(count?),
    };
    Ok(MemberCounts { members, ..MemberCounts::default() })
}

/// The groups around the group matter where methods are given to one of them. Where the spec manages none,
/// only what a plan says about people rests on it.
async fn fetch_within(
    graph: &GraphReader,
    spec: &Spec,
    has_methods: bool,
    group: GroupId,
) -> Result<Option<Vec<NamedGroup>>, ClientError> {
    match (spec.allowed().is_some() || spec.rollout().is_some(), has_methods) {
        (true, _) => graph.fetch_containing_groups(group).await,
        (false, true) => {
            let within = graph.fetch_containing_groups(group).await;
            Ok(known(within, AROUND, &mut Vec::new())?.flatten())
        }
        (false, false) => Ok(None),
    }
}

/// The policy says where methods are managed, so it is read wherever the spec manages them; `None` where this
/// cloud's Graph has none (facts 1.1). Where the spec manages none, it shows who can reset today, and one that
/// may not be read is unknown, and noted.
async fn fetch_methods(
    graph: &GraphReader,
    spec: &Spec,
    wants_people: bool,
) -> Result<(Option<MethodsPolicy>, Vec<String>), ClientError> {
    let mut unread = Vec::new();
    let policy = match (spec.allowed(), wants_people) {
        (Some(_), _) => match graph.fetch_methods_policy().await {
            Err(error) if error.is_not_found() => None,
            policy => Some(policy?),
        },
        (None, true) => {
            let policy =
                graph.read_if_open(&graph_permissions::METHODS_POLICY, graph.fetch_methods_policy()).await;
            known(policy, METHODS_POLICY, &mut unread)?
        }
        (None, false) => None,
    };
    Ok((policy, unread))
}

pub(super) async fn find_group(graph: &GraphReader, spec: &Spec) -> Result<Option<Group>> {
    match spec.group() {
        None => Ok(None),
        Some(name) => find_named(graph, name).await.map(Some),
    }
}

/// Finds the pilot group of a spec, and the groups of its rings.
///
/// # Errors
/// No group or several of a name.
pub(in crate::app) async fn find_groups(
    graph: &GraphReader,
    spec: &Spec,
) -> Result<(Option<Group>, Vec<Group>)> {
    Ok((find_group(graph, spec).await?, find_rings(graph, spec).await?))
}

async fn find_named(graph: &GraphReader, name: GroupName) -> Result<Group> {
    Ok(match name {
        GroupName::Id(id) => {
            let group = graph.fetch_group(id).await?;
            group.ok_or_else(|| Refusal::NoGroup { name: id.to_string() })?
        }
        GroupName::DisplayName(name) => the_only(graph.fetch_groups_named(&name).await?, name)?,
    })
}

/// Finds the groups of the rings, in their order; none where the spec has no roll-out.
async fn find_rings(graph: &GraphReader, spec: &Spec) -> Result<Vec<Group>> {
    let names = spec.rollout().into_iter().flat_map(|rollout| &rollout.rings).map(|ring| ring.group.clone());
    let finding = names.map(|name| {
        let graph = graph.clone();
        async move { find_named(&graph, name).await }
    });
    in_order(finding).await.into_iter().collect()
}

/// Waits for readings that run at the same time; returns what came in the order they were given.
pub(in crate::app) async fn in_order<T: Send + 'static>(
    readings: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for (at, reading) in readings.enumerate() {
        tasks.spawn(async move { (at, reading.await) });
    }
    let mut read = tasks.join_all().await;
    read.sort_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, read)| read).collect()
}

/// Fetches whether each ring is in the pilot group, and all groups that are; of those it is only good to know.
async fn fetch_memberships(
    reader: &TenantReader,
    pilot: &Group,
    rings: &[Group],
) -> Result<(Vec<Object>, Option<Vec<NamedGroup>>)> {
    if rings.is_empty() {
        return Ok((Vec::new(), None));
    }
    let named = |group: &Group| NamedGroup { id: group.id, display_name: group.display_name.clone() };
    let reading = rings.iter().map(|ring| {
        let (graph, pilot, ring) = (reader.graph.clone(), pilot.id, ring.id);
        async move { graph.fetch_membership(pilot, ring).await }
    });
    let (read, nested) = tokio::join!(in_order(reading), reader.graph.fetch_groups_within(pilot.id));
    let mut memberships = Vec::new();
    for (ring, read) in rings.iter().zip(read) {
        let is_in = is_member(&read?) == Some(true);
        memberships.push(membership(&named(pilot), &named(ring), is_in));
    }
    Ok((memberships, if_all(nested)?))
}

/// Returns the groups in a group; `None`, which is unknown, where they or one of them could not be read.
pub(super) fn if_all(
    nested: Result<List<NamedGroup>, ClientError>,
) -> Result<Option<Vec<NamedGroup>>, ClientError> {
    let nested = known(nested, NESTED, &mut Vec::new())?;
    Ok(nested.filter(|nested| nested.odd == 0).map(|nested| nested.rows))
}

fn the_only(mut groups: Vec<Group>, name: String) -> Result<Group, Refusal> {
    if groups.len() > 1 {
        let mut ids: Vec<GroupId> = groups.into_iter().map(|group| group.id).collect();
        ids.sort();
        return Err(Refusal::AmbiguousGroup { name, ids });
    }
    groups.pop().ok_or(Refusal::NoGroup { name })
}
