//! `snapshot`: keeps what a plan of any spec for this tenant could ask, to be read again without a sign-in.

mod people;

use std::collections::BTreeMap;

use serde_json::Value;

use super::fetch_tenant::with_closed_portal_hint;
use super::observe::{count_people, find_groups, refuse_other_tenants};
use super::permission_check::refuse_lacking;
use super::{Event, Observer, Session};
use crate::client::token_permissions::Held;
use crate::client::{Claims, ClientError, GraphReader};
use crate::error::Failure;
use crate::ids::GroupId;
use crate::plan::policy_group_ids;
use crate::spec_file::Spec;
use crate::tenant::graph_permissions::{self, Access};
use crate::tenant::{Closed, Object, Reading, Resource, Snapshot, SnapshotSignIn, Surface};

/// What to keep.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotRequest<'a> {
    /// The spec that names the pilot's groups; those that the tenant has chosen are kept too.
    pub spec: Option<&'a Spec>,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// Whether rows of people are kept, with their names.
    pub with_people: bool,
}

/// How many of the policy's groups are kept; the portal takes one.
const MOST_CHOSEN: usize = 10;
const PORTAL_POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const PORTAL_WRITEBACK: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";

/// Reads a tenant for a snapshot. What is closed to the sign-in is kept as closed.
///
/// # Errors
/// The admin centre's policy or Graph's first answers cannot be read; another tenant than the spec's, or no such group.
pub async fn snapshot(
    session: &Session,
    request: SnapshotRequest<'_>,
    observer: &impl Observer,
) -> Result<Snapshot, Failure> {
    let SnapshotRequest { spec, is_graph_only, with_people } = request;
    let reader = &session.reader;
    observer.on(Event::Began("reading the tenant"))?;
    let mut needed = vec![(&graph_permissions::ORGANIZATION, None)];
    needed.extend(spec.and_then(Spec::group).map(|_| (&graph_permissions::GROUPS, None)));
    refuse_lacking(session, (spec, !is_graph_only), &needed).await?;
    let taken = session.clock.now();
    let guard = refuse_other_tenants(reader, spec, !is_graph_only).await?;
    let organization = guard.fetch_organization(reader, spec).await?;
    let claims = reader.fetch_claims(Surface::Graph).await?;
    let mut snapshot = Snapshot::new(taken, organization);
    (snapshot.is_sandbox, snapshot.has_people) = (session.is_sandbox, with_people);
    snapshot.sign_in = sign_in(&claims);
    keep_portal(session, is_graph_only, &mut snapshot).await?;
    keep_policies(&reader.graph, &claims, &mut snapshot).await?;
    let groups = keep_groups(&reader.graph, spec, &mut snapshot).await?;
    observer.on(Event::Began("counting the people"))?;
    for &group in &groups.pilots {
        let counts = count_people(&reader.graph, group).await?;
        snapshot.keep_counts(group, counts);
    }
    match with_people {
        true => people::keep(session, &claims, &groups, &mut snapshot).await?,
        false => people::leave_out(&groups, &mut snapshot),
    }
    Ok(snapshot)
}

fn sign_in(claims: &Claims) -> SnapshotSignIn {
    let mut permissions = claims.permissions.clone();
    permissions.sort();
    SnapshotSignIn {
        is_application: claims.is_application,
        application: claims.application.clone(),
        audience: claims.audience.clone(),
        permissions,
    }
}

async fn keep_portal(session: &Session, is_graph_only: bool, snapshot: &mut Snapshot) -> Result<(), Failure> {
    if is_graph_only {
        for path in [PORTAL_POLICY, PORTAL_WRITEBACK] {
            let left_out = "it was left out of the snapshot (--graph-only)".to_owned();
            snapshot.keep_closed(Surface::Portal, path, Closed::LeftOut { left_out });
        }
        return Ok(());
    }
    let (policy, writeback) = tokio::join!(
        session.reader.fetch_object(&Resource::PasswordReset),
        session.reader.fetch_object(&Resource::Writeback),
    );
    let hint = "pass --graph-only to keep Graph's half alone";
    let policy = policy.map_err(|error| with_closed_portal_hint(error.into(), hint))?;
    snapshot.keep(Surface::Portal, PORTAL_POLICY, policy.to_json());
    // Writeback takes another role than the policy.
    put(snapshot, Surface::Portal, PORTAL_WRITEBACK, Some(writeback.map(|object| object.to_json())))?;
    Ok(())
}

/// Keeps what depends on no group.
async fn keep_policies(
    graph: &GraphReader,
    claims: &Claims,
    snapshot: &mut Snapshot,
) -> Result<(), ClientError> {
    type Query = &'static [(&'static str, &'static str)];
    let lists: [(&Access, &[&str], Query); 3] = [
        (
            &graph_permissions::ORGANIZATION,
            &["organization"],
            &[("$select", "id,displayName,verifiedDomains")],
        ),
        (
            &graph_permissions::LICENCES,
            &["subscribedSkus"],
            &[("$select", "id,skuId,capabilityStatus,servicePlans")],
        ),
        (
            &graph_permissions::WRITEBACK,
            &["directory", "onPremisesSynchronization"],
            &[("$select", "id,features")],
        ),
    ];
    for (access, path, query) in lists {
        let came = unless_closed(claims, access, graph.capture_list(path, query)).await;
        put(snapshot, Surface::Graph, &graph_path(path), came)?;
    }
    let objects: [(&Access, &[&str]); 2] = [
        (&graph_permissions::METHODS_POLICY, &["policies", "authenticationMethodsPolicy"]),
        (&graph_permissions::AUTHORIZATION_POLICY, &["policies", "authorizationPolicy"]),
    ];
    for (access, path) in objects {
        let came = unless_closed(claims, access, graph.capture(path, &[])).await;
        put(snapshot, Surface::Graph, &graph_path(path), came)?;
    }
    let everyone = graph.fetch_user_count().await.map(Value::from);
    put(snapshot, Surface::Graph, "/v1.0/users/$count", Some(everyone))
}

/// The groups that are kept.
struct Groups {
    /// The spec's, and those that the tenant has chosen.
    pilots: Vec<GroupId>,
    rings: Vec<GroupId>,
}

async fn keep_groups(
    graph: &GraphReader,
    spec: Option<&Spec>,
    snapshot: &mut Snapshot,
) -> Result<Groups, Failure> {
    let (pilot, rings) = match spec {
        Some(spec) => find_groups(graph, spec).await?,
        None => (None, Vec::new()),
    };
    let mut pilots: Vec<GroupId> = pilot.iter().map(|group| group.id).collect();
    let rings: Vec<GroupId> = rings.iter().map(|group| group.id).collect();
    for id in chosen(snapshot) {
        if !pilots.contains(&id) {
            pilots.push(id);
        }
    }
    let mut rows = BTreeMap::<String, Value>::new();
    let mut add = |row: Value| {
        if let Some(id) = row["id"].as_str().map(str::to_owned) {
            rows.insert(id, row);
        }
    };
    let mut there = Vec::new();
    for &id in pilots.iter().chain(&rings) {
        let path = format!("/v1.0/groups/{id}");
        match graph.capture_group(id).await {
            Ok(group) => {
                let name = group["displayName"].as_str().unwrap_or_default().to_owned();
                add(group);
                // Whether a name means one group alone has to be known of each.
                if !name.is_empty() {
                    let namesakes = graph.capture_groups_named(&name).await?;
                    namesakes.as_array().into_iter().flatten().cloned().for_each(&mut add);
                }
                there.push(id);
            }
            // A group that is gone, and one that may not be read.
            Err(error) => put(snapshot, Surface::Graph, &path, Some(Err(error)))?,
        }
    }
    snapshot.keep(Surface::Graph, "/v1.0/groups", rows.into_values().collect());
    for &id in &there {
        for path in ["transitiveMemberOf", "memberOf"] {
            let came = graph.capture_holders(id, path).await;
            put(snapshot, Surface::Graph, &format!("/v1.0/groups/{id}/{path}"), Some(came))?;
        }
        let within = graph.capture_groups_within(id).await;
        put(snapshot, Surface::Graph, &groups_within_path(id), Some(within))?;
        let count = graph.fetch_member_count(id).await.map(Value::from);
        let path = format!("{}/$count", people::members_path(id));
        put(snapshot, Surface::Graph, &path, Some(count))?;
    }
    let is_there = |ids: Vec<GroupId>| ids.into_iter().filter(|id| there.contains(id)).collect();
    Ok(Groups { pilots: is_there(pilots), rings: is_there(rings) })
}

/// Returns the groups that the policy is for, as far as they are ids.
fn chosen(snapshot: &Snapshot) -> Vec<GroupId> {
    let policy = match snapshot.reading(Surface::Portal, PORTAL_POLICY) {
        Some(Reading::Answer(policy)) => Object::from_json(Resource::PasswordReset, policy.clone()).ok(),
        _ => None,
    };
    let ids = policy.as_ref().map(policy_group_ids).unwrap_or_default();
    ids.iter().filter_map(|id| id.parse().ok()).take(MOST_CHOSEN).collect()
}

fn groups_within_path(group: GroupId) -> String {
    format!("/v1.0/groups/{group}/members/microsoft.graph.group")
}

fn graph_path(segments: &[&str]) -> String {
    format!("/v1.0/{}", segments.join("/"))
}

/// Asks, unless the token says that Graph would refuse: whoever reads the snapshot is told so by the same permissions.
async fn unless_closed<T>(
    claims: &Claims,
    access: &Access,
    asked: impl Future<Output = Result<T, ClientError>>,
) -> Option<Result<T, ClientError>> {
    if claims.opens(access) == Held::No { None } else { Some(asked.await) }
}

/// Keeps what came of asking: an answer, or why there is none.
///
/// # Errors
/// The service did not answer at all.
fn put(
    snapshot: &mut Snapshot,
    surface: Surface,
    path: &str,
    came: Option<Result<Value, ClientError>>,
) -> Result<(), ClientError> {
    match came {
        None => {}
        Some(Ok(answer)) => snapshot.keep(surface, path, answer),
        Some(Err(error)) => match error.closed() {
            Some(why) => snapshot.keep_closed(surface, path, why),
            None => return Err(error),
        },
    }
    Ok(())
}
