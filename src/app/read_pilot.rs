//! Looks at a pilot whose settings were read: its rings, its people, and the resets of the last days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use jiff::Span;
use jiff::civil::Date;
use serde_json::Value;

use super::against::has_no_people;
use super::observe::{Observed, PilotContext, odd_rows, survey};
use super::rings::board;
use super::roll_out::read_rings;
use super::{Event, Observer, Session};
use crate::client::{AuditEvent, ClientError};
use crate::error::Failure;
use crate::outcome::pilot_report::{Day, LogState, Nudge, Report, Trend};
use crate::outcome::{Refusal, RingBoard, Survey};
use crate::people::{ResetStage, Row, Rule};
use crate::plan::{PlanOptions, ResetPolicy, explicit_registration, plan, utc_day};
use crate::spec_file::Spec;
use crate::tenant::graph_permissions;
use crate::tenant::{MethodsPolicy, Resource, SETTINGS, Setting, Surface, Tenant, WITHOUT_PEOPLE};

/// Names in what is seen; `people` lists all.
const NUDGES: usize = 300;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct PilotRequest<'a> {
    pub(super) spec: &'a Spec,
    pub(super) is_graph_only: bool,
    /// Whether the registration report is read.
    pub(super) wants_registration: bool,
    /// Whether people who may not be read are unknown; else that is an error.
    pub(super) may_lack_people: bool,
    /// How many days of the audit log, and how many pages of it at most.
    pub(super) days: u16,
    pub(super) pages: usize,
}

/// What was seen.
pub(super) struct PilotState {
    pub(super) tenant: Tenant,
    /// Without a trend; with no people where they are unknown.
    pub(super) report: Report,
    /// The surfaces that were not read.
    pub(super) not_looked_at: &'static [Surface],
    /// Why the people are unknown, in a few words; `None` where they were read.
    pub(super) no_people: Option<String>,
}

/// Reads the rings, then the people and the audit log; each member is reported as [`Event::Row`].
///
/// # Errors
/// As every request. What may not be read is unknown, and the report says so.
pub(super) async fn read_pilot(
    session: &Session,
    request: PilotRequest<'_>,
    Observed { mut tenant, closed }: Observed,
    observer: &impl Observer,
) -> Result<PilotState, Failure> {
    let PilotRequest { spec, is_graph_only, .. } = request;
    let today = session.clock.today();
    let ringed = read_board(session, spec, &mut tenant, observer).await;
    // With the people of the rings that it opens, where there are some.
    let planned = plan(spec, &tenant, PlanOptions::unguarded(session.clock.now()));
    let not_looked_at = planned.not_looked_at();
    let findings = planned.findings.into_iter();
    let findings =
        findings.map(|finding| (finding.severity.as_str().into(), finding.code.into(), finding.message));
    let settings = settings(&tenant);
    let mut unread = portal_unread(is_graph_only, closed);
    unread.extend(tenant.people.unread.iter().cloned());
    let seen = match ringed {
        Ok(rings) => read_people(session, request, (tenant.clone(), unread.clone()), observer)
            .await
            .map(|people| (rings, people)),
        Err(error) => Err(error),
    };
    let (rings, people, no_people) = match seen {
        Ok((rings, people)) => (rings, people, None),
        Err(error) => {
            let why = if request.may_lack_people { why_unknown(error)? } else { return Err(error.into()) };
            let rule = ResetPolicy::rule(spec, &tenant, explicit_registration(today));
            let survey = Survey { unread, ..Survey::default() };
            (None, People { tenant, rule, survey, counted: Counted::default() }, Some(why))
        }
    };
    let People { tenant, rule, survey: mut found, counted: Counted { methods, nudges } } = people;
    observer.on(Event::Began("reading the audit log"))?;
    let (days, log) = fetch_days(session, today, request, &mut found.unread).await?;
    // The plan and the rows each say what they did without.
    let mut seen = BTreeSet::new();
    found.unread.retain(|what| seen.insert(what.clone()));
    let group = tenant.group.as_ref();
    let report = Report {
        reset: ResetPolicy::today(spec, &tenant),
        migration: tenant.methods.as_ref().map(MethodsPolicy::migration),
        tenant_id: tenant.organization.id.to_string(),
        tenant: tenant.organization.display_name.clone(),
        is_sandbox: session.is_sandbox,
        snapshot: session.snapshot.clone(),
        group_id: group.map(|group| group.id.to_string()).unwrap_or_default(),
        group: group.map(|group| group.display_name.clone()).unwrap_or_default(),
        spec: spec.path().to_owned(),
        made_on: today,
        report_from: found.report_from,
        is_report_read: found.is_report_read,
        settings,
        group_names: planned.group_names,
        rule,
        pending: planned.changes.len(),
        summary: found.summary,
        adoption: found.adoption,
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
    Ok(PilotState { tenant, report, not_looked_at, no_people })
}

/// Reads the rings; `None` where the spec has none.
async fn read_board(
    session: &Session,
    spec: &Spec,
    tenant: &mut Tenant,
    observer: &impl Observer,
) -> Result<Option<RingBoard>> {
    let Some(rollout) = spec.rollout() else { return Ok(None) };
    read_rings(session, spec, tenant, rollout.rings.len(), observer).await?;
    Ok(Some(board(session, spec, rollout, tenant.clone())?))
}

/// Returns why nothing is known of the people, in a few words.
///
/// # Errors
/// It is none of what may be unknown.
fn why_unknown(error: anyhow::Error) -> Result<String> {
    match (error.downcast_ref::<Refusal>(), error.downcast_ref::<ClientError>()) {
        (Some(Refusal::SpecWithoutGroup), _) => Ok("the spec names no group".to_owned()),
        (Some(refusal @ Refusal::HiddenMembers { .. }), _) => Ok(refusal.to_string()),
        (_, Some(refused)) if refused.is_refusal() || refused.is_odd() => {
            Ok(refused.reason(graph_permissions::GROUPS.permission.name))
        }
        _ => Err(error),
    }
}

/// The people, and what they are judged by.
struct People {
    tenant: Tenant,
    rule: Rule,
    survey: Survey,
    counted: Counted,
}

async fn read_people(
    session: &Session,
    request: PilotRequest<'_>,
    (tenant, unread): (Tenant, Vec<String>),
    observer: &impl Observer,
) -> Result<People> {
    let mut place = PilotContext::new(&session.reader, tenant, unread).await?;
    let rule = ResetPolicy::rule(request.spec, &place.tenant, explicit_registration(session.clock.today()));
    let tally = Tally { observer, counted: Mutex::default() };
    let mut found = Survey { unread: place.unread.clone(), ..Survey::default() };
    if has_no_people(session) && !request.may_lack_people {
        found.add_unreadable(place.tenant.people.members.unwrap_or_default());
        found.unread.push(format!("who the group's members are ({WITHOUT_PEOPLE})"));
    } else {
        let graph = &session.reader.graph;
        survey(graph, &mut place, rule.clone(), request.wants_registration, &tally, &mut found).await?;
    }
    let counted = tally.counted.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(People { tenant: place.tenant, rule, survey: found, counted })
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
    PilotRequest { days, pages, .. }: PilotRequest<'_>,
    unread: &mut Vec<String>,
) -> Result<(Vec<Day>, LogState), Failure> {
    let first = today.saturating_sub(Span::new().days(i64::from(days) - 1));
    let since = first.to_zoned(jiff::tz::TimeZone::UTC).map_err(anyhow::Error::from)?.timestamp();
    let graph = &session.reader.graph;
    let reading = graph.fetch_reset_events(since, None, pages);
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
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    methods: BTreeMap<String, u64>,
    nudges: Vec<Nudge>,
}

impl<O: Observer> Observer for Tally<'_, O> {
    fn on(&self, event: Event<'_>) -> Result<()> {
        if let Event::Row(row) = event {
            self.counted.lock().unwrap_or_else(PoisonError::into_inner).add(row);
        }
        self.observer.on(event)
    }
}

impl Counted {
    fn add(&mut self, row: &Row) {
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
