//! Shows a fleet run while it goes on: a line that moves on a terminal, a line for each tenant in a log.

use std::cell::RefCell;

use anyhow::{Context as _, Result};

use super::plans_folder::PlansFolder;
use crate::app::Confirm;
use crate::app::fleet::{FleetEvent, FleetObserver};
use crate::cli::Front;
use crate::outcome::fleet::TenantRow;
use crate::outcome::{Question, Refusal};
use crate::render::{fleet, json, text};
use crate::text::counted;

/// The console as a fleet run sees it.
pub(super) struct FleetFront<'a> {
    pub(super) front: Front<'a>,
    /// Where plans are saved.
    pub(super) folder: Option<&'a PlansFolder>,
    stage: RefCell<Stage>,
}

/// How far what is going on is.
#[derive(Debug, Default)]
struct Stage {
    doing: String,
    done: usize,
    of: usize,
    failed: usize,
}

impl<'a> FleetFront<'a> {
    pub(super) fn new(front: Front<'a>, folder: Option<&'a PlansFolder>) -> Self {
        Self { front, folder, stage: RefCell::default() }
    }

    fn begin(&self, doing: String, of: usize) {
        *self.stage.borrow_mut() = Stage { doing, of, ..Stage::default() };
        self.show_stage();
    }

    fn show_stage(&self) {
        let mut console = self.front.console();
        if console.story.shows_progress() {
            let Stage { doing, done, of, failed } = &*self.stage.borrow();
            let failed = if *failed == 0 { String::new() } else { format!(", {failed} failed") };
            let message = format!("{doing}: {done} of {of} tenants{failed}");
            console.story.show_progress(&message, Some((*done as u64, *of as u64)));
        }
    }

    fn ended(&self, row: &TenantRow, is_pending: bool) {
        {
            let mut stage = self.stage.borrow_mut();
            stage.done += 1;
            stage.failed += usize::from(row.result.is_failure());
            let mut console = self.front.console();
            console.has_written |= row.result.may_be_written();
            // On a terminal the line that moves counts those that go well.
            if !console.story.shows_progress() || row.result.is_failure() {
                let line = text::line(&fleet::ended(row, is_pending), console.layout_of_stderr());
                console.story.eprint(&line);
            }
        }
        self.show_stage();
    }
}

impl FleetObserver for FleetFront<'_> {
    fn on(&self, event: FleetEvent<'_>) -> Result<()> {
        match event {
            FleetEvent::Reading { tenants } => self.begin("reading".to_owned(), tenants),
            FleetEvent::Planned { tenant, plan } => {
                if let Some(folder) = self.folder {
                    folder.save(tenant, &json::plan(plan)).context("its plan could not be saved")?;
                }
            }
            FleetEvent::Ended { row, is_pending } => self.ended(row, is_pending),
            FleetEvent::Asking(run) => {
                let mut console = self.front.console();
                if !console.story.is_interactive() {
                    // No one can be asked; the result, with the same table, says so.
                    return Ok(());
                }
                let blocks = fleet::document(run, None).blocks;
                let shown = text::blocks(&blocks, console.layout_for_person()) + "\n";
                console.print_for_person(&shown)?;
            }
            FleetEvent::Writing => self.front.console().begin_result()?,
            FleetEvent::Wave { wave, tenants } => {
                let doing = format!("writing the wave {wave}");
                let mut console = self.front.console();
                if !console.story.shows_progress() {
                    console.story.eprint(&format!("{doing}: {}\n", counted(tenants, "tenant")));
                }
                drop(console);
                self.begin(doing, tenants);
            }
            FleetEvent::Gate { wave, tenants } => {
                self.begin(format!("counting who is ready in the wave {wave}"), tenants);
            }
            FleetEvent::Notice(notice) => self.front.console().story.eprint(&format!("{notice}\n")),
        }
        Ok(())
    }
}

impl Confirm for FleetFront<'_> {
    fn is_asking(&self) -> bool {
        self.front.is_asking()
    }

    async fn confirm(&self, question: Question<'_>) -> Result<(), Refusal> {
        self.front.confirm(question).await
    }
}
