//! Reads what earlier runs wrote from their baselines and journals, for rollbacks.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;

use crate::app::observe::refuse_other_tenants;
use crate::app::write::audit_proof::last_touched;
use crate::client::TenantReader;
use crate::ids::TenantId;
use crate::outcome::{Refusal, run_name};
use crate::plan::{JournaledWrite, edited_by_others, without_unseen};
use crate::spec_file::Spec;
use crate::store::{Run, RunEnd, Standing, StateDir, Wrote, load_writes};
use crate::tenant::{Object, Organization, Resource};

/// What earlier runs wrote to a tenant, and how that is now.
#[derive(Clone, Debug)]
pub struct RollbackInput {
    /// Which tenant answered.
    pub organization: Organization,
    /// The run before which the writes below begin; `None` where they are all there are.
    pub back_to: Option<String>,
    /// The runs to take back, oldest first; without those that wrote nothing.
    pub runs: Vec<Run>,
    /// Runs that were passed over on the way to the last one: they may have written, and the tenant shows nothing of it.
    pub passed: Vec<Run>,
    /// Whether this goes further back than asked, because an earlier way back did and stopped part-way.
    pub is_resumed: bool,
    /// The writes to take back, oldest first.
    pub past: Vec<JournaledWrite>,
    /// The objects they wrote, as they are now.
    pub actual: Vec<Object>,
    /// The password reset policy as it is now; `None` where it is unknown.
    pub policy: Option<Object>,
    /// Whether the baseline of a run to take back is of a version that kept no digest, so that an edit of it would not
    /// be seen.
    pub is_unchecked: bool,
    /// Who else last changed the password reset policy, where someone did and the audit log says so.
    pub touched: Option<String>,
}

/// How far back.
#[derive(Clone, Copy, Debug)]
pub enum BackTo<'a> {
    /// To before the first run that is not yet taken back.
    Beginning,
    /// To before the last run that wrote, or may have, and was not taken back.
    LastRun,
    /// To before the run of this name, or of one that begins so.
    Run(&'a str),
}

/// Reads what earlier runs wrote to this tenant, from run `back_to` on or all of it, and those objects as they
/// are now. Only the records of the runs to take back have to be whole.
///
/// # Errors
/// A surface that cannot be read, another tenant than the spec's, no record of any run, no such run, or a record
/// that is needed and cannot be used: better to stop than to undo half.
pub async fn observe_recorded_runs(
    reader: &TenantReader,
    state: &StateDir,
    spec: &Spec,
    back_to: BackTo<'_>,
) -> Result<RollbackInput> {
    let guard = refuse_other_tenants(reader, Some(spec), true).await?;
    let organization = guard.fetch_organization(reader, Some(spec)).await?;
    let shown = || state.root().display().to_string();
    let ours = state.load_runs(organization.id)?;
    if ours.is_empty() {
        return Err(Refusal::NoRecord { state: shown() }.into());
    }
    let mut seen = Seen { reader, objects: Vec::new() };
    let (mut passed, mut is_resumed) = (Vec::new(), false);
    let from = match back_to {
        BackTo::Beginning => ours.iter().position(is_to_be_taken_back),
        BackTo::LastRun => {
            let last = seen.last_run(&ours, organization.id, &mut passed).await?;
            let resumed = last.and_then(|last| begun_further_back(&ours, last));
            is_resumed = resumed.is_some();
            resumed.or(last)
        }
        BackTo::Run(typed) => Some(named_run(&ours, typed, shown)?),
    };
    let taken = from.and_then(|from| ours.get(from..)).unwrap_or_default();
    let runs: Vec<Run> = taken.iter().filter(|run| is_to_be_taken_back(run)).cloned().collect();
    let (mut past, mut is_unchecked) = (Vec::new(), false);
    for run in &runs {
        let (writes, is_checked) = load_writes(run, organization.id)?;
        is_unchecked |= !is_checked;
        past.extend(writes);
    }
    let resources: BTreeSet<&Resource> = past.iter().map(JournaledWrite::resource).collect();
    let mut actual = Vec::new();
    for resource in resources {
        actual.push(seen.fetch(resource).await?);
    }
    past = without_unseen(past, &actual);
    note_volatile(reader, &mut past, &actual).await?;
    // Where nothing of it is taken back, it only says how things stand in the end.
    let policy = seen.fetch(&Resource::PasswordReset).await.ok();
    let started = taken.first().and_then(|run| run.started.parse::<Timestamp>().ok());
    let touched = match (started, edited_by_others(&past, &actual).first()) {
        (Some(since), Some(edit)) => last_touched(reader, edit.operation, since, &ours).await,
        _ => None,
    };
    let is_all = matches!(back_to, BackTo::Beginning);
    let back_to = taken.first().filter(|_| !is_all).map(|run| run.id.clone());
    Ok(RollbackInput {
        organization,
        back_to,
        runs,
        passed,
        is_resumed,
        past,
        actual,
        policy,
        is_unchecked,
        touched,
    })
}

/// Returns which run was typed, whole or by its begin, among those that can still be rolled back.
fn named_run(ours: &[Run], typed: &str, state: impl Fn() -> String) -> Result<usize, Refusal> {
    let is_open = |run: &&Run| !matches!(run.standing, Standing::TakenBack | Standing::WayBack);
    let meant = run_name::meant(typed, ours.iter().filter(is_open).map(|run| &*run.id));
    if meant.len() > 1 {
        let runs = meant.into_iter().map(str::to_owned).collect();
        return Err(Refusal::AmbiguousRun { id: typed.to_owned(), runs });
    }
    let at = meant.first().and_then(|id| ours.iter().position(|run| run.id == *id));
    at.ok_or_else(|| Refusal::NoSuchRun { id: typed.to_owned(), state: state() })
}

/// Looks once more at each object that someone seems to have edited: a field this tool does not know that differs
/// between two looks in a row is not an edit.
async fn note_volatile(reader: &TenantReader, past: &mut [JournaledWrite], actual: &[Object]) -> Result<()> {
    let doubtful = edited_by_others(past, actual).into_iter().filter_map(|edit| {
        let resource = edit.operation.resource();
        edit.fields.iter().any(|name| !resource.is_documented(name)).then(|| resource.clone())
    });
    let doubtful: Vec<Resource> = doubtful.collect();
    for first in actual.iter().filter(|object| doubtful.contains(object.resource())) {
        let resource = first.resource();
        let mut differing = reader.fetch_object(resource).await?.differing_fields(first);
        differing.retain(|name| !resource.is_documented(name));
        for write in past.iter_mut().filter(|write| write.resource() == resource) {
            write.by_service.volatile.extend(differing.iter().cloned());
        }
    }
    Ok(())
}

/// Whether a run is in effect, or may be, or it is unknown.
fn is_to_be_taken_back(run: &Run) -> bool {
    matches!(run.standing, Standing::Stands | Standing::MayStand | Standing::Unknown)
}

/// Returns where a way back from run `last` or an earlier one was going that stopped part-way, if further than `last`.
/// Part of what is before `last` is taken back by it already: to undo `last` alone would put that part in place again.
fn begun_further_back(runs: &[Run], last: usize) -> Option<usize> {
    let is_within = |run: &Run, way: &Run| way.back_to.as_ref().is_none_or(|back_to| run.id >= *back_to);
    let is_half = |way: &&Run| {
        way.standing == Standing::WayBack && way.end != RunEnd::Done && way.wrote != Wrote::Nothing
    };
    let ways: Vec<&Run> = runs.get(last..)?.iter().filter(is_half).collect();
    let begun = |run: &Run| is_to_be_taken_back(run) && ways.iter().any(|way| is_within(run, way));
    runs.iter().position(begun).filter(|at| *at < last)
}

/// The objects looked at on the way, each once.
struct Seen<'a> {
    reader: &'a TenantReader,
    objects: Vec<Object>,
}

impl Seen<'_> {
    async fn fetch(&mut self, resource: &Resource) -> Result<Object> {
        if let Some(seen) = self.objects.iter().find(|object| object.resource() == resource) {
            return Ok(seen.clone());
        }
        let object = self.reader.fetch_object(resource).await?;
        self.objects.push(object.clone());
        Ok(object)
    }

    /// Finds the last run that is to be taken back. One that may have written, and of which the tenant shows nothing,
    /// is passed over: else there would be no way to the run before it.
    async fn last_run(
        &mut self,
        runs: &[Run],
        tenant: TenantId,
        passed: &mut Vec<Run>,
    ) -> Result<Option<usize>> {
        for (at, run) in runs.iter().enumerate().rev().filter(|(_, run)| is_to_be_taken_back(run)) {
            if run.wrote != Wrote::Perhaps || run.problem.is_some() || self.shows(run, tenant).await? {
                return Ok(Some(at));
            }
            passed.push(run.clone());
        }
        Ok(None)
    }

    /// Returns whether the tenant shows anything a run may have written.
    async fn shows(&mut self, run: &Run, tenant: TenantId) -> Result<bool> {
        let (writes, _) = load_writes(run, tenant)?;
        for write in &writes {
            let actual = self.fetch(write.resource()).await?;
            if write.operation.is_seen_in(&actual) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
