//! The `--graph-only` flag.

use clap::Args;

#[derive(Debug, Args)]
pub(super) struct SurfaceFlags {
    /// Use Microsoft Graph alone, for a sign-in that the admin centre refuses, and list what is left to do there
    #[arg(long)]
    pub(super) graph_only: bool,
}
