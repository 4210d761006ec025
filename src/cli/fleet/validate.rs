//! `sspr fleet validate`: checks a fleet file without signing in, and shows what one tenant gets.

use std::path::PathBuf;

use clap::Args;

use super::load_fleet;
use crate::cli::{CommandOutput, CommandResult, Console, Global};
use crate::error::{Exit, Failure};
use crate::plan::fleet_findings;
use crate::render::{fleet as render, github};
use crate::spec_file::fleet::{Fleet, Selection};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr fleet validate                  check fleet.yaml; exit 65 if it is invalid: for a commit hook
  sspr fleet validate --show contoso.onmicrosoft.com
                                       what this tenant gets, as a file of its own")]
pub(in crate::cli) struct FleetValidateArgs {
    /// The fleet's YAML file
    #[arg(value_name = "FILE", default_value = "fleet.yaml")]
    pub(super) file: PathBuf,
    /// Show what this tenant gets, its own laid over the spec of all: a spec that `plan` and `apply` take
    #[arg(long, value_name = "TENANT")]
    pub(super) show: Option<String>,
}

pub(super) fn run(args: &FleetValidateArgs, global: &Global, console: &mut Console) -> CommandResult {
    let fleet = load_fleet(&args.file, global)?;
    if let Some(tenant) = &args.show {
        return show(&fleet, tenant, console);
    }
    let findings = fleet_findings(&fleet);
    console.annotate(Some(fleet.path()), |file| {
        findings.iter().map(|found| github::finding(&found.finding, found.place, file)).collect()
    })?;
    console.show(render::valid(&fleet, &findings))?;
    Ok(CommandOutput { exit: Exit::Done, json: render::valid_json(&fleet, &findings) })
}

fn show(fleet: &Fleet, tenant: &str, console: &mut Console) -> CommandResult {
    let selection = Selection { tenants: vec![tenant.to_owned()], ..Selection::default() };
    let found = fleet.select(&selection).map_err(|error| {
        Failure::new(
            Exit::Usage,
            error.into(),
            "`sspr fleet validate --format json` lists the tenants of the file",
        )
    })?;
    for tenant in &found {
        console.hand_over(&tenant.spec.to_yaml())?;
    }
    let json = found.first().map(|tenant| render::shown_json(fleet, tenant)).unwrap_or_default();
    Ok(CommandOutput { exit: Exit::Done, json })
}
