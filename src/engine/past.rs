//! What earlier runs wrote, from their baselines and journals: the ground of every way back.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::journal::{FORMAT, JOURNAL};
use super::observe::{refuse_two_tenants, the_wanted};
use super::{Refusal, StateDir};
use crate::client::TenantReader;
use crate::plan::{PastWrite, Purpose};
use crate::spec::Spec;
use crate::tenant::{Object, Organization, Resource};

/// What earlier runs wrote to a tenant, and how that is now.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which tenant answered.
    pub organization: Organization,
    /// The writes since it was last brought back, oldest first.
    pub past: Vec<PastWrite>,
    /// The objects they wrote, as they are now.
    pub actual: Vec<Object>,
}

/// Reads what earlier runs wrote to this tenant, and those objects as they are now.
///
/// # Errors
/// A surface that cannot be read, another tenant than the spec's, or no record of any run.
pub async fn observe_recorded(reader: &TenantReader, state: &StateDir, spec: &Spec) -> Result<Recorded> {
    let organization = the_wanted(reader.graph.fetch_organization().await?, spec)?;
    refuse_two_tenants(reader, &organization).await?;
    let Some(past) = state.load_past(&organization.id)? else {
        return Err(Refusal::NoRecord { state: state.root().display().to_string() }.into());
    };
    let mut resources: Vec<&Resource> = past.iter().map(|write| write.prior.resource()).collect();
    resources.sort();
    resources.dedup();
    let mut actual = Vec::new();
    for resource in resources {
        actual.push(reader.fetch_object(resource).await?);
    }
    Ok(Recorded { organization, past, actual })
}

/// One earlier run, as far as undoing it goes.
struct PastRun {
    purpose: Purpose,
    is_finished: bool,
    writes: Vec<PastWrite>,
}

impl StateDir {
    /// Loads the writes to a tenant since it was last brought back to where it was, oldest first; `None`
    /// where no run is on record.
    ///
    /// # Errors
    /// A record that cannot be read or is of another version: better to stop than to undo half.
    pub fn load_past(&self, tenant: &str) -> Result<Option<Vec<PastWrite>>> {
        let mut runs = Vec::new();
        for run in self.load_runs(tenant)? {
            let past = load_run(&run.directory);
            let shown = run.directory.display();
            runs.extend(past.with_context(|| format!("the record in {shown} cannot be used"))?);
        }
        if runs.is_empty() {
            return Ok(None);
        }
        let is_restored = |run: &PastRun| run.purpose == Purpose::Restore && run.is_finished;
        let start = runs.iter().rposition(is_restored).map_or(0, |at| at + 1);
        // A way back that stopped half-way is gone over again; it added nothing.
        let applies = runs.into_iter().skip(start).filter(|run| run.purpose == Purpose::Apply);
        Ok(Some(applies.flat_map(|run| run.writes).collect()))
    }
}

/// Loads one run; `None` where its journal was never begun, so that nothing was sent.
fn load_run(directory: &Path) -> Result<Option<PastRun>> {
    let journal = fs::read_to_string(directory.join(JOURNAL))?;
    // A line without its end was cut off by a crash; what it would have told did not follow either.
    let whole = journal.rfind('\n').map_or("", |end| &journal[..end]);
    let events: Vec<Value> = whole.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let Some(started) = events.first() else { return Ok(None) };
    anyhow::ensure!(started["format"] == FORMAT, "it is not a journal of this version");
    let baseline: Value = serde_json::from_slice(&fs::read(directory.join("baseline.json"))?)?;
    anyhow::ensure!(baseline["format"] == "sspr.baseline/1", "its baseline is not of this version");
    Ok(Some(PastRun {
        purpose: Purpose::from_word(started["purpose"].as_str().unwrap_or_default())
            .context("it does not say what the run was for")?,
        is_finished: events.last().is_some_and(|event| event["event"] == "finished"),
        writes: writes(&events, &baseline["objects"])?,
    }))
}

/// Returns the writes that landed or may have: all that began, less those that were refused or were seen
/// not to land.
fn writes(events: &[Value], baseline: &Value) -> Result<Vec<PastWrite>> {
    let mut writes = Vec::new();
    let mut begun: Option<PastWrite> = None;
    let mut is_sent = false;
    for event in events {
        match event["event"].as_str().unwrap_or_default() {
            "writing" => {
                writes.extend(begun.take());
                (begun, is_sent) = (Some(write(event, baseline)?), false);
            }
            "written" => is_sent = true,
            "not landed" => begun = None,
            "stopped" if !is_sent => begun = None,
            _ => {}
        }
    }
    writes.extend(begun);
    Ok(writes)
}

fn write(event: &Value, baseline: &Value) -> Result<PastWrite> {
    let name = event["resource"].as_str().unwrap_or_default();
    let resource = Resource::from_name(name).with_context(|| format!("`{name}` is no known object"))?;
    let prior = baseline.get(name).with_context(|| format!("the baseline lacks {name}"))?;
    let fields = event["fields"].as_array().into_iter().flatten();
    Ok(PastWrite {
        prior: Object::from_json(resource, prior.clone())?,
        fields: fields.filter_map(|field| field.as_str().map(str::to_owned)).collect(),
        added: event.get("added").map(|added| serde_json::from_value(added.clone())).transpose()?,
    })
}
