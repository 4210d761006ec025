//! `sspr apply` and `sspr cleanup`: the same road, with a spec from a file or with scope None.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::confirm::confirm;
use super::console::{Console, Done};
use super::session::{Session, circumstances, load_spec};
use super::{Global, SpecFile};
use crate::engine::{ApplyError, Patience, Refusal, apply, observe};
use crate::error::{Exit, Failure};
use crate::plan::{Severity, plan};
use crate::report::{json, text};
use crate::spec::Spec;
use crate::text::{counted, visible};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr apply pilot.yaml --sandbox --yes   the whole road on a pretend tenant
  sspr apply                              show the plan for pilot.yaml, ask, then write")]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    spec: SpecFile,
    #[command(flatten)]
    writing: Writing,
    /// Reaching every user of the tenant (`scope: all`) is meant
    #[arg(long)]
    allow_all_users: bool,
}

#[derive(Debug, Args)]
pub(super) struct CleanupArgs {
    /// A spec whose `tenant:` guards against the wrong tenant [default: pilot.yaml, where there is one]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
}

/// Flags of every command that writes.
#[derive(Debug, Args)]
struct Writing {
    /// Write without asking
    #[arg(long, short)]
    yes: bool,
    /// How long to wait for the tenant to show what was written
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
}

pub(super) async fn run(args: &ApplyArgs, global: &Global, console: &mut Console) -> Result<Done, Failure> {
    let spec = load_spec(&args.spec.file)?;
    let claim = format!("the tenant matches {}", visible(spec.path()));
    let next = "let a test user who is no administrator register at https://aka.ms/ssprsetup and reset at \
                https://aka.ms/sspr; `sspr cleanup` ends the pilot";
    carry_out(&spec, args.allow_all_users, &args.writing, global, console, (&claim, next)).await
}

pub(super) async fn run_cleanup(
    args: &CleanupArgs,
    global: &Global,
    console: &mut Console,
) -> Result<Done, Failure> {
    let default = PathBuf::from("pilot.yaml");
    let guard = match &args.file {
        Some(file) => Some(load_spec(file)?),
        None if default.exists() => Some(load_spec(&default)?),
        None => None,
    };
    let claim = "password reset is None for this tenant";
    let next = "people keep what they registered; `sspr apply` starts the pilot again";
    carry_out(&Spec::cleanup(guard.as_ref()), false, &args.writing, global, console, (claim, next)).await
}

async fn carry_out(
    spec: &Spec,
    allow_all_users: bool,
    writing: &Writing,
    global: &Global,
    console: &mut Console,
    (claim, next): (&str, &str),
) -> Result<Done, Failure> {
    let session = Session::open(global).await?;
    let tenant = observe(&session.reader, spec).await?;
    let plan = plan(spec, &tenant, circumstances(global, allow_all_users));
    if plan.is_refused() {
        console.say_or_tell(&text::plan(&plan))?;
        return Err(
            anyhow::Error::from(Refusal::PlanHasErrors { errors: plan.count(Severity::Error) }).into()
        );
    }
    match plan.changes.is_empty() || writing.yes {
        true => console.say(&text::plan(&plan))?,
        false => {
            console.say_or_tell(&text::plan(&plan))?;
            let changes = counted(plan.changes.len(), "change");
            let question = format!(
                "Apply {changes} to {} ({})?",
                visible(&plan.tenant_name),
                visible(&plan.tenant_domain)
            );
            confirm(console, &session.stop, &question).await.map_err(anyhow::Error::from)?;
        }
    }
    let patience = Patience { first: Duration::from_millis(100), total: Duration::from_secs(writing.wait) };
    let outcome = apply(&plan, &session.reader, &session.writer, &session.state, patience).await;
    let outcome = outcome.map_err(|error: ApplyError| anyhow::Error::from(error))?;
    console.say(&text::outcome(&outcome, claim, next))?;
    if session.sandbox.is_some() && !outcome.applied.is_empty() {
        console
            .say("          (all of this happened in the sandbox; `sspr sandbox reset` starts it over)\n")?;
    }
    Ok(Done { exit: Exit::Done, json: json::outcome(&outcome) })
}
