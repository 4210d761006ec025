//! Applying a plan: baseline, re-read, write, read back.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{Journal, Refusal, StateDir};
use crate::client::{TenantReader, TenantWriter};
use crate::plan::{Plan, Step};
use crate::report::Outcome;
use crate::tenant::PasswordResetPolicy;

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
    };
    if plan.steps.is_empty() {
        return Ok(outcome);
    }
    let mut journal = state.begin(plan).map_err(|source| ApplyError::NothingWritten { source })?;
    outcome.journal = Some(journal.path().display().to_string());
    outcome.baseline = Some(journal.baseline().display().to_string());

    let mut is_touched = false;
    for step in &plan.steps {
        let result = match step {
            Step::PutPolicy { actual, desired } => {
                put_policy(actual, desired, reader, writer, &mut journal, &mut is_touched, patience).await
            }
        };
        match result {
            Ok(also_changed) => outcome.also_changed.extend(also_changed),
            Err(source) => return Err(stopped(source, journal, is_touched)),
        }
    }
    outcome.applied.clone_from(&plan.changes);
    Ok(outcome)
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

/// Writes the policy and returns the unknown fields the service changed along with it.
async fn put_policy(
    actual: &PasswordResetPolicy,
    desired: &PasswordResetPolicy,
    reader: &TenantReader,
    writer: &TenantWriter,
    journal: &mut Journal,
    is_touched: &mut bool,
    patience: Patience,
) -> Result<Vec<String>> {
    // The service has no ETag (facts 2.7): only a look right before the write catches everyone else.
    let fields = reader.portal.fetch_policy().await?.differing_fields(actual);
    if !fields.is_empty() {
        return Err(Refusal::Moved { fields }.into());
    }
    journal.record(&json!({"event": "writing", "resource": crate::diff::POLICY_RESOURCE, "fields": desired.differing_fields(actual)}))?;
    let sent = writer.portal.put_policy(desired).await;
    if let Err(error) = &sent
        && error.is_certainly_unwritten()
    {
        return sent.map(|()| Vec::new()).context("the write was refused");
    }
    *is_touched = true;
    let answer = if sent.is_ok() { "accepted" } else { "lost" };
    journal
        .record(&json!({"event": "written", "resource": crate::diff::POLICY_RESOURCE, "answer": answer}))?;
    match (read_back(desired, reader, patience).await, sent) {
        // The answer to the write may be lost; what the tenant says counts.
        (Ok(also_changed), _) => {
            journal.record(&json!({"event": "verified", "resource": crate::diff::POLICY_RESOURCE}))?;
            Ok(also_changed)
        }
        (Err(unproven), Ok(())) => Err(unproven),
        (Err(unproven), Err(lost)) => Err(unproven.context(lost)),
    }
}

/// Reads until the policy is the desired one in every field this tool knows, managed or not: a write that
/// moved anything else is not what was reviewed. Returns the unknown fields that moved.
async fn read_back(
    desired: &PasswordResetPolicy,
    reader: &TenantReader,
    patience: Patience,
) -> Result<Vec<String>> {
    let started = tokio::time::Instant::now();
    let mut wait = patience.first;
    loop {
        let read = reader.portal.fetch_policy().await.context("the write could not be read back")?;
        let fields = read.differing_fields(desired);
        let (known, unknown): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|field| PasswordResetPolicy::is_documented(field));
        if known.is_empty() {
            return Ok(unknown);
        }
        if started.elapsed() + wait > patience.total {
            let (seconds, known) = (patience.total.as_secs(), known.join(", "));
            anyhow::bail!("after {seconds} s the tenant still reads back differently in {known}");
        }
        tracing::info!("the tenant does not show the write yet ({}); looking again", known.join(", "));
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}
