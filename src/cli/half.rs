//! `--graph-only`: the half a sign-in without a person can do.

use anyhow::Result;
use clap::Args;

use super::console::Console;
use crate::client::TenantReader;
use crate::engine::{observe, observe_graph_half};
use crate::error::Failure;
use crate::report::markdown::fenced;
use crate::report::portal_steps;
use crate::spec::Spec;
use crate::tenant::Tenant;

/// Which of the two surfaces a command keeps to.
#[derive(Debug, Args)]
pub(super) struct Half {
    /// Keep to Microsoft Graph, for a sign-in the admin centre refuses, and say what is left to click
    #[arg(long)]
    graph_only: bool,
}

impl Half {
    /// Returns whether the admin centre is left out.
    pub(super) fn is_graph_only(&self) -> bool {
        self.graph_only
    }

    /// Reads what the command keeps to.
    pub(super) async fn observe(&self, reader: &TenantReader, spec: &Spec) -> Result<Tenant> {
        match self.graph_only {
            true => observe_graph_half(reader, spec).await,
            false => observe(reader, spec).await,
        }
    }

    /// Says what a person must click, where the admin centre was left out.
    pub(super) fn say_what_is_left(
        &self,
        spec: &Spec,
        tenant: &Tenant,
        console: &mut Console,
    ) -> Result<(), Failure> {
        if !self.graph_only {
            return Ok(());
        }
        let steps = portal_steps(spec, tenant);
        console.add_to_page(|| format!("\n{}", fenced(&steps)));
        console.say_or_tell(&format!("\n{steps}"))
    }
}
