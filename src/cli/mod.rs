//! The command line: parses arguments, calls a use case, and turns its result into text and an exit code.

mod against;
mod apply;
mod completions;
mod result_output;
mod guard_flags;
mod graph_only;
mod help;
mod member_progress;
mod named_file;
mod progress;
mod provenance;
mod doctor;
mod doctor_har;
mod history;
mod import;
mod init;
mod login;
mod login_setup;
mod logout;
mod man;
mod new_file;
mod outputs;
mod people;
mod plan;
mod report;
mod rings;
mod rollback;
mod sandbox;
mod schema;
mod session;
mod status;
mod snapshot;
mod environment;
mod spec_arguments;
mod login_settings;
mod env_lines;
mod sign_in_flags;
mod signals;
mod stderr;
mod typed;
mod tenant_sessions;
mod blocking_io;
mod except;
mod explain;
mod fleet;
mod failure;
mod observer;
mod global;
mod validate;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use tokio::runtime::Runtime;

use self::environment::OutputEnv;
use self::global::{Format, Global, OutputFlags, SpecFile};
use self::graph_only::SurfaceFlags;
use self::observer::Front;
use self::outputs::Outputs;
use self::result_output::{CommandOutput, Console};
use self::session::open;
use self::spec_arguments::load_spec;
use self::typed::CommandLine;
use crate::error::{Exit, Failure};
use crate::render::markdown;
use crate::stop::Stop;

type CommandResult = Result<CommandOutput, Failure>;

/// Plan, apply, prove and clean up a self-service password reset (SSPR) pilot in Microsoft Entra ID
/// from one YAML file.
#[derive(Debug, Parser)]
#[command(name = "sspr", bin_name = "sspr", version, after_help = EXAMPLES, max_term_width = 100, subcommand_required = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

const EXAMPLES: &str = "\
Examples:
  sspr plan pilot.yaml --sandbox     try it on a pretend tenant; nothing real is touched
  sspr plan pilot.yaml               show what would change in the tenant you are signed in to
  sspr apply pilot.yaml              show the plan, ask, write, and read back
  sspr cleanup                       set password reset to None";

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what would change and how many people it reaches; never writes
    Plan(plan::PlanArgs),
    /// Show the plan, ask, write it, and prove it by reading back
    Apply(apply::ApplyArgs),
    /// Set password reset to None and touch nothing else
    Cleanup(apply::CleanupArgs),
    /// Restore the tenant to how it was before an apply, unknown fields included
    Rollback(rollback::RollbackArgs),
    /// List what was applied from this machine, when, and how it ended
    #[command(after_help = history::EXAMPLES)]
    History,
    /// Sign in to Microsoft Graph with your tenant's own client, once
    ///
    /// A registration of your own has permissions that the Azure CLI's sign-in cannot have: those on the Authentication
    /// methods policy. The admin centre's half goes on being the Azure CLI's. `plan`, `apply` and the others use what is
    /// kept by themselves; --graph-auth azure-cli leaves it out for a run.
    Login(login::LoginArgs),
    /// Forget what `sspr login` kept
    Logout(logout::LogoutArgs),
    /// Check sign-ins, permissions, network and state; find what is missing for which command
    Doctor(doctor::DoctorArgs),
    /// List the group's members and whether they can reset
    People(people::PeopleArgs),
    /// Show each ring of a roll-out, and whether the next one may be opened
    Rings(rings::RingsArgs),
    /// Write one HTML page about the pilot, for those who decide
    Report(report::ReportArgs),
    /// Show whether password reset is on, for whom and since when, and how many are ready
    Status(status::StatusArgs),
    /// Check the tenant against the spec, and one user as a tester
    Verify(verify::VerifyArgs),
    /// Do the same in many tenants, by one fleet file
    #[command(subcommand, after_help = fleet::EXAMPLES)]
    Fleet(fleet::FleetCommand),
    /// Say what a finding is about, and what to do
    Explain(explain::ExplainArgs),
    /// Keep what a plan reads in a file, to plan with it without a sign-in
    Snapshot(snapshot::SnapshotArgs),
    /// Check a spec without signing in; sends nothing
    Validate(validate::ValidateArgs),
    /// Write a spec from what the tenant has today
    Import(import::ImportArgs),
    /// Ask six questions and write a first spec
    Init(init::InitArgs),
    /// Print the JSON Schema of the spec, or of a fleet file, for editors
    Schema(schema::SchemaArgs),
    /// Print completions for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual, or write a page per command
    Man(man::ManArgs),
    /// Serve or reset the pretend tenant
    #[command(subcommand)]
    Sandbox(sandbox::SandboxCommand),
}

impl Command {
    /// Returns the marker of the command's page; `None` where it has no Markdown form.
    fn marker(&self) -> Option<String> {
        let file = |path: &PathBuf| Some(path.display().to_string());
        let (command, about) = match self {
            Self::Plan(args) => ("plan", file(&args.spec.file)),
            Self::Apply(args) => ("apply", file(&args.file)),
            Self::Cleanup(_) => ("cleanup", None),
            Self::Rollback(args) => ("rollback", args.run.clone()),
            Self::History => ("history", None),
            Self::Doctor(_) => ("doctor", None),
            Self::People(args) => ("people", file(&args.spec.file)),
            Self::Rings(args) => ("rings", file(&args.spec.file)),
            Self::Status(args) => ("status", file(&args.spec.file)),
            Self::Verify(args) => ("verify", file(&args.spec.file)),
            Self::Validate(args) => ("validate", file(&args.spec.file)),
            Self::Explain(args) => ("explain", args.code.clone()),
            Self::Report(args) => ("report", file(&args.spec.file)),
            Self::Fleet(command) => return command.marker(),
            Self::Snapshot(args) => ("snapshot", args.file.as_ref().and_then(file)),
            Self::Sandbox(_) | Self::Login(_) | Self::Logout(_) => return None,
            Self::Import(_) | Self::Init(_) | Self::Schema(_) | Self::Completions(_) | Self::Man(_) => {
                return None;
            }
        };
        Some(markdown::marker(command, about.as_deref()))
    }

    /// Returns whether the result is about a tenant, or about what was done to one.
    fn has_tenant(&self) -> bool {
        match self {
            Self::Plan(_) | Self::Apply(_) | Self::Cleanup(_) | Self::Rollback(_) | Self::History => true,
            Self::Login(_) | Self::Logout(_) | Self::People(_) | Self::Report(_) => true,
            Self::Doctor(args) => args.har.is_none(),
            Self::Verify(_) | Self::Import(_) | Self::Rings(_) | Self::Status(_) | Self::Snapshot(_) => true,
            Self::Validate(_) | Self::Init(_) | Self::Schema(_) | Self::Completions(_) | Self::Man(_) => {
                false
            }
            Self::Sandbox(_) | Self::Explain(_) => false,
            Self::Fleet(command) => command.has_tenant(),
        }
    }
}

/// Runs the program and returns the code it ends with.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let program = help::grouped(Cli::command());
    let args = named_file::in_place(&program, args.into_iter().collect());
    let matches = program.clone().try_get_matches_from(&args);
    let understood = matches.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let exit = match understood {
        Ok((cli, matches)) => {
            let (output, stop) = (cli.global.output.clone(), cli.global.stop.clone());
            let mut console = Console::new(output, OutputEnv::detect(), stop);
            console.command_line = CommandLine::new(&program, &matches);
            dispatch(&cli, &mut console)
        }
        Err(error) => not_understood(&error, &args),
    };
    ExitCode::from(exit as u8)
}

fn dispatch(cli: &Cli, console: &mut Console) -> Exit {
    let runtime = match check(cli, console) {
        Ok(runtime) => runtime,
        Err(failure) => return console.finish(Err(failure)),
    };
    let done = runtime.block_on(run_command(&cli.command, &cli.global, console));
    // Until the result is out, signals and the time limit end the run, and need the runtime for it.
    let exit = console.finish(done);
    // An unanswered question still waits for a key.
    runtime.shutdown_background();
    exit
}

/// Looks at what can be known before anything is read or sent, and returns what a command runs on.
fn check(cli: &Cli, console: &mut Console) -> Result<Runtime, Failure> {
    let marker = cli.command.marker();
    console.marker = marker.clone().unwrap_or_default();
    console.provenance.is_sandbox = cli.global.sandbox && cli.command.has_tenant();
    let outputs = Outputs::check(&cli.command, &cli.global);
    console.outputs = outputs.inspect_err(|_| console.forget_files())?;
    let lacks = |form| {
        let error = anyhow::anyhow!("this command has no {form} form");
        Err(Failure::new(Exit::Usage, error, "use --format text or --format json"))
    };
    if cli.global.output.format == Format::Csv && !matches!(cli.command, Command::People(_)) {
        return lacks("CSV");
    }
    if marker.is_none() && console.wants_markdown() {
        return lacks("Markdown");
    }
    environment::check_open_files()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(runtime.map_err(anyhow::Error::from)?)
}

/// Runs the command. Whatever it is, from here on signals and the time limit end it.
async fn run_command(
    command: &Command,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let limit = global.timeout.map(Duration::from_secs);
    signals::listen(&global.stop, limit).map_err(anyhow::Error::from)?;
    match command {
        Command::Plan(args) => plan::run(args, global, console).await,
        Command::Apply(args) => apply::run(args, global, console).await,
        Command::Cleanup(args) => apply::run_cleanup(args, global, console).await,
        Command::Rollback(args) => rollback::run(args, global, console).await,
        Command::History => history::run(global, console),
        Command::Login(args) => login::run(args, global, console).await,
        Command::Logout(args) => logout::run(args, global, console).await,
        Command::Doctor(args) => doctor::run(args, global, console).await,
        Command::People(args) => people::run(args, global, console).await,
        Command::Rings(args) => rings::run(args, global, console).await,
        Command::Report(args) => report::run(args, global, console).await,
        Command::Status(args) => status::run(args, global, console).await,
        Command::Verify(args) => verify::run(args, global, console).await,
        Command::Snapshot(args) => snapshot::run(args, global, console).await,
        Command::Validate(args) => validate::run(args, global, console),
        Command::Fleet(command) => fleet::run(command, global, console).await,
        Command::Explain(args) => explain::run(args, console),
        Command::Import(args) => import::run(args, global, console).await,
        Command::Init(args) => init::run(args, global, console).await,
        Command::Schema(args) => schema::run(args, console),
        Command::Completions(args) => completions::run(args, console),
        Command::Man(args) => man::run(args, console),
        Command::Sandbox(command) => sandbox::run(command, global, console).await,
    }
}

/// Prints help and version as clap does, and usage errors under this tool's own code.
fn not_understood(error: &clap::Error, args: &[OsString]) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return match error.print() {
            Err(lost) if lost.kind() != std::io::ErrorKind::BrokenPipe => Exit::Failed,
            // A reader that went away early has seen enough.
            _ => Exit::Done,
        };
    }
    // The flags were not understood, so this is the only way to know that a machine is reading.
    let is_json = args.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
        || args.iter().any(|arg| arg == "--format=json");
    if is_json {
        let said = error.render().to_string();
        let first = said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let failure = Failure::new(Exit::Usage, anyhow::anyhow!(first), "run `sspr --help`");
        let output = OutputFlags { format: Format::Json, no_progress: true, ..OutputFlags::default() };
        return Console::new(output, OutputEnv::default(), Stop::default()).finish(Err(failure));
    }
    let _ = error.print();
    Exit::Usage
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a line of a shell apart, as far as our examples go: quotes, and what is sent elsewhere.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quote) = (vec![String::new()], None);
        for letter in line.chars() {
            match (quote, letter) {
                (Some(open), close) if open == close => quote = None,
                (None, '\'' | '"') => quote = Some(letter),
                (None, ' ') => words.push(String::new()),
                _ => words.last_mut().unwrap().push(letter),
            }
        }
        words.into_iter().take_while(|word| word != ">" && word != "|").collect()
    }

    #[test]
    fn every_example_of_the_help_is_understood() {
        let mut open = vec![Cli::command()];
        let mut count = 0;
        while let Some(command) = open.pop() {
            open.extend(command.get_subcommands().cloned());
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines().filter_map(|line| line.strip_prefix("  sspr ")) {
                // What it is for stands apart.
                let typed = line.split("  ").next().unwrap();
                let args = std::iter::once("sspr".to_owned()).chain(words(typed));
                assert!(Cli::command().try_get_matches_from(args).is_ok(), "sspr {typed}");
                count += 1;
            }
        }
        assert!(count > 30, "{count}");
    }

    #[test]
    fn the_program_is_called_sspr_whatever_its_file_is_called() {
        for line in [["sspr.exe", "plan", "--bogus"], ["SSPR.EXE", "plan", "--help"]] {
            let program = help::grouped(Cli::command());
            let said = program.try_get_matches_from(line).unwrap_err().render().to_string();
            assert!(said.contains("Usage: sspr plan") && !said.to_lowercase().contains(".exe"), "{said}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
