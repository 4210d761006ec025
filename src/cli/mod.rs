//! The command line: what was typed becomes what is meant, and what happened becomes text and a code.

mod apply;
mod completions;
mod confirm;
mod console;
mod guards;
mod half;
mod help;
mod meter;
mod progress;
mod doctor;
mod history;
mod import;
mod init;
mod man;
mod new_file;
mod outputs;
mod people;
mod plan;
mod report;
mod rollback;
mod sandbox;
mod schema;
mod session;
mod shell;
mod sign_in;
mod signals;
mod streams;
mod failure;
mod front;
mod validate;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use self::console::{CommandOutput, Console, OutputFiles, Subject, Verbosity};
use self::outputs::Outputs;
use self::session::OutputEnv;
use self::sign_in::{AuthName, CloudName};
use crate::app::Clock;
use crate::error::{Exit, Failure};
use crate::stop::Stop;

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
  sspr apply pilot.yaml              show it, ask, do it, and prove it by reading back
  sspr cleanup                       set password reset back to None";

const RUN: &str = "Run";
const OUTPUT: &str = "Output";
const SIGN_IN: &str = "Sign-in";

/// Flags every command takes.
#[derive(Debug, Args)]
struct Global {
    /// Use the built-in pretend tenant instead of a real one
    #[arg(long, global = true, help_heading = RUN)]
    sandbox: bool,
    /// What stdout carries
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT", help_heading = OUTPUT)]
    format: Format,
    /// Also write the result as JSON to a file
    #[arg(long, global = true, value_name = "FILE", help_heading = OUTPUT)]
    json_into: Option<PathBuf>,
    /// Also write the result as Markdown to a file
    #[arg(long, global = true, value_name = "FILE", help_heading = OUTPUT)]
    markdown_into: Option<PathBuf>,
    /// Tell more on stderr: requests (-v), their ids (-vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = OUTPUT)]
    verbose: u8,
    /// Say nothing on stderr but questions and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = OUTPUT)]
    quiet: bool,
    /// Show no bars and spinners; they are for a terminal alone, and not where `CI` is set
    #[arg(long, global = true, help_heading = OUTPUT)]
    no_progress: bool,
    /// How to sign in
    #[arg(long, global = true, value_enum, default_value_t = AuthName::Auto, value_name = "WAY", help_heading = SIGN_IN)]
    auth: AuthName,
    /// How to sign in to Microsoft Graph, where it differs
    #[arg(long, global = true, value_enum, value_name = "WAY", hide_possible_values = true, help_heading = SIGN_IN)]
    graph_auth: Option<AuthName>,
    /// How to sign in to the admin centre, where it differs; it takes people only
    #[arg(long, global = true, value_enum, value_name = "WAY", hide_possible_values = true, help_heading = SIGN_IN)]
    portal_auth: Option<AuthName>,
    /// Which of Microsoft's clouds the tenant is in
    #[arg(long, global = true, value_enum, default_value_t = CloudName::Public, value_name = "CLOUD", help_heading = SIGN_IN)]
    cloud: CloudName,
    /// End the run after this many seconds; a write under way is finished first
    #[arg(long, global = true, value_name = "SECONDS", help_heading = RUN, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,
    /// The wait before a request is sent a second time, where the service names none; and the time for five reports
    #[arg(long, global = true, hide = true, value_name = "MILLISECONDS")]
    pace: Option<u64>,
    /// How long a sign-in may take: 15 s, and 45 s for `az` and `azd`
    #[arg(long, global = true, hide = true, value_name = "MILLISECONDS")]
    sign_in_limit: Option<u64>,
    /// The day, or the instant, that dated findings and the age of plans are compared with, instead of now
    #[arg(long, global = true, hide = true, value_name = "YYYY-MM-DD", value_parser = moment)]
    today: Option<Timestamp>,
    /// Asked by signals and by the end of `timeout`.
    #[arg(skip)]
    stop: Stop,
}

impl Global {
    /// Returns the time the run goes by.
    fn clock(&self) -> Clock {
        Clock { fixed: self.today }
    }
}

/// Reads an instant, or a day for its beginning in UTC.
fn moment(text: &str) -> Result<Timestamp, jiff::Error> {
    text.parse().or_else(|_| {
        let day: jiff::civil::Date = text.parse()?;
        Ok(day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document, on failure too
    Json,
    /// For a comment on a pull request, or the summary of a job
    Markdown,
    /// For a log of GitHub Actions: text, and annotations at lines of the spec
    Github,
    /// For a spreadsheet; `people` alone
    Csv,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what would change, and whom it touches; never writes
    Plan(plan::PlanArgs),
    /// Show the plan, ask, write it, and prove it by reading back
    Apply(apply::ApplyArgs),
    /// Set password reset to None and touch nothing else
    Cleanup(apply::CleanupArgs),
    /// Go back to how the tenant was before an apply, unknown fields included
    Rollback(rollback::RollbackArgs),
    /// List what was applied from this machine, when, and how it ended
    #[command(after_help = history::EXAMPLES)]
    History,
    /// Say who is signed in, what is missing for which command, and what is dated
    Doctor(doctor::DoctorArgs),
    /// Show who is in the group, and who can reset
    People(people::PeopleArgs),
    /// Put the pilot on one page for those who decide
    Report(report::ReportArgs),
    /// Check the tenant against the spec, and one user as a tester
    Verify(verify::VerifyArgs),
    /// Check a spec without signing in; sends nothing
    Validate(validate::ValidateArgs),
    /// Write a spec from what the tenant has today
    Import(import::ImportArgs),
    /// Ask five questions, and write a spec to start from
    Init(init::InitArgs),
    /// Print the JSON Schema of the spec, for editors
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
    /// Returns what a run is about; `None` where the command has no Markdown form.
    fn subject(&self) -> Option<Subject> {
        let file = |path: &PathBuf| Some(path.display().to_string());
        let (command, about) = match self {
            Self::Plan(args) => ("plan", file(&args.spec.file)),
            Self::Apply(args) => ("apply", file(&args.file)),
            Self::Cleanup(_) => ("cleanup", None),
            Self::Rollback(args) => ("rollback", args.run.clone()),
            Self::History => ("history", None),
            Self::Doctor(_) => ("doctor", None),
            Self::People(args) => ("people", file(&args.spec.file)),
            Self::Verify(args) => ("verify", file(&args.spec.file)),
            Self::Validate(args) => ("validate", file(&args.spec.file)),
            Self::Report(_) | Self::Sandbox(_) => return None,
            Self::Import(_) | Self::Init(_) | Self::Schema(_) | Self::Completions(_) | Self::Man(_) => {
                return None;
            }
        };
        Some(Subject { command, about })
    }
}

/// The spec file of a command.
#[derive(Debug, Args)]
struct SpecFile {
    /// The pilot's YAML file
    #[arg(value_name = "FILE", default_value = "pilot.yaml")]
    file: PathBuf,
}

/// Runs the program and returns the code it ends with.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let understood = help::grouped(Cli::command())
        .try_get_matches_from(&args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let exit = match understood {
        Ok(cli) => {
            let into = OutputFiles {
                json: cli.global.json_into.clone(),
                markdown: cli.global.markdown_into.clone(),
            };
            let verbosity = Verbosity {
                is_quiet: cli.global.quiet,
                shows_progress: !cli.global.no_progress,
                verbosity: cli.global.verbose,
            };
            let stop = cli.global.stop.clone();
            let mut console = Console::new(cli.global.format, into, verbosity, OutputEnv::look(), stop);
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
    // A question nobody answered still waits for a key.
    runtime.shutdown_background();
    exit
}

/// Looks at what can be known before anything is read or sent, and returns what a command runs on.
fn check(cli: &Cli, console: &mut Console) -> Result<Runtime, Failure> {
    let global = &cli.global;
    let mut outputs = Outputs::of(&cli.command, global);
    if let Err(failure) = outputs.check(&cli.command) {
        console.forget_files();
        return Err(failure);
    }
    console.set_outputs(outputs);
    let subject = cli.command.subject();
    let lacks = |form| {
        let error = anyhow::anyhow!("this command has no {form} form");
        Err(Failure::new(Exit::Usage, error, "use --format text or --format json"))
    };
    if global.format == Format::Csv && !matches!(cli.command, Command::People(_)) {
        return lacks("CSV");
    }
    match subject {
        Some(subject) => console.set_subject(subject),
        None if console.wants_markdown() => return lacks("Markdown"),
        None => {}
    }
    session::check_open_files()?;
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
        Command::Doctor(args) => doctor::run(args, global, console).await,
        Command::People(args) => people::run(args, global, console).await,
        Command::Report(args) => report::run(args, global, console).await,
        Command::Verify(args) => verify::run(args, global, console).await,
        Command::Validate(args) => validate::run(args, global, console),
        Command::Import(args) => import::run(args, global, console).await,
        Command::Init(args) => init::run(args, global, console),
        Command::Schema(args) => schema::run(args, console),
        Command::Completions(args) => completions::run(args, console),
        Command::Man(args) => man::run(args, console),
        Command::Sandbox(command) => sandbox::run(command, global, console).await,
    }
}

/// Prints help and version as clap does, and usage errors under this tool's own code.
fn not_understood(error: &clap::Error, args: &[OsString]) -> Exit {
    let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if is_answer {
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
        let failure = Failure::new(
            Exit::Usage,
            anyhow::anyhow!(first),
            &format!("run `{} --help`", Cli::command().get_name()),
        );
        return Console::new(
            Format::Json,
            OutputFiles::default(),
            Verbosity::default(),
            OutputEnv::default(),
            Stop::default(),
        )
        .finish(Err(failure));
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
