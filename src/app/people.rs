//! `people`: judges for each member of the group whether they can reset.

use super::against::refuse_without_people;
use super::fetch_tenant::surfaces;
use super::observe::{find, needs_policy, survey};
use super::permission_check::refuse_lacking;
use super::{Event, Observer, Session};
use crate::error::{Exit, Failure};
use crate::outcome::Survey;
use crate::plan::{ResetPolicy, explicit_registration};
use crate::spec_file::Spec;
use crate::tenant::graph_permissions;
use crate::tenant::{Group, Organization};

/// Who to ask about.
#[derive(Clone, Copy, Debug)]
pub struct PeopleRequest<'a> {
    /// The spec that names the group.
    pub spec: &'a Spec,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// Whether the registration report is read, which allows five requests in ten seconds.
    pub wants_report: bool,
    /// The share of ready people, in percent, that has to be reached.
    pub gate: Option<f64>,
}

/// What everyone adds up to.
#[derive(Debug)]
pub struct PeopleReport {
    /// The group.
    pub group: Group,
    /// Its tenant.
    pub organization: Organization,
    /// Over everyone read.
    pub survey: Survey,
    /// Why not everyone was read; `None` where all were.
    pub failure: Option<Failure>,
    /// Whether the gate is reached; `None` where there is none.
    pub is_gate_reached: Option<bool>,
}

impl PeopleReport {
    /// Returns what the command ends with where everyone was read.
    pub fn exit(&self) -> Exit {
        if self.is_gate_reached == Some(false) { Exit::ConditionUnmet } else { Exit::Done }
    }
}

/// Reads and judges every member of the spec's group; each is reported as [`Event::Row`].
///
/// # Errors
/// The group cannot be found. A failure on the way is in the report, with what was read until then.
pub async fn people(
    session: &Session,
    request: PeopleRequest<'_>,
    observer: &impl Observer,
) -> Result<PeopleReport, Failure> {
    let PeopleRequest { spec, is_graph_only, wants_report, gate } = request;
    refuse_without_people(session, "`sspr people`")?;
    observer.on(Event::Began("reading the tenant"))?;
    let has_portal = !is_graph_only && needs_policy(spec);
    // The rules for a reset are optional; without the group there is no one to ask about.
    let needed = [(&graph_permissions::ORGANIZATION, None), (&graph_permissions::GROUPS, None)];
    refuse_lacking(session, (Some(spec), has_portal), &needed).await?;
    let mut place = find(&session.reader, spec, surfaces(is_graph_only)).await?;
    let rule = ResetPolicy::rule(spec, &place.tenant, explicit_registration(session.clock.today()));
    observer.on(Event::Members { group: &place.group, organization: &place.tenant.organization })?;
    let mut found =
        Survey { unread: place.unread.clone(), except: spec.except().to_vec(), ..Survey::default() };
    let graph = &session.reader.graph;
    let read = survey(graph, &mut place, rule, wants_report, observer, &mut found).await;
    let is_gate_reached = gate.map(|gate| found.summary.reaches(gate));
    Ok(PeopleReport {
        group: place.group,
        organization: place.tenant.organization,
        survey: found,
        failure: read.err().map(Failure::from),
        is_gate_reached,
    })
}
