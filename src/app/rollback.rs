//! `rollback`, and the rollback of a whole pilot for `cleanup --restore`.

use super::confirm_and_apply::{Carry, confirm_and_apply};
use super::fetch_tenant::with_closed_portal_hint;
use super::permission_check::{needed_by, refuse_lacking};
use super::write::{BackTo, RollbackInput, observe_recorded_runs, settle};
use super::{Confirm, Event, Observer, Session, Writing};
use crate::error::Failure;
use crate::outcome::Applied;
use crate::outcome::applied::{Ending, NamedRun};
use crate::plan::{RollbackOptions, plan_rollback};
use crate::spec_file::Spec;
use crate::store::Run;
use crate::text::{counted, visible};

/// How far back, and what may go with it.
#[derive(Clone, Copy, Debug)]
pub struct RollbackRequest<'a> {
    /// A spec whose tenant guards against the wrong one.
    pub guard: Option<&'a Spec>,
    /// The command, as the plan's origin.
    pub command: &'static str,
    /// Before which run.
    pub back_to: BackTo<'a>,
    /// Whether what someone else changed in the password reset policy since may go.
    pub overwrites_changes: bool,
    /// How it is carried out.
    pub writing: Writing,
}

/// Plans the way back from recorded runs and carries it out like any other plan.
///
/// # Errors
/// As [`super::apply()`]; also where no run is on record, or a record that is needed cannot be used.
pub async fn rollback(
    session: &Session,
    request: RollbackRequest<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<Applied, Failure> {
    let RollbackRequest { guard, command, back_to, overwrites_changes, writing } = request;
    observer.on(Event::Began("reading the tenant and the records of earlier runs"))?;
    let guard = Spec::cleanup(guard);
    refuse_lacking(session, (Some(&guard), true), &needed_by(&guard)).await?;
    let recorded = observe_recorded_runs(&session.reader, &session.state, &guard, back_to).await;
    let hint = "this rollback writes to the admin centre, so it needs a person's sign-in";
    let recorded = recorded.map_err(|error| with_closed_portal_hint(error, hint))?;
    let runs: Vec<NamedRun> = recorded.runs.iter().map(Run::named).collect();
    let is_all = matches!(back_to, BackTo::Beginning);
    let notices = notices(&recorded, &runs, is_all);
    for notice in &notices {
        observer.on(Event::Notice(notice))?;
    }
    let options = RollbackOptions {
        command,
        now: session.clock.now(),
        back_to: recorded.back_to,
        overwrites_changes,
        is_unchecked: recorded.is_unchecked,
        touched: recorded.touched.filter(|_| writing.shows_names),
    };
    let plan = plan_rollback(&recorded.organization, &recorded.past, &recorded.actual, options);
    if plan.steps.is_empty() && !plan.is_refused() && !runs.is_empty() {
        settle(&plan, &session.state)?;
    }
    let ending = Ending::TakenBack { runs, is_all };
    let carry = Carry { plan, policy: recorded.policy.as_ref(), ending, writing, notices };
    confirm_and_apply(session, carry, observer, confirm).await
}

/// Says which runs are passed over, and how far back this goes.
fn notices(recorded: &RollbackInput, runs: &[NamedRun], is_all: bool) -> Vec<String> {
    let passed = recorded.passed.iter().map(Run::named).map(|run| {
        format!(
            "Skipping the {} of {}: sspr could not confirm that it wrote, and the tenant shows nothing of it.",
            run.command,
            visible(&run.id)
        )
    });
    let resumed = recorded.is_resumed.then(|| {
        "An earlier rollback that goes further back stopped part-way: sspr finishes it first.".to_owned()
    });
    let first = runs.first().filter(|_| !is_all).map(|first| {
        let (count, command, id) = (counted(runs.len(), "run"), first.command, visible(&first.id));
        format!("Rolling back {count}, to before the {command} of {id}.")
    });
    passed.chain(resumed).chain(first).collect()
}
