//! `sspr people`: lists the group's members and whether they can reset.

use std::cell::RefCell;

use clap::{Args, ValueEnum};

use super::against::AgainstFlags;
use super::except::PartOfSpec;
use super::{CommandOutput, CommandResult, Console, Format, Front, Global, SurfaceFlags};
use crate::app::{self, Event, Observer, PeopleRequest};
use crate::error::Failure;
use crate::people::{Row, Selection, Summary};
use crate::render::document::Block;
use crate::render::people::{self, About};
use crate::render::{csv, people_table, text};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr people                          everyone in the pilot group, and whether they can reset
  sspr people --only nudge             those whom registering could make ready
  sspr people --only directory-only    those who have nothing registered that is enough
  sspr people --format csv             for a spreadsheet, or a mail merge
  sspr report --csv who.csv            the same in a file that only you can read
  sspr people --gate 80%               exit 5 below that share of ready people: for a script")]
pub(super) struct PeopleArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// Show only these people; the counts stay those of all members
    #[arg(long, value_enum, value_name = "WHO")]
    only: Option<Filter>,
    /// Skip the registration report, which allows five requests in ten seconds
    #[arg(long)]
    no_registration: bool,
    /// Exit with 5 if a smaller share of the members is ready
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    gate: Option<f64>,
    #[command(flatten)]
    pub(super) from: AgainstFlags,
    #[command(flatten)]
    surfaces: SurfaceFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Filter {
    /// Those who can reset
    Ready,
    /// Those who can be ready and are not
    NotReady,
    /// Those who can be ready, and of whom it is unknown
    Unknown,
    /// Those whom no method makes ready: administrators, guests, disabled, no licence
    LeftOut,
    /// Those whom registering could make ready
    Nudge,
    /// Those who have nothing but numbers and addresses in the directory
    DirectoryOnly,
}

impl Filter {
    fn selection(self) -> Selection {
        match self {
            Self::Ready => Selection::Ready,
            Self::NotReady => Selection::NotReady,
            Self::Unknown => Selection::Unknown,
            Self::LeftOut => Selection::LeftOut,
            Self::Nudge => Selection::Nudge,
            Self::DirectoryOnly => Selection::DirectoryOnly,
        }
    }
}

pub(super) fn percent(text: &str) -> Result<f64, String> {
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

pub(super) async fn run(args: &PeopleArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = &args.spec.load(global)?;
    let session = args.from.open(global, console, Some(spec), args.surfaces.graph_only).await?;
    let request = PeopleRequest {
        spec,
        is_graph_only: args.surfaces.graph_only,
        wants_report: !args.no_registration,
        gate: args.gate,
    };
    let buffers = Buffers::new(console);
    let only = args.only.map(Filter::selection);
    let rows = Rows { front: Front::new(console), only, buffers: RefCell::new(buffers) };
    let mut report = app::people(&session.tenant, request, &rows).await?;
    let Rows { front, buffers, .. } = rows;
    let mut buffers = buffers.into_inner();
    let flushed = buffers.flush(&mut front.console());
    console.story.end_progress();
    // Also after a failure: what was read is whole lines, and the document is closed.
    let found = &report.survey;
    let about = About {
        group: &report.group.display_name,
        tenant: &report.organization.display_name,
        today: session.tenant.clock.today(),
        is_complete: report.failure.is_none() && flushed.is_ok(),
    };
    console.set_page(|| buffers.page.document(found, about));
    console.last_piece(&people::json_end(found, about.is_complete))?;
    // Where all fit, how many they are comes before them.
    let (headline, notes) = (people::headline(found, about), people::notes(found));
    let is_begun = buffers.table.is_begun();
    if !is_begun {
        console.show_blocks(vec![headline.clone()])?;
    }
    let rest = buffers.table.rest();
    if !rest.is_empty() {
        console.say(&format!("{}{rest}", if is_begun { "" } else { "\n" }))?;
    }
    console.say("\n")?;
    let end: Vec<Block> = is_begun.then_some(headline).into_iter().chain([notes]).collect();
    console.show_blocks(end)?;
    if let Some(failure) = report.failure.take() {
        return Err(failure);
    }
    flushed?;
    if let (Some(gate), Some(false)) = (args.gate, report.is_gate_reached) {
        let Summary { ready, members, .. } = report.survey.summary;
        console.story.eprint(&format!(
            "The gate of {gate}% is not reached: {ready} of all {members} members are ready.\n"
        ));
    }
    Ok(CommandOutput { exit: report.exit(), json: String::new() })
}

/// Puts rows where they go as they come.
struct Rows<'a> {
    front: Front<'a>,
    only: Option<Selection>,
    buffers: RefCell<Buffers>,
}

/// What is not put out yet.
struct Buffers {
    /// What the list is headed by, until it is shown.
    heading: String,
    is_begun: bool,
    shown: String,
    json: String,
    table: people_table::Table,
    page: people::Page,
    /// When the people were read, where that is from a snapshot.
    as_of: Option<String>,
}

/// Written in pieces of this size: a million little writes would take longer than the reading.
pub(super) const PIECE: usize = 32 * 1024;

impl Buffers {
    fn new(console: &Console) -> Self {
        Self {
            heading: String::new(),
            is_begun: false,
            shown: String::new(),
            json: String::new(),
            table: people_table::Table::new(console.layout()),
            page: people::Page::default(),
            as_of: console.as_of(),
        }
    }

    fn flush(&mut self, console: &mut Console) -> Result<(), Failure> {
        if !self.shown.is_empty() {
            let shown = std::mem::take(&mut self.heading) + &std::mem::take(&mut self.shown);
            if console.carries_text() { console.say(&shown)? } else { console.print(&shown)? }
        }
        console.piece(&std::mem::take(&mut self.json))
    }

    fn take(&mut self, row: &Row, console: &mut Console) -> Result<(), Failure> {
        match console.flags.format {
            Format::Text | Format::Github => self.shown.push_str(&self.table.take(row)),
            Format::Csv => self.shown.push_str(&csv::row(row, self.as_of.as_deref())),
            Format::Json | Format::Markdown => {}
        }
        if console.wants_markdown() {
            self.page.take(row);
        }
        if console.wants_json() {
            self.json.push_str(&people::json_row(row, !self.is_begun));
            self.is_begun = true;
        }
        match self.shown.len() + self.json.len() > PIECE {
            true => self.flush(console),
            false => Ok(()),
        }
    }
}

impl Observer for Rows<'_> {
    fn on(&self, event: Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::Members { group, organization } => {
                let mut console = self.front.console();
                let heading = people::heading(&group.display_name, &organization.display_name);
                if console.carries_text() {
                    self.buffers.borrow_mut().heading = text::blocks(&[heading], console.layout()) + "\n";
                }
                let as_of = console.as_of();
                console.print_as(Format::Csv, &csv::begin(as_of.as_deref()))?;
                console.piece(&people::json_begin(group.id, &group.display_name))?;
            }
            Event::Row(row) if self.only.is_some_and(|only| !only.includes(row)) => {}
            Event::Row(row) => {
                self.buffers.borrow_mut().take(row, &mut self.front.console())?;
            }
            other => self.front.on(other)?,
        }
        Ok(())
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
