//! A session: a tenant's reader, writer and state, with the clock and the stop of a run.

use std::time::Duration;

use super::clock::Clock;
use crate::client::{KeptSignIns, TenantReader, TenantWriter};
use crate::stop::Stop;
use crate::store::StateDir;
use crate::tenant::SnapshotMark;

/// One tenant within reach. Everything in it is this session's own, so that many can live side by side: who is signed in,
/// how fast requests may go, what stops it, where its records are. What sessions share is in
/// [`crate::client::Connections`].
#[derive(Clone, Debug)]
pub struct Session {
    /// Reads the tenant.
    pub reader: TenantReader,
    /// Writes it; handed to [`super::write`] alone.
    pub writer: TenantWriter,
    /// Where locks, baselines and journals are kept.
    pub state: StateDir,
    /// The sign-ins that `sspr login` keeps.
    pub kept: KeptSignIns,
    /// Asked when the run should end early.
    pub stop: Stop,
    /// What time it is.
    pub clock: Clock,
    /// How long to wait between two looks at the audit log.
    pub pause_between_looks: Duration,
    /// Whether the tenant is the built-in pretend one.
    pub is_sandbox: bool,
    /// What is read from a snapshot and not from the tenant, where something is.
    pub snapshot: Option<SnapshotMark>,
}
