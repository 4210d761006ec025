//! `report`: gathers what the page about the pilot shows.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Span;
use jiff::civil::Date;
use serde_json::Value;

use super::fetch_tenant::surfaces;
use super::observe::{Observed, PilotContext, observe, odd_rows, survey};
use super::permission_check::{Typed, needed_by, refuse_lacking};
use super::{Event, Observer, Session};
use crate::client::{AuditEvent, ClientError};
use crate::error::Failure;
use crate::outcome::Survey;
use crate::outcome::pilot_report::{Day, LogState, Report};
use crate::people::{ResetStage, Row};
use crate::plan::{PlanOptions, ResetPolicy, explicit_registration, plan, utc_day};
use crate::spec_file::Spec;
use crate::tenant::graph_permissions;
use crate::tenant::{Resource, SETTINGS, Tenant};

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

/// Reads everything the page shows; each member is reported as [`Event::Row`].
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
    let typed = Typed::new("report", spec, is_graph_only);
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed_by(spec), Some(typed)).await?;
    let Observed { tenant, closed } = observe(&session.reader, spec, surfaces(is_graph_only)).await?;
    let findings = plan(spec, &tenant, PlanOptions::unguarded(session.clock.now())).findings.into_iter();
    let findings =
        findings.map(|finding| (finding.severity.as_str().into(), finding.code.into(), finding.message));
    let settings = settings(&tenant);
    let mut unread = portal_unread(is_graph_only, closed);
    unread.extend(tenant.people.unread.iter().cloned());
    let mut place = PilotContext::new(&session.reader, tenant, unread).await?;
    let tally = Tally { observer, counted: RefCell::default() };
    let rule = ResetPolicy::rule(spec, &place.tenant, explicit_registration(today));
    let mut found = Survey { unread: place.unread.clone(), ..Survey::default() };
    survey(&session.reader.graph, &mut place, rule, true, &tally, &mut found).await?;
    observer.on(Event::Began("reading the audit log"))?;
    let (days, log) = fetch_days(session, today, days, &mut found.unread).await?;
    // The plan and the rows each say what they did without.
    let mut seen = BTreeSet::new();
    found.unread.retain(|what| seen.insert(what.clone()));
    let Counted { methods, nudges, nudges_in_all } = tally.counted.into_inner();
    Ok(Report {
        tenant: place.tenant.organization.display_name,
        group: place.group.display_name,
        made_on: today.to_string(),
        report_from: found.report_from,
        settings,
        summary: found.summary,
        methods: by_count(methods),
        nudges,
        nudges_in_all,
        days,
        log,
        findings: findings.collect(),
        unread: found.unread,
        except: spec.except().to_vec(),
        is_report_read: found.is_report_read,
    })
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

fn settings(tenant: &Tenant) -> Vec<(String, String)> {
    let value = |value| match value {
        Value::String(text) => text,
        Value::Bool(is_on) => if is_on { "Yes" } else { "No" }.to_owned(),
        Value::Array(words) if words.is_empty() => "none".to_owned(),
        Value::Array(words) => {
            let words =
                words.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned));
            words.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    SETTINGS
        .iter()
        .filter_map(|setting| {
            // Left out or closed, the policy is unknown; the other objects were not asked for.
            let object = tenant.object(&setting.object);
            if object.is_none() && setting.object != Resource::PasswordReset {
                return None;
            }
            let shown = object.and_then(|object| setting.read(object)).map(value);
            Some((setting.label.to_owned(), shown.unwrap_or_else(|| "unknown".to_owned())))
        })
        .collect()
}

fn by_day(events: &[AuditEvent], first: Date, last: Date) -> Vec<Day> {
    let empty = |date: Date| Day { date: date.to_string(), ..Day::default() };
    let every = first.series(Span::new().days(1)).take_while(|date| *date <= last);
    let mut days: BTreeMap<Date, Day> = every.map(|date| (date, empty(date))).collect();
    for event in events {
        let day = utc_day(event.at);
        let day = days.entry(day).or_insert_with(|| empty(day));
        match ResetStage::read(&event.activity, event.is_success) {
            Some(ResetStage::Reset) => day.resets += 1,
            Some(ResetStage::Failed | ResetStage::Blocked) => day.failures += 1,
            _ => {}
        }
    }
    days.into_values().collect()
}

/// Counts what the page shows of each member, and passes them on.
struct Tally<'a, O> {
    observer: &'a O,
    counted: RefCell<Counted>,
}

#[derive(Default)]
struct Counted {
    methods: BTreeMap<String, u64>,
    nudges: Vec<(String, String)>,
    nudges_in_all: u64,
}

impl<O: Observer> Observer for Tally<'_, O> {
    fn on(&self, event: Event<'_>) -> Result<()> {
        if let Event::Row(row) = event {
            self.counted.borrow_mut().add(row);
        }
        self.observer.on(event)
    }
}

impl Counted {
    fn add(&mut self, row: &Row) {
        for method in row.methods.iter().flatten() {
            *self.methods.entry(method.clone()).or_default() += 1;
        }
        if row.readiness.is_ready != Some(true) {
            self.nudges_in_all += 1;
            if self.nudges.len() < NUDGES {
                let why = row.readiness.why.iter().map(|why| why.message()).collect::<Vec<_>>().join("; ");
                self.nudges.push((row.person.name(), why));
            }
        }
    }
}
