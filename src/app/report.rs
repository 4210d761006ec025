//! `report`: gathers what the page about the pilot shows.

use anyhow::Result;

use super::fetch_tenant::surfaces;
use super::observe::observe;
use super::permission_check::{needed_by, refuse_lacking};
use super::read_pilot::{PilotRequest, PilotState, read_pilot};
use super::{Event, Observer, Session};
use crate::error::Failure;
use crate::ids::{GroupId, TenantId};
use crate::outcome::pilot_report::{Report, Trend};
use crate::spec_file::Spec;

/// What the page is about.
#[derive(Clone, Copy, Debug)]
pub struct ReportRequest<'a> {
    /// The spec of the pilot.
    pub spec: &'a Spec,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// How many days of the audit log are shown.
    pub days: u16,
}

/// Pages of the audit log; each waits for its turn of five in ten seconds.
const LOG_PAGES: usize = 20;

/// Reads everything the report shows; each member is reported as [`Event::Row`]. What it counted is kept in the state
/// directory, for the trend of the next one.
///
/// # Errors
/// The tenant or its people cannot be read. What may not be read is unknown, and the report says so.
pub async fn report(
    session: &Session,
    request: ReportRequest<'_>,
    observer: &impl Observer,
) -> Result<Report, Failure> {
    let ReportRequest { spec, is_graph_only, days } = request;
    observer.on(Event::Began("reading the tenant"))?;
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed_by(spec)).await?;
    let observed = observe(&session.reader, spec, surfaces(is_graph_only)).await?;
    let wanted = PilotRequest {
        spec,
        is_graph_only,
        wants_registration: true,
        may_lack_people: false,
        days,
        pages: LOG_PAGES,
    };
    let PilotState { tenant, report, .. } = read_pilot(session, wanted, observed, observer).await?;
    let Some(group) = tenant.group else { return Ok(report) };
    let trend = trend(session, (tenant.organization.id, group.id), &report, observer)?;
    Ok(Report { trend, ..report })
}

/// Reads what earlier reports counted, and keeps what this one did. Neither is worth the report.
fn trend(
    session: &Session,
    (tenant, group): (TenantId, GroupId),
    report: &Report,
    observer: &impl Observer,
) -> Result<Trend> {
    let counts = match session.state.report_counts(tenant, group) {
        Ok(counts) => counts,
        Err(why) => {
            observer.on(Event::Notice(&format!("What earlier reports counted is unknown: {why}.")))?;
            let unknown = Some("the record of them cannot be used".to_owned());
            return Ok(Trend { earlier: Vec::new(), unknown });
        }
    };
    let earlier = counts.days().iter().filter(|count| count.day < report.made_on).copied().collect();
    // What is read from a snapshot is not what there is today.
    if session.snapshot.is_none()
        && let Some(count) = report.day_count()
        && let Err(error) = counts.keep(&session.state, count)
    {
        observer.on(Event::Notice(&format!("What this report counted is not kept: {error:#}.")))?;
    }
    Ok(Trend { earlier, unknown: None })
}
