//! The part of a run that writes its tenants, wave after wave.

use std::sync::Arc;

use super::alone::{Ended, alone};
use super::run::{Over, Pending, Run, why_lost};
use super::tenant::{Record, write};
use super::turns::{Part, Turns, take_turns};
use super::{FleetEvent, FleetObserver, MaxFailures, OpenTenant};
use crate::error::Exit;
use crate::outcome::fleet::TenantRow;

impl<O: OpenTenant, W: FleetObserver> Run<'_, O, W> {
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
