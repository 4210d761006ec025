//! What earlier runs wrote, from their baselines and journals: the ground of every way back.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::guard::refuse_other_tenants;
use super::journal::{BASELINE, FORMAT, JOURNAL};
use super::proof::last_touched;
use super::{Refusal, StateDir};
use crate::client::TenantReader;
use crate::plan::{ByService, PastWrite, Purpose, edited_by_others};
use crate::spec::Spec;
use crate::tenant::{Object, Organization, Resource};

/// What earlier runs wrote to a tenant, and how that is now.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which tenant answered.
    pub organization: Organization,
    /// The run before which the writes below begin; `None` where they are all there are.
    pub back_to: Option<String>,
    /// The writes to take back, oldest first.
    pub past: Vec<PastWrite>,
    /// The objects they wrote, as they are now.
    pub actual: Vec<Object>,
    /// Who else last changed the password reset policy, where someone did and the audit log tells.
    pub touched: Option<String>,
}

/// Reads what earlier runs wrote to this tenant, from run `back_to` on or all of it, and those objects as they
/// are now.
///
/// # Errors
/// A surface that cannot be read, another tenant than the spec's, no record of any run, or no such run.
pub async fn observe_recorded(
    reader: &TenantReader,
    state: &StateDir,
    spec: &Spec,
    back_to: BackTo<'_>,
) -> Result<Recorded> {
    let guard = refuse_other_tenants(reader, Some(spec), true).await?;
    let organization = guard.fetch_organization(reader, Some(spec)).await?;
    let shown = || state.root().display().to_string();
    let runs = state.load_past(&organization.id)?.ok_or_else(|| Refusal::NoRecord { state: shown() })?;
    let from = match back_to {
        BackTo::Beginning => 0,
        BackTo::LastRun => runs.len().saturating_sub(1),
        BackTo::Run(id) => {
            let is_meant = |run: &PastRun| run.id == id;
            let at = runs.iter().position(is_meant);
            at.ok_or_else(|| Refusal::NoSuchRun { id: id.to_owned(), state: shown() })?
        }
    };
    let back_to = runs.get(from).filter(|_| from > 0).map(|run| run.id.clone());
    let since = runs.get(from).and_then(|run| run.started);
    let mut past: Vec<PastWrite> = runs.into_iter().skip(from).flat_map(|run| run.writes).collect();
    let mut resources: Vec<&Resource> = past.iter().map(|write| write.prior.resource()).collect();
    resources.sort();
    resources.dedup();
    let mut actual = Vec::new();
    for resource in resources {
        actual.push(reader.fetch_object(resource).await?);
    }
    note_volatile(reader, &mut past, &actual).await?;
    let touched = match since.filter(|_| !edited_by_others(&past, &actual).is_empty()) {
        Some(since) => {
            let ours = state.load_runs(&organization.id)?;
            last_touched(reader, &Resource::PasswordReset, since, &ours).await
        }
        None => None,
    };
    Ok(Recorded { organization, back_to, past, actual, touched })
}

/// Looks at the password reset policy once more where somebody seems to have edited it: a field this tool does not
/// know that differs between two looks in a row is nobody's edit.
async fn note_volatile(reader: &TenantReader, past: &mut [PastWrite], actual: &[Object]) -> Result<()> {
    let policy = |object: &&Object| *object.resource() == Resource::PasswordReset;
    let is_doubtful =
        |fields: &[String]| fields.iter().any(|name| !Resource::PasswordReset.is_documented(name));
    let Some(first) = actual.iter().find(policy) else { return Ok(()) };
    if !is_doubtful(&edited_by_others(past, actual)) {
        return Ok(());
    }
    let again = reader.fetch_object(&Resource::PasswordReset).await?;
    let mut differing = again.differing_fields(first);
    differing.retain(|name| !Resource::PasswordReset.is_documented(name));
    for write in past.iter_mut().filter(|write| policy(&&write.prior)) {
        write.by_service.volatile.extend(differing.iter().cloned());
    }
    Ok(())
}

/// How far back.
#[derive(Clone, Copy, Debug)]
pub enum BackTo<'a> {
    /// To before the first run that is not yet taken back.
    Beginning,
    /// To before the last run.
    LastRun,
    /// To before the run of this name.
    Run(&'a str),
}

/// One earlier run, as far as undoing it goes.
#[derive(Debug)]
pub(super) struct PastRun {
    id: String,
    started: Option<Timestamp>,
    back_to: Option<String>,
    purpose: Purpose,
    is_finished: bool,
    writes: Vec<PastWrite>,
}

impl StateDir {
    /// Loads the applies to a tenant that are not taken back yet, oldest first; `None` where no run is on
    /// record.
    ///
    /// # Errors
    /// A record that cannot be read or is of another version: better to stop than to undo half.
    fn load_past(&self, tenant: &str) -> Result<Option<Vec<PastRun>>> {
        let recorded = self.load_runs(tenant)?;
        let mut standing: Vec<PastRun> = Vec::new();
        for run in &recorded {
            let past = load_run(&run.id, &run.directory);
            let shown = run.directory.display();
            match past.with_context(|| format!("the record in {shown} cannot be used"))? {
                Some(run) if run.purpose == Purpose::Apply => standing.push(run),
                // A way back that stopped half-way is gone over again; it added nothing.
                Some(run) if run.is_finished => {
                    let from = run.back_to.and_then(|id| standing.iter().position(|run| run.id == id));
                    standing.truncate(from.unwrap_or(0));
                }
                _ => {}
            }
        }
        Ok((!recorded.is_empty()).then_some(standing))
    }
}

/// Loads one run; `None` where its journal was never begun, so that nothing was sent.
fn load_run(id: &str, directory: &Path) -> Result<Option<PastRun>> {
    let journal = fs::read_to_string(directory.join(JOURNAL))?;
    // A line without its end was cut off by a crash; what it would have told did not follow either.
    let whole = journal.rfind('\n').map_or("", |end| &journal[..end]);
    let events: Vec<Value> = whole.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let Some(started) = events.first() else { return Ok(None) };
    anyhow::ensure!(started["format"] == FORMAT, "it is not a journal of this version");
    let baseline: Value = serde_json::from_slice(&fs::read(directory.join(BASELINE))?)?;
    anyhow::ensure!(baseline["format"] == "sspr.baseline/1", "its baseline is not of this version");
    Ok(Some(PastRun {
        id: id.to_owned(),
        started: started["at"].as_str().and_then(|at| at.parse().ok()),
        back_to: started["back_to"].as_str().map(str::to_owned),
        purpose: Purpose::from_word(started["purpose"].as_str().unwrap_or_default())
            .context("it does not say what the run was for")?,
        // What the audit log told may follow.
        is_finished: events.iter().any(|event| event["event"] == "finished"),
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
            "verified" => {
                if let Some(begun) = &mut begun {
                    begun
                        .by_service
                        .changed
                        .extend(event["also"].as_object().into_iter().flat_map(Map::keys).cloned());
                    begun.by_service.dropped.extend(names(&event["dropped"]));
                }
            }
            "not landed" => begun = None,
            // The record that it was sent may be what could not be written.
            "stopped" if !is_sent && event["sent"] != true => begun = None,
            _ => {}
        }
    }
    writes.extend(begun);
    Ok(writes)
}

fn write(event: &Value, baseline: &Value) -> Result<PastWrite> {
    let name = event["resource"].as_str().unwrap_or_default();
    let resource =
        Resource::from_name(name).with_context(|| format!("`{name}` is not an object sspr knows"))?;
    let prior = baseline.get(name).with_context(|| format!("the baseline lacks {name}"))?;
    Ok(PastWrite {
        prior: Object::from_json(resource, prior.clone())?,
        left: event["to"].as_object().cloned().context("it does not say what was written")?,
        added: event.get("added").map(|added| serde_json::from_value(added.clone())).transpose()?,
        by_service: ByService { volatile: names(&event["volatile"]), ..ByService::default() },
    })
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns the objects whose writes a run made or may have made; `policy` and `admins` begin a write.
    fn written(words: &[&str]) -> Vec<String> {
        let baseline = json!({"PasswordResetPolicies": {"objectId": "default"}, "authorizationPolicy": {}});
        let event = |word: &&str| match *word {
            "policy" => json!({"event": "writing", "resource": "PasswordResetPolicies", "to": {}}),
            "admins" => json!({"event": "writing", "resource": "authorizationPolicy", "to": {}}),
            "stopped after sending" => json!({"event": "stopped", "sent": true}),
            other => json!({"event": other}),
        };
        let events: Vec<Value> = words.iter().map(event).collect();
        let writes = writes(&events, &baseline).unwrap();
        writes.iter().map(|write| write.prior.resource().to_string()).collect()
    }

    #[test]
    fn what_landed_or_may_have_is_taken_back_and_nothing_else() {
        const POLICY: &str = "PasswordResetPolicies";
        const ADMINS: &str = "authorizationPolicy";
        for (words, expected) in [
            (&["started"][..], &[][..]),
            // Cut off: it may have been sent.
            (&["policy"], &[POLICY]),
            (&["policy", "written"], &[POLICY]),
            // Refused, or never sent.
            (&["policy", "stopped"], &[]),
            // Sent, and not proven.
            (&["policy", "written", "stopped"], &[POLICY]),
            (&["policy", "written", "verified", "finished"], &[POLICY]),
            // Seen not to have landed, and sent once more.
            (&["policy", "written", "not landed", "policy", "written", "verified"], &[POLICY]),
            (&["policy", "written", "not landed", "stopped"], &[]),
            (&["policy", "written", "not landed", "policy", "stopped"], &[]),
            (&["admins", "written", "verified", "policy", "stopped"], &[ADMINS]),
            (&["admins", "written", "verified", "policy", "written", "stopped"], &[ADMINS, POLICY]),
            // Sent, and only the record of that failed.
            (&["policy", "stopped after sending"], &[POLICY]),
        ] {
            assert_eq!(written(words), expected, "{words:?}");
        }
    }

    #[test]
    fn a_finished_way_back_takes_runs_away_and_a_stopped_one_does_not() {
        let standing = |runs: &[(&str, Option<&str>, &str)]| -> Option<Vec<String>> {
            let state = tempfile::tempdir().unwrap();
            for (at, (purpose, back_to, end)) in runs.iter().enumerate() {
                let directory = state.path().join("tenant").join(format!("2026112{at}T100000Z-000000"));
                fs::create_dir_all(&directory).unwrap();
                let baseline = json!({"format": "sspr.baseline/1", "objects": {}});
                fs::write(directory.join(BASELINE), baseline.to_string()).unwrap();
                let started =
                    json!({"event": "started", "format": FORMAT, "purpose": purpose, "back_to": back_to});
                let journal = format!("{started}\n{}\n", json!({"event": end}));
                fs::write(directory.join(JOURNAL), journal).unwrap();
            }
            let past = StateDir::new(state.path().to_owned()).load_past("tenant").unwrap();
            past.map(|runs| runs.into_iter().map(|run| run.id[7..8].to_owned()).collect())
        };
        let (done, stopped) = (("apply", None, "finished"), ("apply", None, "stopped"));
        let back = |to, end| ("restore", to, end);
        let second = Some("20261121T100000Z-000000");
        for (runs, expected) in [
            (&[done, stopped][..], &["0", "1"][..]),
            (&[done, back(None, "finished")], &[]),
            (&[done, back(None, "stopped")], &["0"]),
            (&[done, done, back(second, "finished")], &["0"]),
            (&[done, done, back(second, "stopped")], &["0", "1"]),
            (&[done, back(None, "finished"), done], &["2"]),
        ] {
            assert_eq!(standing(runs).unwrap(), expected, "{runs:?}");
        }
        assert_eq!(standing(&[]), None, "nothing on record is not the same as nothing to take back");
    }
}
