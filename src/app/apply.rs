//! `apply` and `cleanup`: plan, show, ask, write and prove, for a spec from a file or for scope None.

use jiff::Timestamp;

use super::confirm_and_apply::{Carry, confirm_and_apply};
use super::fetch_tenant::{fetch_tenant, with_closed_portal_hint};
use super::observe::{SurfaceSelection, observe};
use super::permission_check::{needed_by, refuse_lacking};
use super::roll_out::read_where_one_opens;
use super::write::BackTo;
use super::{Confirm, Event, Observer, RollbackRequest, Session, Writing, rollback};
use crate::error::Failure;
use crate::outcome::applied::Ending;
use crate::outcome::{Applied, Refusal};
use crate::plan::{self, Overrides, PlanOptions, Reviewed, is_saved_plan};
use crate::spec_file::{self, Key, Spec};
use crate::tenant::graph_permissions;

const SCOPE_IS_THE_PORTALS: &str = "only the admin centre has the scope, so `cleanup` needs a person's sign-in and has no --graph-only; by hand, set Password reset > Properties to None";

/// What `apply` was given: a spec, or a saved plan together with the spec it was made from.
#[derive(Debug)]
pub struct ApplyFile {
    /// The desired state.
    pub spec: Spec,
    /// The plan that was reviewed, where one was saved.
    pub reviewed: Option<Reviewed>,
}

impl ApplyFile {
    /// Reads the bytes of a file called `name`. Where it is a saved plan, `read_spec` gets the bytes of the spec it
    /// names: they are parsed only once they are known to be the reviewed ones, because a plan file must not make sspr
    /// show another file's content. `except` is what of the spec is left out; of a saved plan, what it left out itself and
    /// nothing else. `max_age` is in days.
    ///
    /// # Errors
    /// The spec is invalid; the plan is not one, is too old, leaves out something else, or its spec was changed.
    pub fn parse(
        (name, bytes): (&str, &[u8]),
        except: &[Key],
        (now, max_age): (Timestamp, u32),
        read_spec: impl FnOnce(&str) -> Result<Vec<u8>, Failure>,
    ) -> Result<Self, Failure> {
        if !is_saved_plan(bytes) {
            return Ok(Self { spec: spec_file::load_except(name, bytes, except)?, reviewed: None });
        }
        let reviewed = Reviewed::parse(bytes).map_err(Refusal::Review)?;
        reviewed.check_age(now, max_age).map_err(Refusal::Review)?;
        let spec_bytes = read_spec(reviewed.spec_path())?;
        reviewed.check_spec(&spec_bytes).map_err(Refusal::Review)?;
        let planned = reviewed.except().map_err(Refusal::Review)?;
        let asked = if except.is_empty() { &*planned } else { except };
        let spec = spec_file::load_except(reviewed.spec_path(), &spec_bytes, asked)?;
        reviewed.check_except(spec.except()).map_err(Refusal::Review)?;
        Ok(Self { spec, reviewed: Some(reviewed) })
    }
}

/// What to apply.
#[derive(Clone, Copy, Debug)]
pub struct ApplyRequest<'a> {
    /// The desired state, and the plan it has to be, where one was reviewed.
    pub file: &'a ApplyFile,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// The guards a person has lifted.
    pub overrides: Overrides,
    /// How it is carried out.
    pub writing: Writing,
}

/// Makes the tenant what a spec says, and proves it by reading back.
///
/// # Errors
/// The tenant cannot be read or is not the spec's, a guard holds, no one confirmed, or the writing stopped.
pub async fn apply(
    session: &Session,
    request: ApplyRequest<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<Applied, Failure> {
    let ApplyRequest { file: ApplyFile { spec, reviewed }, is_graph_only, overrides, writing } = request;
    observer.on(Event::Began("reading the tenant"))?;
    let mut needed = needed_by(spec);
    needed.extend(writing.prove.map(|_| (&graph_permissions::AUDIT_LOG, None)));
    // Of a reviewed plan nothing is left out: another one has to be made.
    refuse_lacking(session, (Some(spec), !is_graph_only), &needed).await?;
    let mut tenant = fetch_tenant(session, spec, is_graph_only).await?;
    read_where_one_opens(session, spec, &mut tenant, observer).await?;
    let plan = plan::plan(spec, &tenant, PlanOptions { now: session.clock.now(), overrides });
    if let Some(reviewed) = reviewed {
        reviewed.check_plan(&plan).map_err(Refusal::Review)?;
    }
    let ending =
        Ending::Applied { spec: spec.path().to_owned(), is_graph_only, except: spec.except().to_vec() };
    let carry = Carry { plan, policy: tenant.policy.as_ref(), ending, writing, notices: Vec::new() };
    confirm_and_apply(session, carry, observer, confirm).await
}

/// How a pilot ends.
#[derive(Clone, Copy, Debug)]
pub struct CleanupRequest<'a> {
    /// A spec whose tenant guards against the wrong one.
    pub guard: Option<&'a Spec>,
    /// Also bring back what was there before the pilot: with whether others' edits since may go.
    pub restore: Option<bool>,
    /// How it is carried out.
    pub writing: Writing,
}

/// Sets the scope to None and changes nothing else; or goes all the way back.
///
/// # Errors
/// As [`apply`].
pub async fn cleanup(
    session: &Session,
    request: CleanupRequest<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<Applied, Failure> {
    let CleanupRequest { guard, restore, writing } = request;
    if let Some(overwrites_changes) = restore {
        let (command, back_to) = ("cleanup --restore", BackTo::Beginning);
        let request = RollbackRequest { guard, command, back_to, overwrites_changes, writing };
        return rollback(session, request, observer, confirm).await;
    }
    let spec = Spec::cleanup(guard);
    observer.on(Event::Began("reading the tenant"))?;
    refuse_lacking(session, (Some(&spec), true), &needed_by(&spec)).await?;
    let observed = observe(&session.reader, &spec, SurfaceSelection::Both).await;
    let tenant = observed.map_err(|error| with_closed_portal_hint(error, SCOPE_IS_THE_PORTALS))?.tenant;
    // Scope None reaches no one: there is no guard to lift.
    let options = PlanOptions { now: session.clock.now(), overrides: Overrides::default() };
    let plan = plan::plan(&spec, &tenant, options);
    let policy = tenant.policy.as_ref();
    let carry = Carry { plan, policy, ending: Ending::CleanedUp, writing, notices: Vec::new() };
    confirm_and_apply(session, carry, observer, confirm).await
}
