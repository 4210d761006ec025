//! `sspr report`: the pilot on one page.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use super::console::{Console, Done};
use super::people::{Meter, is_explicit};
use super::session::{Session, load_spec};
use super::verify::circumstances;
use super::{Format, Global, SpecFile};
use crate::client::AuditEvent;
use crate::engine::{Audience, Progress, Survey, Whereabouts, observe, survey};
use crate::error::{Exit, Failure};
use crate::people::{Row, Step};
use crate::plan::{Severity, Terms, plan};
use crate::report::html::{self, Day, LogState, Report};
use crate::report::people;
use crate::tenant::{SETTINGS, Tenant};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr report                       write pilot-report.html: one file, readable on a phone, printable
  sspr report --csv who.csv         and everybody as a spreadsheet")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    spec: SpecFile,
    /// Where the page goes
    #[arg(long, value_name = "FILE", default_value = "pilot-report.html")]
    out: PathBuf,
    /// Also write everybody as CSV
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// How many days of the audit log to show
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=90))]
    days: u16,
}

/// Names on the page; `sspr people` lists all.
const NUDGES: usize = 300;
/// Pages of the audit log; each waits for its turn of five in ten seconds.
const LOG_PAGES: usize = 20;

pub(super) async fn run(args: &ReportArgs, global: &Global, console: &mut Console) -> Result<Done, Failure> {
    let spec = load_spec(&args.spec.file)?;
    let session = Session::open(global).await?;
    let tenant = observe(&session.reader, &spec).await?;
    let plan = plan(&spec, &tenant, circumstances(global));
    let settings = settings(&tenant);
    let place = Whereabouts::new(&session.reader, tenant).await?;
    let csv = args.csv.as_ref().map(|path| {
        std::fs::File::create(path)
            .map(std::io::BufWriter::new)
            .with_context(|| format!("{} could not be written", path.display()))
    });
    let mut tally = Tally {
        csv: csv.transpose()?,
        methods: BTreeMap::new(),
        nudges: Vec::new(),
        in_all: 0,
        meter: Meter::new(),
        console,
    };
    tally.write(&people::csv_begin())?;
    let rule = Terms::rule(&spec, &place.tenant, is_explicit(global));
    let mut found = Survey::default();
    survey(&session.reader.graph, &place.group.id, rule, true, &mut tally, &mut found).await?;
    tally.finish()?;
    let today = global.today();
    let first = today.saturating_sub(jiff::Span::new().days(i64::from(args.days) - 1));
    let since = first.to_zoned(jiff::tz::TimeZone::UTC).map_err(anyhow::Error::from)?.timestamp();
    let (days, log) = match session.reader.graph.fetch_reset_events(since, None, LOG_PAGES).await {
        Ok((events, is_all)) => {
            (days(&events, first, today), if is_all { LogState::Whole } else { LogState::Partial })
        }
        Err(error) if error.is_refusal() => (Vec::new(), LogState::Unread),
        Err(error) => return Err(error.into()),
    };
    let mut methods: Vec<(String, u64)> = tally.methods.into_iter().collect();
    methods.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let report = Report {
        tenant: place.tenant.organization.display_name,
        group: place.group.display_name,
        made_on: today.to_string(),
        report_from: found.report_from,
        settings,
        summary: found.summary,
        methods,
        nudges: tally.nudges,
        nudges_in_all: tally.in_all,
        days,
        log,
        findings: plan
            .findings
            .iter()
            .map(|finding| (severity(finding.severity), finding.code.to_owned(), finding.message.clone()))
            .collect(),
        unread: found.unread,
    };
    let document = json(&report);
    if global.format != Format::Json {
        std::fs::write(&args.out, html::page(&report))
            .with_context(|| format!("{} could not be written", args.out.display()))?;
        let summary = report.summary;
        tally.console.say(&format!(
            "{}: {} of {} ready. Names are in it: share it with care.\n",
            crate::text::visible(&args.out.display().to_string()),
            summary.ready,
            summary.members
        ))?;
    }
    Ok(Done { exit: Exit::Done, json: document })
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
            let object = tenant.object(&setting.object)?;
            let shown = setting.read(&object).map_or_else(|| "unknown".to_owned(), value);
            Some((setting.label.to_owned(), shown))
        })
        .collect()
}

fn days(events: &[AuditEvent], first: Date, last: Date) -> Vec<Day> {
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
        match Step::read(&event.activity, event.is_success) {
            Some(Step::Reset) => day.resets += 1,
            Some(Step::Failed | Step::Blocked) => day.failures += 1,
            _ => {}
        }
    }
    days.into_values().collect()
}

/// Adds up what the page shows, and passes everybody on to the spreadsheet.
struct Tally<'a> {
    csv: Option<std::io::BufWriter<std::fs::File>>,
    methods: BTreeMap<String, u64>,
    nudges: Vec<(String, String)>,
    in_all: u64,
    meter: Meter,
    console: &'a mut Console,
}

impl Tally<'_> {
    fn write(&mut self, text: &str) -> anyhow::Result<()> {
        use std::io::Write as _;
        match &mut self.csv {
            Some(file) => file.write_all(text.as_bytes()).context("the CSV file could not be written"),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        use std::io::Write as _;
        self.meter.clear(self.console);
        self.csv.as_mut().map_or(Ok(()), |file| file.flush().context("the CSV file could not be written"))
    }
}

impl Audience for Tally<'_> {
    fn take(&mut self, row: &Row) -> anyhow::Result<()> {
        for method in row.methods.iter().flatten() {
            *self.methods.entry(method.clone()).or_default() += 1;
        }
        if row.readiness.is_ready != Some(true) {
            self.in_all += 1;
            if self.nudges.len() < NUDGES {
                let why = row.readiness.why.iter().map(|why| why.told()).collect::<Vec<_>>().join("; ");
                self.nudges.push((row.person.name(), why));
            }
        }
        if self.csv.is_some() {
            self.write(&people::csv_row(row))?;
        }
        Ok(())
    }

    fn hear(&mut self, progress: Progress) {
        self.meter.show(progress, self.console);
    }
}
