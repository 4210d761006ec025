//! `sspr login --setup`: the registration that `sspr login` signs in with.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::login_settings::open_setup;
use super::observer::Front;
use super::session::{open_sandbox, open_tenant};
use super::{CommandOutput, CommandResult, Console, Global};
use crate::app::{self, SetUp, SetupRequest};
use crate::error::Exit;
use crate::render::az_script::{self, Shell};
use crate::render::login_setup as page;
use crate::tenant::UnknownWord;
use crate::tenant::app_registration::{ConsentFor, NAME, Use, permissions};

const SETUP: &str = "Setup";

#[derive(Debug, Args)]
pub(super) struct SetupArgs {
    /// Make the registration to sign in with, once in a tenant: shows the changes first, and reads them back
    #[arg(long, help_heading = SETUP, conflicts_with_all = ["device_code", "no_browser"])]
    pub(super) setup: bool,
    /// The commands whose permissions it gets
    #[arg(long = "for", value_parser = PossibleValuesParser::new(Use::ALL.map(Use::as_str)).try_map(use_named),
          value_delimiter = ',', value_name = "COMMANDS", requires = "setup",
          default_values = Use::DEFAULT.map(Use::as_str), help_heading = SETUP)]
    uses: Vec<Use>,
    /// What the registration is called, where it is made
    #[arg(long, value_name = "NAME", default_value = NAME, value_parser = clap::builder::NonEmptyStringValueParser::new(),
          requires = "setup", help_heading = SETUP)]
    name: String,
    /// Who consent is given for
    #[arg(long, value_enum, default_value_t = ConsentName::Person, requires = "setup", help_heading = SETUP)]
    consent: ConsentName,
    /// Remove only what --setup made from this machine
    #[arg(long, requires = "setup", conflicts_with_all = ["print", "client_id"], help_heading = SETUP)]
    remove: bool,
    /// Print the commands of the Azure CLI that do the same, and do nothing
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "here", value_name = "SHELL", requires = "setup",
          conflicts_with = "client_id", help_heading = SETUP)]
    print: Option<ShellName>,
    /// Skip the confirmation
    #[arg(long, alias = "auto-approve", requires = "setup", help_heading = SETUP)]
    yes: bool,
    /// Wait at most this long for each step to show
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "setup", help_heading = SETUP)]
    wait: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ConsentName {
    /// Only the person who sets it up
    Person,
    /// Everyone who is assigned to it
    Tenant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShellName {
    /// The one of this system
    Here,
    Sh,
    Powershell,
}

fn use_named(word: String) -> Result<Use, &'static str> {
    word.parse().map_err(|UnknownWord| "not one of the commands")
}

impl SetupArgs {
    fn consent(&self) -> ConsentFor {
        match self.consent {
            ConsentName::Person => ConsentFor::Person,
            ConsentName::Tenant => ConsentFor::Tenant,
        }
    }
}

pub(super) async fn run(
    args: &SetupArgs,
    (tenant, client): (Option<&str>, Option<&str>),
    global: &Global,
    console: &mut Console,
) -> CommandResult {
    let permissions = permissions(&args.uses);
    if let Some(shell) = args.print {
        let shell = match shell {
            ShellName::Sh => Shell::Sh,
            ShellName::Powershell => Shell::PowerShell,
            ShellName::Here => {
                if cfg!(windows) {
                    Shell::PowerShell
                } else {
                    Shell::Sh
                }
            }
        };
        let script =
            az_script::script(shell, &args.name, global.cloud.cloud().graph(), &permissions, args.consent());
        console.say(&script)?;
        let json = json!({"format": "sspr.setup/1", "action": "print", "commands": script});
        return Ok(CommandOutput { exit: Exit::Done, json: format!("{json:#}\n") });
    }
    let setting = open_setup(global, tenant)?;
    let session = match setting.sign_in {
        Some(sign_in) => open_tenant(global, sign_in)?,
        None => open_sandbox(global).await?,
    };
    let mut front = Front::new(console);
    front.is_confirmed = args.yes;
    let request = SetupRequest {
        tenant: setting.tenant.as_deref(),
        client: client.and_then(|id| id.parse().ok()),
        permissions,
        name: &args.name,
        consent: args.consent(),
        wait: Duration::from_secs(args.wait),
        authority: setting.authority,
        graph: global.cloud.cloud().graph(),
    };
    let SetUp { report, failure } = match args.remove {
        true => app::remove_setup(&session.tenant, request, &front, &front).await?,
        false => app::setup(&session.tenant, request, &front, &front).await?,
    };
    console.say(&page::done(&report, failure.is_none()))?;
    match failure {
        Some(failure) => Err(failure),
        None => Ok(CommandOutput { exit: Exit::Done, json: page::json(&report) }),
    }
}
