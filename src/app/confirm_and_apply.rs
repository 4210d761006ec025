//! Shows a plan, asks, applies it, and proves it. Every use case that writes ends here.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;

use super::permission_check::refuse_lacking_writes;
use super::write::{Patience, after, apply, prove};
use super::{Confirm, Event, Observer, Session};
use crate::error::Failure;
use crate::outcome::applied::Ending;
use crate::outcome::{Applied, Question, Refusal};
use crate::plan::{Plan, Severity};
use crate::tenant::Object;

/// How a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Writing {
    /// How long to wait for the tenant to show what was written.
    pub wait: Duration,
    /// How long to wait for the audit log to show it; `None` is not at all.
    pub prove: Option<Duration>,
    /// Whether those who read the result may see who did something.
    pub shows_names: bool,
}

/// A plan to be carried out, and what it is for.
pub(super) struct Carry<'a> {
    pub(super) plan: Plan,
    /// The password reset policy the plan starts from; `None` where it was not read.
    pub(super) policy: Option<&'a Object>,
    pub(super) ending: Ending,
    pub(super) writing: Writing,
    pub(super) notices: Vec<String>,
}

/// Reports the plan, asks, applies it, and returns what was done.
pub(super) async fn confirm_and_apply(
    session: &Session,
    carry: Carry<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<Applied, Failure> {
    let Carry { plan, policy, ending, writing, notices } = carry;
    let plan = if writing.shows_names { plan } else { plan.without_names() };
    let plan = Plan { is_sandbox: session.is_sandbox, ..plan };
    let is_asked = !plan.is_refused() && !plan.changes.is_empty() && confirm.is_asking();
    observer.on(Event::Planned { plan: &plan, is_asked })?;
    if plan.is_refused() {
        let errors = plan.count(Severity::Error);
        return Err(Refusal::PlanHasErrors { errors }.into());
    }
    refuse_lacking_writes(session, &plan).await?;
    if writing.prove.is_some() && !plan.changes.is_empty() {
        find_the_log(session).await?;
    }
    if is_asked {
        confirm.confirm(Question::Apply(&plan)).await?;
    }
    if !plan.steps.is_empty() {
        observer.on(Event::Writing)?;
    }
    // Before this run is one of them: what the log said about those proves nothing of this one.
    let earlier = match writing.prove {
        Some(_) => session.state.load_runs(plan.tenant_id)?,
        None => Vec::new(),
    };
    let patience = Patience { first: Duration::from_millis(100), total: writing.wait };
    observer.on(Event::Began("writing, and reading back until the tenant shows it"))?;
    let outcome = apply(&plan, (&session.reader, &session.writer), &session.state, patience, observer).await;
    let mut outcome =
        outcome.map_err(|error| if writing.shows_names { error } else { error.without_names() })?;
    if !outcome.writes.is_empty() {
        // It is written: a notice that cannot be shown any more ends nothing.
        let _ = observer.on(Event::Written);
        if let Some(limit) = writing.prove {
            let _ = observer.on(Event::Notice(&format!(
                "Written and read back. Waiting up to {} s for the audit log, which is 5 to 10 minutes late. Ctrl-C stops \
                 waiting.",
                limit.as_secs()
            )));
            let times = (session.pause_between_looks, limit);
            let proofs = prove(&session.reader, &session.stop, &outcome, &earlier, times).await;
            outcome.proofs = Some(if writing.shows_names { proofs } else { proofs.without_names() });
        }
    }
    let after = after(&plan, policy, &ending, &session.state);
    Ok(Applied { plan, outcome, after, ending, notices })
}

/// Reads the audit log once, before anything is written: who wants proof should know now that there can be none.
async fn find_the_log(session: &Session) -> Result<(), Failure> {
    let now = Timestamp::now();
    let read = session.reader.graph.fetch_changes((now, now), 1).await;
    read.context("sspr could not read the audit log, so no write is proved")?;
    Ok(())
}
