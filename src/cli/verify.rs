//! `sspr verify`: the tenant against the spec, one user as a tester, and their reset seen in the audit log.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::console::{Console, Done};
use super::half::Half;
use super::people::is_explicit;
use super::session::{Session, load_spec};
use super::{Global, SpecFile};
use crate::engine::{Ending, Observed, Tester, Whereabouts, look_at, observe_settings, watch};
use crate::error::{Exit, Failure};
use crate::people::{HeldRole, Why};
use crate::plan::{Allowances, Circumstances, Terms, plan};
use crate::report::verify::{self, Check, SeenEvent};
use crate::report::{github, markdown};

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
}

pub(super) async fn run(args: &VerifyArgs, global: &Global, console: &mut Console) -> Result<Done, Failure> {
    // Before anything is read: a reset made while this looks around must not be missed.
    let since = Timestamp::now();
    let spec = load_spec(&args.spec.file)?;
    let session = Session::open(global).await?;
    console.begin("reading the tenant");
    let Observed { tenant, closed } = observe_settings(&session.reader, &spec, args.half.halves()).await?;
    let plan = plan(&spec, &tenant, circumstances(global));
    let mut checks = verify::drift(&plan);
    let closed = closed.map(Failure::from);
    console.set_page(|| markdown::verify(&checks, None, &[]));
    console.annotate(plan.file(), |file| github::checks(&checks, &plan.lines, file))?;
    let Some(user) = &args.user else {
        console.say(&verify::text(&checks))?;
        return Ok(done(&checks, &[], closed, console));
    };
    let place = Whereabouts::new(&session.reader, tenant, Vec::new()).await?;
    let rule = Terms::rule(&spec, &place.tenant, is_explicit(global));
    let tester = look_at(&session.reader.graph, &place, rule, user).await?;
    match &tester {
        None => {
            checks.push(Check::new("user", Some(false), format!("there is no user {user} in this tenant")))
        }
        Some(tester) => checks.extend(tester_checks(tester, &place.group.display_name)),
    }
    let name = tester.as_ref().map(|tester| tester.row.person.name());
    console.set_page(|| markdown::verify(&checks, name.as_deref(), &[]));
    console.say(&verify::text(&checks))?;
    let Some(tester) = tester else { return Ok(done(&checks, &[], closed, console)) };
    console.say(&verify::steps(&tester.row.person.name()))?;
    if !args.watch {
        return Ok(done(&checks, &[], closed, console));
    }
    let watched = Watched { user: tester.row.person.id, since, watch_for: args.watch_for };
    let (ending, events) = follow(&session, watched, console).await?;
    let check = ending_check(ending);
    console.say(&verify::text(std::slice::from_ref(&check)))?;
    checks.push(check);
    console.set_page(|| markdown::verify(&checks, name.as_deref(), &events));
    // The reset is what was asked about: a check that failed on the way was told above.
    let exit = if ending == Ending::Reset { Exit::Done } else { Exit::ConditionUnmet };
    Ok(Done { exit, json: verify::json(&checks, &events) })
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
    console.tell("Watching the audit log, which is 5 to 10 minutes late. Ctrl-C stops.\n");
    console.begin("watching the audit log");
    let mut events = Vec::new();
    let mut hear = |event: &crate::client::AuditEvent, _: crate::people::Step| {
        let seen = SeenEvent {
            at: event.at.to_string(),
            activity: event.activity.clone(),
            ok: event.is_success,
            reason: event.reason.clone(),
        };
        console.tell(&verify::event(&seen));
        events.push(seen);
    };
    let times = (session.pause_between_looks, Duration::from_secs(watch_for));
    let ending = watch(&session.reader.graph, user, since, times, &mut hear).await?;
    Ok((ending, events))
}

/// Nothing is written, so no guard has anything to guard.
pub(super) fn circumstances(global: &Global) -> Circumstances {
    let allowances = Allowances { all_users: true, raising_required: true, ..Allowances::default() };
    Circumstances { today: global.today(), allowances }
}

/// Ends with what the checks say. Where none fails, and half of what was asked about is behind a closed door,
/// there is no telling.
fn done(checks: &[Check], events: &[SeenEvent], closed: Option<Failure>, console: &mut Console) -> Done {
    let is_unmet = checks.iter().any(|check| check.ok == Some(false));
    let mut exit = if is_unmet { Exit::ConditionUnmet } else { Exit::Done };
    if let Some(mut failure) = closed {
        failure.hints.push("to check Graph's half alone, say so: --graph-only".to_owned());
        console.tell_failure(&failure);
        exit = if is_unmet { exit } else { failure.exit };
    }
    Done { exit, json: verify::json(checks, events) }
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
            format!("time ran out; the furthest the user came: {}", step.told()),
        ),
    }
}

fn tester_checks(tester: &Tester, group: &str) -> Vec<Check> {
    let (row, why) = (&tester.row, &tester.row.readiness.why);
    let person = &row.person;
    let mut checks = vec![match person.is_enabled {
        Some(false) => Check::new("account", Some(false), "the account is disabled"),
        is_enabled => Check::new(
            "account",
            is_enabled,
            if is_enabled.is_some() { "the account is enabled" } else { "account state unknown" },
        ),
    }];
    let member = match &tester.path {
        None => Check::new("member", Some(false), format!("not a member of {group}")),
        Some(path) if path.is_empty() => Check::new("member", Some(true), format!("directly in {group}")),
        Some(path) => Check::new(
            "member",
            Some(true),
            format!("in {group} through {}", path.iter().rev().cloned().collect::<Vec<_>>().join(" › ")),
        ),
    };
    checks.push(member);
    let roles: Vec<String> = row.roles.iter().map(HeldRole::name).collect();
    checks.push(match (row.is_administrator, roles.is_empty()) {
        (Some(true), _) => Check::new(
            "ordinary-user",
            Some(false),
            format!("an administrator falls under Microsoft's two-gate policy: {}", roles.join(", ")),
        ),
        (None, _) => {
            Check::new("ordinary-user", None, "roles could not be read (RoleManagement.Read.Directory)")
        }
        (Some(false), true) if !tester.is_eligibility_known => Check::new(
            "ordinary-user",
            None,
            "no active role; whether one can be activated is unknown (RoleEligibilitySchedule.Read.Directory)",
        ),
        (Some(false), true) => Check::new("ordinary-user", Some(true), "no administrator role"),
        (Some(false), false) => Check::new(
            "ordinary-user",
            None,
            format!("a role outside the two-gate list, or not active: {}", roles.join(", ")),
        ),
    });
    if person.is_guest == Some(true) {
        checks.push(Check::new("guest", Some(false), "guests reset their password where they come from"));
    }
    let licensed = person.licence.is_licensed(person);
    checks.push(Check::new(
        "licence",
        licensed,
        person.licence.name().unwrap_or("nothing assigned covers password reset"),
    ));
    if person.is_synced {
        checks.push(Check::new(
            "writeback",
            tester.writeback,
            "the account is synchronised: its reset has to be written back",
        ));
    }
    let lacks = |reason: Why| why.contains(&reason);
    let methods = row.methods.as_deref().map(|methods| methods.join(", "));
    checks.push(match methods {
        None if lacks(Why::ReportNotRead) => {
            Check::new("registered", None, "the registration report could not be read (AuditLog.Read.All)")
        }
        None => {
            Check::new("registered", None, "no row in the registration report, which is up to 36 hours late")
        }
        Some(methods) if lacks(Why::TooFewMethods) => {
            let told = if methods.is_empty() { "no methods".to_owned() } else { methods };
            Check::new(
                "registered",
                None,
                format!("not enough yet, as the report (up to 36 hours late) has it: {told}"),
            )
        }
        Some(methods) => Check::new("registered", Some(true), methods),
    });
    checks
}
