//! `fleet`: one use case in many tenants, each apart from the others.
//!
//! Every tenant has its own sign-in, lock, journal, baseline, budget and time. What goes wrong in one, be it a panic, is its
//! own row of the result; whatever happens, each tenant that was asked for has a row. Where tenants are written, all are
//! planned first, and one question is asked about the whole.

mod alone;
mod gate;
mod reading;
mod rows;
mod run;
mod stop_rule;
mod tenant;
mod turns;
mod writing;

pub use alone::TenantLimits;
pub use stop_rule::{MaxFailures, NotAMaximum};

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;

use self::run::Run;
use super::{Clock, Confirm, Session, Writing};
use crate::error::Failure;
use crate::outcome::fleet::{FleetRun, FleetVerb, TenantRow};
use crate::plan::{Overrides, Plan, Reviewed};
use crate::spec_file::fleet::{Fleet, FleetTenant};
use crate::stop::Stop;
use crate::store::FleetRecords;

/// Opens a session with a tenant of a fleet: who signs in to it, and how.
pub trait OpenTenant: Send + Sync + 'static {
    /// Opens a session of its own with a tenant, which ends when `stop` is asked.
    ///
    /// # Errors
    /// No one is signed in to it, with the command to type.
    fn open(&self, tenant: &FleetTenant, stop: Stop)
    -> impl Future<Output = Result<Session, Failure>> + Send;
}

/// What is to be done, and in which tenants.
#[derive(Debug)]
pub struct FleetRequest<'a> {
    /// What is done in each of them.
    pub each: TenantRequest,
    /// The fleet file.
    pub fleet: &'a Fleet,
    /// The tenants it is about, as [`Fleet::select`] returns them.
    pub tenants: Vec<&'a FleetTenant>,
    /// The part of the fleet they are, as in `1/4`; `None` where it is all of it.
    pub shard: Option<String>,
    /// The plans that were reviewed, by tenant, or why one cannot be used; `None` where none were saved.
    pub reviewed: Option<BTreeMap<String, Result<Reviewed, Failure>>>,
    /// How many tenants are read together, and written together from the second wave on.
    pub parallel: usize,
    /// How many may fail before no further one is begun: of all while they are read, of a wave while it is written. `None`
    /// is any number while they are read, and none while they are written.
    pub max_failures: Option<MaxFailures>,
    /// The share of ready people, in percent of those who can be, that a wave has to reach before the next is begun.
    pub gate: Option<f64>,
    /// How long each may take.
    pub limits: TenantLimits,
}

/// What is to be done in every tenant alike.
#[derive(Clone, Copy, Debug)]
pub struct TenantRequest {
    /// The command.
    pub verb: FleetVerb,
    /// Whether the admin centre is left out.
    pub is_graph_only: bool,
    /// Whether it is fine that the admin centre's half is not compared.
    pub allows_unread: bool,
    /// Whether a plan with changes has a code of its own.
    pub is_detailed: bool,
    /// The guards a person has lifted.
    pub overrides: Overrides,
    /// How plans are carried out.
    pub writing: Writing,
}

/// What a run stands on.
#[derive(Clone, Copy, Debug)]
pub struct FleetContext<'a> {
    /// Where the run keeps its record.
    pub records: &'a FleetRecords,
    /// Asked when the run should end early: what is read stops, a write under way is finished, nothing more is begun.
    pub stop: &'a Stop,
    /// What time it is.
    pub clock: Clock,
    /// Whether the tenants are pretend ones.
    pub is_sandbox: bool,
}

/// Something that happened in a run.
#[derive(Clone, Copy, Debug)]
pub enum FleetEvent<'a> {
    /// From here on so many tenants are read.
    Reading {
        /// How many.
        tenants: usize,
    },
    /// A tenant was planned. An observer that saves it and cannot says so: it is that tenant's failure.
    Planned {
        /// The tenant.
        tenant: &'a TenantRow,
        /// Its plan.
        plan: &'a Plan,
    },
    /// A tenant's part is over; of one that is to be written, the reading of it.
    Ended {
        /// What became of it.
        row: &'a TenantRow,
        /// Whether it is to be written yet.
        is_pending: bool,
    },
    /// Every tenant is planned, and a person is asked about it.
    Asking(&'a FleetRun),
    /// Tenants are about to be written: an observer that cannot take the result says so now, and none is.
    Writing,
    /// From here on a wave is written.
    Wave {
        /// Its name.
        wave: &'a str,
        /// How many of its tenants are to be written.
        tenants: usize,
    },
    /// From here on the people of a wave that was written are counted, which the next wave waits for.
    Gate {
        /// Its name.
        wave: &'a str,
        /// How many tenants it has.
        tenants: usize,
    },
    /// Something a person should know, as a sentence.
    Notice(&'a str),
}

/// Receives the events of a run.
pub trait FleetObserver {
    /// Takes an event.
    ///
    /// # Errors
    /// It cannot be taken: what that means stands with each event.
    fn on(&self, event: FleetEvent<'_>) -> Result<()>;
}

/// Carries out a command in every tenant that was asked for.
///
/// # Errors
/// The run's own records cannot be written, or no result can be delivered: nothing was written to any tenant. What goes
/// wrong in a tenant is in its row.
pub async fn fleet<O: OpenTenant>(
    opener: Arc<O>,
    request: FleetRequest<'_>,
    context: FleetContext<'_>,
    observer: &impl FleetObserver,
    confirm: &impl Confirm,
) -> Result<FleetRun, Failure> {
    let mut run = Run::begin(opener, request, context, observer)?;
    run.read().await;
    if run.writes() {
        run.confirm(confirm).await?;
        run.write().await;
    }
    Ok(run.finish())
}
