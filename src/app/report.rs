//! `report`: gathers what the page about the pilot shows.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Span;
use jiff::civil::Date;
use serde_json::Value;

use super::fetch_tenant::surfaces;
use super::observe::{Observed, PilotContext, observe, odd_rows, survey};
use super::permission_check::{needed_by, refuse_lacking};
use super::rings::board;
use super::roll_out::read_rings;
use super::{Event, Observer, Session};
use crate::client::{AuditEvent, ClientError};
use crate::error::Failure;
use crate::ids::{GroupId, TenantId};
use crate::outcome::Survey;
use crate::outcome::pilot_report::{Day, LogState, Nudge, Report, Trend};
use crate::people::{Adoption, ResetStage, Row, Rule};
use crate::plan::{PlanOptions, ResetPolicy, explicit_registration, plan, utc_day};
use crate::spec_file::Spec;
use crate::tenant::graph_permissions;
use crate::tenant::{MethodsPolicy, Resource, SETTINGS, Setting, Tenant};

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

/// Names on the page; `people` lists all.
const NUDGES: usize = 300;
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
    let today = session.clock.today();
    observer.on(Event::Began("reading the tenant"))?;
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed_by(spec)).await?;
    let Observed { mut tenant, closed } = observe(&session.reader, spec, surfaces(is_graph_only)).await?;
    let rings = match spec.rollout() {
        Some(rollout) => {
            read_rings(session, spec, &mut tenant, rollout.rings.len(), observer).await?;
            Some(board(session, spec, rollout, tenant.clone())?)
        }
        None => None,
    };
    // With the people of the rings that it opens, where there are some.
    let planned = plan(spec, &tenant, PlanOptions::unguarded(session.clock.now()));
    let findings = planned.findings.into_iter();
    let findings =
        findings.map(|finding| (finding.severity.as_str().into(), finding.code.into(), finding.message));
    let settings = settings(&tenant);
    let mut unread = portal_unread(is_graph_only, closed);
    unread.extend(tenant.people.unread.iter().cloned());
    let mut place = PilotContext::new(&session.reader, tenant, unread).await?;
    let rule = ResetPolicy::rule(spec, &place.tenant, explicit_registration(today));
    let (without_phones, counted) = (rule.without_phones(), RefCell::default());
    let tally = Tally { observer, rule: &rule, without_phones, counted };
    let mut found = Survey { unread: place.unread.clone(), ..Survey::default() };
    survey(&session.reader.graph, &mut place, rule.clone(), true, &tally, &mut found).await?;
    observer.on(Event::Began("reading the audit log"))?;
    let (days, log) = fetch_days(session, today, days, &mut found.unread).await?;
    // The plan and the rows each say what they did without.
    let mut seen = BTreeSet::new();
    found.unread.retain(|what| seen.insert(what.clone()));
    let Counted { mut adoption, methods, nudges } = tally.counted.into_inner();
    // Members of whom not even a row could be read.
    adoption.unknown += found.summary.members.saturating_sub(adoption.can_be() + adoption.left_out());
    let PilotContext { tenant, group, .. } = place;
    let report = Report {
        reset: ResetPolicy::today(spec, &tenant),
        migration: tenant.methods.as_ref().map(MethodsPolicy::migration),
        tenant_id: tenant.organization.id.to_string(),
        tenant: tenant.organization.display_name,
        is_sandbox: session.is_sandbox,
        group_id: group.id.to_string(),
        group: group.display_name,
        spec: spec.path().to_owned(),
        made_on: today,
        report_from: found.report_from,
        is_report_read: found.is_report_read,
        settings,
        group_names: planned.group_names,
        rule,
        pending: planned.changes.len(),
        summary: found.summary,
        adoption,
        rings,
        methods: by_count(methods),
        nudges,
        days,
        log,
        trend: Trend::default(),
        findings: findings.collect(),
        unread: found.unread,
        except: spec.except().to_vec(),
    };
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
    if let Some(count) = report.day_count()
        && let Err(error) = counts.keep(&session.state, count)
    {
        observer.on(Event::Notice(&format!("What this report counted is not kept: {error:#}.")))?;
    }
    Ok(Trend { earlier, unknown: None })
}

fn portal_unread(is_graph_only: bool, closed: Option<ClientError>) -> Vec<String> {
    match (closed, is_graph_only) {
        (Some(error), _) => vec![format!("the admin centre's settings ({})", error.with_causes())],
        (None, true) => vec!["the admin centre's settings (left out by --graph-only)".to_owned()],
        (None, false) => Vec::new(),
    }
}

/// Reads the audit log of the days before `today`, this one too; where it may not be read, nothing is known.
async fn fetch_days(
    session: &Session,
    today: Date,
    days: u16,
    unread: &mut Vec<String>,
) -> Result<(Vec<Day>, LogState), Failure> {
    let first = today.saturating_sub(Span::new().days(i64::from(days) - 1));
    let since = first.to_zoned(jiff::tz::TimeZone::UTC).map_err(anyhow::Error::from)?.timestamp();
    let graph = &session.reader.graph;
    let reading = graph.fetch_reset_events(since, None, LOG_PAGES);
    match graph.read_if_open(&graph_permissions::AUDIT_LOG, reading).await {
        Ok(events) => {
            let state = if events.is_all { LogState::Whole } else { LogState::Partial };
            unread.extend(odd_rows(events.odd, "the audit log"));
            Ok((by_day(&events.rows, first, today), state))
        }
        Err(error) if error.stop_reason().is_none() => {
            unread.push(format!(
                "the audit log ({})",
                error.reason(graph_permissions::AUDIT_LOG.permission.name)
            ));
            Ok((Vec::new(), LogState::Unread))
        }
        Err(error) => Err(error.into()),
    }
}

fn by_count(methods: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut methods: Vec<_> = methods.into_iter().collect();
    // Alphabetical where as many: the map was, and the sort is stable.
    methods.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    methods
}

fn settings(tenant: &Tenant) -> Vec<(&'static Setting, Option<Value>)> {
    let read = |setting: &'static Setting| {
        let object = tenant.object(&setting.object);
        // Left out or closed, the policy is unknown; the other objects nobody asked about.
        let is_asked = object.is_some() || setting.object == Resource::PasswordReset;
        is_asked.then(|| (setting, object.and_then(|object| setting.read(object))))
    };
    SETTINGS.iter().filter_map(read).collect()
}

fn by_day(events: &[AuditEvent], first: Date, last: Date) -> Vec<Day> {
    let empty = |date: Date| Day { date, ..Day::default() };
    let every = first.series(Span::new().days(1)).take_while(|date| *date <= last);
    let mut days: BTreeMap<Date, Day> = every.map(|date| (date, empty(date))).collect();
    for event in events {
        let Some(stage) = ResetStage::read(&event.activity, event.is_success) else { continue };
        let is_failure = matches!(stage, ResetStage::Failed | ResetStage::Blocked);
        if stage == ResetStage::Reset || is_failure {
            let day = utc_day(event.at);
            let day = days.entry(day).or_insert_with(|| empty(day));
            day.resets += u64::from(!is_failure);
            day.failures += u64::from(is_failure);
        }
    }
    days.into_values().collect()
}

/// Counts what the report shows of each member, and passes them on.
struct Tally<'a, O> {
    observer: &'a O,
    rule: &'a Rule,
    without_phones: Rule,
    counted: RefCell<Counted>,
}

#[derive(Default)]
struct Counted {
    adoption: Adoption,
    methods: BTreeMap<String, u64>,
    nudges: Vec<Nudge>,
}

impl<O: Observer> Observer for Tally<'_, O> {
    fn on(&self, event: Event<'_>) -> Result<()> {
        if let Event::Row(row) = event {
            self.counted.borrow_mut().add(row, self.rule, &self.without_phones);
        }
        self.observer.on(event)
    }
}

impl Counted {
    fn add(&mut self, row: &Row, rule: &Rule, without_phones: &Rule) {
        self.adoption.add(row, rule, without_phones);
        for method in row.methods.iter().flatten() {
            match self.methods.get_mut(method) {
                Some(count) => *count += 1,
                None => drop(self.methods.insert(method.clone(), 1)),
            }
        }
        if row.readiness.nudge().is_some() && self.nudges.len() < NUDGES {
            let (name, why) = (row.person.display_name.clone(), row.readiness.why.clone());
            self.nudges.push(Nudge { account: row.person.name(), name, why });
        }
    }
}
