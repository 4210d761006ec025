//! What Entra's sign-in errors mean to somebody who signs in with a client of the tenant's own, and what to type next.
//! What is not here means the same as for every other way of signing in.

use super::authorize::GRAPH_CLI;
use super::choice::Auth;
use super::entra_errors;
use super::error::SignInError;
use super::token_endpoint::{PublicClient, TokenError};

const CONSENT: &str = "have a Cloud Application Administrator consent at {consent}, then run `{login}`";
const LOGIN: &str = "run `{login}`";
const REGISTERED: &str = "run `az ad app update --id {client} --is-fallback-public-client true \
                          --public-client-redirect-uris http://localhost`, then `{login}`";
const LOGS: &str = "look the sign-in up under Entra ID > Sign-in logs > Conditional Access";

/// Codes, meaning, next step; `{login}`, `{consent}`, `{client}` and `{tenant}` stand for the sign-in's own.
const TABLE: [(&[u32], &str, &str); 13] = [
    (&[65001, 90094, 90095], "nobody has consented to this client's permissions in this tenant", CONSENT),
    (
        &[65002],
        "Microsoft lets this client ask for none of these permissions, and no consent changes that",
        "use a registration of your own: `sspr login --client-id ID`",
    ),
    (&[65004], "consent was declined", "run `{login}` again and accept, or leave it"),
    (
        &[50105],
        "this client is for assigned people alone, and this account is not assigned",
        "assign it under Entra ID > Enterprise applications > {client} > Users and groups",
    ),
    (
        &[700016],
        "there is no such client in this tenant",
        "check --client-id and --tenant; `az ad app show --id {client}` finds it where it is",
    ),
    (&[7000218], "the registration allows no public client flow, or has its redirect under Web", REGISTERED),
    (&[50011, 500113, 9002327], "the registration lacks the redirect http://localhost", REGISTERED),
    (
        &[700007],
        "the kept sign-in is another client's",
        "run `sspr logout --tenant {tenant}`, then `{login}`",
    ),
    (
        &[53003],
        "a Conditional Access policy blocks this sign-in",
        "{browser}look the sign-in up under Entra ID > Sign-in logs > Conditional Access",
    ),
    (
        &[53000, 53001, 53002, 530003],
        "a Conditional Access policy asks for a managed or compliant device",
        "{browser}run `sspr login` on a device the organisation manages",
    ),
    (
        &[530084],
        "a Conditional Access policy asks for token protection, which no browser sign-in gives",
        LOGS,
    ),
    (
        &[50076, 50074, 50158, 50079, 50072],
        "the tenant asks for a second factor that the kept sign-in has not given",
        LOGIN,
    ),
    (&[70043, 700082, 700084, 70008, 700081], "the kept sign-in is too old", LOGIN),
];

/// Words of the protocol that say enough without a code.
const WORDS: [(&[&str], &str, &str); 3] = [
    (
        &["access_denied", "authorization_declined"],
        "the sign-in was declined",
        "run `{login}` again, or leave it",
    ),
    (&["expired_token", "code_expired"], "the code was not used in time", LOGIN),
    (
        &["interaction_required", "login_required", "invalid_grant"],
        "the kept sign-in is no longer taken",
        LOGIN,
    ),
];

/// Returns the error of a sign-in that the authority gave no tokens for.
pub(super) fn refused(auth: Auth, error: TokenError, at: &PublicClient) -> SignInError {
    match error {
        TokenError::NoAnswer { host, problem } => SignInError::NoAnswer { auth, host, problem },
        TokenError::Refused { error, said } => {
            let (meaning, next) = explain(&error, &said, auth, at);
            SignInError::Refused { auth, said, next: Some((meaning, next)) }
        }
    }
}

fn explain(error: &str, said: &str, auth: Auth, at: &PublicClient) -> (String, String) {
    let by_code =
        entra_errors::codes(said).find_map(|code| TABLE.iter().find(|(codes, ..)| codes.contains(&code)));
    let (meaning, next) = match by_code {
        Some((_, meaning, next)) => (*meaning, (*next).to_owned()),
        None => match entra_errors::explain(said) {
            Some(explanation) => {
                let next = explanation.next("", Some(&at.tenant.to_string()), Some(&at.client));
                // The rest of that table is about the Azure CLI's sign-in where it says how to sign in.
                let next = if next.contains("az log") { LOGIN.to_owned() } else { next };
                (explanation.meaning, next)
            }
            None => {
                let known = WORDS.iter().find(|(words, ..)| words.contains(&error));
                let (meaning, next) =
                    known.map_or(("the sign-in was refused", LOGIN), |(_, meaning, next)| (*meaning, *next));
                (meaning, next.to_owned())
            }
        },
    };
    (meaning.to_owned(), filled(&next, auth, at))
}

fn filled(next: &str, auth: Auth, at: &PublicClient) -> String {
    let is_device_code = auth == Auth::DeviceCode;
    let browser = match is_device_code {
        true => "many tenants block device code itself: run `sspr login` where there is a browser; else ",
        false => "",
    };
    let flag = if is_device_code { " --device-code" } else { "" };
    next.replace("{login}", &format!("sspr login --tenant {}{flag}", at.tenant))
        .replace("{consent}", &consent(at))
        .replace("{client}", &at.client)
        .replace("{tenant}", &at.tenant.to_string())
        .replace("{browser}", browser)
}

/// Returns where somebody who may consents for the whole tenant.
fn consent(at: &PublicClient) -> String {
    let mut url = at.authority.clone();
    url.set_path(&format!("/{}/v2.0/adminconsent", at.tenant));
    let graph = at.scope.split_whitespace().filter(|scope| scope.starts_with("https://"));
    url.query_pairs_mut()
        .append_pair("client_id", &at.client)
        .append_pair("scope", &graph.collect::<Vec<_>>().join(" "))
        .append_pair("redirect_uri", "http://localhost");
    url.to_string()
}

/// What a client costs that everybody shares; `None` for another.
pub fn cost_of(client: &str) -> Option<&'static str> {
    (client == GRAPH_CLI).then_some(
        "Microsoft Graph Command Line Tools is one client for everything that uses it: consent given to it here widens \
         what everybody who may use it can do, many tenants restrict it, and Microsoft itself recommends a registration of \
         your own.",
    )
}
