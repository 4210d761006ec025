//! `sspr report`: writes one page about the pilot.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use url::Url;

use super::against::AgainstFlags;
use super::environment::Interactivity;
use super::except::PartOfSpec;
use super::people::PIECE;
use super::signals::unless_stopped;
use super::{CommandOutput, CommandResult, Console, Format, Front, Global, SurfaceFlags};
use crate::app::{self, Event, Observer, ReportRequest};
use crate::error::{Exit, Failure};
use crate::files::{Existing, PendingFile, Readers, Target};
use crate::render::{csv, report};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr report                       write pilot-report.html: one file, readable on a phone, printable
  sspr report --open                and open it in the browser
  sspr report --csv who.csv         and everyone as a spreadsheet
  sspr report --format markdown     the same without names, for the summary of a job")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// The HTML file to write [default: pilot-report.html, unless stdout carries the report itself]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Open the page in the browser once it is written
    #[arg(long)]
    open: bool,
    /// Also write all members as CSV
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Show this many days of the audit log
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=90))]
    days: u16,
    #[command(flatten)]
    pub(super) from: AgainstFlags,
    #[command(flatten)]
    surfaces: SurfaceFlags,
}

impl ReportArgs {
    /// Returns where the page goes; nowhere where stdout carries the report itself and no file is named.
    pub(super) fn page(&self, format: Format) -> Option<PathBuf> {
        let is_on_stdout = matches!(format, Format::Json | Format::Markdown);
        self.out.clone().or_else(|| (!is_on_stdout).then(|| PathBuf::from("pilot-report.html")))
    }
}

pub(super) async fn run(args: &ReportArgs, global: &Global, console: &mut Console) -> CommandResult {
    let page = args.page(global.output.format);
    let opened = if args.open { Some(to_open(page.as_deref())?) } else { None };
    let spec = &args.spec.load(global)?;
    let session = args.from.open(global, console, Some(spec), args.surfaces.graph_only).await?;
    let request = ReportRequest { spec, is_graph_only: args.surfaces.graph_only, days: args.days };
    let spreadsheet = Spreadsheet::new(args, Front::new(console))?;
    let report = app::report(&session.tenant, request, &spreadsheet).await?;
    spreadsheet.finish()?;
    console.set_page(|| report::document(&report));
    if let Some(page) = page {
        console.save(&page, &report::page(&report, &|named| console.command_line.completed(named)))?;
        console.show_blocks(report::written(&page.display().to_string(), &report).blocks)?;
    }
    if let Some(address) = opened {
        open_browser(&address, console)?;
    }
    Ok(CommandOutput { exit: Exit::Done, json: report::json(&report) })
}

/// Returns the address of the page that is to be opened.
///
/// # Errors
/// There will be none, or nothing to open it with.
fn to_open(page: Option<&Path>) -> Result<Url, Failure> {
    let refused = |why: &str, hint: &str| Failure::new(Exit::Usage, anyhow::anyhow!("--open: {why}"), hint);
    let page = page.ok_or_else(|| refused("no page is written", "name a file with --out"))?;
    if let Some(why) = Interactivity::detect().no_browser {
        return Err(refused(why, "leave --open out, and open the page where there is a browser"));
    }
    let path = std::path::absolute(page)
        .ok()
        .filter(|_| matches!(Target::at(page), Ok(Target::Free | Target::File)));
    path.and_then(|path| Url::from_file_path(path).ok())
        .ok_or_else(|| refused(&format!("{} is no file", page.display()), "name one with --out"))
}

/// Opens the page. That it cannot be opened is said: it is written.
fn open_browser(address: &Url, console: &mut Console) -> Result<(), Failure> {
    let target = address.to_string();
    // Some browsers run in the foreground.
    let opened = unless_stopped(&console.stop, move || webbrowser::open(&target));
    let opened = opened.map_err(anyhow::Error::from)?.map_err(Failure::stopped)?;
    if let Err(error) = opened {
        console.story.eprint(&format!("No browser could be opened ({error}); the page is written.\n"));
    }
    Ok(())
}

/// Writes everyone down as they are read, where that is asked for.
struct Spreadsheet<'a> {
    front: Front<'a>,
    /// When the people were read, where that is from a snapshot.
    as_of: Option<String>,
    open: RefCell<Option<(PendingFile, String)>>,
}

impl<'a> Spreadsheet<'a> {
    fn new(args: &ReportArgs, front: Front<'a>) -> Result<Self, Failure> {
        let file = args.csv.as_ref().map(|path| {
            PendingFile::create(path, Readers::Owner, Existing::Replace)
                .with_context(|| format!("{} could not be written", path.display()))
        });
        let as_of = front.console().as_of();
        let open = file.transpose()?.map(|file| (file, csv::begin(as_of.as_deref())));
        Ok(Self { front, as_of, open: RefCell::new(open) })
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
            rows.push_str(&csv::row(row, self.as_of.as_deref()));
            rows.len() > PIECE
        });
        if is_full { self.flush() } else { Ok(()) }
    }
}
