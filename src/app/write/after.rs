//! Describes the tenant after an apply, from what was read back and from the records.

use crate::outcome::applied::{After, Ending};
use crate::plan::{Plan, Purpose, policy_group_ids, policy_group_name};
use crate::store::{Run, Standing, StateDir};
use crate::tenant::{Object, Resource, Scope};

/// Returns how things stand once a plan was carried out and read back. `policy` is the password reset policy it started
/// from; `None` where it was not read.
pub fn after(plan: &Plan, policy: Option<&Object>, ending: &Ending, state: &StateDir) -> After {
    let written = plan.steps.iter().rev().map(|step| step.desired());
    // What is written does not name the groups; what was read may.
    let mut names = policy.map(policy_group_name).unwrap_or_default();
    names.extend(plan.group_names.clone());
    let policy = written.chain(policy).find(|object| *object.resource() == Resource::PasswordReset);
    let ids = policy.map(policy_group_ids).unwrap_or_default();
    let groups = ids.into_iter().map(|id| names.get(&id).cloned().unwrap_or(id)).collect();
    let taken = if let Ending::TakenBack { runs, .. } = ending { runs.as_slice() } else { &[] };
    // That they cannot be read now takes nothing back of what was done.
    let runs = state.load_runs(plan.tenant_id).unwrap_or_default();
    let is_left = |run: &&Run| taken.iter().all(|taken| taken.id != run.id);
    let standing = runs.iter().filter(|run| matches!(run.standing, Standing::Stands | Standing::MayStand));
    let is_apply = |run: &&Run| run.purpose == Some(Purpose::Apply) && run.named().command == "apply";
    let unknown = runs.iter().find(|run| run.standing == Standing::Unknown);
    After {
        tenant: plan.tenant_name.clone(),
        scope: policy.and_then(Scope::of),
        groups,
        spec: runs.iter().rev().find(is_apply).map(|run| run.spec.clone()),
        standing: standing.filter(is_left).map(Run::named).collect(),
        unknown: unknown.map(|run| run.directory.display().to_string()),
    }
}
