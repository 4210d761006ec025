//! What Entra's sign-in errors mean where the tenant's own client signs in, and what to type next.

use super::authorize::GRAPH_CLI;
use super::choice::Auth;
use super::entra_errors::{self, filled};
use super::error::SignInError;
use super::token_endpoint::{PublicClient, TokenError};
use crate::tenant::app_registration::consent_link;

const LOGIN: &str = "run `{login}`";

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
        "the authority does not take this sign-in, or not any more",
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
    let (meaning, next) = match entra_errors::explain(said) {
        Some(explanation) => (explanation.meaning, explanation.own),
        None => {
            let known = WORDS.iter().find(|(words, ..)| words.contains(&error));
            known.map_or(("the sign-in was refused", LOGIN), |(_, meaning, next)| (*meaning, *next))
        }
    };
    let (browser, flag) = match auth {
        Auth::DeviceCode => (
            "many tenants block device code itself: run `sspr login` where there is a browser; else ",
            " --device-code",
        ),
        _ => ("", ""),
    };
    let tenant = at.tenant.to_string();
    let login = format!("sspr login --tenant {tenant}{flag}");
    let consent = consent_link(at.authority.as_str(), at.tenant, &at.client, &at.scope);
    let values = [
        ("login", login.as_str()),
        ("login-tenant", &login),
        ("consent", &consent),
        ("browser", browser),
        ("client", &at.client),
        ("tenant", &tenant),
    ];
    (meaning.to_owned(), filled(next, &values))
}

/// What a client costs that everyone shares; `None` for another.
pub fn cost_of(client: &str) -> Option<&'static str> {
    (client == GRAPH_CLI).then_some(
        "Microsoft Graph Command Line Tools is one client for everything that uses it: consent given to it here widens \
         what everybody who may use it can do, many tenants restrict it, and Microsoft itself recommends a registration of \
         your own.",
    )
}
