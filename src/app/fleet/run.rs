//! A run over many tenants: what is known of each, what is asked about all, and what is left.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::alone::Ended;
use super::{FleetContext, FleetEvent, FleetObserver, FleetRequest, OpenTenant, rows};
use crate::app::{Confirm, Session};
use crate::error::{Exit, Failure};
use crate::outcome::fleet::{FleetFile, FleetQuestion, FleetRun, TenantResult, TenantRow};
use crate::outcome::{Question, Refusal};
use crate::plan::Reviewed;
use crate::spec_file::fleet::FleetTenant;
use crate::stop::Stop;
use crate::store::FleetJournal;

/// A run, as far as it is.
pub(super) struct Run<'a, O, W> {
    pub(super) opener: Arc<O>,
    pub(super) request: FleetRequest<'a>,
    pub(super) context: FleetContext<'a>,
    pub(super) observer: &'a W,
    made: Timestamp,
    pub(super) members: Vec<Member>,
    /// The record of the run; `None` where there is none, which only a run that writes nothing goes on without.
    pub(super) journal: Option<Arc<Mutex<FleetJournal>>>,
    /// Why nothing more is begun.
    pub(super) over: Option<Over>,
}

/// A tenant of the run.
pub(super) struct Member {
    pub(super) tenant: Arc<FleetTenant>,
    pub(super) row: TenantRow,
    /// Asked when its part alone should end.
    pub(super) stop: Stop,
    /// What it takes to write it, where it is to be written and is not yet.
    pub(super) pending: Option<Pending>,
    /// Set from when it may have been written to.
    pub(super) is_writing: Arc<AtomicBool>,
}

pub(super) struct Pending {
    pub(super) session: Session,
    pub(super) shown: Reviewed,
    pub(super) is_wide: bool,
}

/// Why nothing more is begun, and what the tenants that are left end with.
pub(super) struct Over {
    pub(super) why: String,
    pub(super) exit: Exit,
}

impl<'a, O: OpenTenant, W: FleetObserver> Run<'a, O, W> {
    pub(super) fn begin(
        opener: Arc<O>,
        request: FleetRequest<'a>,
        context: FleetContext<'a>,
        observer: &'a W,
    ) -> Result<Self, Failure> {
        let places: BTreeMap<&str, usize> =
            request.fleet.tenants().iter().enumerate().map(|(at, known)| (&*known.tenant, at + 1)).collect();
        let member = |tenant: &&FleetTenant| {
            let place = places.get(&*tenant.tenant).copied().unwrap_or_default();
            Member {
                row: TenantRow::not_tried(&tenant.tenant, place, &tenant.wave),
                tenant: Arc::new((*tenant).clone()),
                stop: context.stop.part(),
                pending: None,
                is_writing: Arc::default(),
            }
        };
        let members: Vec<Member> = request.tenants.iter().map(member).collect();
        let names = members.iter().map(|member| member.row.tenant.clone()).collect();
        let fleet = (request.fleet.path(), request.fleet.sha256());
        let journal = match context.records.begin(fleet, names) {
            Ok(journal) => Some(Arc::new(Mutex::new(journal))),
            Err(error) if request.each.verb.writes() => return Err(error.into()),
            Err(error) => {
                let notice = format!("What this run leaves is not kept for --only-failed: {error:#}.");
                observer.on(FleetEvent::Notice(&notice))?;
                None
            }
        };
        let made = context.clock.now();
        Ok(Self { opener, request, context, observer, made, members, journal, over: None })
    }

    pub(super) fn writes(&self) -> bool {
        self.request.each.verb.writes()
    }

    /// Asks whether the tenants are to be written, where there are some.
    ///
    /// # Errors
    /// The result cannot be delivered: nothing is written.
    pub(super) async fn confirm(&mut self, confirm: &impl Confirm) -> Result<(), Failure> {
        let tenants = self.pending().count();
        if self.is_over() || tenants == 0 {
            return Ok(());
        }
        if confirm.is_asking() {
            let run = self.result();
            self.observer.on(FleetEvent::Asking(&run))?;
            let (of, wide) =
                (self.members.len(), self.pending().filter(|(_, pending)| pending.is_wide).count());
            let changes = self.pending().filter_map(|(member, _)| member.row.changes).sum();
            let first = self.request.fleet.waves().first().cloned().unwrap_or_default();
            let one_by_one = self.pending().filter(|(member, _)| member.row.wave == first).count();
            let question = FleetQuestion {
                verb: self.request.each.verb,
                tenants,
                of,
                changes,
                wide,
                first: (one_by_one > 0 && one_by_one < tenants).then_some((first, one_by_one)),
                is_sandbox: self.context.is_sandbox,
            };
            if let Err(refusal) = confirm.confirm(Question::Fleet(&question)).await {
                let hint = match refusal {
                    Refusal::NoTerminal => "; pass --yes to go on without confirmation",
                    _ => "",
                };
                self.over = Some(Over { why: format!("{refusal}{hint}"), exit: Exit::Refused });
                return Ok(());
            }
        }
        Ok(self.observer.on(FleetEvent::Writing)?)
    }

    /// Returns the result. Whoever was not reached has a row that says why.
    pub(super) fn finish(mut self) -> FleetRun {
        self.is_over();
        let (why, exit) = match &self.over {
            Some(Over { why, exit }) => (why.clone(), *exit),
            None => ("it was not begun, by an error of sspr's own".to_owned(), Exit::Failed),
        };
        for at in 0..self.members.len() {
            let member = &mut self.members[at];
            let is_pending = member.pending.take().is_some();
            if is_pending || member.row.result == TenantResult::NotTried {
                rows::not_tried(&mut member.row, &why, exit);
                self.note_end(at);
            }
        }
        if let Some(mut journal) = self.journal()
            && let Err(error) = journal.finished()
        {
            tracing::warn!("{error:#}");
        }
        self.result()
    }

    fn result(&self) -> FleetRun {
        let fleet = self.request.fleet;
        let rows: Vec<TenantRow> = self.members.iter().map(|member| member.row.clone()).collect();
        FleetRun {
            verb: self.request.each.verb,
            made: self.made,
            fleet: FleetFile {
                path: fleet.path().to_owned(),
                sha256: fleet.sha256().to_owned(),
                tenants: fleet.tenants().len(),
            },
            shard: self.request.shard.clone(),
            waves: fleet.waves().to_vec(),
            stopped: self.over.as_ref().map(|over| over.why.clone()),
            exit: Exit::gravest(rows.iter().map(|row| row.exit)) as u8,
            is_sandbox: self.context.is_sandbox,
            rows,
        }
    }

    /// Returns whether nothing more is begun.
    pub(super) fn is_over(&mut self) -> bool {
        if self.over.is_none() {
            let reason = self.context.stop.reason();
            self.over = reason.map(|reason| Over { why: reason.to_string(), exit: Exit::Failed });
        }
        self.over.is_some()
    }

    pub(super) fn pending(&self) -> impl Iterator<Item = (&Member, &Pending)> {
        self.members.iter().filter_map(|member| Some((member, member.pending.as_ref()?)))
    }

    fn journal(&self) -> Option<MutexGuard<'_, FleetJournal>> {
        Some(self.journal.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts on record how a tenant's part ended. That it cannot be is said: what was done is in the tenant's own journal.
    fn note_end(&self, at: usize) {
        if let Some(mut journal) = self.journal()
            && let Err(error) = journal.ended(&self.members[at].row)
        {
            tracing::warn!("{error:#}");
        }
    }

    pub(super) fn tell_end(&self, at: usize) {
        let member = &self.members[at];
        let is_pending = member.pending.is_some();
        let _ = self.observer.on(FleetEvent::Ended { row: &member.row, is_pending });
        if !is_pending {
            self.note_end(at);
        }
    }

    /// Makes the row of a part that did not end by itself.
    pub(super) fn lose(&mut self, at: usize, why: String) {
        let is_writing = self.members[at].is_writing.load(Ordering::Relaxed);
        rows::lost(&mut self.members[at].row, why, is_writing);
    }
}

pub(super) fn why_lost<T>(ended: &Ended<T>) -> String {
    match ended {
        Ended::Panicked(said) => format!("an error of sspr's own: {said}"),
        Ended::GivenUp | Ended::Done(_) => "it did not end when it was asked to stop".to_owned(),
    }
}
