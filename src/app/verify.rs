//! `verify`: checks the tenant against the spec and one user as a tester, and follows their reset.

use std::time::Duration;

use jiff::Timestamp;

use super::against::refuse_without_people;
use super::fetch_tenant::surfaces;
use super::observe::{
    Observed, PilotContext, WatchEnd, inspect_user, last_change, observe_settings, settings_changes, watch,
};
use super::permission_check::{needed_by, refuse_lacking};
use super::{Event, Observer, Session};
use crate::client::{AuditEvent, ClientError};
use crate::error::{Exit, Failure};
use crate::ids::UserId;
use crate::outcome::Obstacle;
use crate::outcome::verification::{About, Check, SeenEvent, Verification};
use crate::people::ResetStage;
use crate::plan::{PlanOptions, ResetPolicy, explicit_registration, plan};
use crate::spec_file::Spec;
use crate::tenant::{Resource, SETTINGS, Tenant, graph_permissions};
use crate::text::visible;

/// What to verify.
#[derive(Clone, Copy, Debug)]
pub struct VerifyRequest<'a> {
    /// The desired state.
    pub spec: &'a Spec,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// Whether it is fine that the admin centre's half is not looked at.
    pub allows_unread: bool,
    /// The user who tests: user principal name, the part of it before the `@`, or object id.
    pub user: Option<&'a str>,
    /// How long their reset is waited for; `None` is not at all.
    pub watch: Option<Duration>,
}

/// What was verified.
#[derive(Debug)]
pub struct VerifyReport {
    /// The checks, and what was seen of a reset.
    pub found: Verification,
    /// Why the admin centre's half is unknown, where it is closed to the sign-in.
    pub closed: Option<Failure>,
    /// What a person should know of the answer.
    pub notices: Vec<String>,
    /// What the command ends with.
    pub exit: Exit,
}

/// Compares the tenant with a spec, looks at one user, and follows the audit log until they have reset. What was found so
/// far is reported as [`Event::Compared`] before the user is looked up, and as [`Event::Checked`] before the log is watched.
///
/// # Errors
/// The tenant cannot be read, or is not the spec's.
pub async fn verify(
    session: &Session,
    request: VerifyRequest<'_>,
    observer: &impl Observer,
) -> Result<VerifyReport, Failure> {
    // Before anything is read: a reset made while this looks around must not be missed.
    let since = Timestamp::now();
    let VerifyRequest { spec, is_graph_only, allows_unread, user, watch: limit } = request;
    if user.is_some() {
        refuse_without_people(session, "`sspr verify --user`")?;
    }
    observer.on(Event::Began("reading the tenant"))?;
    let mut needed = needed_by(spec);
    needed.extend(user.map(|_| (&graph_permissions::USERS, None)));
    needed.extend(limit.map(|_| (&graph_permissions::AUDIT_LOG, None)));
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed).await?;
    let Observed { tenant, closed } =
        observe_settings(&session.reader, spec, surfaces(is_graph_only)).await?;
    let changes = settings_changes(&session.reader.graph, since).await;
    let mut plan = plan(spec, &tenant, PlanOptions::unguarded(session.clock.now()));
    plan.is_sandbox = session.is_sandbox;
    plan.snapshot.clone_from(&session.snapshot);
    let is_left_out = plan.portal_steps.as_ref().is_some_and(|steps| !steps.is_empty()) && !allows_unread;
    let unread = unread_writeback(spec, &tenant, closed.as_ref());
    let mut found = Verification::new(plan);
    found.checks.extend(unread);
    (found.is_portal_closed, found.last_change) = (closed.is_some(), last_change(changes));
    let closed = closed.map(Failure::from);
    observer.on(Event::Compared(&found))?;
    let Some(user) = user else {
        observer.on(Event::Checked(&found))?;
        return Ok(judged(found, closed, is_left_out));
    };
    let place = PilotContext::new(&session.reader, tenant, Vec::new()).await?;
    let rule = ResetPolicy::rule(spec, &place.tenant, explicit_registration(session.clock.today()));
    let tester = inspect_user(&session.reader.graph, &place, rule, user).await?;
    match &tester {
        Err(no_such_user) => found.checks.push(no_such_user.check(user)),
        Ok(tester) => {
            found.checks.extend(tester.checks(&place.group.display_name));
            found.tester = Some(tester.tested());
        }
    }
    let obstacle = found.tester.as_ref().and_then(|tested| tested.obstacle);
    let limit = limit.filter(|_| tester.is_ok() && !obstacle.is_some_and(Obstacle::is_final));
    found.is_watched = limit.is_some();
    observer.on(Event::Checked(&found))?;
    let (Ok(tester), Some(limit)) = (tester, limit) else {
        return Ok(judged(found, closed, is_left_out));
    };
    if let Some(failure) = closed {
        let why = visible(&failure.error.to_string());
        observer.on(Event::Notice(&format!("The admin centre's half is unknown: {why}")))?;
    }
    let end = follow(session, tester.row.person.id, (since, limit), &mut found, observer).await?;
    found.checks.push(end_check(end));
    // The reset is what was asked about: a check that failed on the way was reported before.
    let exit = if end == WatchEnd::Reset { Exit::Done } else { Exit::ConditionUnmet };
    Ok(VerifyReport { found, closed: None, notices: Vec::new(), exit })
}

/// Follows the audit log until a user has reset or the time is over, and adds what it shows to what was found.
async fn follow(
    session: &Session,
    user: UserId,
    (since, limit): (Timestamp, Duration),
    found: &mut Verification,
    observer: &impl Observer,
) -> Result<WatchEnd, Failure> {
    observer.on(Event::Notice("Watching the audit log, which is 5 to 10 minutes late. Ctrl-C stops."))?;
    observer.on(Event::Began("watching the audit log"))?;
    let mut on_event = |event: &AuditEvent, _: ResetStage| {
        let seen = SeenEvent {
            at: event.at.to_string(),
            activity: event.activity.clone(),
            ok: event.is_success,
            reason: event.reason.clone(),
        };
        // A reader that stopped listening still gets the end.
        let _ = observer.on(Event::Seen(&seen));
        found.events.push(seen);
    };
    let times = (session.pause_between_looks, limit);
    Ok(watch(&session.reader.graph, &session.stop, user, since, times, &mut on_event).await?)
}

/// Returns the checks of password writeback where the spec manages it and it alone could not be read: it takes another
/// role than the password reset policy.
fn unread_writeback(spec: &Spec, tenant: &Tenant, closed: Option<&ClientError>) -> Vec<Check> {
    let Some(error) = closed.filter(|_| tenant.policy.is_some()) else { return Vec::new() };
    let of_writeback = SETTINGS.iter().filter(|setting| setting.object == Resource::Writeback);
    let managed = of_writeback.filter(|setting| spec.value(setting.key).is_some());
    let message = format!("not readable with this sign-in ({})", error.reason("Global Administrator"));
    managed.map(|setting| Check::new(About::Finding, setting.key, None, message.clone())).collect()
}

/// Ends with what the checks say. Where none fails, and half of what was asked about was not looked at, that is no
/// yes.
fn judged(found: Verification, mut closed: Option<Failure>, is_left_out: bool) -> VerifyReport {
    let is_unmet = found.checks.iter().any(|check| check.ok == Some(false));
    let mut exit = if is_unmet { Exit::ConditionUnmet } else { Exit::Done };
    let mut notices = Vec::new();
    if let Some(failure) = &mut closed {
        let is_writeback = found.plan.as_ref().is_some_and(|plan| plan.portal_steps.is_none());
        failure.hints.push(match is_writeback {
            true => "to check everything else, pass --except writeback".to_owned(),
            false => "to check only Graph's half, pass --graph-only".to_owned(),
        });
        exit = if is_unmet { exit } else { failure.exit };
    } else if is_left_out && !is_unmet {
        notices.push(
            "The portal half of the spec was not checked, so the exit code is not 0. To accept Graph's half alone, as in a pipeline, pass --allow-unread."
                .to_owned(),
        );
        exit = Exit::ConditionUnmet;
    }
    VerifyReport { found, closed, notices, exit }
}

fn end_check(end: WatchEnd) -> Check {
    let message = match end {
        WatchEnd::Reset => "the audit log shows a successful reset".to_owned(),
        WatchEnd::Blocked => {
            "the service blocked the user: too few methods registered, or too many attempts".to_owned()
        }
        WatchEnd::OutOfTime(None) => {
            "time ran out before the audit log showed anything; it can be an hour late".to_owned()
        }
        WatchEnd::OutOfTime(Some(step)) => {
            format!("time ran out; the furthest the user came: {}", step.message())
        }
    };
    Check::new(About::Reset, "reset", Some(end == WatchEnd::Reset), message)
}
