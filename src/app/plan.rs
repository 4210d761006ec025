//! `plan`: computes what would change.

use super::fetch_tenant::fetch_tenant;
use super::observer::{Event, Observer};
use super::permission_check::{needed_by, note_lacking, refuse_lacking};
use super::roll_out::read_where_one_opens;
use super::session::Session;
use crate::error::{Exit, Failure};
use crate::plan::{self, Overrides, Plan, PlanOptions};
use crate::spec_file::Spec;

/// What to plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// The desired state.
    pub spec: &'a Spec,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// The guards a person has lifted.
    pub overrides: Overrides,
}

/// Plans the way from the tenant's actual state to the spec. Writes nothing.
///
/// # Errors
/// The tenant cannot be read, or is not the spec's.
pub async fn plan(
    session: &Session,
    request: PlanRequest<'_>,
    observer: &impl Observer,
) -> Result<Plan, Failure> {
    observer.on(Event::Began("reading the tenant"))?;
    let PlanRequest { spec, is_graph_only, overrides } = request;
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed_by(spec)).await?;
    let mut tenant = fetch_tenant(session, spec, is_graph_only).await?;
    read_where_one_opens(session, spec, &mut tenant, observer).await?;
    let options = PlanOptions { now: session.clock.now(), overrides };
    let mut plan = plan::plan(spec, &tenant, options);
    plan.is_sandbox = session.is_sandbox;
    plan.snapshot.clone_from(&session.snapshot);
    note_lacking(session, spec, &mut plan).await?;
    Ok(plan)
}

/// Returns what a plan ends with; `is_detailed` distinguishes pending changes.
pub fn plan_exit(plan: &Plan, is_detailed: bool) -> Exit {
    match (plan.is_refused(), plan.changes.is_empty()) {
        (true, _) => Exit::Refused,
        (false, false) if is_detailed => Exit::ChangesPending,
        (false, _) => Exit::Done,
    }
}
