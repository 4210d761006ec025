//! Turns a `fleet` command line into a request, and shows what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::front::FleetFront;
use super::plans_folder::{PlansFolder, ReadPlans, read_plans};
use super::verbs::TenantsCommand;
use crate::app::Writing;
use crate::app::fleet::{FleetContext, FleetRequest, TenantRequest, fleet};
use crate::cli::guard_flags::GuardFlags;
use crate::cli::session::{clock, open_state};
use crate::cli::spec_arguments::{load_bytes, name_of};
use crate::cli::tenant_sessions::TenantSessions;
use crate::cli::{CommandOutput, CommandResult, Console, Front, Global};
use crate::error::{Exit, Failure};
use crate::outcome::Refusal;
use crate::outcome::fleet::FleetRun;
use crate::render::fleet as render;
use crate::spec_file::fleet::{Fleet, FleetTenant, load};
use crate::store::FleetRecords;

pub(super) async fn run(command: &TenantsCommand, global: &Global, console: &mut Console) -> CommandResult {
    let (verb, args) = (command.verb(), command.arguments());
    let saved = saved_plans(command, global)?;
    let (file, fleet) = fleet_of(args.file.as_path(), saved.as_ref(), global, console)?;
    let state = open_state(global)?;
    let records = state.fleet_records(&std::fs::canonicalize(&file).unwrap_or_else(|_| file.clone()), verb);
    let mut tenants = fleet.select(&args.selection()).map_err(|error| {
        Failure::new(
            Exit::Usage,
            error.into(),
            "`sspr fleet validate` lists the tenants and waves of the file",
        )
    })?;
    if let Some(saved) = &saved {
        tenants.retain(|tenant| saved.index.plans.iter().any(|plan| plan.tenant == tenant.tenant));
    }
    if args.only_failed {
        tenants = left_of(tenants, &records, (&fleet, verb.as_str()), state.root(), console)?;
    }
    let names: Vec<String> = tenants.iter().map(|tenant| tenant.tenant.clone()).collect();
    let each = each(command, console);
    let request = FleetRequest {
        each,
        fleet: &fleet,
        tenants,
        shard: args.shard.map(|shard| shard.to_string()),
        reviewed: saved.map(|saved| saved.plans),
        parallel: usize::from(args.parallel),
        max_failures: args.max_failures,
        gate: if let TenantsCommand::Apply(args) = command { args.gate } else { None },
        limits: args.limits(each.writing),
    };
    let context = FleetContext {
        records: &records,
        stop: &global.stop,
        clock: clock(global),
        is_sandbox: global.sandbox,
    };
    let root = args.azure_config_root.as_deref();
    let sessions = Arc::new(TenantSessions::of(global, &names, root, each.is_graph_only).await?);
    // Last, because plans of before go from the folder.
    let folder = match command {
        TenantsCommand::Plan(args) => args.out.as_deref().map(PlansFolder::take).transpose()?,
        _ => None,
    };
    let mut front = FleetFront::new(Front::new(console), folder.as_ref());
    front.front.is_confirmed = command.writing().is_some_and(|flags| flags.yes);
    let mut run = self::fleet(sessions, request, context, &front, &front).await?;
    if let Some(folder) = &folder {
        folder.finish(&mut run)?;
    }
    show(&run, command, console)
}

/// Returns what the command does in each tenant.
fn each(command: &TenantsCommand, console: &Console) -> TenantRequest {
    let shows_names = console.shows_names();
    let nothing = Writing { wait: Duration::ZERO, prove: None, shows_names };
    TenantRequest {
        verb: command.verb(),
        is_graph_only: command.surfaces().is_some_and(|flags| flags.graph_only),
        allows_unread: matches!(command, TenantsCommand::Verify(args) if args.allow_unread),
        is_detailed: matches!(command, TenantsCommand::Plan(args) if args.detailed_exitcode),
        overrides: command.guards().map(GuardFlags::overrides).unwrap_or_default(),
        writing: command.writing().map_or(nothing, |flags| flags.writing(shows_names)),
    }
}

/// Reads the plans that `apply` is given, where it is given a folder.
fn saved_plans(command: &TenantsCommand, global: &Global) -> Result<Option<ReadPlans>, Failure> {
    match command {
        TenantsCommand::Apply(args) if args.fleet.file.is_dir() => {
            read_plans(&args.fleet.file, global, (clock(global).now(), args.max_age)).map(Some)
        }
        _ => Ok(None),
    }
}

/// Reads the fleet file: the one that was named, or the one that saved plans were made from.
fn fleet_of(
    named: &Path,
    saved: Option<&ReadPlans>,
    global: &Global,
    console: &mut Console,
) -> Result<(PathBuf, Fleet), Failure> {
    let Some(saved) = saved else {
        return Ok((named.to_owned(), super::load_fleet(named, global)?));
    };
    let path = PathBuf::from(&saved.index.fleet.path);
    // Commands that are named from here on are about the file.
    console.command_line.typed.spec = Some(saved.index.fleet.path.clone());
    console.refuse_input(&path)?;
    let bytes = load_bytes(&path, global)?;
    saved.check_fleet(&bytes)?;
    Ok((path.clone(), load(&name_of(&path), &bytes)?))
}

/// Keeps the tenants that the last run of a command left, and says which.
///
/// # Errors
/// There is no record of it.
fn left_of<'a>(
    mut tenants: Vec<&'a FleetTenant>,
    records: &FleetRecords,
    (fleet, verb): (&Fleet, &'static str),
    state: &Path,
    console: &mut Console,
) -> Result<Vec<&'a FleetTenant>, Failure> {
    let names: Vec<&str> = tenants.iter().map(|tenant| &*tenant.tenant).collect();
    let Some(last) = records.last_results(&names)? else {
        let (fleet, state) = (fleet.path().to_owned(), state.display().to_string());
        return Err(Refusal::NoFleetRecord { verb, fleet, state }.into());
    };
    let of = tenants.len();
    let result = |tenant: &FleetTenant| last.get(&tenant.tenant.to_lowercase()).copied();
    tenants.retain(|tenant| result(tenant).is_some_and(|result| !result.is_fine()));
    console.story.eprint(&render::taken_up(of, tenants.iter().filter_map(|tenant| result(tenant))));
    Ok(tenants)
}

fn show(run: &FleetRun, command: &TenantsCommand, console: &mut Console) -> CommandResult {
    let saved = match command {
        TenantsCommand::Plan(args) => args.out.as_deref().map(name_of),
        TenantsCommand::Apply(args) if args.fleet.file.is_dir() => Some(name_of(&args.fleet.file)),
        _ => None,
    };
    if let Some(page) = command.page() {
        console.save(page, &render::html_page(run))?;
    }
    console.show(render::document(run, saved.as_deref()))?;
    console.set_page(|| render::page(run));
    Ok(CommandOutput { exit: Exit::gravest([run.exit]), json: render::json(run) })
}
