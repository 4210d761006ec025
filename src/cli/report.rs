//! `sspr report`: writes one page about the pilot.

use std::cell::RefCell;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::except::PartOfSpec;
use super::people::PIECE;
use super::{CommandOutput, CommandResult, Console, Format, Front, Global, SurfaceFlags, open};
use crate::app::{self, Event, Observer, ReportRequest};
use crate::error::{Exit, Failure};
use crate::files::{Existing, PendingFile, Readers};
use crate::render::{csv, json, report, text};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr report                       write pilot-report.html: one file, readable on a phone, printable
  sspr report --csv who.csv         and everyone as a spreadsheet")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// The HTML file to write
    #[arg(long, value_name = "FILE", default_value = "pilot-report.html")]
    pub(super) out: PathBuf,
    /// Also write all members as CSV
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Show this many days of the audit log
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=90))]
    days: u16,
    #[command(flatten)]
    surfaces: SurfaceFlags,
}

pub(super) async fn run(args: &ReportArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = &args.spec.load(global)?;
    let session = open(global, spec.tenant()).await?;
    let request = ReportRequest { spec, is_graph_only: args.surfaces.graph_only, days: args.days };
    let spreadsheet = Spreadsheet::new(args, Front::new(console))?;
    let report = app::report(&session.tenant, request, &spreadsheet).await?;
    spreadsheet.finish()?;
    if global.output.format != Format::Json {
        console.save(&args.out, &report::page(&report))?;
        let path = args.out.display().to_string();
        console.say(&text::render(&report::written(&path, &report), None))?;
    }
    Ok(CommandOutput { exit: Exit::Done, json: json::report(&report) })
}

/// Writes everyone down as they are read, where that is asked for.
struct Spreadsheet<'a> {
    front: Front<'a>,
    open: RefCell<Option<(PendingFile, String)>>,
}

impl<'a> Spreadsheet<'a> {
    fn new(args: &ReportArgs, front: Front<'a>) -> Result<Self, Failure> {
        let file = args.csv.as_ref().map(|path| {
            PendingFile::create(path, Readers::Owner, Existing::Replace)
                .with_context(|| format!("{} could not be written", path.display()))
        });
        let open = file.transpose()?.map(|file| (file, csv::begin()));
        Ok(Self { front, open: RefCell::new(open) })
    }

    fn flush(&self) -> anyhow::Result<()> {
        let Some((file, rows)) = self.open.take() else { return Ok(()) };
        let file = self.front.console().put(file, rows).context("the CSV file could not be written")?;
        self.open.replace(Some((file, String::new())));
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        self.flush()?;
        let file = self.open.into_inner().map(|(file, _)| file);
        file.map_or(Ok(()), |file| file.finish().context("the CSV file could not be written"))
    }
}

impl Observer for Spreadsheet<'_> {
    fn on(&self, event: Event<'_>) -> anyhow::Result<()> {
        let Event::Row(row) = event else { return self.front.on(event) };
        let is_full = self.open.borrow_mut().as_mut().is_some_and(|(_, rows)| {
            rows.push_str(&csv::row(row));
            rows.len() > PIECE
        });
        if is_full { self.flush() } else { Ok(()) }
    }
}
