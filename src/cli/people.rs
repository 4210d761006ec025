//! `sspr people`: who is in the group, and who can reset.

use clap::{Args, ValueEnum};

use super::console::{CommandOutput, Console};
use super::half::Half;
use super::meter::Meter;
use super::session::{Session, load_spec};
use super::{Format, Global, SpecFile};
use crate::app::observe::{PilotContext, Survey, find, survey};
use crate::app::{Observer, Progress};
use crate::error::{Exit, Failure};
use crate::people::{Row, Summary};
use crate::plan::{ResetPolicy, ServiceChange};
use crate::render::people::{self, Footer};
use crate::render::{csv, markdown};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr people                          everyone in the pilot group, and whether they can reset
  sspr people --only not-ready         whom to nudge
  sspr people --format csv             for a spreadsheet
  sspr report --csv who.csv            the same in a file that only you can read
  sspr people --gate 80%               exit 5 below that share of ready people: for a script")]
pub(super) struct PeopleArgs {
    #[command(flatten)]
    pub(super) spec: SpecFile,
    /// Show these people alone; the counts are of everybody all the same
    #[arg(long, value_enum, value_name = "WHO")]
    only: Option<Only>,
    /// Do not read the registration report, which allows five requests in ten seconds
    #[arg(long)]
    no_registration: bool,
    /// Exit with 5 where fewer than this share of the members are ready
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    gate: Option<f64>,
    #[command(flatten)]
    half: Half,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Those not known to be ready: no, and unknown
    NotReady,
}

fn percent(text: &str) -> Result<f64, String> {
    let bare = text.strip_suffix('%');
    let number: f64 = bare.unwrap_or(text).parse().map_err(|_| "not a share such as 80%".to_owned())?;
    match (0.0..=100.0).contains(&number) {
        // 0.8 is four fifths to some, and eight in a thousand to others.
        true if number <= 1.0 && bare.is_none() => {
            Err(format!("write {number}% or {}%: without the sign it could be either", number * 100.0))
        }
        true => Ok(number),
        false => Err("not between 0% and 100%".to_owned()),
    }
}

pub(super) async fn run(
    args: &PeopleArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let spec = load_spec(&args.spec.file, global)?;
    let session = Session::open(global).await?;
    console.begin("reading the tenant");
    let mut place = find(&session.reader, &spec, args.half.surfaces()).await?;
    let rule = ResetPolicy::rule(&spec, &place.tenant, is_explicit(global));
    begin(&place, global, console)?;
    let mut found = Survey { unread: place.unread.clone(), ..Survey::default() };
    let mut rows = Rows::new(args, global, console);
    let graph = &session.reader.graph;
    let wants_report = !args.no_registration;
    let read = survey(graph, &mut place, rule, wants_report, &mut rows, &mut found).await;
    let flushed = rows.flush();
    rows.console.end_progress();
    let page = std::mem::take(&mut rows.page);
    // Also after a failure: what was read is whole lines, and the document is closed.
    let is_complete = read.is_ok() && flushed.is_ok();
    console.set_page(|| {
        let names = (&*place.group.display_name, &*place.tenant.organization.display_name);
        let footer = footer(&found, found.report_from.as_deref(), is_complete);
        markdown::render(&page.document(names, footer))
    });
    end(&found, is_complete, global, console)?;
    read?;
    flushed?;
    Ok(CommandOutput { exit: judge_gate(args.gate, &found, console), json: String::new() })
}

fn begin(place: &PilotContext, global: &Global, console: &mut Console) -> Result<(), Failure> {
    let group = &place.group;
    match global.format {
        Format::Text | Format::Github => {
            console.say(&people::text_begin(&group.display_name, &place.tenant.organization.display_name))?
        }
        Format::Csv => console.print_as(Format::Csv, &csv::begin())?,
        Format::Json | Format::Markdown => {}
    }
    console.piece(&people::json_begin(&group.id, &group.display_name))
}

fn end(found: &Survey, is_complete: bool, global: &Global, console: &mut Console) -> Result<(), Failure> {
    let Survey { summary, report_from, unread, .. } = found;
    console.last_piece(&people::json_end(summary, report_from.as_deref(), unread, is_complete))?;
    console.say(&people::text_end(footer(found, age(found, global).as_deref(), is_complete)))
}

fn footer<'a>(found: &'a Survey, report_from: Option<&'a str>, is_complete: bool) -> Footer<'a> {
    Footer {
        summary: &found.summary,
        report_from,
        is_report_read: found.is_report_read,
        unread: &found.unread,
        has_unknown_eligibility: found.has_unknown_eligibility,
        is_complete,
    }
}

fn judge_gate(gate: Option<f64>, found: &Survey, console: &mut Console) -> Exit {
    let Some(gate) = gate.filter(|gate| !found.summary.reaches(*gate)) else { return Exit::Done };
    let Summary { ready, members, .. } = found.summary;
    console.eprint(&format!("The gate of {gate}% is not reached: {ready} of {members} are ready.\n"));
    Exit::ConditionUnmet
}

/// Whether only methods people registered themselves count on the day of the run (facts 0).
pub(super) fn is_explicit(global: &Global) -> bool {
    let today = global.today();
    ServiceChange::find("explicit-registration").is_some_and(|change| today >= change.in_force)
}

/// Returns the age of the report in words.
pub(super) fn age(found: &Survey, global: &Global) -> Option<String> {
    let from: jiff::Timestamp = found.report_from.as_deref()?.parse().ok()?;
    if global.today.is_some() {
        // On a day that is not today, the time of day means nothing.
        return Some(from.to_string());
    }
    let hours = jiff::Timestamp::now().duration_since(from).as_hours();
    Some(match hours {
        i64::MIN..0 => from.to_string(),
        0..=72 => format!("{from} ({hours} hours ago)"),
        _ => format!("{from} ({} days ago)", hours / 24),
    })
}

/// Puts rows where they go as they come.
struct Rows<'a> {
    console: &'a mut Console,
    format: Format,
    only: Option<Only>,
    is_first: bool,
    meter: Meter,
    shown: String,
    json: String,
    page: people::Page,
}

/// Written in pieces of this size: a million little writes would take longer than the reading.
pub(super) const PIECE: usize = 32 * 1024;

impl<'a> Rows<'a> {
    fn new(args: &PeopleArgs, global: &Global, console: &'a mut Console) -> Self {
        Self {
            console,
            format: global.format,
            only: args.only,
            is_first: true,
            meter: Meter::new(),
            shown: String::new(),
            json: String::new(),
            page: people::Page::default(),
        }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        if !self.shown.is_empty() {
            self.console.print_as(self.format, &std::mem::take(&mut self.shown))?;
        }
        let json = std::mem::take(&mut self.json);
        self.console.piece(&json)
    }
}

impl Observer for Rows<'_> {
    fn take(&mut self, row: &Row) -> anyhow::Result<()> {
        if self.only == Some(Only::NotReady) && row.readiness.is_ready == Some(true) {
            return Ok(());
        }
        match self.format {
            Format::Text | Format::Github => self.shown.push_str(&people::text_row(row)),
            Format::Csv => self.shown.push_str(&csv::row(row)),
            Format::Json | Format::Markdown => {}
        }
        if self.console.wants_markdown() {
            self.page.take(row);
        }
        if self.console.wants_json() {
            self.json.push_str(&people::json_row(row, self.is_first));
            self.is_first = false;
        }
        if self.shown.len() + self.json.len() > PIECE {
            self.flush().map_err(|failure| failure.error)?;
        }
        Ok(())
    }

    fn on_progress(&mut self, progress: Progress) {
        self.meter.show(progress, self.console);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_with_or_without_its_sign() {
        assert_eq!(percent("80%"), Ok(80.0));
        assert_eq!(percent("12.5"), Ok(12.5));
        assert_eq!((percent("80"), percent("0.8%"), percent("1%")), (Ok(80.0), Ok(0.8), Ok(1.0)));
        for bad in ["", "x", "101%", "-1", "NaN", "80%%", "%"] {
            assert!(percent(bad).is_err(), "{bad}");
        }
        for (text, said) in
            [("0.8", "write 0.8% or 80%: "), ("1", "write 1% or 100%: "), ("0", "write 0% or 0%: ")]
        {
            assert!(percent(text).is_err_and(|error| error.starts_with(said)), "{text}");
        }
    }
}
