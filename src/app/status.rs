//! `status`: whether password reset is on, for whom, since when and by whom, and how far the pilot's people are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::fetch_tenant::surfaces;
use super::history::list;
use super::observe::{last_change, observe_uncounted, settings_changes};
use super::permission_check::{needed_by, refuse_lacking};
use super::read_pilot::{PilotRequest, PilotState, read_pilot};
use super::roll_out::written;
use super::{Event, Observer, Session};
use crate::client::{ClientError, LoggedChange};
use crate::error::Failure;
use crate::outcome::status::{GroupNow, ScopeNow, Since, Status};
use crate::outcome::verification::LastChange;
use crate::plan::{JournaledWrite, policy_group_ids};
use crate::spec_file::Spec;
use crate::store::Run;
use crate::tenant::{Object, Resource, Scope, Tenant, Witness};

/// What to tell.
#[derive(Clone, Copy, Debug)]
pub struct StatusRequest<'a> {
    /// The spec of the pilot.
    pub spec: &'a Spec,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// Whether the registration report is read, which allows five requests in ten seconds.
    pub wants_registration: bool,
    /// Whether those who read it may see who changed what.
    pub shows_names: bool,
}

/// How many days of resets are counted, and of how many pages of the log at most.
const DAYS: u16 = 7;
const LOG_PAGES: usize = 5;
/// The fields of the policy that say who can reset.
const WHO: [&str; 2] = ["enablementType", "passwordResetEnabledGroupIds"];
/// How far this machine's clock and the service's may be apart.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Reads how a pilot stands. The changes of the settings are read beside the people. Writes nothing.
///
/// # Errors
/// The tenant's settings cannot be read, or it is not the spec's. What else may not be read is unknown.
pub async fn status(
    session: &Session,
    request: StatusRequest<'_>,
    observer: &impl Observer,
) -> Result<Status, Failure> {
    let StatusRequest { spec, is_graph_only, wants_registration, shows_names } = request;
    observer.on(Event::Began("reading the tenant"))?;
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed_by(spec)).await?;
    let observed = observe_uncounted(&session.reader, spec, surfaces(is_graph_only)).await?;
    let closed = observed.closed.as_ref().map(ClientError::with_causes);
    let wanted = PilotRequest {
        spec,
        is_graph_only,
        wants_registration,
        may_lack_people: true,
        days: DAYS,
        pages: LOG_PAGES,
    };
    let (read, changes) = tokio::join!(
        read_pilot(session, wanted, observed, observer),
        settings_changes(&session.reader.graph, session.clock.now()),
    );
    let PilotState { tenant, mut report, not_looked_at, no_people } = read?;
    let scope = scope(
        &tenant,
        &report.group_names,
        closed.as_deref().unwrap_or("the admin centre was left out by --graph-only"),
    );
    let runs = session.state.load_history_of(tenant.organization.id).unwrap_or_else(|error| {
        report.unread.push(format!("the runs of this machine ({error:#})"));
        Vec::new()
    });
    let mut since = tenant.policy.as_ref().map(|policy| since(&runs, &tenant, policy, &changes));
    let mut last_change = last_change(changes);
    if !shows_names {
        forget_names(since.as_mut(), last_change.as_mut());
    }
    let last_run = list(runs, shows_names).pop();
    Ok(Status { scope, since, last_change, report, days: DAYS, no_people, not_looked_at, last_run })
}

fn forget_names(since: Option<&mut Since>, change: Option<&mut LastChange>) {
    if let Some(Since::Known { by, .. }) = since {
        by.clear();
    }
    if let Some(LastChange::Known { by, .. }) = change {
        *by = None;
    }
}

fn scope(tenant: &Tenant, names: &BTreeMap<String, String>, closed: &str) -> ScopeNow {
    let Some(policy) = &tenant.policy else { return ScopeNow::Unknown { why: closed.to_owned() } };
    match Scope::of(policy) {
        Some(Scope::None) => ScopeNow::Off,
        Some(Scope::All) => ScopeNow::Everyone,
        Some(Scope::Selected) => {
            let group = |id: String| GroupNow { name: names.get(&id).cloned(), id };
            ScopeNow::Groups(policy_group_ids(policy).into_iter().map(group).collect())
        }
        None => ScopeNow::Unknown { why: "the policy does not say it in a form sspr knows".to_owned() },
    }
}

/// Finds when it was last changed who can reset: by the records of this machine, or by a later line of the audit log.
fn since(
    runs: &[Run],
    tenant: &Tenant,
    policy: &Object,
    changes: &Result<Vec<LoggedChange>, String>,
) -> Since {
    let names_it = |change: &&LoggedChange| {
        let mut properties = change.targets.iter().flat_map(|target| &target.properties);
        properties.any(|property| WHO.contains(&&**property))
    };
    let logged = changes.iter().flatten().filter(names_it).max_by_key(|change| change.at);
    let recorded = recorded(runs, tenant, policy);
    // The line of a write that is on record comes right after it.
    let later = logged.filter(|change| recorded.is_none_or(|(_, at)| change.at > at + SKEW));
    let why = |log: &str| Since::Unknown { why: format!("no run of this machine set it, and {log}") };
    match (later, recorded, changes) {
        (Some(change), ..) => Since::Known {
            at: change.at,
            by: change.by.name.iter().cloned().collect(),
            witness: Witness::AuditLog,
        },
        (None, Some((run, at)), _) => Since::Known { at, by: run.by.clone(), witness: Witness::Journal },
        (None, None, Ok(_)) => why("the last 30 days of the audit log do not show it"),
        (None, None, Err(reason)) => why(&format!("the audit log was not read: {reason}")),
    }
}

/// Finds the run that left it as it is, and when that was planned.
fn recorded<'a>(runs: &'a [Run], tenant: &Tenant, policy: &Object) -> Option<(&'a Run, Timestamp)> {
    let who = |policy: &Object| (Scope::of(policy), policy_group_ids(policy));
    let of_run =
        |run: &'a Run| written(run, tenant.organization.id).into_iter().map(move |write| (run, write));
    let sets_it = |(_, (_, write)): &(&Run, (Timestamp, JournaledWrite))| {
        *write.resource() == Resource::PasswordReset && who(write.prior()) != who(write.operation.desired())
    };
    let (run, (at, write)) = runs.iter().flat_map(of_run).filter(sets_it).last()?;
    (who(write.operation.desired()) == who(policy)).then_some((run, at))
}
