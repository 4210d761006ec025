//! What a roll-out is judged by: when its rings were opened, who is in them, and what they did since.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;

use super::against::has_no_people;
use super::observe::{LOG_KEPT, RingReading, in_order, read_ring_people};
use super::observer::{Event, Observer};
use super::session::Session;
use crate::client::{AuditEvent, ClientError, GraphReader};
use crate::ids::{GroupId, TenantId};
use crate::plan::{JournaledWrite, ResetPolicy, WriteStatus, explicit_registration};
use crate::spec_file::Spec;
use crate::store::{Run, load_writes};
use crate::tenant::{NamedGroup, Opened, Resource, Ring, Tenant, Witness, is_member};

/// Pages of the log that are read for resets.
const PAGES: usize = 20;

/// Reads the people of the rings where a plan is about to open one: of all up to the last one that it opens.
///
/// # Errors
/// As every request.
pub(super) async fn read_where_one_opens(
    session: &Session,
    spec: &Spec,
    tenant: &mut Tenant,
    observer: &impl Observer,
) -> Result<()> {
    let Some(rollout) = spec.rollout() else { return Ok(()) };
    let opens = |(at, ring): (usize, &Ring)| (at < rollout.open && !ring.is_open()).then_some(at + 1);
    let last = tenant.rings.iter().enumerate().filter_map(opens).max();
    match last {
        Some(last) => read_rings(session, spec, tenant, last, observer).await,
        None => Ok(()),
    }
}

/// Reads the people of the first `many` rings, when those were opened, and what their people did since.
///
/// # Errors
/// As every request.
pub(super) async fn read_rings(
    session: &Session,
    spec: &Spec,
    tenant: &mut Tenant,
    many: usize,
    observer: &impl Observer,
) -> Result<()> {
    let Some(pilot) = tenant.group.as_ref().map(|group| group.id) else { return Ok(()) };
    if has_no_people(session) {
        // When they were opened is of no use without them.
        return Ok(());
    }
    observer.on(Event::Began("counting the people of the rings"))?;
    let mut rings = std::mem::take(&mut tenant.rings);
    let now = session.clock.now();
    let read = &rings[..many.min(rings.len())];
    let reading = RingReading {
        graph: &session.reader.graph,
        pilot,
        besides: tenant.nested.as_ref().map(|nested| besides(nested, &rings, read)),
        rule: ResetPolicy::rule(spec, tenant, explicit_registration(session.clock.today())),
        now,
        observer,
    };
    let done = tokio::join!(
        find_doings(session, tenant.organization.id, &rings, now),
        read_ring_people(reading, read),
    );
    let done = match done {
        (Ok((opened, events)), Ok(people)) => {
            rings.iter_mut().zip(opened).for_each(|(ring, opened)| ring.opened = opened);
            people.count(&mut rings, events.as_deref());
            tenant.people.direct = people.direct;
            Ok(())
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    tenant.rings = rings;
    done
}

/// Returns the groups in the pilot group that are none of the rings that are `read`. What is nested is known from the index,
/// which is late; of rings, from the directory.
fn besides(nested: &[NamedGroup], rings: &[Ring], read: &[Ring]) -> Vec<GroupId> {
    let open = rings.iter().filter(|ring| ring.is_open()).map(|ring| ring.group.id);
    let all: BTreeSet<GroupId> = nested.iter().map(|group| group.id).chain(open).collect();
    all.into_iter().filter(|id| read.iter().all(|ring| ring.group.id != *id)).collect()
}

/// Finds when each ring was opened, and which resets the audit log shows since the first was; `None` is unknown.
async fn find_doings(
    session: &Session,
    tenant: TenantId,
    rings: &[Ring],
    now: Timestamp,
) -> Result<(Vec<Option<Opened>>, Option<Vec<AuditEvent>>)> {
    let opened = find_openings(session, tenant, rings, now).await?;
    let events = match opened.iter().flatten().map(|opened| opened.at).min() {
        Some(first) => fetch_events(session, first.max(now - LOG_KEPT)).await?,
        None => None,
    };
    Ok((opened, events))
}

/// Finds when each open ring was opened: by the records of this machine, else by the audit log, else not.
async fn find_openings(
    session: &Session,
    tenant: TenantId,
    rings: &[Ring],
    now: Timestamp,
) -> Result<Vec<Option<Opened>>> {
    let runs = session.state.load_runs(tenant).unwrap_or_default();
    let writes: Vec<(Timestamp, JournaledWrite)> = runs.iter().flat_map(|run| written(run, tenant)).collect();
    let finding = rings.iter().map(|ring| {
        let resource = ring.membership.resource().clone();
        let last = writes.iter().rfind(|(_, write)| *write.resource() == resource);
        // Where the last write on record closed it, someone else opened it again.
        let by_us = last.filter(|(_, write)| is_member(write.operation.desired()) == Some(true));
        let by_us = by_us.map(|(at, _)| Opened { at: *at, by: Witness::Journal });
        let (graph, is_open) = (session.reader.graph.clone(), ring.is_open());
        async move {
            match by_us {
                _ if !is_open => Ok(None),
                Some(opened) => Ok(Some(opened)),
                None => in_the_log(&graph, &resource, now).await,
            }
        }
    });
    in_order(finding).await.into_iter().collect()
}

/// Returns what a run wrote, and when that was planned.
pub(super) fn written(run: &Run, tenant: TenantId) -> Vec<(Timestamp, JournaledWrite)> {
    let writes = run.made.and_then(|made| Some((made, load_writes(run, tenant).ok()?.0)));
    let done = |write: &JournaledWrite| write.status == WriteStatus::Done;
    writes.map_or_else(Vec::new, |(made, writes)| {
        writes.into_iter().filter(done).map(|write| (made, write)).collect()
    })
}

/// Finds the last addition of a group that the audit log shows; none where the log cannot be read.
async fn in_the_log(graph: &GraphReader, resource: &Resource, now: Timestamp) -> Result<Option<Opened>> {
    let Resource::Membership { group, member } = resource else { return Ok(None) };
    let asked = graph.fetch_additions(*member, now - LOG_KEPT);
    let added = unless_refused(asked.await)?.unwrap_or_default();
    let is_this = |names: &[String]| names.iter().any(|name| group.is(name));
    let to_this = added.into_iter().filter(|change| {
        change.is_success != Some(false) && change.targets.iter().any(|target| is_this(&target.names))
    });
    let last = to_this.map(|change| change.at).max();
    Ok(last.map(|at| Opened { at, by: Witness::AuditLog }))
}

async fn fetch_events(session: &Session, since: Timestamp) -> Result<Option<Vec<AuditEvent>>> {
    let events = session.reader.graph.fetch_reset_events(since, None, PAGES).await;
    let events = unless_refused(events)?;
    Ok(events.filter(|events| events.is_all && events.odd == 0).map(|events| events.rows))
}

fn unless_refused<T>(answer: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_refusal() || error.is_odd() => {
            tracing::info!("unknown: {error}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
