//! Runs an apply: takes the baseline, reads again, writes, and reads back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::app::{self, Observer};
use crate::client::{TenantReader, TenantWriter};
use crate::outcome::{ApplyError, Outcome, Stands, Write};
use crate::plan::{Operation, Plan, WriteStatus};
use crate::store::{Event, Journal, Run, RunEnd, StateDir};
use crate::tenant::{Resource, Surface};

/// How old a look may be that a write follows: one that was taken beside another request, which may have had to wait,
/// is taken again when it is older.
const FRESH: Duration = Duration::from_secs(1);

/// How long reading back may take before a write counts as unproven.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The wait after the first look; each further one is twice as long, up to two seconds.
    pub first: Duration,
    /// When to give up.
    pub total: Duration,
}

/// Makes the tenant what the plan says, and proves it by reading back. A plan without changes sends no
/// write and leaves no journal.
///
/// # Errors
/// [`ApplyError::NothingWritten`] up to the first write, [`ApplyError::PartWay`] from then on.
pub async fn apply(
    plan: &Plan,
    (reader, writer): (&TenantReader, &TenantWriter),
    state: &StateDir,
    patience: Patience,
    observer: &impl Observer,
) -> Result<Outcome, ApplyError> {
    if plan.steps.is_empty() {
        return Ok(Outcome::default());
    }
    let nothing_written = |source| ApplyError::NothingWritten { source };
    let _lock = state.lock(plan.tenant_id).map_err(nothing_written)?;
    let runs = state.load_runs(plan.tenant_id).map_err(nothing_written)?;
    if let Some(run) = runs.last().filter(|run| matches!(run.end, RunEnd::CutOff { .. })) {
        tracing::warn!("{}", run.message());
    }
    let by = signed_in(plan, reader).await;
    let mut applying = Applying {
        plan,
        reader,
        writer,
        observer,
        journal: state.begin(plan, &by).map_err(nothing_written)?,
        runs,
        patience,
        statuses: vec![WriteStatus::Planned; plan.steps.len()],
        at: 0,
        writes: Vec::new(),
        by_service: Vec::new(),
        volatile: BTreeMap::new(),
        planned_again: Vec::new(),
        not_kept: plan.not_kept.clone(),
    };
    let executed = match applying.execute(&plan.steps).await {
        Ok(()) => applying.journal.end(&Event::Finished),
        Err(source) => Err(source),
    };
    if let Err(source) = executed {
        return Err(applying.stopped(&plan.steps, source));
    }
    let mut applied =
        plan.applied(&applying.planned_again, |resource, field| applying.is_the_services(resource, field));
    let of_others = applying.made_by_others();
    applied.retain(|change| !of_others.contains(&change.resource));
    // A field whose meaning is known is here only where it was dropped again, as the plan said.
    let unknown = applying.by_service.into_iter().filter(|(resource, field)| !resource.is_documented(field));
    Ok(Outcome {
        applied,
        also_changed: unknown.map(|(_, field)| field).collect(),
        volatile: applying.volatile,
        journal: Some(applying.journal.path().display().to_string()),
        baseline: Some(applying.journal.baseline().display().to_string()),
        writes: applying.writes,
        proofs: None,
    })
}

/// Puts on record that a way back found nothing to write, so that the next one goes on to the run before.
///
/// # Errors
/// [`ApplyError::NothingWritten`]: the record cannot be written, or another run is writing to the tenant.
pub fn settle(plan: &Plan, state: &StateDir) -> Result<(), ApplyError> {
    let settled = state.lock(plan.tenant_id).and_then(|_lock| {
        let mut journal = state.begin(plan, &[])?;
        journal.end(&Event::Finished)
    });
    settled.map_err(|source| ApplyError::NothingWritten { source })
}

/// Returns who is signed in to the surfaces that a plan writes, each once. Only for the record: nothing is
/// refused over it.
async fn signed_in(plan: &Plan, reader: &TenantReader) -> Vec<String> {
    let mut by: Vec<String> = Vec::new();
    for surface in [Surface::Portal, Surface::Graph] {
        if plan.steps.iter().any(|step| step.resource().surface() == surface)
            && let Ok(claims) = reader.fetch_claims(surface).await
            && let Some(holder) = claims.principal
            && !by.contains(&holder)
        {
            by.push(holder);
        }
    }
    by
}

pub(super) struct Applying<'a, O> {
    plan: &'a Plan,
    observer: &'a O,
    pub(super) reader: &'a TenantReader,
    pub(super) writer: &'a TenantWriter,
    pub(super) journal: Journal,
    pub(super) runs: Vec<Run>,
    pub(super) patience: Patience,
    /// What became of each step so far.
    pub(super) statuses: Vec<WriteStatus>,
    pub(super) at: usize,
    /// The writes that were read back.
    pub(super) writes: Vec<Write>,
    /// The fields the service changed by itself along with a write.
    pub(super) by_service: Vec<(Resource, String)>,
    pub(super) volatile: BTreeMap<Resource, BTreeSet<String>>,
    /// The steps that were planned again around someone's edit, as they were made.
    pub(super) planned_again: Vec<Operation>,
    /// Fields that need not come back, because the service dropped them before.
    pub(super) not_kept: BTreeMap<Resource, BTreeSet<String>>,
}

impl<O: Observer> Applying<'_, O> {
    /// Returns the objects that someone else changed as was planned, and this run did not write.
    fn made_by_others(&self) -> BTreeSet<String> {
        let steps = self.plan.steps.iter().zip(&self.statuses);
        let already_so = steps.filter(|(_, status)| **status == WriteStatus::AlreadySo);
        let is_unwritten =
            |resource: &&Resource| self.writes.iter().all(|write| write.resource() != *resource);
        already_so.map(|(step, _)| step.resource()).filter(is_unwritten).map(Resource::to_string).collect()
    }

    /// Says that a write is read back from here on.
    pub(super) fn sent(&self, operation: &Operation) {
        // It is sent: what cannot be shown any more ends nothing.
        let _ = self.observer.on(app::Event::Sent(operation));
    }

    /// Says that a write was read back.
    pub(super) fn read(&self, operation: &Operation, elapsed: Duration) {
        let _ = self.observer.on(app::Event::Landed { plan: self.plan, operation, elapsed });
    }

    /// Carries out every step in order.
    ///
    /// Writes are never in flight together, though it would be faster. The methods are parts of one stored policy
    /// without an ETag (facts 1.4, 5), of which two writes at once can undo each other; and what lets people in,
    /// the password reset policy, comes last, so that it stays shut where anything before it failed. Reads are
    /// another matter: the last look at an object is taken while the write before it is read back.
    async fn execute(&mut self, steps: &[Operation]) -> Result<()> {
        let mut steps = steps.to_vec();
        let mut looked_at = Some(Instant::now());
        self.look_at_all(&mut steps).await?;
        for at in 0..steps.len() {
            self.at = at;
            if looked_at.is_none_or(|looked_at| looked_at.elapsed() > FRESH) {
                // No service here has an ETag (facts 2.7, 5): only a look right before the write catches everyone else.
                let now = self.reader.fetch_object(steps[at].resource()).await?;
                steps[at] = self.still_planned(&steps[at], now).await?;
            }
            let step = steps[at].clone();
            // The same object is to be looked at when this write is seen in it.
            let next = steps.get(at + 1).filter(|next| next.resource() != step.resource()).cloned();
            let (read, look) = self.write(step, next.as_ref()).await?;
            for later in steps[at + 1..].iter_mut().filter(|later| later.resource() == read.resource()) {
                // What the service did to it with this write is where the next one starts.
                for (_, field) in self.by_service.iter().filter(|(resource, _)| resource == read.resource()) {
                    *later = later.taking_over(field, &read);
                }
            }
            looked_at = match (next, look) {
                (Some(next), Some((look, looked_at))) => {
                    steps[at + 1] = self.still_planned(&next, look).await?;
                    Some(looked_at)
                }
                _ => None,
            };
        }
        Ok(())
    }

    /// Looks at every object before the first is written, in one round: what someone else moved stops the whole
    /// plan, not its second half.
    async fn look_at_all(&mut self, steps: &mut [Operation]) -> Result<()> {
        let mut looking = JoinSet::new();
        for (at, step) in steps.iter().enumerate() {
            // A second write of the same object starts from what the first one leaves.
            if steps[..at].iter().all(|first| first.resource() != step.resource()) {
                let (reader, resource) = (self.reader.clone(), step.resource().clone());
                looking.spawn(async move { (at, reader.fetch_object(&resource).await) });
            }
        }
        let seen: BTreeMap<usize, _> = looking.join_all().await.into_iter().collect();
        for (at, object) in seen {
            steps[at] = self.still_planned(&steps[at], object?).await?;
        }
        Ok(())
    }

    /// Records that the run ends before all of its writes are proved.
    fn stopped(mut self, steps: &[Operation], source: anyhow::Error) -> ApplyError {
        let is_touched = self.statuses.iter().any(|status| status.may_have_landed());
        let not_reached =
            steps.iter().zip(&self.statuses).filter(|(_, status)| **status == WriteStatus::Planned);
        // Best effort: the failure itself matters more than its record. That something was sent stands here too, for
        // when it was its own record that failed.
        let _ = self.journal.end(&Event::Stopped {
            reason: format!("{source:#}"),
            sent: is_touched,
            not_reached: not_reached.map(|(step, _)| step.resource().to_string()).collect(),
        });
        if !is_touched {
            return ApplyError::NothingWritten { source };
        }
        let journal = self.journal.path().display().to_string();
        let baseline = self.journal.baseline().display().to_string();
        let mut stands = Stands::default();
        for (step, status) in steps.iter().zip(&self.statuses) {
            let kind = match status {
                WriteStatus::Done => &mut stands.written,
                WriteStatus::Sent => &mut stands.unknown,
                _ => &mut stands.not_written,
            };
            kind.push(step.label());
        }
        ApplyError::PartWay { source, stands: Box::new(stands), journal, baseline }
    }

    /// Returns whether a field, by its wire name, is one that the service would not leave as it was written.
    fn is_the_services(&self, resource: &str, field: &str) -> bool {
        let volatile =
            self.volatile.iter().flat_map(|(known, fields)| fields.iter().map(move |name| (known, name)));
        let changed = self.by_service.iter().map(|(known, name)| (known, name));
        changed.chain(volatile).any(|(known, name)| name == field && known.to_string() == resource)
    }
}
