//! The `--graph-only` flag, and the steps it leaves to do by hand.

use clap::Args;

use super::Console;
use crate::error::Failure;
use crate::plan::Plan;
use crate::render::{markdown, portal_steps, text};

#[derive(Debug, Args)]
pub(super) struct SurfaceFlags {
    /// Use Microsoft Graph alone, for a sign-in that the admin centre refuses, and list what is left to do there
    #[arg(long)]
    pub(super) graph_only: bool,
}

/// Says what a person must click, where the admin centre was left out.
pub(super) fn show_portal_steps(plan: &Plan, console: &mut Console) -> Result<(), Failure> {
    let Some(steps) = &plan.portal_steps else { return Ok(()) };
    let steps = portal_steps(steps);
    console.add_to_page(|| format!("\n{}", markdown::blocks(&steps)));
    console.print_for_person(&format!("\n{}", text::blocks(&steps, None)))
}
