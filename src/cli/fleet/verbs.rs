//! The commands that do something in each tenant of a fleet.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::arguments::{FleetArgs, FleetWritingFlags};
use crate::cli::graph_only::SurfaceFlags;
use crate::cli::guard_flags::GuardFlags;
use crate::cli::people::percent;
use crate::outcome::fleet::FleetVerb;
use crate::render::markdown;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TenantsCommand {
    /// Show what would change in each tenant; never writes
    Plan(FleetPlanArgs),
    /// Plan every tenant, ask once, then write wave after wave
    Apply(FleetApplyArgs),
    /// Check each tenant against its spec
    Verify(FleetVerifyArgs),
    /// Show for each tenant whether password reset is on, and how many are ready
    Status(FleetStatusArgs),
    /// Write one HTML page with a row for each tenant
    Report(FleetReportArgs),
    /// Set password reset to None in each tenant
    Cleanup(FleetCleanupArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet plan                       every tenant of fleet.yaml
  sspr fleet plan --wave canary         those of one wave
  sspr fleet plan --out plans           save a plan for each tenant, for review
  sspr fleet plan --only-failed         those that could not be planned the last time")]
pub(in crate::cli) struct FleetPlanArgs {
    #[command(flatten)]
    pub(super) fleet: FleetArgs,
    /// Save a plan for each tenant in this folder, with an index
    #[arg(long, short, value_name = "FOLDER")]
    pub(super) out: Option<PathBuf>,
    /// Exit with 2 if changes are pending
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    #[command(flatten)]
    pub(super) surfaces: SurfaceFlags,
    #[command(flatten)]
    pub(super) guards: GuardFlags,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet apply                      plan every tenant, ask, then write wave after wave
  sspr fleet apply plans --yes          apply exactly what was reviewed
  sspr fleet apply --only-failed        take up what the last run left
  sspr fleet apply --max-failures 10%   go on while no more than that fail in a wave")]
pub(in crate::cli) struct FleetApplyArgs {
    #[command(flatten)]
    pub(super) fleet: FleetArgs,
    #[command(flatten)]
    pub(super) writing: FleetWritingFlags,
    /// Begin the next wave only once so many of the people of the one before are ready, of those who can be
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(super) gate: Option<f64>,
    /// Refuse saved plans that are older
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(super) max_age: u32,
    #[command(flatten)]
    pub(super) surfaces: SurfaceFlags,
    #[command(flatten)]
    pub(super) guards: GuardFlags,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet verify                     exit 5 if a tenant differs from its spec: for a nightly job
  sspr fleet verify --only-failed       those that differed, or could not be read, the last time")]
pub(in crate::cli) struct FleetVerifyArgs {
    #[command(flatten)]
    pub(super) fleet: FleetArgs,
    #[command(flatten)]
    pub(super) surfaces: SurfaceFlags,
    /// With --graph-only: exit with 0 if Graph's half matches, although the other half was not read
    #[arg(long, requires = "graph_only")]
    pub(super) allow_unread: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet status                     is it on, for how many people, how many are ready, in each tenant
  sspr fleet status --format json       for a dashboard")]
pub(in crate::cli) struct FleetStatusArgs {
    #[command(flatten)]
    pub(super) fleet: FleetArgs,
    #[command(flatten)]
    pub(super) surfaces: SurfaceFlags,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet report                     write fleet-report.html, a row for each tenant
  sspr fleet report --out all.html      to another file")]
pub(in crate::cli) struct FleetReportArgs {
    #[command(flatten)]
    pub(super) fleet: FleetArgs,
    /// The HTML file to write
    #[arg(long, short, value_name = "FILE", default_value = "fleet-report.html")]
    out: PathBuf,
    #[command(flatten)]
    pub(super) surfaces: SurfaceFlags,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet cleanup                    end every pilot: no one can reset, nothing else changes
  sspr fleet cleanup --tenant contoso.onmicrosoft.com --yes
                                        end one, without asking")]
pub(in crate::cli) struct FleetCleanupArgs {
    #[command(flatten)]
    pub(super) fleet: FleetArgs,
    #[command(flatten)]
    pub(super) writing: FleetWritingFlags,
}

impl TenantsCommand {
    /// Returns the word of the command.
    pub(super) fn verb(&self) -> FleetVerb {
        match self {
            Self::Plan(_) => FleetVerb::Plan,
            Self::Apply(_) => FleetVerb::Apply,
            Self::Verify(_) => FleetVerb::Verify,
            Self::Status(_) => FleetVerb::Status,
            Self::Report(_) => FleetVerb::Report,
            Self::Cleanup(_) => FleetVerb::Cleanup,
        }
    }

    pub(super) fn arguments(&self) -> &FleetArgs {
        match self {
            Self::Plan(args) => &args.fleet,
            Self::Apply(args) => &args.fleet,
            Self::Verify(args) => &args.fleet,
            Self::Status(args) => &args.fleet,
            Self::Report(args) => &args.fleet,
            Self::Cleanup(args) => &args.fleet,
        }
    }

    /// Returns the file or folder it is given.
    pub(super) fn file(&self) -> &PathBuf {
        &self.arguments().file
    }

    pub(super) fn surfaces(&self) -> Option<&SurfaceFlags> {
        match self {
            Self::Plan(args) => Some(&args.surfaces),
            Self::Apply(args) => Some(&args.surfaces),
            Self::Verify(args) => Some(&args.surfaces),
            Self::Status(args) => Some(&args.surfaces),
            Self::Report(args) => Some(&args.surfaces),
            Self::Cleanup(_) => None,
        }
    }

    pub(super) fn guards(&self) -> Option<&GuardFlags> {
        match self {
            Self::Plan(args) => Some(&args.guards),
            Self::Apply(args) => Some(&args.guards),
            _ => None,
        }
    }

    pub(super) fn writing(&self) -> Option<&FleetWritingFlags> {
        match self {
            Self::Apply(args) => Some(&args.writing),
            Self::Cleanup(args) => Some(&args.writing),
            _ => None,
        }
    }

    /// Returns the page it writes.
    pub(super) fn page(&self) -> Option<&PathBuf> {
        if let Self::Report(args) = self { Some(&args.out) } else { None }
    }

    /// Returns the marker of its page in a comment.
    pub(super) fn marker(&self) -> String {
        let command = format!("fleet {}", self.verb().as_str());
        markdown::marker(&command, Some(&self.file().display().to_string()))
    }
}
