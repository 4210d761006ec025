//! `--graph-only`, and what a command does where the admin centre is closed to the sign-in.

use clap::Args;

use super::console::Console;
use crate::app::observe::{SurfaceSelection, observe};
use crate::client::{ClientError, TenantReader};
use crate::error::Failure;
use crate::plan::Plan;
use crate::render::{markdown, portal_steps, text};
use crate::spec_file::Spec;
use crate::tenant::Tenant;

/// Which of the two surfaces a command keeps to.
#[derive(Debug, Args)]
pub(super) struct Half {
    /// Keep to Microsoft Graph, for a sign-in the admin centre refuses, and say what is left
    #[arg(long)]
    graph_only: bool,
}

impl Half {
    /// Returns whether the admin centre is left out.
    pub(super) fn is_graph_only(&self) -> bool {
        self.graph_only
    }

    /// Reads what a command that plans keeps to.
    pub(super) async fn observe(&self, reader: &TenantReader, spec: &Spec) -> Result<Tenant, Failure> {
        let surfaces = if self.graph_only { SurfaceSelection::GraphOnly } else { SurfaceSelection::Both };
        match observe(reader, spec, surfaces).await {
            Ok(observed) => Ok(observed.tenant),
            Err(error) => {
                let hint = "Graph's half alone, and the clicks for the rest: --graph-only";
                Err(with_closed_portal_hint(error, hint))
            }
        }
    }

    /// Returns what a command that writes nothing reads: without the flag it goes on with what is open.
    pub(super) fn surfaces(&self) -> SurfaceSelection {
        if self.graph_only { SurfaceSelection::GraphOnly } else { SurfaceSelection::BestEffort }
    }

    /// Says what a person must click, where the admin centre was left out.
    pub(super) fn say_what_is_left(&self, plan: &Plan, console: &mut Console) -> Result<(), Failure> {
        let Some(steps) = &plan.portal_steps else { return Ok(()) };
        let steps = portal_steps(steps);
        console.add_to_page(|| format!("\n{}", markdown::blocks(&steps)));
        console.say_or_tell(&format!("\n{}", text::blocks(&steps, None)))
    }
}

/// Adds a hint where what went wrong is that the admin centre is closed to the sign-in.
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
