//! `sspr verify`: the tenant against the spec, one user as a tester, and their reset seen in the audit log.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::console::{CommandOutput, Console};
use super::half::Half;
use super::people::is_explicit;
use super::session::{Session, load_spec};
use super::{Global, SpecFile, tester};
use crate::app::observe::{Ending, Observed, PilotContext, look_at, observe_settings, watch};
use crate::error::{Exit, Failure};
use crate::outcome::check::{Check, SeenEvent, drift};
use crate::plan::{Overrides, PlanOptions, ResetPolicy, plan};
use crate::render::{github, markdown, text, verify};
use crate::text::visible;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr verify                              is the tenant as the spec says; exit 5 if not: for a nightly job
  sspr verify --user ada@contoso.com       may this user test, and what they do next
  sspr verify --user ada@contoso.com --watch
                                           wait until the audit log shows their reset")]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) spec: SpecFile,
    /// The user who tests: user principal name or object id
    #[arg(long, value_name = "UPN")]
    user: Option<String>,
    /// Follow the audit log until the user has reset; exit 5 where they are blocked or time runs out
    #[arg(long, requires = "user")]
    watch: bool,
    /// How long to follow it
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    watch_for: u64,
    #[command(flatten)]
    half: Half,
    /// With --graph-only: end with 0 where Graph's half matches, though the other half of the spec was not looked at
    #[arg(long, requires = "graph_only")]
    allow_unread: bool,
}

pub(super) async fn run(
    args: &VerifyArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    // Before anything is read: a reset made while this looks around must not be missed.
    let since = Timestamp::now();
    let spec = load_spec(&args.spec.file, global)?;
    let session = Session::open(global).await?;
    console.begin("reading the tenant");
    let Observed { tenant, closed } = observe_settings(&session.reader, &spec, args.half.surfaces()).await?;
    let plan = plan(&spec, &tenant, options(global));
    let mut checks = drift(&plan);
    let unread = Unread {
        closed: closed.map(Failure::from),
        is_left_out: plan.portal_steps.as_ref().is_some_and(|steps| !steps.is_empty()) && !args.allow_unread,
    };
    console.set_page(|| markdown::render(&verify::document(&checks, None, &[])));
    console.annotate(plan.file(), |file| github::checks(&checks, &plan.lines, file))?;
    let Some(user) = &args.user else {
        console.say(&text::blocks(&[verify::found(&checks)], None))?;
        return Ok(done(&checks, &[], unread, console));
    };
    let place = PilotContext::new(&session.reader, tenant, Vec::new()).await?;
    let rule = ResetPolicy::rule(&spec, &place.tenant, is_explicit(global));
    let tester = look_at(&session.reader.graph, &place, rule, user).await?;
    match &tester {
        None => {
            checks.push(Check::new("user", Some(false), format!("there is no user {user} in this tenant")))
        }
        Some(tester) => checks.extend(tester::checks(tester, &place.group.display_name)),
    }
    let name = tester.as_ref().map(|tester| tester.row.person.name());
    let document = verify::document(&checks, name.as_deref(), &[]);
    console.set_page(|| markdown::render(&document));
    console.say(&text::render(&document, None))?;
    let Some(tester) = tester else { return Ok(done(&checks, &[], unread, console)) };
    if !args.watch {
        return Ok(done(&checks, &[], unread, console));
    }
    if let Some(failure) = unread.closed {
        console.eprint(&format!(
            "The admin centre's half is unknown: {}\n",
            visible(&failure.error.to_string())
        ));
    }
    let watched = Watched { user: tester.row.person.id, since, watch_for: args.watch_for };
    let (ending, events) = follow(&session, watched, console).await?;
    let check = ending_check(ending);
    console.say(&text::blocks(&[verify::found(std::slice::from_ref(&check))], None))?;
    checks.push(check);
    console.set_page(|| markdown::render(&verify::document(&checks, name.as_deref(), &events)));
    // The reset is what was asked about: a check that failed on the way was told above.
    let exit = if ending == Ending::Reset { Exit::Done } else { Exit::ConditionUnmet };
    Ok(CommandOutput { exit, json: verify::json(&checks, &events) })
}

/// Whose reset is waited for.
struct Watched {
    user: uuid::Uuid,
    since: Timestamp,
    /// Seconds.
    watch_for: u64,
}

/// Follows the audit log and tells what it shows as it comes.
async fn follow(
    session: &Session,
    Watched { user, since, watch_for }: Watched,
    console: &mut Console,
) -> Result<(Ending, Vec<SeenEvent>), Failure> {
    console.eprint("Watching the audit log, which is 5 to 10 minutes late. Ctrl-C stops.\n");
    console.begin("watching the audit log");
    let mut events = Vec::new();
    let mut on_progress = |event: &crate::client::AuditEvent, _: crate::people::ResetStage| {
        let seen = SeenEvent {
            at: event.at.to_string(),
            activity: event.activity.clone(),
            ok: event.is_success,
            reason: event.reason.clone(),
        };
        console.eprint(&verify::event_text(&seen));
        events.push(seen);
    };
    let times = (session.pause_between_looks, Duration::from_secs(watch_for));
    let ending = watch(&session.reader.graph, &session.stop, user, since, times, &mut on_progress).await?;
    Ok((ending, events))
}

/// Nothing is written, so no guard has anything to guard.
pub(super) fn options(global: &Global) -> PlanOptions {
    let overrides = Overrides { all_users: true, raising_required: true, stranding: true, max_people: None };
    PlanOptions { now: global.now(), overrides }
}

/// What of the spec nobody looked at.
struct Unread {
    /// Why the admin centre is closed to the sign-in, where it is.
    closed: Option<Failure>,
    /// Whether the spec manages something of a half that was left out, and nobody said that this is fine.
    is_left_out: bool,
}

/// Ends with what the checks say. Where none fails, and half of what was asked about was not looked at, that is no
/// yes.
fn done(checks: &[Check], events: &[SeenEvent], unread: Unread, console: &mut Console) -> CommandOutput {
    let is_unmet = checks.iter().any(|check| check.ok == Some(false));
    let mut exit = if is_unmet { Exit::ConditionUnmet } else { Exit::Done };
    if let Some(mut failure) = unread.closed {
        failure.hints.push("to check Graph's half alone, say so: --graph-only".to_owned());
        console.eprint_failure(&failure);
        exit = if is_unmet { exit } else { failure.exit };
    } else if unread.is_left_out && !is_unmet {
        console.eprint(
            "The portal half of the spec was not looked at, so this is no 0. Where Graph's half alone is to decide, as in a \
             pipeline, say so: --allow-unread.\n",
        );
        exit = Exit::ConditionUnmet;
    }
    CommandOutput { exit, json: verify::json(checks, events) }
}

fn ending_check(ending: Ending) -> Check {
    match ending {
        Ending::Reset => Check::new("reset", Some(true), "the audit log shows a successful reset"),
        Ending::Blocked => Check::new(
            "reset",
            Some(false),
            "the service blocked the user: too few methods registered, or too many attempts",
        ),
        Ending::OutOfTime(None) => Check::new(
            "reset",
            Some(false),
            "time ran out before the audit log showed anything; it can be an hour late",
        ),
        Ending::OutOfTime(Some(step)) => Check::new(
            "reset",
            Some(false),
            format!("time ran out; the furthest the user came: {}", step.message()),
        ),
    }
}
