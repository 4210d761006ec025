//! A run over many tenants: who is begun, in which order, and until when.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::alone::{Ended, alone};
use super::tenant::{Read, Record, read, write};
use super::turns::{Part, Turns, take_turns};
use super::{FleetContext, FleetEvent, FleetObserver, FleetRequest, MaxFailures, OpenTenant, rows};
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
    journal: Option<Arc<Mutex<FleetJournal>>>,
    /// Why nothing more is begun.
    over: Option<Over>,
}

/// A tenant of the run.
pub(super) struct Member {
    pub(super) tenant: Arc<FleetTenant>,
    row: TenantRow,
    /// Asked when its part alone should end.
    stop: Stop,
    /// What it takes to write it, where it is to be written and is not yet.
    pending: Option<Pending>,
    /// Set from when it may have been written to.
    is_writing: Arc<AtomicBool>,
}

struct Pending {
    session: Session,
    shown: Reviewed,
    is_wide: bool,
}

/// Why nothing more is begun, and what the tenants that are left end with.
struct Over {
    why: String,
    exit: Exit,
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

    /// Reads every tenant, and plans those that are to be written.
    pub(super) async fn read(&mut self) {
        let _ = self.observer.on(FleetEvent::Reading { tenants: self.members.len() });
        let parallel = self.request.parallel;
        take_turns(&mut Reading { run: self, next: 0 }, parallel).await;
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

    /// Writes wave after wave: the first of the fleet one tenant at a time, because nobody has seen yet what the writes do.
    pub(super) async fn write(&mut self) {
        let waves = self.request.fleet.waves().to_vec();
        for (at, wave) in waves.iter().enumerate() {
            let members: Vec<usize> =
                (0..self.members.len()).filter(|at| self.members[*at].row.wave == *wave).collect();
            let tenants = self.pending().filter(|(member, _)| member.row.wave == *wave).count();
            if self.is_over() {
                return;
            }
            if tenants > 0 {
                let _ = self.observer.on(FleetEvent::Wave { wave, tenants });
                let parallel = if at == 0 { 1 } else { self.request.parallel };
                let waiting = members.clone().into_iter();
                take_turns(&mut WritingWave { run: self, waiting, failures: 0, of: tenants }, parallel).await;
            }
            self.judge_wave(wave, &members);
            if let Some(gate) = self.request.gate
                && !self.is_over()
                && !members.is_empty()
                && self.pending().next().is_some()
                && let Some(why) = self.gate_lacks(wave, &members, gate).await
            {
                self.over = Some(Over { why, exit: Exit::ConditionUnmet });
            }
        }
    }

    /// Ends the run after a wave in which every tenant failed: what comes next was to be tried there.
    fn judge_wave(&mut self, wave: &str, members: &[usize]) {
        let has_failed = |at: &usize| self.members[*at].row.result.is_failure();
        let is_any_left = self.pending().next().is_some();
        let may_fail = self.request.max_failures == Some(MaxFailures::All);
        if is_any_left && !may_fail && !members.is_empty() && members.iter().all(has_failed) {
            let why = format!("every tenant of the wave {wave} failed");
            self.over.get_or_insert(Over { why, exit: Exit::Refused });
        }
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
    fn is_over(&mut self) -> bool {
        if self.over.is_none() {
            let reason = self.context.stop.reason();
            self.over = reason.map(|reason| Over { why: reason.to_string(), exit: Exit::Failed });
        }
        self.over.is_some()
    }

    fn pending(&self) -> impl Iterator<Item = (&Member, &Pending)> {
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

    fn tell_end(&self, at: usize) {
        let member = &self.members[at];
        let is_pending = member.pending.is_some();
        let _ = self.observer.on(FleetEvent::Ended { row: &member.row, is_pending });
        if !is_pending {
            self.note_end(at);
        }
    }

    /// Makes the row of a part that did not end by itself.
    fn lose(&mut self, at: usize, why: String) {
        let is_writing = self.members[at].is_writing.load(Ordering::Relaxed);
        rows::lost(&mut self.members[at].row, why, is_writing);
    }
}

fn why_lost<T>(ended: &Ended<T>) -> String {
    match ended {
        Ended::Panicked(said) => format!("an error of sspr's own: {said}"),
        Ended::GivenUp | Ended::Done(_) => "it did not end when it was asked to stop".to_owned(),
    }
}

/// The tenants while they are read.
struct Reading<'r, 'a, O, W> {
    run: &'r mut Run<'a, O, W>,
    next: usize,
}

impl<O: OpenTenant, W: FleetObserver> Turns for Reading<'_, '_, O, W> {
    type Output = (usize, Ended<Read>);

    fn next(&mut self) -> Option<Part<Self::Output>> {
        let (at, run) = (self.next, &mut *self.run);
        if run.is_over() || at >= run.members.len() {
            return None;
        }
        self.next += 1;
        let name = run.members[at].row.tenant.clone();
        let reviewed = match &mut run.request.reviewed {
            None => Ok(None),
            Some(plans) => match plans.remove(&name) {
                Some(plan) => plan.map(Some),
                None => Err(Refusal::NoSavedPlan { tenant: name }.into()),
            },
        };
        let member = &run.members[at];
        let (tenant, mut row, stop) = (Arc::clone(&member.tenant), member.row.clone(), member.stop.clone());
        let reviewed = match reviewed {
            Ok(reviewed) => reviewed,
            Err(failure) => {
                rows::failed(&mut row, &failure);
                return Some(Box::pin(async move { (at, Ended::Done(Read { row, planned: None })) }));
            }
        };
        let limits = (run.request.limits.time, run.request.limits.grace_to_read);
        let part = read(Arc::clone(&run.opener), (tenant, row), reviewed, stop.clone(), run.request.each);
        Some(Box::pin(async move { (at, alone(part, &stop, limits).await) }))
    }

    fn ended(&mut self, (at, ended): Self::Output) {
        let run = &mut *self.run;
        match ended {
            Ended::Done(Read { row, planned }) => {
                run.members[at].row = row;
                if let Some((session, plan)) = planned {
                    run.take_plan(at, session, &plan);
                }
            }
            lost => run.lose(at, why_lost(&lost)),
        }
        run.tell_end(at);
        let failures = run.members.iter().filter(|member| member.row.result.is_failure()).count();
        let most = run.request.max_failures.unwrap_or(MaxFailures::All);
        if !run.is_over() && most.is_exceeded(failures, run.members.len()) {
            let why = format!("{failures} failed, and --max-failures allows {most}");
            run.over = Some(Over { why, exit: Exit::Refused });
        }
    }
}

impl<O: OpenTenant, W: FleetObserver> Run<'_, O, W> {
    fn take_plan(&mut self, at: usize, session: Session, plan: &crate::plan::Plan) {
        let told = self.observer.on(FleetEvent::Planned { tenant: &self.members[at].row, plan });
        let member = &mut self.members[at];
        if let Err(error) = told {
            rows::failed(&mut member.row, &error.into());
            return;
        }
        // Each write has a fresh stop: the time to read is over.
        if self.request.each.verb.writes() && member.row.result == TenantResult::Changes {
            let (shown, is_wide) = (Reviewed::shown(plan), plan.is_wide());
            member.pending = Some(Pending { session, shown, is_wide });
        }
    }
}

/// The tenants of a wave while it is written.
struct WritingWave<'r, 'a, O, W> {
    run: &'r mut Run<'a, O, W>,
    waiting: std::vec::IntoIter<usize>,
    failures: usize,
    of: usize,
}

impl<O: OpenTenant, W: FleetObserver> Turns for WritingWave<'_, '_, O, W> {
    type Output = (usize, Ended<TenantRow>);

    fn next(&mut self) -> Option<Part<Self::Output>> {
        let run = &mut *self.run;
        if run.is_over() {
            return None;
        }
        let at = self.waiting.find(|at| run.members[*at].pending.is_some())?;
        let journal = Arc::clone(run.journal.as_ref()?);
        let member = &mut run.members[at];
        let Pending { session, shown, .. } = member.pending.take()?;
        let record =
            Record { tenant: member.row.tenant.clone(), journal, is_writing: Arc::clone(&member.is_writing) };
        let (of, stop) = ((Arc::clone(&member.tenant), member.row.clone()), member.stop.clone());
        let limits = (run.request.limits.time, run.request.limits.grace_to_write);
        let part = write(session, of, shown, record, run.request.each);
        Some(Box::pin(async move { (at, alone(part, &stop, limits).await) }))
    }

    fn ended(&mut self, (at, ended): Self::Output) {
        let run = &mut *self.run;
        match ended {
            Ended::Done(row) => run.members[at].row = row,
            lost => run.lose(at, why_lost(&lost)),
        }
        run.tell_end(at);
        self.failures += usize::from(run.members[at].row.result.is_failure());
        let most = run.request.max_failures.unwrap_or(MaxFailures::Count(0));
        if !run.is_over() && most.is_exceeded(self.failures, self.of) {
            let (failures, wave) = (self.failures, &run.members[at].row.wave);
            let why = format!("{failures} failed in the wave {wave}, and --max-failures allows {most}");
            run.over = Some(Over { why, exit: Exit::Refused });
        }
    }
}
