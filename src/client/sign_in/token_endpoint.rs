//! Requests to Entra's token endpoint: tokens for a code, a refresh token or a device code.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use url::{Url, form_urlencoded};

use super::auth_transport::{AuthTransport, TransportError};
use super::authorize;
use super::pkce::Pkce;
use crate::client::redact_tokens;
use crate::ids::TenantId;

/// How often a refresh is sent at most. A code is sent once: it is good for once.
const ATTEMPTS: u32 = 3;
/// How often in a row no answer may come while a device code is waited for.
const LOST: u32 = 3;
/// No device code is waited for longer, whatever the service says.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// A tenant's public client: it has no secret, and proves nothing but that it began the sign-in.
#[derive(Debug)]
pub(super) struct PublicClient {
    pub(super) line: AuthTransport,
    /// The authority's root: `https://login.microsoftonline.com`.
    pub(super) authority: Url,
    pub(super) tenant: TenantId,
    pub(super) client: String,
    pub(super) scope: String,
}

#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    pub(super) id: Option<SecretString>,
    /// The permissions the access token has.
    pub(super) scopes: Vec<String>,
}

/// Why the authority gave no tokens.
#[derive(Clone, Debug)]
pub(super) enum TokenError {
    /// It said no.
    Refused {
        /// Its word for it: `invalid_grant`.
        error: String,
        /// Its sentence, harmless to show.
        said: String,
    },
    /// Nothing came that tokens could be in.
    NoAnswer {
        /// The host that was asked.
        host: String,
        /// What came instead.
        problem: String,
    },
}

/// A code to be typed elsewhere.
#[derive(Debug)]
pub(super) struct DeviceCode {
    code: SecretString,
    pub(super) user_code: String,
    pub(super) address: String,
    interval: u32,
    pub(super) lasts: Duration,
}

impl PublicClient {
    pub(super) fn endpoint(&self, name: &str) -> Url {
        let mut url = self.authority.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend([&self.tenant.to_string(), "oauth2", "v2.0", name]);
        }
        url
    }

    /// Returns the tokens for the code of a browser's sign-in.
    pub(super) async fn redeem(
        &self,
        code: &SecretString,
        pkce: &Pkce,
        redirect: &str,
        claims_challenge: Option<&Value>,
    ) -> Result<Tokens, TokenError> {
        let claims = authorize::claims(claims_challenge);
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.client),
            ("code", code.expose_secret()),
            ("redirect_uri", redirect),
            ("code_verifier", pkce.verifier().expose_secret()),
            ("scope", &self.scope),
            ("claims", &claims),
        ];
        self.tokens(&fields, &[code, pkce.verifier()], 1).await
    }

    pub(super) async fn refresh(
        &self,
        refresh: &SecretString,
        claims_challenge: Option<&Value>,
    ) -> Result<Tokens, TokenError> {
        let claims = authorize::claims(claims_challenge);
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client),
            ("refresh_token", refresh.expose_secret()),
            ("scope", &self.scope),
            ("claims", &claims),
        ];
        self.tokens(&fields, &[refresh], ATTEMPTS).await
    }

    pub(super) async fn device_code(&self) -> Result<DeviceCode, TokenError> {
        let fields = [("client_id", self.client.as_str()), ("scope", &self.scope)];
        let answer = self.ask("devicecode", &fields, &[], 1).await?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let number = |name: &str, otherwise| answer.get(name).and_then(Value::as_u64).unwrap_or(otherwise);
        let address = text("verification_uri").and_then(|address| Url::parse(address).ok());
        let address = address.filter(|address| address.scheme() == "https");
        let is_short = |code: &&str| code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_graphic());
        match (text("device_code"), text("user_code").filter(is_short), address) {
            (Some(code), Some(user_code), Some(address)) => Ok(DeviceCode {
                code: code.into(),
                user_code: user_code.to_owned(),
                address: address.to_string(),
                interval: u32::try_from(number("interval", 5).min(60)).unwrap_or(5),
                lasts: Duration::from_secs(number("expires_in", 900)).min(LONGEST_WAIT),
            }),
            _ => Err(self.odd("a device code without a code or an https address")),
        }
    }

    /// Waits until someone typed the code and signed in. `second` is how long a second of the service's is.
    pub(super) async fn wait_for(
        &self,
        device: DeviceCode,
        claims_challenge: Option<&Value>,
        second: Duration,
    ) -> Result<Tokens, TokenError> {
        let claims = authorize::claims(claims_challenge);
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", &self.client),
            ("device_code", device.code.expose_secret()),
            ("claims", &claims),
        ];
        let (over, mut interval, mut lost) = (Instant::now() + device.lasts, device.interval, 0);
        loop {
            sleep(second * interval).await;
            match self.tokens(&fields, &[&device.code], 1).await {
                Err(TokenError::Refused { error, .. }) if error == "authorization_pending" => lost = 0,
                // RFC 8628, 3.5: for good, and not for this once.
                Err(TokenError::Refused { error, .. }) if error == "slow_down" => interval += 5,
                Err(TokenError::NoAnswer { .. }) if lost + 1 < LOST => lost += 1,
                done => return done,
            }
            if Instant::now() >= over {
                let said = "no one signed in with the code in time".to_owned();
                return Err(TokenError::Refused { error: "expired_token".to_owned(), said });
            }
        }
    }

    async fn tokens(
        &self,
        fields: &[(&str, &str)],
        secrets: &[&SecretString],
        attempts: u32,
    ) -> Result<Tokens, TokenError> {
        let answer = self.ask("token", fields, secrets, attempts).await?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(access) = text("access_token") else {
            return Err(self.odd("an answer without a token"));
        };
        Ok(Tokens {
            access: access.into(),
            refresh: text("refresh_token").map(Into::into),
            id: text("id_token").map(Into::into),
            scopes: text("scope").unwrap_or_default().split_whitespace().map(bare).collect(),
        })
    }

    /// Sends a form and reads the answer's JSON. `secrets` are taken out of what is said of it.
    async fn ask(
        &self,
        endpoint: &str,
        fields: &[(&str, &str)],
        secrets: &[&SecretString],
        attempts: u32,
    ) -> Result<Value, TokenError> {
        let form =
            SecretString::from(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
        let url = self.endpoint(endpoint);
        let mut attempt = 1;
        loop {
            let again = match self.line.post_form(&url, &form).await {
                Ok(answer) if answer.is_success => return Ok(answer.json),
                Ok(answer) if attempt >= attempts || !answer.may_pass => {
                    return Err(refusal(&answer.json, secrets));
                }
                Ok(answer) => answer.wait,
                Err((TransportError { host, problem }, may_pass)) if attempt >= attempts || !may_pass => {
                    return Err(TokenError::NoAnswer { host, problem });
                }
                Err(_) => None,
            };
            attempt += 1;
            sleep(again.unwrap_or(Duration::from_millis(500))).await;
        }
    }

    fn odd(&self, problem: &str) -> TokenError {
        let host = self.authority.host_str().unwrap_or_default().to_owned();
        TokenError::NoAnswer { host, problem: problem.to_owned() }
    }
}

fn refusal(answer: &Value, secrets: &[&SecretString]) -> TokenError {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let said = match text("error_description") {
        "" => text("error"),
        description => description,
    };
    TokenError::Refused {
        error: said_without(text("error"), 60, secrets),
        said: said_without(said, 600, secrets),
    }
}

/// Returns what was said, without what was sent.
fn said_without(text: &str, limit: usize, secrets: &[&SecretString]) -> String {
    let without = secrets.iter().fold(text.to_owned(), |text, secret| {
        redact_tokens::without_tokens(
            &text.replace(secret.expose_secret(), "(not shown)"),
            secret.expose_secret(),
        )
    });
    redact_tokens::said(&without, limit, "")
}

/// Returns a permission without the service it is for.
fn bare(scope: &str) -> String {
    scope.rsplit('/').next().unwrap_or(scope).to_owned()
}
