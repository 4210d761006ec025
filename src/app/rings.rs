//! `rings`: how far a roll-out is, and whether the next ring may be opened.

use super::fetch_tenant::surfaces;
use super::observe::observe;
use super::permission_check::{needed_by, refuse_lacking};
use super::roll_out::read_rings;
use super::{Event, Observer, Session};
use crate::error::{Exit, Failure};
use crate::outcome::{Besides, BoardRing, Refusal, RingBoard};
use crate::plan::gate_state;
use crate::spec_file::{Rollout, Spec};
use crate::tenant::{NamedGroup, Tenant};

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub struct RingsRequest<'a> {
    /// The spec with the roll-out.
    pub spec: &'a Spec,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
}

/// Reads a roll-out: every ring, its people, and what the next one waits for. Writes nothing.
///
/// # Errors
/// The spec has no roll-out; the tenant cannot be read, or is not the spec's.
pub async fn rings(
    session: &Session,
    request: RingsRequest<'_>,
    observer: &impl Observer,
) -> Result<RingBoard, Failure> {
    let RingsRequest { spec, is_graph_only } = request;
    let rollout = spec.rollout().ok_or(Refusal::SpecWithoutRollout)?;
    observer.on(Event::Began("reading the tenant"))?;
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed_by(spec)).await?;
    let mut tenant = observe(&session.reader, spec, surfaces(is_graph_only)).await?.tenant;
    read_rings(session, spec, &mut tenant, rollout.rings.len(), observer).await?;
    board(session, spec, rollout, tenant)
}

/// Returns the board of a roll-out whose rings were read.
///
/// # Errors
/// The tenant was read without a group.
pub(super) fn board(
    session: &Session,
    spec: &Spec,
    rollout: &Rollout,
    tenant: Tenant,
) -> Result<RingBoard, Failure> {
    let group = tenant.group.ok_or(Refusal::SpecWithoutGroup)?;
    let now = session.clock.now();
    let rings = rollout.rings.iter().zip(&tenant.rings).enumerate().map(|(at, (wanted, ring))| BoardRing {
        id: ring.group.id,
        name: ring.group.display_name.clone(),
        is_open: ring.is_open(),
        opened: ring.opened,
        people: ring.people.clone(),
        resets: ring.resets,
        gate: gate_state(wanted.after, &tenant.rings[..at], now),
    });
    let is_ring = |group: &NamedGroup| tenant.rings.iter().any(|ring| ring.group.id == group.id);
    let others = tenant.nested.as_ref().map(|nested| nested.iter().filter(|group| !is_ring(group)));
    Ok(RingBoard {
        rings: rings.collect(),
        besides: Besides {
            people: tenant.people.direct,
            groups: others.map(|others| others.cloned().collect()),
        },
        tenant_id: tenant.organization.id,
        tenant_name: tenant.organization.display_name,
        spec_path: spec.path().to_owned(),
        except: spec.except().to_vec(),
        group_id: group.id,
        group_name: group.display_name,
        wanted: rollout.open,
    })
}

/// Returns what the command ends with; `is_gate` is whether the next ring has to be due.
pub fn rings_exit(board: &RingBoard, is_gate: bool) -> Exit {
    if is_gate && !board.is_time() { Exit::ConditionUnmet } else { Exit::Done }
}
