//! `sspr fleet matrix`: the jobs among which a pipeline shares a fleet.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::load_fleet;
use crate::cli::{CommandOutput, CommandResult, Console, Global};
use crate::error::Exit;
use crate::render::fleet as render;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet matrix --shards 8              a line that GitHub's fromJSON takes
  sspr fleet matrix --shards 8 --for azure  the same for Azure Pipelines
  sspr fleet plan --shard 3/8               what one of the jobs then runs")]
pub(in crate::cli) struct FleetMatrixArgs {
    /// The fleet's YAML file
    #[arg(value_name = "FILE", default_value = "fleet.yaml")]
    pub(super) file: PathBuf,
    /// Among how many jobs the tenants are shared; which one gets a tenant depends on its name alone
    #[arg(long, value_name = "N", value_parser = shards)]
    shards: u32,
    /// Whose pipeline it is for
    #[arg(long = "for", value_enum, value_name = "PIPELINE", default_value_t = Pipeline::Github)]
    pipeline: Pipeline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Pipeline {
    /// GitHub Actions: `strategy.matrix: ${{ fromJSON(...) }}`
    Github,
    /// Azure Pipelines: `strategy: matrix: $[ ... ]`
    Azure,
}

/// How many jobs GitHub runs of one matrix, in one run of a workflow
/// (<https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations>). Microsoft
/// documents no limit for Azure Pipelines; the same is kept there.
const MOST_JOBS: u32 = 256;

fn shards(text: &str) -> Result<u32, String> {
    let number: u32 = text.parse().map_err(|_| "write a whole number".to_owned())?;
    match number {
        0 => Err("at least 1 job is needed".to_owned()),
        1..=MOST_JOBS => Ok(number),
        _ => Err(format!(
            "a matrix has at most {MOST_JOBS} jobs: GitHub runs no more in one run of a workflow"
        )),
    }
}

pub(super) fn run(args: &FleetMatrixArgs, global: &Global, console: &mut Console) -> CommandResult {
    let fleet = load_fleet(&args.file, global)?;
    let shares = fleet.shares(args.shards);
    let json = match args.pipeline {
        Pipeline::Github => render::matrix_for_github(&shares),
        Pipeline::Azure => render::matrix_for_azure(&shares),
    };
    console.hand_over(&json)?;
    let empty = shares.iter().filter(|share| share.tenants == 0).count();
    if empty > 0 {
        console.story.eprint(&render::empty_shards(empty, shares.len()));
    }
    Ok(CommandOutput { exit: Exit::Done, json })
}
