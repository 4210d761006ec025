//! `sspr sandbox`: serves the pretend tenant to other clients, changes it, and resets it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::env_lines::Shell;
use super::environment::sandbox_dir;
use super::{CommandOutput, CommandResult, Console, Global};
use crate::error::{Exit, Failure};
use crate::files::{self, Existing, Readers};
use crate::sandbox::{
    APPLICATION_SECRET, Browser, Latency, Rule, Sandbox, Seed, TenantRule, TenantState, Visit, application_id,
};
use crate::stop::Stop;
use crate::store::StateDir;
use crate::text::{counted, visible};

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  sspr plan --sandbox                       any command runs on it
  sspr sandbox reset                        start it over
  sspr sandbox serve                        for other programs
  sspr sandbox act register --user ada      play the tester
  sspr sandbox har                          what a browser saves, for `sspr doctor --har`")]
pub(super) enum SandboxCommand {
    /// Serve the pretend tenant until Ctrl-C, and print how to reach it
    Serve(ServeArgs),
    /// Start the pretend tenant over from a seed
    Reset(ResetArgs),
    /// Let someone in the pretend tenant do something
    Act(ActIn),
    /// Write what a browser would save (HAR) of someone who changes and saves something on the pretend portal's pages
    Har(HarArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr sandbox act register --user ada
  sspr sandbox act reset --user ada         this shows it, started before in another window:
  sspr verify --user ada --watch --sandbox")]
pub(super) struct ActIn {
    /// One of the pretend tenants of a fleet, by domain or id [default: the one that other commands have]
    #[arg(long, global = true, value_name = "TENANT", default_value = Seed::DOMAIN, hide_default_value = true)]
    tenant: String,
    #[command(subcommand)]
    command: ActCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ActCommand {
    /// Register a mobile phone and an e-mail address, as at aka.ms/ssprsetup
    Register(RegisterArgs),
    /// Reset the password, as at aka.ms/sspr
    Reset(ActArgs),
    /// Let days pass in the pretend tenant
    Wait(WaitArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr sandbox act register --user ada      by the part before the @
  sspr sandbox act register --group SSPR-Ring-IT --most 3
                                            the next three of a group who have not")]
pub(super) struct RegisterArgs {
    /// The user: user principal name, or the part before the @
    #[arg(long, value_name = "UPN", required_unless_present = "group", conflicts_with_all = ["group", "most"])]
    user: Option<String>,
    /// A group, by its display name: people in it who have not registered, through all nesting
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// How many of them
    #[arg(long, value_name = "N", default_value_t = 1)]
    most: usize,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr sandbox act wait --days 7            --sandbox and the audit log go by that clock")]
pub(super) struct WaitArgs {
    /// How many days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr sandbox act reset --user ada@contoso.onmicrosoft.com")]
pub(super) struct ActArgs {
    /// The user: user principal name, or the part before the @
    #[arg(long, value_name = "UPN")]
    user: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr sandbox serve                                         on a free port
  sspr sandbox serve --tls                                   for clients that want https
  sspr sandbox serve --as azure-cli                          with the scopes of `az login` alone
  sspr sandbox serve --shell cmd                             print what the Command Prompt takes
  sspr sandbox serve --port 8080 --fault '* / throttle=1 1-3'
                                                             the first three requests must wait
  sspr sandbox serve --tls --tenants 50 --fault 'tenant-0007.example: * / hang'
                                                             fifty tenants, one of which never answers")]
pub(super) struct ServeArgs {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Speak TLS, with a certificate made at start for localhost and for Microsoft's hosts. The CA to trust is written to
    /// a file, and its key is not kept
    #[arg(long)]
    tls: bool,
    /// Hand out the Graph token that a program gets, with its scopes alone, in place of one that may do everything
    #[arg(long = "as", value_enum, value_name = "PROGRAM")]
    program: Option<SignedInBy>,
    /// The shell that the printed lines are for [default: PowerShell on Windows, sh elsewhere]
    #[arg(long, value_enum)]
    shell: Option<Shell>,
    /// Serve so many tenants behind one host, tenant-0001.example and on. A token says which one is meant; the sandbox's
    /// own authority gives them out, to an application that is the same in each
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000), conflicts_with = "program")]
    tenants: Option<u16>,
    /// Make requests fail: `METHOD PATH FAULT [CALLS]`, such as 'GET /v1.0/groups throttle=2 1-3'; with `TENANT: ` before it
    /// in one of many tenants alone
    #[arg(long, value_name = "RULE")]
    fault: Vec<TenantRule>,
    /// Delay every answer, as a network would
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency: u64,
    /// Delay an answer by this much more for every MiB
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency_per_mib: u64,
    /// Log every request to a new file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(super) log: Option<PathBuf>,
}

/// A program people sign in to Graph with.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SignedInBy {
    /// The Azure CLI: its scopes are fixed, and read no policy
    AzureCli,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr sandbox reset                          a fresh tenant
  sspr sandbox reset --seed pre-migration     one that has not migrated its methods
  sspr sandbox reset --people 100000          a large group")]
pub(super) struct ResetArgs {
    /// What the pretend tenant starts with
    #[arg(long, value_parser = seed_parser(), default_value = Seed::Fresh.as_str())]
    seed: Seed,
    /// Add so many generated people to SSPR-Pilot; with the seed rings, a quarter to each of its rings
    #[arg(long, value_name = "N", default_value_t = 0)]
    people: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr sandbox har                                        portal.har, as Chrome and Edge write it
  sspr sandbox har --browser firefox --out firefox.har    as Firefox does, with tokens
  sspr sandbox har --seed configured                      with fields that sspr does not know
  sspr sandbox har --fault 'PUT /api/PasswordReset landed-then-body=false'
                                                          a service that is otherwise than sspr believes")]
pub(super) struct HarArgs {
    /// The file
    #[arg(long, value_name = "FILE", default_value = "portal.har")]
    pub(super) out: PathBuf,
    /// Whose file it is
    #[arg(long, value_enum, default_value_t = BrowserName::Chromium)]
    browser: BrowserName,
    /// Leave tokens and cookies in, as Chrome and Edge do where they are asked to and Firefox always does
    #[arg(long)]
    with_sensitive_data: bool,
    /// What the pretend tenant starts with: one of its own, and the sandbox stays as it is
    #[arg(long, value_parser = seed_parser(), default_value = Seed::Fresh.as_str())]
    seed: Seed,
    /// Make requests fail or be answered otherwise, as `sspr sandbox serve` does
    #[arg(long, value_name = "RULE")]
    fault: Vec<Rule>,
}

/// A browser, by whose developer tools it has.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum BrowserName {
    /// Chrome and Edge
    Chromium,
    /// Firefox
    Firefox,
}

fn seed_parser() -> impl TypedValueParser<Value = Seed> {
    let words = Seed::ALL.map(|seed| PossibleValue::new(seed.as_str()).help(seed.about()));
    PossibleValuesParser::new(words).try_map(|word| Seed::named(&word).ok_or("unknown seed"))
}

pub(super) async fn run(command: &SandboxCommand, global: &Global, console: &mut Console) -> CommandResult {
    match command {
        SandboxCommand::Serve(args) => serve(args, &global.stop, console).await,
        SandboxCommand::Reset(args) => reset(args, console),
        SandboxCommand::Act(args) => act(args, console).await,
        SandboxCommand::Har(args) => har(args, global, console).await,
    }
}

async fn serve(args: &ServeArgs, stop: &Stop, console: &mut Console) -> CommandResult {
    let address = SocketAddr::from(([127, 0, 0, 1], args.port));
    let sandbox = match args.tenants {
        None => Sandbox::open(address, sandbox_dir()?.join("tenant.json"), args.tls).await,
        Some(many) => {
            let names = TenantState::numbered(many.into());
            Sandbox::open_many(address, sandbox_dir()?, &names, args.tls).await
        }
    };
    let sandbox = sandbox.context("the sandbox could not be started")?;
    for fault in &args.fault {
        go_wrong(&sandbox, fault)?;
    }
    let (each, per_mib) = (Duration::from_millis(args.latency), Duration::from_millis(args.latency_per_mib));
    sandbox.set_latency(Latency { each, per_mib });
    if let Some(path) = &args.log {
        sandbox.log_to(path).with_context(|| format!("{} could not be written", path.display()))?;
    }
    let mut variables = vec![("SSPR_GRAPH_URL", sandbox.root()), ("SSPR_PORTAL_URL", sandbox.root())];
    variables.extend(accounts(args, &sandbox));
    let mut document = json!({"format": "sspr.sandbox-served/1", "root": sandbox.root()});
    if let Some(many) = args.tenants {
        document["tenants"] = many.into();
    }
    let mut ca = None;
    if let Some(authority) = sandbox.authority() {
        // Another may be served from the same folder, and trusted on its own.
        let file = sandbox_dir()?.join(format!("ca-{}.pem", sandbox.port()));
        // A sandbox that was never changed has no folder yet.
        files::create_private_folder(&sandbox_dir()?)
            .and_then(|()| files::save(&file, authority.as_bytes(), Readers::Everyone, Existing::Replace))
            .with_context(|| format!("{} could not be written", file.display()))?;
        let file = std::path::absolute(&file).unwrap_or(file).display().to_string();
        document["ca"] = file.clone().into();
        ca = Some(PathBuf::from(&file));
        // What this program and Go look for; Python's requests; Node.js.
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            variables.push((name, file.clone()));
        }
    }
    for (name, value) in &variables {
        console.say(&format!("{}\n", args.shell.unwrap_or_default().sets(name, value)))?;
    }
    let (what, tokens) = match args.tenants {
        None => ("the pretend tenant".to_owned(), "Its tokens open nothing else."),
        Some(1) => ("the pretend tenant tenant-0001.example".to_owned(), TOKENS),
        Some(many) => {
            (format!("{many} pretend tenants, tenant-0001.example to tenant-{many:04}.example"), TOKENS)
        }
    };
    console.story.eprint(&format!(
        "Serving {what}. Paste the lines above into another window (`--shell` has those of other shells). {tokens} \
         Ctrl-C stops it.\n",
    ));
    stop.asked().await;
    if let Some(ca) = ca {
        // What it stood for is gone; one that stays is replaced by the next on this port.
        let _ = std::fs::remove_file(ca);
    }
    Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") })
}

/// How tokens are to be had where there are many tenants.
const TOKENS: &str = "Each has tokens of its own: POST /TENANT/oauth2/v2.0/token.";

/// Returns what signs in to the sandbox: ready tokens where it has one tenant, else an application that is in each, which
/// no one asks over anything but TLS.
fn accounts(args: &ServeArgs, sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let graph_token = match (args.tenants, args.program) {
        (Some(_), _) if !args.tls => return Vec::new(),
        (Some(_), _) => {
            return vec![
                ("AZURE_AUTHORITY_HOST", sandbox.root()),
                ("AZURE_CLIENT_ID", application_id().to_string()),
                ("AZURE_CLIENT_SECRET", APPLICATION_SECRET.to_owned()),
            ];
        }
        (None, Some(SignedInBy::AzureCli)) => sandbox.azure_cli_token(),
        (None, None) => sandbox.graph_token(),
    };
    vec![
        ("SSPR_GRAPH_TOKEN", graph_token.to_owned()),
        ("SSPR_PORTAL_TOKEN", sandbox.portal_token().to_owned()),
    ]
}

/// Lets something go wrong in one tenant or in each.
fn go_wrong(sandbox: &Sandbox, fault: &TenantRule) -> Result<(), Failure> {
    let Some(name) = &fault.tenant else {
        sandbox.fail_everywhere(fault.rule.clone());
        return Ok(());
    };
    let own = sandbox.of(name).context("the sandbox's tenant could not be opened")?;
    let own = own.ok_or_else(|| anyhow::anyhow!("the sandbox has no tenant `{}`", visible(name)));
    own.map(|own| own.fail(fault.rule.clone()))
        .map_err(|error| Failure::new(Exit::Usage, error, "`--tenants` says how many there are"))
}

async fn act(ActIn { tenant, command }: &ActIn, console: &mut Console) -> CommandResult {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let sandbox = Sandbox::open_many(address, sandbox_dir()?, std::slice::from_ref(tenant), false).await;
    let sandbox =
        sandbox.and_then(|sandbox| sandbox.of(tenant)).context("the sandbox could not be opened")?;
    let sandbox = sandbox.context("the sandbox could not be opened")?;
    const METHODS: [&str; 2] = ["mobilePhone", "email"];
    let registered = "registered a mobile phone and an e-mail address";
    let (message, document) = match command {
        ActCommand::Register(RegisterArgs { user: Some(user), .. }) => {
            sandbox.register(user, &METHODS).map_err(anyhow::Error::from)?;
            (format!("{} {registered}", visible(user)), json!({"user": user}))
        }
        ActCommand::Register(RegisterArgs { user: None, group, most }) => {
            let group = group.as_deref().unwrap_or_default();
            let done = sandbox.register_some(group, *most, &METHODS).map_err(anyhow::Error::from)?;
            let who = match done {
                1 => "1 person".to_owned(),
                many => format!("{many} people"),
            };
            (format!("{who} in {} {registered}", visible(group)), json!({"group": group, "people": done}))
        }
        ActCommand::Reset(ActArgs { user }) => {
            sandbox.reset_password(user).map_err(anyhow::Error::from)?;
            (format!("{} went to reset the password", visible(user)), json!({"user": user}))
        }
        ActCommand::Wait(WaitArgs { days }) => {
            let time = jiff::SignedDuration::from_hours(24 * i64::from(*days));
            sandbox.pass(time).map_err(anyhow::Error::from)?;
            let days = counted(usize::from(*days), "day");
            console.say(&format!("{days} passed in the sandbox.\n"))?;
            let document =
                json!({"format": "sspr.sandbox-acted/1", "ahead_seconds": sandbox.ahead().as_secs()});
            return Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") });
        }
    };
    console.say(&format!("{message}; the sandbox's audit log has the result.\n"))?;
    let mut document = document;
    document["format"] = json!("sspr.sandbox-acted/1");
    Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") })
}

async fn har(args: &HarArgs, global: &Global, console: &mut Console) -> CommandResult {
    let sandbox = Sandbox::start(TenantState::seeded(args.seed)).await;
    let sandbox = sandbox.context("the sandbox could not be started")?;
    for rule in &args.fault {
        sandbox.fail(rule.clone());
    }
    let browser = match args.browser {
        BrowserName::Chromium => Browser::Chromium,
        BrowserName::Firefox => Browser::Firefox,
    };
    let visit = Visit { browser, is_sensitive: args.with_sensitive_data, began: global.clock().now() };
    let file = sandbox.record_visit(visit).await.map_err(anyhow::Error::from)?;
    console.save(&args.out, &file)?;
    let shown = visible(&args.out.display().to_string());
    console.say(&format!("{shown} is what a browser would save of a visit to the pretend portal. Next: sspr doctor --har {shown}\n"))?;
    let document = json!({"format": "sspr.sandbox-har/1", "file": args.out.display().to_string()});
    Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") })
}

fn reset(args: &ResetArgs, console: &mut Console) -> CommandResult {
    let state = sandbox_dir()?;
    // What was done to the tenant before says nothing of the new one.
    let has_forgotten = StateDir::new(state.clone()).forget()?;
    let file = state.join("tenant.json");
    let forgotten = Sandbox::forget_many(&state)
        .with_context(|| format!("{} could not be deleted", state.join("tenants").display()))?;
    Sandbox::reset(&file, args.seed, args.people)
        .with_context(|| format!("{} could not be written", file.display()))?;
    let history = if has_forgotten { " Its history is deleted." } else { "" };
    let many = if forgotten > 0 { " Those of fleets do too." } else { "" };
    console.say(&format!("The pretend tenant starts over: {}.{many}{history}\n", args.seed.as_str()))?;
    let seed = args.seed.as_str();
    let document = json!({
        "format": "sspr.sandbox-reset/1", "seed": seed, "history_deleted": has_forgotten, "tenants_deleted": forgotten,
    });
    Ok(CommandOutput { exit: Exit::Done, json: format!("{document:#}\n") })
}
