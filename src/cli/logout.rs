//! `sspr logout`: forgets what `sspr login` kept.

use clap::Args;
use serde_json::json;

use super::login_settings::kept_sign_ins;
use super::{CommandOutput, CommandResult, Console, Global};
use crate::app::{self, LoggedOut};
use crate::client::StoreKind;
use crate::error::Exit;
use crate::text::visible;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr logout                                     where one sign-in is kept
  sspr logout --tenant contoso.onmicrosoft.com    where several are")]
pub(super) struct LogoutArgs {
    /// The tenant, by id or domain [default: the only one a sign-in is kept for]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

pub(super) async fn run(args: &LogoutArgs, global: &Global, console: &mut Console) -> CommandResult {
    let forgotten = match global.sandbox {
        true => None,
        false => app::logout(&kept_sign_ins()?, args.tenant.as_deref()).await?,
    };
    console.say(&text(forgotten.as_ref()))?;
    let json = forgotten.as_ref().map(|LoggedOut { tenant, name, account, store }| {
        json!({"tenant": {"id": tenant, "name": name}, "account": account, "was_kept": store})
    });
    let json = json!({"format": "sspr.logout/1", "forgotten": json});
    Ok(CommandOutput { exit: Exit::Done, json: format!("{json:#}\n") })
}

fn text(forgotten: Option<&LoggedOut>) -> String {
    let Some(LoggedOut { name, account, store: Some(store), .. }) = forgotten else {
        return "No sign-in was kept, so there was nothing to forget.\n".to_owned();
    };
    let place = match store {
        StoreKind::Keyring => "the system's keyring",
        StoreKind::File => "its file",
    };
    let who =
        account.as_deref().map_or("the sign-in".to_owned(), |who| format!("{}'s sign-in", visible(who)));
    format!(
        "Forgot {who} to {}: the refresh token is gone from {place}. Which client it was for stays known.\n\
         What this cannot take back: a token that a run holds is good until it expires, and the browser may still be signed \
         in. To end every session: Entra admin centre > the user > Revoke sessions.\n",
        visible(name),
    )
}
