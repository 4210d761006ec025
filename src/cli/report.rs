//! `sspr report`: the pilot on one page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use super::console::{CommandOutput, Console};
use super::half::Half;
use super::meter::Meter;
use super::people::{PIECE, is_explicit};
use super::session::{Session, load_spec};
use super::verify::options;
use super::{Format, Global, SpecFile};
use crate::app::observe::{Observed, PilotContext, Survey, observe, odd_rows, survey};
use crate::app::{Observer, Progress};
use crate::client::{AuditEvent, ClientError};
use crate::error::{Exit, Failure};
use crate::files::{Existing, PendingFile, Readers};
use crate::outcome::pilot_report::{Day, LogState, Report};
use crate::people::{ResetStage, Row, Summary};
use crate::plan::{Finding, ResetPolicy, Severity, plan};
use crate::render::{csv, report};
use crate::tenant::{Resource, SETTINGS, Tenant};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr report                       write pilot-report.html: one file, readable on a phone, printable
  sspr report --csv who.csv         and everybody as a spreadsheet")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) spec: SpecFile,
    /// Where the page goes
    #[arg(long, value_name = "FILE", default_value = "pilot-report.html")]
    pub(super) out: PathBuf,
    /// Also write everybody as CSV
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// How many days of the audit log to show
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=90))]
    days: u16,
    #[command(flatten)]
    half: Half,
}

/// Names on the page; `sspr people` lists all.
const NUDGES: usize = 300;
/// Pages of the audit log; each waits for its turn of five in ten seconds.
const LOG_PAGES: usize = 20;

pub(super) async fn run(
    args: &ReportArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let spec = load_spec(&args.spec.file, global)?;
    let session = Session::open(global).await?;
    console.begin("reading the tenant");
    let Observed { tenant, closed } = observe(&session.reader, &spec, args.half.surfaces()).await?;
    let findings = plan(&spec, &tenant, options(global)).findings;
    let settings = settings(&tenant);
    let mut unread = portal_unread(&args.half, closed);
    unread.extend(tenant.people.unread.iter().cloned());
    let mut place = PilotContext::new(&session.reader, tenant, unread).await?;
    let mut tally = Tally::new(args, console)?;
    tally.rows.push_str(&csv::begin());
    let rule = ResetPolicy::rule(&spec, &place.tenant, is_explicit(global));
    let mut found = Survey { unread: place.unread.clone(), ..Survey::default() };
    survey(&session.reader.graph, &mut place, rule, true, &mut tally, &mut found).await?;
    tally.finish()?;
    tally.console.begin("reading the audit log");
    let (days, log) = fetch_days(&session, global.today(), args.days, &mut found.unread).await?;
    // The plan and the rows each say what they did without.
    let mut said = BTreeSet::new();
    found.unread.retain(|what| said.insert(what.clone()));
    let report = Report {
        tenant: place.tenant.organization.display_name,
        group: place.group.display_name,
        made_on: global.today().to_string(),
        report_from: found.report_from,
        settings,
        summary: found.summary,
        methods: by_count(tally.methods),
        nudges: tally.nudges,
        nudges_in_all: tally.in_all,
        days,
        log,
        findings: findings.into_iter().map(message).collect(),
        unread: found.unread,
        is_report_read: found.is_report_read,
    };
    let document = json(&report);
    if global.format != Format::Json {
        console.save(&args.out, &report::page(&report))?;
        console.say(&written(args, &report))?;
    }
    Ok(CommandOutput { exit: Exit::Done, json: document })
}

/// Says what of the admin centre is unknown, and why.
fn portal_unread(half: &Half, closed: Option<ClientError>) -> Vec<String> {
    match (closed, half.is_graph_only()) {
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
    let first = today.saturating_sub(jiff::Span::new().days(i64::from(days) - 1));
    let since = first.to_zoned(jiff::tz::TimeZone::UTC).map_err(anyhow::Error::from)?.timestamp();
    match session.reader.graph.fetch_reset_events(since, None, LOG_PAGES).await {
        Ok(events) => {
            let state = if events.is_all { LogState::Whole } else { LogState::Partial };
            unread.extend(odd_rows(events.odd, "the audit log"));
            Ok((by_day(&events.rows, first, today), state))
        }
        Err(error) if error.is_refusal() || error.is_odd() => {
            unread.push(format!("the audit log ({})", error.reason("AuditLog.Read.All")));
            Ok((Vec::new(), LogState::Unread))
        }
        Err(error) => Err(error.into()),
    }
}

fn by_count(methods: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut methods: Vec<(String, u64)> = methods.into_iter().collect();
    methods.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    methods
}

fn message(finding: Finding) -> (String, String, String) {
    (severity(finding.severity), finding.code.to_owned(), finding.message)
}

fn written(args: &ReportArgs, report: &Report) -> String {
    let path = crate::text::visible(&args.out.display().to_string());
    let Summary { ready, members, .. } = report.summary;
    let mut text = format!("{path}: {ready} of {members} ready. Names are in it: share it with care.\n");
    if !report.unread.is_empty() {
        let unread = crate::text::visible(&report.unread.join("; "));
        text.push_str(&format!("Unknown, because it could not be read: {unread}.\n"));
    }
    text
}

fn json(report: &Report) -> String {
    let mut document = serde_json::json!(report);
    document["format"] = serde_json::json!("sspr.report/1");
    format!("{document:#}\n")
}

fn severity(severity: Severity) -> String {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
    .to_owned()
}

fn settings(tenant: &Tenant) -> Vec<(String, String)> {
    let value = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Bool(is_on) => if is_on { "Yes" } else { "No" }.to_owned(),
        serde_json::Value::Array(words) if words.is_empty() => "none".to_owned(),
        serde_json::Value::Array(words) => words
            .iter()
            .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    SETTINGS
        .iter()
        .filter_map(|setting| {
            // Left out or closed, the policy is unknown; the other objects nobody asked about.
            let object = tenant.object(&setting.object);
            if object.is_none() && setting.object != Resource::PasswordReset {
                return None;
            }
            let shown = object.and_then(|object| setting.read(object));
            let shown = shown.map_or_else(|| "unknown".to_owned(), value);
            Some((setting.label.to_owned(), shown))
        })
        .collect()
}

fn by_day(events: &[AuditEvent], first: Date, last: Date) -> Vec<Day> {
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    let mut date = first;
    while date <= last {
        days.insert(date, Day { date: date.to_string(), ..Day::default() });
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    for event in events {
        let day = Timestamp::to_zoned(event.at, jiff::tz::TimeZone::UTC).date();
        let day = days.entry(day).or_insert_with(|| Day { date: day.to_string(), ..Day::default() });
        match ResetStage::read(&event.activity, event.is_success) {
            Some(ResetStage::Reset) => day.resets += 1,
            Some(ResetStage::Failed | ResetStage::Blocked) => day.failures += 1,
            _ => {}
        }
    }
    days.into_values().collect()
}

/// Adds up what the page shows, and passes everybody on to the spreadsheet.
struct Tally<'a> {
    csv: Option<PendingFile>,
    /// What is not written yet.
    rows: String,
    methods: BTreeMap<String, u64>,
    nudges: Vec<(String, String)>,
    in_all: u64,
    meter: Meter,
    console: &'a mut Console,
}

impl<'a> Tally<'a> {
    fn new(args: &ReportArgs, console: &'a mut Console) -> Result<Self, Failure> {
        let csv = args.csv.as_ref().map(|path| {
            PendingFile::create(path, Readers::Owner, Existing::Replace)
                .with_context(|| format!("{} could not be written", path.display()))
        });
        Ok(Self {
            csv: csv.transpose()?,
            rows: String::new(),
            methods: BTreeMap::new(),
            nudges: Vec::new(),
            in_all: 0,
            meter: Meter::new(),
            console,
        })
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let put = |file| self.console.put(file, rows);
        self.csv = self.csv.take().map(put).transpose().context("the CSV file could not be written")?;
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        self.flush()?;
        self.csv.take().map_or(Ok(()), |file| file.finish().context("the CSV file could not be written"))
    }
}

impl Observer for Tally<'_> {
    fn take(&mut self, row: &Row) -> anyhow::Result<()> {
        for method in row.methods.iter().flatten() {
            *self.methods.entry(method.clone()).or_default() += 1;
        }
        if row.readiness.is_ready != Some(true) {
            self.in_all += 1;
            if self.nudges.len() < NUDGES {
                let why = row.readiness.why.iter().map(|why| why.message()).collect::<Vec<_>>().join("; ");
                self.nudges.push((row.person.name(), why));
            }
        }
        if self.csv.is_some() {
            self.rows.push_str(&csv::row(row));
            if self.rows.len() > PIECE {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn on_progress(&mut self, progress: Progress) {
        self.meter.show(progress, self.console);
    }
}
