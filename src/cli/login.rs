//! `sspr login`: a person signs in to Microsoft Graph once, with a client of the tenant's own.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::login_settings::{LoginSetting, open_login};
use super::login_setup::{self, SetupArgs};
use super::{CommandOutput, CommandResult, Console, Front, Global};
use crate::app::{self, LoggedIn, LoginRequest};
use crate::client::{Auth, GRAPH_CLI, Prompt, StoreKind};
use crate::error::Exit;
use crate::text::{excerpt, visible};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr login --setup                    make the registration to sign in with, once in a tenant
  sspr login --setup --print            or print the commands for somebody who may
  sspr login --client-id 00000000-0000-0000-0000-000000000000   with a registration that is there already
  sspr login                            again: tenant and client are known
  sspr login --device-code              without a browser: over SSH, in a container
  sspr login --store file               on a machine without a keyring
  sspr login --client-id graph-cli      with the client that Microsoft shares with everybody")]
pub(super) struct LoginArgs {
    /// The tenant, by id or domain [default: the spec's, AZURE_TENANT_ID, or the Azure CLI's]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// The id of your registration, or `graph-cli` [default: SSPR_CLIENT_ID, or the last one used in the tenant]
    #[arg(long, value_name = "ID", value_parser = client_id)]
    client_id: Option<String>,
    /// Sign in elsewhere, by typing a code; many tenants block this
    #[arg(long)]
    device_code: bool,
    /// Where the refresh token is kept [default: where the tenant's is already, else keyring]
    #[arg(long, value_enum, value_name = "STORE")]
    store: Option<StoreName>,
    /// Print the address, and open no browser
    #[arg(long, conflicts_with = "device_code")]
    no_browser: bool,
    #[command(flatten)]
    setup: SetupArgs,
}

/// A place for a refresh token, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StoreName {
    /// The system's store of secrets
    Keyring,
    /// A file that only you can read, beside sspr's records
    File,
    /// Nowhere: see who would be signed in, and with which permissions
    None,
}

impl StoreName {
    fn kind(self) -> Option<StoreKind> {
        match self {
            Self::Keyring => Some(StoreKind::Keyring),
            Self::File => Some(StoreKind::File),
            Self::None => None,
        }
    }
}

/// Reads a client's id, or the word for the one that everyone shares.
pub(super) fn client_id(text: &str) -> Result<String, String> {
    if text == "graph-cli" {
        return Ok(GRAPH_CLI.to_owned());
    }
    let id = uuid::Uuid::try_parse(text).map_err(|_| "it is neither an application's id nor `graph-cli`")?;
    Ok(id.hyphenated().to_string())
}

pub(super) async fn run(args: &LoginArgs, global: &Global, console: &mut Console) -> CommandResult {
    if args.setup.setup {
        let named = (args.tenant.as_deref(), args.client_id.as_deref());
        return login_setup::run(&args.setup, named, global, console).await;
    }
    if global.sandbox {
        console.say(
            "The sandbox needs no sign-in, and nothing is kept: `sspr plan --sandbox` works as it is.\n",
        )?;
        let json = json!({"format": "sspr.login/1", "sandbox": true, "kept": null});
        return Ok(CommandOutput { exit: Exit::Done, json: format!("{json:#}\n") });
    }
    let LoginSetting { sign_in, endpoints, config, kept, tenant, no_browser } =
        open_login(global, args.tenant.as_deref())?;
    let why = no_browser.filter(|_| !args.no_browser && !args.device_code);
    let method = if args.device_code || why.is_some() { Auth::DeviceCode } else { Auth::Browser };
    if let Some(why) = why {
        console.story.eprint(&format!(
            "No browser can be opened here ({why}), so you sign in by a code typed elsewhere (--no-browser prints an \
             address instead).\n"
        ));
    }
    let opens = method == Auth::Browser && !args.no_browser;
    let mut front = Front::new(console);
    front.opens_browser = opens;
    let request = LoginRequest {
        sign_in,
        endpoints: &endpoints,
        config: &config,
        kept: &kept,
        tenant: tenant.as_deref(),
        client: args.client_id.as_deref(),
        method,
        store: args.store.unwrap_or(StoreName::Keyring).kind(),
        is_store_named: args.store.is_some(),
        stop: &global.stop,
    };
    let logged_in = app::login(request, &front).await?;
    console.say(&text(&logged_in))?;
    Ok(CommandOutput { exit: Exit::Done, json: format!("{:#}\n", document(&logged_in)) })
}

/// Says what someone has to do to sign in.
pub(super) fn prompt_text(prompt: &Prompt) -> String {
    match prompt {
        Prompt::Browser { url, patience } => format!(
            "Sign in in the browser on this machine, within {}:\n\n  {url}\n\nNever copy an address out of that browser for \
             somebody else.\n",
            minutes(patience.as_secs()),
        ),
        Prompt::DeviceCode { address, code, lasts } => format!(
            "Sign in in any browser, within {}: open {} and type\n\n  {}\n\nConditional Access commonly blocks signing in by \
             code, and a device cannot be shown to be managed this way.\n",
            minutes(lasts.as_secs()),
            excerpt(address, 200),
            visible(code),
        ),
    }
}

fn minutes(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} seconds"),
        more => format!("{} minutes", more / 60),
    }
}

fn text(
    LoggedIn { tenant, name, client, account, permissions, store, is_portals_account, comes_first }: &LoggedIn,
) -> String {
    let mut permissions: Vec<String> =
        permissions.iter().filter(|name| name.contains('.')).map(|name| visible(name)).collect();
    permissions.sort();
    let permissions = if permissions.is_empty() { "unknown".to_owned() } else { permissions.join(" ") };
    let place = match store {
        Some(StoreKind::Keyring) => "the refresh token, in the system's keyring",
        Some(StoreKind::File) => "the refresh token, in a file that only you can read",
        None => "nothing: the next command is not signed in by this",
    };
    let admin_centre = match is_portals_account {
        true => "the same account",
        false => "no sign-in to compare with; `az login` makes one",
    };
    let next =
        if store.is_some() { "sspr plan" } else { "sspr login --store file, or a machine with a keyring" };
    let first = comes_first.map_or(String::new(), |auth| {
        format!(
            "  comes first   {auth}, which the environment is set up for: unset its variables, or add --graph-auth browser\n"
        )
    });
    let shown = if name == tenant { visible(name) } else { format!("{} ({tenant})", visible(name)) };
    format!(
        "Signed in to Microsoft Graph in {shown} as {}\n  client        {client}\n  permissions   {permissions}\n  \
         kept          {place}\n  admin centre  {admin_centre}\n{first}Next: {next}\n",
        visible(account),
    )
}

fn document(
    LoggedIn { tenant, name, client, account, permissions, store, is_portals_account, comes_first }: &LoggedIn,
) -> serde_json::Value {
    json!({
        "format": "sspr.login/1",
        "tenant": {"id": tenant, "name": name},
        "client": client,
        "account": account,
        "permissions": permissions,
        "kept": store,
        "is_admin_centres_account": is_portals_account.then_some(true),
        "comes_first": comes_first.map(Auth::as_str),
    })
}
