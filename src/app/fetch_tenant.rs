//! Reads the tenant with or without the admin centre (`--graph-only`), and hints where it refuses.

use super::observe::{SurfaceSelection, observe};
use super::session::Session;
use crate::client::ClientError;
use crate::error::Failure;
use crate::spec_file::Spec;
use crate::tenant::Tenant;

/// Reads what a plan starts from: both halves, or Graph's alone.
pub(super) async fn fetch_tenant(
    session: &Session,
    spec: &Spec,
    is_graph_only: bool,
) -> Result<Tenant, Failure> {
    let surfaces = if is_graph_only { SurfaceSelection::GraphOnly } else { SurfaceSelection::Both };
    let observed = observe(&session.reader, spec, surfaces).await;
    let hint = "pass --graph-only to plan Graph's half and list the rest as portal steps";
    observed.map(|observed| observed.tenant).map_err(|error| with_closed_portal_hint(error, hint))
}

/// Returns what a use case reads that writes nothing: it goes on with what is open.
pub(super) fn surfaces(is_graph_only: bool) -> SurfaceSelection {
    if is_graph_only { SurfaceSelection::GraphOnly } else { SurfaceSelection::BestEffort }
}

/// Adds a hint where the admin centre is closed to the sign-in.
pub(super) fn with_closed_portal_hint(error: anyhow::Error, hint: &str) -> Failure {
    let mut failure = Failure::from(error);
    let is_closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<ClientError>().is_some_and(ClientError::is_closed_portal)
    };
    if failure.error.chain().any(is_closed) {
        failure.hints.push(hint.to_owned());
    }
    failure
}
