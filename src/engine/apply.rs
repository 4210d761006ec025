//! Applying a plan: baseline, re-read, write, read back.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::task::JoinSet;

use super::proof::last_touched;
use super::{Journal, Refusal, Run, StateDir};
use crate::client::{ClientError, TenantReader, TenantWriter};
use crate::plan::{Addition, Plan, Step};
use crate::report::{Outcome, Write};
use crate::tenant::{Object, Surface};

/// How far back the audit log is asked who changed what the plan did not expect.
const LOOKING_BACK: SignedDuration = SignedDuration::from_hours(1);

/// How long reading back may take before a write counts as unproven.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The wait after the first look; each further one is twice as long, up to two seconds.
    pub first: Duration,
    /// When to give up.
    pub total: Duration,
}

/// How far an apply came.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The tenant is as it was.
    #[error("nothing was changed")]
    NothingWritten {
        /// Why.
        source: anyhow::Error,
    },
    /// A write landed, or may have.
    #[error("stopped part-way: a write was sent, and the tenant is not proven to match")]
    PartWay {
        /// Why.
        source: anyhow::Error,
        /// The journal that says which writes landed.
        journal: String,
        /// The state before.
        baseline: String,
    },
}

impl ApplyError {
    /// Returns the error without the name of whoever changed the tenant meanwhile.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        let (Self::NothingWritten { source } | Self::PartWay { source, .. }) = &mut self;
        if let Some(Refusal::Moved { touched, .. }) = source.downcast_mut() {
            *touched = None;
        }
        self
    }

    /// Returns what to do next.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::NothingWritten { .. } => Vec::new(),
            Self::PartWay { journal, baseline, .. } => vec![
                format!("the journal says what was sent: {journal}"),
                format!("the state before is in {baseline}"),
                "run `sspr plan` to see what is left, then `sspr apply` again".to_owned(),
            ],
        }
    }
}

/// Makes the tenant what the plan says, and proves it by reading back. A plan without changes sends no
/// write and leaves no journal.
///
/// # Errors
/// [`ApplyError::NothingWritten`] up to the first write, [`ApplyError::PartWay`] from then on.
pub async fn apply(
    plan: &Plan,
    reader: &TenantReader,
    writer: &TenantWriter,
    state: &StateDir,
    patience: Patience,
) -> Result<Outcome, ApplyError> {
    let mut outcome = Outcome {
        applied: Vec::new(),
        also_changed: Vec::new(),
        verified: true,
        journal: None,
        baseline: None,
        writes: Vec::new(),
        proofs: None,
    };
    if plan.steps.is_empty() {
        return Ok(outcome);
    }
    let nothing_written = |source| ApplyError::NothingWritten { source };
    let _lock = state.lock(&plan.tenant_id).map_err(nothing_written)?;
    if let Some(run) = state.load_unfinished(&plan.tenant_id).map_err(nothing_written)? {
        tracing::warn!("{}", run.told());
    }
    let runs = state.load_runs(&plan.tenant_id).map_err(nothing_written)?;
    let by = signed_in(plan, reader).await;
    let journal = state.begin(plan, &by).map_err(nothing_written)?;
    outcome.journal = Some(journal.path().display().to_string());
    outcome.baseline = Some(journal.baseline().display().to_string());

    let writes = Vec::new();
    let mut applying = Applying { reader, writer, journal, runs, patience, is_touched: false, writes };
    let carried_out = match applying.carry_out(&plan.steps).await {
        Ok(also_changed) => applying.journal.record(&json!({"event": "finished"})).map(|()| also_changed),
        Err(source) => Err(source),
    };
    match carried_out {
        Ok(also_changed) => outcome.also_changed = also_changed,
        Err(source) => return Err(stopped(source, applying.journal, applying.is_touched)),
    }
    outcome.writes = applying.writes;
    outcome.applied.clone_from(&plan.changes);
    Ok(outcome)
}

/// Returns who is signed in to the surfaces that a plan writes, each once. Only for the record: nothing is
/// refused over it.
async fn signed_in(plan: &Plan, reader: &TenantReader) -> Vec<String> {
    let mut by: Vec<String> = Vec::new();
    for surface in [Surface::Portal, Surface::Graph] {
        if plan.steps.iter().any(|step| step.resource().surface() == surface)
            && let Ok(claims) = reader.fetch_claims(surface).await
            && let Some(holder) = claims.holder
            && !by.contains(&holder)
        {
            by.push(holder);
        }
    }
    by
}

fn stopped(source: anyhow::Error, mut journal: Journal, is_touched: bool) -> ApplyError {
    // Best effort: the failure itself matters more than its record.
    let _ = journal.record(&json!({"event": "stopped", "reason": format!("{source:#}")}));
    if !is_touched {
        return ApplyError::NothingWritten { source };
    }
    ApplyError::PartWay {
        source,
        journal: journal.path().display().to_string(),
        baseline: journal.baseline().display().to_string(),
    }
}

/// The writes of one plan under way.
struct Applying<'a> {
    reader: &'a TenantReader,
    writer: &'a TenantWriter,
    journal: Journal,
    /// What this tool did to the tenant before.
    runs: Vec<Run>,
    patience: Patience,
    /// Whether a write landed, or may have.
    is_touched: bool,
    /// The writes that were read back.
    writes: Vec<Write>,
}

impl Applying<'_> {
    /// Carries out every step in order and returns the unknown fields the service changed along with them.
    ///
    /// Writes are never in flight together, though it would be faster. The methods are parts of one stored policy
    /// without an ETag (facts 1.4, 5), of which two writes at once can undo each other; and what opens the door,
    /// the password reset policy, comes last, so that it stays shut where anything before it failed. Reads are
    /// another matter: the last look at an object is taken while the write before it is read back.
    async fn carry_out(&mut self, steps: &[Step]) -> Result<Vec<String>> {
        // All are looked at before the first is written: what someone else moved stops the whole plan, not
        // its second half.
        let mut firsts: Vec<&Step> = Vec::new();
        for step in steps {
            // A second write of the same object starts from what the first one leaves.
            if !firsts.iter().any(|first| first.resource() == step.resource()) {
                firsts.push(step);
            }
        }
        self.refuse_if_any_moved(&firsts).await?;
        let mut also_changed = Vec::new();
        let mut is_looked_at = true;
        for (at, step) in steps.iter().enumerate() {
            if !is_looked_at {
                // No service here has an ETag (facts 2.7, 5): only a look right before the write catches everyone else.
                self.refuse_if_moved(step, &self.reader.fetch_object(step.resource()).await?).await?;
            }
            let next = steps.get(at + 1);
            // The same object is to be looked at when this write is seen in it.
            let other = next.filter(|next| next.resource() != step.resource());
            let written = self.write(step, other).await?;
            also_changed.extend(written.also_changed);
            is_looked_at = match (other, written.look) {
                (Some(other), Some(look)) => {
                    self.refuse_if_moved(other, &look).await?;
                    true
                }
                _ => false,
            };
        }
        Ok(also_changed)
    }

    /// Looks at what several steps start from, in one round.
    async fn refuse_if_any_moved(&self, steps: &[&Step]) -> Result<()> {
        let mut looking = JoinSet::new();
        for (at, step) in steps.iter().enumerate() {
            let (reader, resource) = (self.reader.clone(), step.resource().clone());
            looking.spawn(async move { (at, reader.fetch_object(&resource).await) });
        }
        let mut seen = BTreeMap::new();
        while let Some(look) = looking.join_next().await {
            let (at, object) = look?;
            seen.insert(at, object);
        }
        for (at, object) in seen {
            self.refuse_if_moved(steps[at], &object?).await?;
        }
        Ok(())
    }

    /// Refuses a step whose object is not what the plan started from.
    async fn refuse_if_moved(&self, step: &Step, now: &Object) -> Result<()> {
        let fields = now.differing_fields(&step.actual);
        if fields.is_empty() {
            return Ok(());
        }
        let since = Timestamp::now() - LOOKING_BACK;
        let touched = last_touched(self.reader, step.resource(), since, &self.runs).await;
        Err(Refusal::Moved { resource: step.resource().to_string(), fields, touched }.into())
    }

    /// Writes one object and proves it, with a look at the object of the `next` step meanwhile. A write whose
    /// answer was lost and that did not land is sent once more.
    async fn write(&mut self, step: &Step, next: Option<&Step>) -> Result<Written> {
        let name = step.resource().to_string();
        let began = Timestamp::now();
        let mut is_second = false;
        loop {
            let mut writing = json!({"event": "writing", "resource": name, "to": step.left()});
            if let Some(added) = Addition::of(step) {
                writing["added"] = json!(added);
            }
            self.journal.record(&writing)?;
            let sent = self.writer.write_object(step.resource(), &step.body()).await;
            if let Err(error) = sent.as_ref()
                && error.is_certainly_unwritten()
            {
                return sent.map(|()| Written::default()).context("the write did not happen");
            }
            self.is_touched = true;
            let answer = if sent.is_ok() { "accepted" } else { "lost" };
            self.journal.record(&json!({"event": "written", "resource": name, "answer": answer}))?;
            let (seen, look) = tokio::join!(self.read_back(step), self.look(next));
            match (seen, sent) {
                // The answer to the write may be lost; what the tenant says counts.
                (Ok(Seen::Landed { also_changed, is_at_once }), _) => {
                    self.journal.record(&json!({"event": "verified", "resource": name}))?;
                    let (resource, ended) = (step.resource().clone(), Timestamp::now());
                    self.writes.push(Write { resource, fields: step.fields(), began, ended });
                    // A look from before a long wait is not the last one.
                    let look = look.filter(|_| is_at_once).transpose()?;
                    return Ok(Written { also_changed, look });
                }
                (Ok(Seen::AsBefore { .. }), Err(lost)) if !is_second => {
                    tracing::warn!("{lost}; the tenant reads as before, so the write is sent once more");
                    self.journal.record(&json!({"event": "not landed", "resource": name}))?;
                    is_second = true;
                }
                (Ok(seen), sent) => return Err(unproven(seen.into_error(step, self.patience), sent)),
                (Err(unread), sent) => return Err(unproven(unread, sent)),
            }
        }
    }

    async fn look(&self, step: Option<&Step>) -> Option<Result<Object, ClientError>> {
        Some(self.reader.fetch_object(step?.resource()).await)
    }

    /// Reads until the object is the desired one in every field this tool knows, managed or not: a write that
    /// moved anything else is not what was reviewed.
    async fn read_back(&self, step: &Step) -> Result<Seen> {
        let started = tokio::time::Instant::now();
        let mut wait = self.patience.first;
        loop {
            let read = self.reader.fetch_object(step.resource()).await;
            let read = read.context("the write could not be read back")?;
            let (known, also_changed): (Vec<_>, Vec<_>) = step
                .desired
                .unmet_fields(&read)
                .into_iter()
                .partition(|field| step.resource().is_documented(field));
            if known.is_empty() {
                return Ok(Seen::Landed { also_changed, is_at_once: wait == self.patience.first });
            }
            if started.elapsed() + wait > self.patience.total {
                return Ok(match read.differing_fields(&step.actual).is_empty() {
                    true => Seen::AsBefore { differing: known },
                    false => Seen::Otherwise { differing: known },
                });
            }
            tracing::info!(
                "{} does not show the write yet ({}); looking again",
                step.resource(),
                known.join(", ")
            );
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }
}

/// A write that is proven.
#[derive(Default)]
struct Written {
    /// Fields this tool does not know that moved along.
    also_changed: Vec<String>,
    /// The object of the next step, where it was looked at a moment ago.
    look: Option<Object>,
}

/// What reading back showed in the end.
enum Seen {
    /// The desired state.
    Landed {
        /// Fields this tool does not know that moved along.
        also_changed: Vec<String>,
        /// Whether the first reading showed it.
        is_at_once: bool,
    },
    /// The state before the write.
    AsBefore { differing: Vec<String> },
    /// Neither: someone else writes too, or the service made something of its own of it.
    Otherwise { differing: Vec<String> },
}

impl Seen {
    fn into_error(self, step: &Step, patience: Patience) -> anyhow::Error {
        let (seconds, resource) = (patience.total.as_secs(), step.resource());
        let (fields, how) = match self {
            Self::Landed { also_changed, .. } => (also_changed, "differently"),
            Self::AsBefore { differing } => (differing, "as before the write"),
            Self::Otherwise { differing } => (differing, "differently"),
        };
        anyhow::anyhow!(
            "after {seconds} s the tenant still reads back {how} in {} of {resource}",
            fields.join(", ")
        )
    }
}

/// Puts the lost answer, where it was lost, around what is not known because of it.
fn unproven(error: anyhow::Error, sent: Result<(), ClientError>) -> anyhow::Error {
    match sent {
        Ok(()) => error,
        Err(lost) => error.context(lost),
    }
}
