//! From a plan to what became of it: shown, asked about, written, proved. Every command that writes ends here.

use std::time::Duration;

use clap::Args;

use super::confirm::confirm;
use super::console::{CommandOutput, Console};
use super::session::Session;
use crate::app::write::{Patience, after, apply, prove};
use crate::error::{Exit, Failure};
use crate::outcome::closing::{Ending, closing};
use crate::outcome::{ApplyError, Refusal};
use crate::plan::{Plan, Severity};
use crate::render::{self, github, json, markdown, text};
use crate::tenant::Object;
use crate::text::{counted, visible};

/// Flags of every command that writes.
#[derive(Debug, Args)]
pub(super) struct Writing {
    /// Write without asking
    #[arg(long, short)]
    yes: bool,
    /// How long to wait for the tenant to show what was written
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
    /// Then wait until the audit log shows the change; exit 5 where it does not in time [SECONDS: 300]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "300")]
    prove: Option<u64>,
}

/// Shows the plan, asks, applies it, and reports.
///
/// `policy` is the password reset policy the plan starts from; `None` where it was not read.
///
/// # Errors
/// An error finding, no confirmation, or an apply that did not come through.
pub(super) async fn confirm_and_apply(
    plan: &Plan,
    session: &Session,
    writing: &Writing,
    console: &mut Console,
    (ending, policy): (Ending<'_>, Option<&Object>),
) -> Result<CommandOutput, Failure> {
    let shown = render::plan::document(plan);
    console.set_page(|| markdown::render(&shown));
    let shown = text::blocks(&shown.blocks, None) + "\n";
    let is_asked = !plan.is_refused() && !plan.changes.is_empty() && !writing.yes;
    if plan.is_refused() || is_asked {
        console.say_or_tell(&shown)?;
    } else {
        console.say(&shown)?;
    }
    console.annotate(plan.file(), |file| github::findings(plan, file))?;
    if plan.is_refused() {
        let errors = plan.count(Severity::Error);
        return Err(anyhow::Error::from(Refusal::PlanHasErrors { errors }).into());
    }
    if writing.prove.is_some() && !plan.changes.is_empty() {
        find_the_log(session).await?;
    }
    if is_asked {
        ask(plan, session, console).await?;
    }
    if !plan.steps.is_empty() {
        console.begin_result()?;
    }
    // Before this run is one of them: what the log told of those proves nothing of this one.
    let earlier = match writing.prove {
        Some(_) => session.state.load_runs(&plan.tenant_id)?,
        None => Vec::new(),
    };
    let patience = Patience { first: Duration::from_millis(100), total: Duration::from_secs(writing.wait) };
    console.begin("writing, and reading back until the tenant shows it");
    let outcome = apply(plan, &session.reader, &session.writer, &session.state, patience).await;
    let is_named = console.shows_names();
    let fitting = |error: ApplyError| if is_named { error } else { error.without_names() };
    let mut outcome = outcome.map_err(fitting).map_err(anyhow::Error::from)?;
    if !outcome.writes.is_empty() {
        console.note_written();
    }
    if let Some(seconds) = writing.prove.filter(|_| !outcome.writes.is_empty()) {
        console.eprint(&format!(
            "Written and read back. Waiting up to {seconds} s for the audit log, which is 5 to 10 minutes late. \
             Ctrl-C stops waiting.\n"
        ));
        let times = (session.pause_between_looks, Duration::from_secs(seconds));
        let proofs = prove(&session.reader, &session.stop, &outcome, &earlier, times).await;
        outcome.proofs = Some(if is_named { proofs } else { proofs.without_names() });
    }
    let is_proved = outcome.proofs.as_ref().is_none_or(|proofs| proofs.why.is_none());
    let is_pretend = session.sandbox.is_some();
    let after = after(plan, policy, ending, &session.state);
    let success = closing(ending, &after, !plan.steps.is_empty());
    let document = render::closing::document(&outcome, &success, is_pretend);
    console.say(&text::render(&document, None))?;
    console.set_page(|| markdown::render(&render::closing::page(plan, document)));
    let exit = if is_proved { Exit::Done } else { Exit::ConditionUnmet };
    Ok(CommandOutput { exit, json: json::outcome(&outcome, plan, &after) })
}

/// Reads the audit log once, before anything is written: who wants proof should on_progress now that there can be none.
async fn find_the_log(session: &Session) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    let now = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
    let read = session.reader.graph.fetch_changes((now, now), 1).await;
    read.map_err(|error| {
        anyhow::Error::from(error).context("the audit log could not be read, so nothing could be proved")
    })?;
    Ok(())
}

async fn ask(plan: &Plan, session: &Session, console: &mut Console) -> Result<(), Failure> {
    let changes = counted(plan.changes.len(), "change");
    let domain = visible(&plan.tenant_domain);
    let question = format!("Apply {changes} to {} ({domain})?", visible(&plan.tenant_name));
    // What reaches this wide is not typed by habit.
    let answer = if plan.is_wide() { domain.as_str() } else { "yes" };
    confirm(console, &session.stop, &question, answer).await.map_err(anyhow::Error::from)?;
    Ok(())
}
