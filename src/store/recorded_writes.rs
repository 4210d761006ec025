//! What a run wrote, from its baseline and its journal.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use super::history::Run;
use super::record::{Lines, Sent, lines, parse_baseline, read_baseline, read_journal, sent};
use crate::outcome::Refusal;
use crate::plan::{ByService, Fate, JournaledWrite, Operation, WriteRecord};
use crate::tenant::{Object, Resource};

/// Loads the writes of one run, and whether its baseline was proved to be as it was saved.
pub fn load_writes(run: &Run, tenant: &str) -> Result<(Vec<JournaledWrite>, bool), Refusal> {
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
    tenant: &str,
) -> Result<(Vec<JournaledWrite>, bool), String> {
    writes(&lines(journal), |expected| parse_baseline(baseline, tenant, expected), |why| why)
}

/// Returns the writes a journal tells of; the baseline, wanted with the digest the journal tells, is read only where
/// there are any.
fn writes<E>(
    lines: &Lines,
    baseline: impl FnOnce(Option<&str>) -> Result<(Value, bool), E>,
    refused: impl Fn(String) -> E,
) -> Result<(Vec<JournaledWrite>, bool), E> {
    if let Some(damage) = &lines.damage {
        return Err(refused(damage.clone()));
    }
    let sent = sent(&lines.events);
    if sent.is_empty() {
        return Ok((Vec::new(), true));
    }
    let expected = lines.events.first().and_then(|started| started["baseline"].as_str());
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
    let event = sent.writing;
    let name = event["resource"].as_str().unwrap_or_default();
    let resource =
        Resource::from_name(name).with_context(|| format!("`{name}` is not an object sspr knows"))?;
    let prior = baseline.get(name).with_context(|| format!("the baseline lacks {name}"))?;
    let seen = sent.verified.unwrap_or(&Value::Null);
    let record = WriteRecord {
        to: event["to"].as_object().cloned().context("it does not say what was written")?,
        added: event.get("added").map(|added| serde_json::from_value(added.clone())).transpose()?,
    };
    let operation = {
        let earlier = earlier.iter().rfind(|earlier| *earlier.resource() == resource);
        let prior = earlier.map_or_else(
            || Object::from_json(resource, prior.clone()),
            |earlier| Ok(earlier.operation.desired().clone()),
        );
        Operation::on_record(prior?, record)
    };
    let fate = match sent.verified {
        _ if operation.fields().is_empty() => Fate::AlreadySo,
        Some(_) => Fate::Done,
        None => Fate::Sent,
    };
    Ok(JournaledWrite {
        operation,
        by_service: ByService {
            changed: seen["also"].as_object().into_iter().flat_map(Map::keys).cloned().collect(),
            dropped: names(&seen["dropped"]),
            volatile: names(&event["volatile"]),
        },
        fate,
    })
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
