//! `sspr logout`: forgets what `sspr login` kept.

use clap::Args;
use serde_json::json;

use super::login_settings::kept_sign_ins;
use super::{CommandOutput, CommandResult, Console, Global};
use crate::app::{self, LoggedOut};
use crate::client::{Deleted, KeptSignIn, StoreKind};
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
    let (known, deleted) = match global.sandbox {
        true => (None, Deleted::default()),
        false => {
            let LoggedOut { known, deleted } = app::logout(&kept_sign_ins()?, args.tenant.as_deref()).await?;
            (known, deleted)
        }
    };
    console.say(&text(known.as_ref(), &deleted))?;
    let json = known.as_ref().map(|known| {
        let tenant = json!({"id": known.tenant, "name": known.name()});
        json!({"tenant": tenant, "account": known.account, "was_kept": known.store})
    });
    let json = json!({"format": "sspr.logout/1", "forgotten": json, "deleted": deleted.paths});
    Ok(CommandOutput { exit: Exit::Done, json: format!("{json:#}\n") })
}

fn text(known: Option<&KeptSignIn>, deleted: &Deleted) -> String {
    let mut text = String::new();
    if let Some(known) = known {
        let place = match known.store {
            Some(StoreKind::File) => "its file",
            _ => "the system's keyring",
        };
        let who = known.account.as_deref();
        let who = who.map_or("the sign-in".to_owned(), |who| format!("{}'s sign-in", visible(who)));
        text += &format!(
            "Forgot {who} to {}: the refresh token is gone from {place}. Which client it was for stays known.\n",
            visible(known.name()),
        );
    }
    for path in &deleted.paths {
        text +=
            &format!("Deleted {}, which no run could use any more.\n", visible(&path.display().to_string()));
    }
    if deleted.may_leave_one_in_the_keyring {
        text += "It no longer said where its token was: if it was in the system's keyring, delete the entries of sspr there.\n";
    }
    if text.is_empty() {
        return "No sign-in was kept, so there was nothing to forget.\n".to_owned();
    }
    text + "What this cannot take back: a token that a run holds is good until it expires, and the browser may still be signed \
            in. To end every session: Entra admin centre > the user > Revoke sessions.\n"
}
