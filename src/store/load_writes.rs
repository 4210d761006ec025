//! Loads the writes of a run from its baseline and journal.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::history::Run;
use super::journal_event::{Event, Verified};
use super::read_run::{Lines, Sent, lines, parse_baseline, read_baseline, read_journal, sent};
use crate::ids::TenantId;
use crate::outcome::Refusal;
use crate::plan::{ByService, JournaledWrite, Operation};
use crate::tenant::{Object, Resource};

/// Loads the writes of one run, and whether its baseline was proved to be as it was saved.
pub fn load_writes(run: &Run, tenant: TenantId) -> Result<(Vec<JournaledWrite>, bool), Refusal> {
    let refused = |why: String| Refusal::Record { path: run.directory.display().to_string(), why };
    if let Some(problem) = &run.problem {
        return Err(refused(problem.clone()));
    }
    let lines = read_journal(&run.directory);
    let baseline = |expected: Option<&str>| read_baseline(&run.directory, tenant, expected);
    writes(&lines, baseline, refused)
}

/// Returns what a run wrote or may have, from the bytes of its journal and its baseline, and whether the baseline was
/// proved to be as it was saved.
///
/// # Errors
/// Why they cannot be used, as a clause.
pub fn recorded_writes(
    journal: &[u8],
    baseline: &[u8],
    tenant: TenantId,
) -> Result<(Vec<JournaledWrite>, bool), String> {
    writes(&lines(journal), |expected| parse_baseline(baseline, tenant, expected), |why| why)
}

/// Returns the writes that a journal records; the baseline, checked against the digest in the journal, is read only where
/// there are any.
fn writes<E>(
    lines: &Lines,
    baseline: impl FnOnce(Option<&str>) -> Result<(Value, bool), E>,
    refused: impl Fn(String) -> E,
) -> Result<(Vec<JournaledWrite>, bool), E> {
    if let Some(damage) = &lines.damage {
        return Err(refused(damage.clone()));
    }
    let sent = sent(&lines.records);
    if sent.is_empty() {
        return Ok((Vec::new(), true));
    }
    let expected = lines.records.first().and_then(|record| match &record.event {
        Event::Started(started) => started.baseline.as_deref(),
        _ => None,
    });
    let (baseline, is_checked) = baseline(expected)?;
    let mut writes: Vec<JournaledWrite> = Vec::new();
    for sent in &sent {
        let write = write(sent, &writes, &baseline["objects"]);
        writes.push(write.map_err(|error| refused(format!("{error:#}")))?);
    }
    Ok((writes, is_checked))
}

/// Returns a write; a second one of an object starts from what the `earlier` ones of the run left.
fn write(sent: &Sent<'_>, earlier: &[JournaledWrite], baseline: &Value) -> Result<JournaledWrite> {
    let name = sent.writing.resource.as_str();
    let resource =
        Resource::from_name(name).with_context(|| format!("`{name}` is not an object sspr knows"))?;
    let record = sent.writing.record.clone().context("it does not say what was written")?;
    let prior = match earlier.iter().rfind(|earlier| *earlier.resource() == resource) {
        Some(earlier) => earlier.operation.desired().clone(),
        None => {
            let prior = baseline.get(name).with_context(|| format!("the baseline lacks {name}"))?;
            Object::from_json(resource, prior.clone())?
        }
    };
    let Verified { also, dropped, .. } = sent.verified.cloned().unwrap_or_default();
    Ok(JournaledWrite {
        operation: Operation::on_record(prior, record),
        by_service: ByService {
            changed: also.into_iter().map(|(name, _)| name).collect(),
            dropped,
            volatile: sent.writing.volatile.clone(),
        },
        status: sent.status(),
    })
}
