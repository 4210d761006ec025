//! Signs a person in with the tenant's own client: in a browser, by a device code, or from a kept refresh token.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::Credentials;
use super::auth_transport::TransportError;
use super::authorize::{self, Authorize};
use super::callback::{Came, Page};
use super::choice::Auth;
use super::error::{NOBODY, SignInError};
use super::id_token::{self, Identity};
use super::kept_sign_ins::{KeepError, KeptSignIn, KeptSignIns};
use super::listener::{CallbackListener, OpenPage};
use super::own_client_errors::refused;
use super::pkce::{Pkce, random_word};
use super::settings::SignIn;
use super::token_endpoint::{PublicClient, TokenError, Tokens};
use super::token_source::{Origin, TokenSource};
use crate::client::redact_tokens;
use crate::ids::TenantId;
use crate::text::shell_word;

/// How long a person may take in the browser.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long renewing a kept sign-in may take.
const RENEWAL: Duration = Duration::from_secs(15);

/// What a person has to do to sign in.
#[derive(Clone, Debug)]
pub enum Prompt {
    /// Open an address on this machine.
    Browser {
        /// The address; what is in it opens nothing by itself.
        url: Url,
        /// How long it is waited for.
        patience: Duration,
    },
    /// Open an address anywhere, and type a code.
    DeviceCode {
        /// The address.
        address: String,
        /// The code.
        code: String,
        /// How long it is good for.
        lasts: Duration,
    },
}

/// A person who just signed in. Nothing is kept yet.
#[derive(Debug)]
pub struct Arrival {
    /// Who, and where.
    pub identity: Identity,
    /// The permissions Graph's token has.
    pub scopes: Vec<String>,
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    page: Option<OpenPage>,
}

impl Arrival {
    /// Returns what signs in again without the person; `None` where the authority gave nothing of the kind.
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh.as_ref()
    }

    /// Returns what opens Graph, and nothing else, for the moment.
    ///
    /// # Errors
    /// What came is no token.
    pub fn credentials(&self) -> Result<Credentials, SignInError> {
        let portal = TokenSource::new(Origin::Unavailable { skipped: Vec::new(), login: String::new() });
        Ok(Credentials { graph: TokenSource::ready(&self.access)?, portal: portal.into() })
    }

    /// Tells the browser how it ended, and waits until it knows.
    pub async fn close(&mut self, is_taken: bool) {
        if let Some(page) = self.page.take() {
            page.show(if is_taken { Page::DONE } else { Page::REFUSED }).await;
        }
    }
}

/// A way to sign a person in to one tenant with one client.
#[derive(Debug)]
pub struct PersonSignIn {
    client: PublicClient,
    /// [`Auth::Browser`] or [`Auth::DeviceCode`].
    auth: Auth,
    patience: Option<Duration>,
    second: Duration,
}

impl PersonSignIn {
    /// Takes the tenant and the client. Nothing is sent yet.
    ///
    /// # Errors
    /// The authority is not reached over https; no HTTP client can be had.
    pub fn new(sign_in: &SignIn, auth: Auth, tenant: TenantId, client: &str) -> Result<Self, SignInError> {
        let authority = authority(sign_in, auth)?;
        let scope = authorize::scope(sign_in.cloud.graph(), client);
        let client =
            PublicClient { line: sign_in.line()?, authority, tenant, client: client.to_owned(), scope };
        Ok(Self { client, auth, patience: sign_in.patience, second: sign_in.second })
    }

    /// Signs someone in. `show` is told what they have to do; `hint` is the account meant, `claims_challenge` what a service
    /// asked for.
    ///
    /// # Errors
    /// The authority refused it, no one signed in in time, another tenant answered.
    pub async fn sign_in(
        &self,
        hint: Option<&str>,
        claims_challenge: Option<&Value>,
        show: impl FnOnce(&Prompt),
    ) -> Result<Arrival, SignInError> {
        match self.auth {
            Auth::DeviceCode => self.by_device_code(claims_challenge, show).await,
            _ => self.by_browser(hint, claims_challenge, show).await,
        }
    }

    async fn by_browser(
        &self,
        hint: Option<&str>,
        claims_challenge: Option<&Value>,
        show: impl FnOnce(&Prompt),
    ) -> Result<Arrival, SignInError> {
        let unusable = |problem: &str| SignInError::Unusable { auth: self.auth, problem: problem.to_owned() };
        let random = || unusable("this machine gives no random numbers");
        let (pkce, state, nonce) = (
            Pkce::new().ok_or_else(random)?,
            random_word().ok_or_else(random)?,
            random_word().ok_or_else(random)?,
        );
        let listener = CallbackListener::start(state.clone()).await;
        let listener = listener
            .map_err(|error| unusable(&format!("this machine gives no port to listen on: {error}")))?;
        let redirect = listener.redirect();
        let url = Authorize {
            endpoint: self.client.endpoint("authorize"),
            client: &self.client.client,
            redirect: &redirect,
            scope: &self.client.scope,
            state: &state,
            nonce: &nonce,
            code_challenge: &pkce.code_challenge(),
            hint,
            claims: &authorize::claims(claims_challenge),
        }
        .url();
        let patience = self.patience.unwrap_or(PATIENCE);
        show(&Prompt::Browser { url, patience });
        let answer = tokio::time::timeout(patience, listener.wait()).await;
        let too_slow = || SignInError::TooSlow { auth: self.auth, patience };
        let (came, page) = answer.map_err(|_| too_slow())?.ok_or_else(too_slow)?;
        let tokens = match came {
            Came::Code(code) => self.client.redeem(&code, &pkce, &redirect, claims_challenge).await,
            Came::Ended { error, description } => {
                let said = if description.is_empty() { &error } else { &description };
                Err(TokenError::Refused { said: redact_tokens::said(said, 600, ""), error })
            }
        };
        let arrived = tokens.map_err(|error| refused(self.auth, error, &self.client));
        match arrived.and_then(|tokens| self.arrival(tokens, Some(&nonce))) {
            Ok(arrival) => Ok(Arrival { page: Some(page), ..arrival }),
            Err(error) => {
                page.show(Page::REFUSED).await;
                Err(error)
            }
        }
    }

    async fn by_device_code(
        &self,
        claims_challenge: Option<&Value>,
        show: impl FnOnce(&Prompt),
    ) -> Result<Arrival, SignInError> {
        let failed = |error| refused(self.auth, error, &self.client);
        let device = self.client.device_code().await.map_err(failed)?;
        show(&Prompt::DeviceCode {
            address: device.address.clone(),
            code: device.user_code.clone(),
            lasts: device.lasts,
        });
        let tokens = self.client.wait_for(device, claims_challenge, self.second).await.map_err(failed)?;
        self.arrival(tokens, None)
    }

    /// Looks at who came, before anything is done with the tokens.
    fn arrival(&self, tokens: Tokens, nonce: Option<&str>) -> Result<Arrival, SignInError> {
        use secrecy::ExposeSecret as _;
        let Tokens { access, refresh, id, scopes } = tokens;
        let odd = |problem: &str| {
            SignInError::Refused {
            auth: self.auth,
            said: problem.to_owned(),
            next: Some((
                "what the authority answered is not this sign-in".to_owned(),
                "run `sspr login` again; if it stays so, something between this machine and the authority changes its answers"
                    .to_owned(),
            )),
        }
        };
        let id = id.ok_or_else(|| odd("it does not say who signed in"))?;
        let now = jiff::Timestamp::now().as_second();
        let identity = id_token::check(id.expose_secret(), &self.client.client, nonce, now).map_err(odd)?;
        if identity.tenant != self.client.tenant {
            return Err(SignInError::OtherTenant { wanted: self.client.tenant, found: identity.tenant });
        }
        Ok(Arrival { identity, scopes, access, refresh, page: None })
    }
}

/// Returns the authority's root.
///
/// # Errors
/// It is not https: a code or a token would travel in clear text.
fn authority(sign_in: &SignIn, auth: Auth) -> Result<Url, SignInError> {
    let text = sign_in.authority();
    let url = Url::parse(&text).ok().filter(|url| url.scheme() == "https" && url.host().is_some());
    url.ok_or_else(|| SignInError::Refused {
        auth,
        said: crate::text::excerpt(&text, 200),
        next: Some((
            "AZURE_AUTHORITY_HOST is not an https address".to_owned(),
            "unset AZURE_AUTHORITY_HOST, or set it to the cloud's".to_owned(),
        )),
    })
}

/// Returns the id of a tenant by its id or one of its domains, as the authority tells it.
///
/// # Errors
/// It is no single tenant's name, or the authority knows none by it.
pub async fn find_tenant(sign_in: &SignIn, auth: Auth, name: &str) -> Result<TenantId, SignInError> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let unusable = |problem: String| SignInError::Unusable { auth, problem };
    let is_domain = name.contains('.')
        && name.len() <= 253
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    // `common` and its like have no dot.
    if !is_domain {
        return Err(SignInError::NoSingleTenant { name: crate::text::excerpt(name, 100) });
    }
    let mut url = authority(sign_in, auth)?;
    url.set_path(&format!("/{name}/v2.0/.well-known/openid-configuration"));
    let answer = sign_in.line()?.get_public_json(&url).await;
    let answer =
        answer.map_err(|TransportError { host, problem }| SignInError::NoAnswer { auth, host, problem })?;
    let text = |name: &str| answer.json.get(name).and_then(Value::as_str).unwrap_or_default();
    if !answer.is_success {
        let said = redact_tokens::said(text("error_description"), 300, "");
        let next =
            "check the name (--tenant, `tenant:` in the spec, or AZURE_TENANT_ID), and --cloud".to_owned();
        let next = Some(("there is no such tenant in this cloud".to_owned(), next));
        return Err(SignInError::Refused { auth, said, next });
    }
    let id = text("issuer").trim_end_matches("/v2.0").rsplit('/').next().and_then(|id| id.parse().ok());
    id.ok_or_else(|| unusable(format!("the authority does not tell the id of {name}")))
}

/// Returns Graph's token: by what is kept, or else, where someone is there, by signing in for this run alone. `account` is
/// who is meant; it is asked for only where someone signs in.
///
/// # Errors
/// The kept sign-in is not taken any more; none is kept, and no one is there to sign in.
pub(super) async fn fetch(
    sign_in: &SignIn,
    auth: Auth,
    claims_challenge: Option<&Value>,
    account: impl Future<Output = Option<String>>,
) -> Result<SecretString, SignInError> {
    let unusable = |problem: String| SignInError::Unusable { auth, problem };
    let kept = sign_in.environment.kept();
    if let Ok(known) = &kept {
        let renewed = renew(sign_in, auth, known, claims_challenge).await;
        let takes_the_person =
            claims_challenge.is_some() && matches!(renewed, Err(SignInError::Refused { .. }));
        if !takes_the_person || sign_in.asks.is_none() {
            return renewed;
        }
    }
    let (kept, lacks) = match kept {
        Ok(known) => (Some(known), String::new()),
        Err(lacks) => (None, lacks),
    };
    let Some(asks) = &sign_in.asks else {
        // Where many are signed in to, each is told what to type for it.
        return Err(match sign_in.environment.tenant().filter(|_| sign_in.environment.is_of_fleet()) {
            Some(tenant) => {
                let next = format!("run `sspr login --tenant {}`", shell_word(tenant));
                SignInError::Refused { auth, said: lacks, next: Some((NOBODY.to_owned(), next)) }
            }
            None => unusable(lacks),
        });
    };
    let tenant = kept.map(|known| &known.tenant).or(asks.tenant.as_ref());
    let client = kept.map(|known| &known.client).or(asks.client.as_ref());
    let (Some(name), Some(client)) = (tenant, client) else {
        let what = if tenant.is_none() { "tenant" } else { "client" };
        return Err(unusable(format!("{lacks}; and no {what} is named to sign in to for this run alone")));
    };
    let tenant = find_tenant(sign_in, auth, name).await?;
    let person = PersonSignIn::new(sign_in, auth, tenant, client)?;
    let opens = asks.opens_browser;
    let account = account.await;
    let mut arrival =
        person.sign_in(account.as_deref(), claims_challenge, |prompt| show(prompt, opens)).await?;
    arrival.close(true).await;
    Ok(arrival.access)
}

/// Says what to do to sign in, in the log.
fn show(prompt: &Prompt, opens_browser: bool) {
    match prompt {
        Prompt::Browser { url, .. } => {
            tracing::warn!("to sign in to Microsoft Graph for this run, open {url}");
            if opens_browser {
                open_browser(url);
            }
        }
        Prompt::DeviceCode { address, code, .. } => {
            tracing::warn!("to sign in to Microsoft Graph for this run, open {address} and type {code}");
        }
    }
}

/// Opens an address in the person's browser, and does not wait for it.
pub fn open_browser(url: &Url) {
    // Whatever it says, nothing on this machine is opened by it.
    if !matches!(url.scheme(), "https" | "http") {
        return;
    }
    let url = url.to_string();
    // Some browsers run in the foreground.
    let opening = std::thread::Builder::new().spawn(move || {
        if webbrowser::open(&url).is_err() {
            tracing::warn!("no browser could be opened; open the address by hand");
        }
    });
    if opening.is_err() {
        tracing::warn!("no browser could be opened; open the address by hand");
    }
}

/// Renews a kept sign-in. The new refresh token is kept before anything is done with the access token.
async fn renew(
    sign_in: &SignIn,
    auth: Auth,
    known: &KeptSignIn,
    claims_challenge: Option<&Value>,
) -> Result<SecretString, SignInError> {
    let unusable = |problem: String| SignInError::Unusable { auth, problem };
    let kept = sign_in.kept.as_ref().ok_or_else(|| unusable("no sign-in is kept".to_owned()))?;
    let tenant = known.tenant.parse().map_err(|_| unusable("the kept sign-in names no tenant".to_owned()))?;
    let person = PersonSignIn::new(sign_in, auth, tenant, &known.client)?;
    let patience = sign_in.patience.unwrap_or(RENEWAL);
    let not_kept = |error: KeepError| unusable(error.to_string());
    // Another run may be renewing it; that one's time is its own.
    let renewing = kept.lock(&known.tenant).await.map_err(not_kept)?;
    let token = kept.token(known).await.map_err(not_kept)?;
    let asked = tokio::time::timeout(patience, person.client.refresh(&token, claims_challenge)).await;
    let tokens = asked.map_err(|_| SignInError::TooSlow { auth, patience })?;
    let tokens = match tokens {
        Ok(tokens) => tokens,
        Err(error) => {
            if let (Some(claims_challenge), TokenError::Refused { .. }) = (claims_challenge, &error) {
                remember_claims(kept, known, claims_challenge);
            }
            return Err(refused(auth, error, &person.client));
        }
    };
    if let Some(next) = &tokens.refresh
        && let Err(error) = kept.replace(known, next).await
    {
        // The one before it goes on being good.
        tracing::warn!("the renewed sign-in could not be kept, and the earlier one stays: {error}");
    }
    drop(renewing);
    Ok(tokens.access)
}

/// Has the next `sspr login` ask for what a service asked for.
fn remember_claims(kept: &KeptSignIns, known: &KeptSignIn, claims_challenge: &Value) {
    let mut known = known.clone();
    known.claims_challenge = Some(claims_challenge.clone());
    if let Err(error) = kept.remember(&known) {
        tracing::warn!("what the service asked for could not be kept for the next sign-in: {error}");
    }
}
