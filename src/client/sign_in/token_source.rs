//! A surface's token: fetched when first needed, and kept for the run.

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;

use super::choice::{self, Auth, Choice};
use super::error::refused;
use super::settings::SignIn;
use super::{Claims, SignInError, credential, interactive};
use crate::client::Cloud;
use crate::tenant::Surface;
use crate::text::visible;

/// How long a sign-in over the network may take; beyond it, it will not come.
const PATIENCE: Duration = Duration::from_secs(15);
/// `az` starts a Python of its own, which can take its time on a cold machine.
const PATIENCE_WITH_PROGRAMS: Duration = Duration::from_secs(45);

/// One audience's token, as the header it is sent in; or why there is none, which is found out once for a run.
pub(in crate::client) struct TokenSource {
    token: Mutex<Option<Result<Token, SignInError>>>,
    /// The claims the service asked for when it refused the last token.
    claims_challenge: std::sync::Mutex<Option<Value>>,
    pub(super) origin: Origin,
    /// The admin centre's sign-in: its tenant decides where no other word does, and its account is the one that is meant.
    /// Of Graph's source alone.
    beside: Option<Arc<Self>>,
    /// What was settled on in place of a kept sign-in to another tenant.
    settled: OnceLock<Choice>,
}

#[derive(Clone)]
pub(super) struct Token {
    header: HeaderValue,
    claims: Claims,
}

pub(super) enum Origin {
    Ready,
    Given {
        credential: Arc<dyn TokenCredential>,
        scope: String,
    },
    Chosen {
        choice: Choice,
        scope: String,
        sign_in: Arc<SignIn>,
    },
    /// No sign-in method was found; the error for every caller.
    Unavailable {
        skipped: Vec<(Auth, String)>,
        login: String,
    },
    NoAudience {
        cloud: Cloud,
    },
}

impl TokenSource {
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            token: Mutex::new(None),
            claims_challenge: Default::default(),
            origin,
            beside: None,
            settled: OnceLock::new(),
        }
    }

    pub(super) fn ready(token: &SecretString) -> Result<Self, SignInError> {
        let token = Token::new(token)?;
        Ok(Self { token: Mutex::new(Some(Ok(token))), ..Self::new(Origin::Ready) })
    }

    pub(super) fn choose(surface: Surface, sign_in: &Arc<SignIn>) -> Result<Self, SignInError> {
        let asked = match surface {
            Surface::Graph => sign_in.graph,
            Surface::Portal => sign_in.portal,
        };
        let scope = scope(surface, sign_in.cloud);
        let choice = match choice::choose(asked, surface, &sign_in.environment) {
            Ok(choice) => choice,
            // No way there is would help.
            Err(_) if scope.is_none() => {
                return Ok(Self::new(Origin::NoAudience { cloud: sign_in.cloud }));
            }
            Err(skipped) => {
                let login = sign_in.environment.az_login(sign_in.environment.tenant(), "");
                return Ok(Self::new(Origin::Unavailable { skipped, login }));
            }
        };
        if choice.auth == Auth::Token {
            let token = sign_in.environment.secret(choice::token_variable(surface));
            return Self::ready(token.unwrap_or(&SecretString::default()));
        }
        let Some(scope) = scope else {
            return Ok(Self::new(Origin::NoAudience { cloud: sign_in.cloud }));
        };
        Ok(Self::new(Origin::Chosen { choice, scope, sign_in: Arc::clone(sign_in) }))
    }

    /// Has the admin centre's sign-in say who is meant.
    pub(super) fn beside(self, portal: &Arc<Self>) -> Self {
        Self { beside: Some(Arc::clone(portal)), ..self }
    }

    /// Returns how this surface signs in, for people.
    pub(in crate::client) fn method(&self) -> String {
        match &self.origin {
            Origin::Ready => Auth::Token.as_str().to_owned(),
            Origin::Given { .. } => "given".to_owned(),
            Origin::Chosen { choice, .. } => self.settled.get().unwrap_or(choice).to_string(),
            Origin::Unavailable { skipped, .. } => format!("none (skipped {})", choice::list(skipped)),
            Origin::NoAudience { .. } => "none (unknown audience)".to_owned(),
        }
    }

    /// Returns whether there is a way to sign in.
    pub(super) fn has_sign_in(&self) -> bool {
        !matches!(self.origin, Origin::Unavailable { .. } | Origin::NoAudience { .. })
    }

    /// Returns what a ready token says about itself; `None` where the token is signed in for.
    pub(in crate::client) async fn ready_claims(&self) -> Option<Claims> {
        match (&self.origin, &*self.token.lock().await) {
            (Origin::Ready, Some(Ok(token))) => Some(token.claims.clone()),
            _ => None,
        }
    }

    /// Returns whether a client of the tenant's own signs in.
    pub(in crate::client) fn is_own_client(&self) -> bool {
        matches!(&self.origin, Origin::Chosen { choice, .. }
            if self.settled.get().unwrap_or(choice).auth.is_own_client())
    }

    /// Returns whether a token has to be waited for.
    pub(in crate::client) fn is_still_to_sign_in(&self) -> bool {
        // Someone who holds the lock is signing in.
        self.token.try_lock().map_or(true, |outcome| outcome.is_none())
    }

    /// Returns the value of the `Authorization` header, signing in the first time. All callers share one sign-in,
    /// also one that failed: what was refused once is not asked for again.
    pub(in crate::client) async fn header(&self, surface: Surface) -> Result<HeaderValue, SignInError> {
        let token = self.token(surface).await?;
        if surface == Surface::Portal && token.claims.is_application {
            // It would answer 401 with an opaque message (facts 2.3).
            return Err(SignInError::Application { principal: token.claims.to_string() });
        }
        Ok(token.header)
    }

    /// Returns what the token says about itself, signing in the first time.
    pub(in crate::client) async fn claims(&self, surface: Surface) -> Result<Claims, SignInError> {
        self.token(surface).await.map(|token| token.claims)
    }

    async fn token(&self, surface: Surface) -> Result<Token, SignInError> {
        let mut outcome = self.token.lock().await;
        if let Some(outcome) = &*outcome {
            return outcome.clone();
        }
        self.settle().await;
        match &self.origin {
            // A line each, for whoever looks for a method.
            Origin::Unavailable { skipped, .. } => {
                skipped.iter().for_each(|(auth, why)| tracing::info!("{surface}: {auth}: {why}"));
            }
            _ => tracing::info!("{surface}: signing in by {}", self.method()),
        }
        let fetched = self.fetch().await;
        if let Ok(token) = &fetched {
            tracing::info!("{surface}: signed in as {}", token.claims);
        }
        outcome.insert(fetched).clone()
    }

    /// Leaves out a kept sign-in that nobody asked for, where the admin centre's sign-in is to another tenant.
    async fn settle(&self) {
        let (Origin::Chosen { choice, sign_in, .. }, Some(portal)) = (&self.origin, &self.beside) else {
            return;
        };
        let Ok(kept) = sign_in.environment.kept() else { return };
        if sign_in.graph.is_some()
            || sign_in.environment.tenant().is_some()
            || !choice.auth.is_own_client()
            || !portal.has_sign_in()
        {
            return;
        }
        // Where it gives no token, nothing speaks against the one that is kept.
        let Ok(Claims { tenant: Some(tenant), .. }) = Box::pin(portal.claims(Surface::Portal)).await else {
            return;
        };
        if kept.tenant == tenant.to_string() {
            return;
        }
        let why = format!(
            "the kept sign-in is to {}, the admin centre's to the tenant {tenant}",
            visible(kept.name())
        );
        let without = sign_in.environment.clone().with_kept(Err(why.clone()));
        if let Ok(choice) = choice::choose(None, Surface::Graph, &without) {
            tracing::warn!(
                "graph: {why}, so {} signs in; `tenant:` in the spec, or AZURE_TENANT_ID, says which",
                choice.auth
            );
            let _ = self.settled.set(choice);
        }
    }

    async fn fetch(&self) -> Result<Token, SignInError> {
        let (auth, credential, scope, sign_in) = match &self.origin {
            Origin::Ready => return Err(SignInError::NotAToken),
            Origin::Unavailable { skipped, login } => {
                return Err(SignInError::NoMethod { skipped: skipped.clone(), login: login.clone() });
            }
            Origin::NoAudience { cloud } => return Err(SignInError::NoAudience { cloud: cloud.as_str() }),
            Origin::Given { credential, scope } => (Auth::Token, Arc::clone(credential), scope, None),
            Origin::Chosen { choice, scope, sign_in } => {
                let auth = self.settled.get().unwrap_or(choice).auth;
                if auth.is_own_client() {
                    return self.fetch_with_own_client(auth, sign_in).await;
                }
                (auth, credential::make(auth, sign_in)?, scope, Some(sign_in))
            }
        };
        let patience = sign_in.and_then(|sign_in| sign_in.patience).unwrap_or_else(|| patience(auth));
        let asked = tokio::time::timeout(patience, credential.get_token(&[scope], None)).await;
        match asked {
            Ok(Ok(token)) => given(auth, &SecretString::from(token.token.secret())),
            Ok(Err(error)) => Err(refused(auth, &error, scope, sign_in.map(|sign_in| &sign_in.environment))),
            Err(_) => Err(SignInError::TooSlow { auth, patience }),
        }
    }

    async fn fetch_with_own_client(&self, auth: Auth, sign_in: &SignIn) -> Result<Token, SignInError> {
        let claims_challenge = self.claims_challenge.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Every request waits in this future, and few sign in this way: its state is not theirs to carry.
        let token =
            Box::pin(interactive::fetch(sign_in, auth, claims_challenge.as_ref(), self.account())).await?;
        given(auth, &token)
    }

    /// Returns who is signed in to the admin centre, where someone is.
    async fn account(&self) -> Option<String> {
        let portal = self.beside.as_ref().filter(|portal| portal.has_sign_in())?;
        Box::pin(portal.claims(Surface::Portal)).await.ok()?.principal
    }

    /// Forgets a token the service no longer takes, for the claims in `claims_challenge` where it asked for some. Returns
    /// whether the next one can differ: a ready token stays what it is.
    pub(in crate::client) async fn renew(
        &self,
        refused: &HeaderValue,
        claims_challenge: Option<Value>,
    ) -> bool {
        if matches!(self.origin, Origin::Ready) {
            return false;
        }
        if claims_challenge.is_some() {
            *self.claims_challenge.lock().unwrap_or_else(PoisonError::into_inner) = claims_challenge;
        }
        let mut outcome = self.token.lock().await;
        // Another request may have been refused, and have signed in again, meanwhile.
        if matches!(&*outcome, Some(Ok(token)) if token.header == *refused) {
            *outcome = None;
        }
        true
    }
}

fn given(auth: Auth, token: &SecretString) -> Result<Token, SignInError> {
    let said = "the token it gave is empty or has invalid characters";
    Token::new(token).map_err(|_| SignInError::Refused { auth, said: said.to_owned(), next: None })
}

/// Returns how long a way may take.
pub(super) fn patience(auth: Auth) -> Duration {
    if auth.is_application() { PATIENCE } else { PATIENCE_WITH_PROGRAMS }
}

/// Returns what a token is asked for with.
pub(super) fn scope(surface: Surface, cloud: Cloud) -> Option<String> {
    match surface {
        Surface::Graph => Some(format!("{}/.default", cloud.graph())),
        Surface::Portal => cloud.portal_audience().map(|audience| format!("{audience}/.default")),
    }
}

impl Token {
    fn new(token: &SecretString) -> Result<Self, SignInError> {
        let text = token.expose_secret().trim();
        // RFC 6750, 2.1: what is sent with quotes or a second `Bearer` is refused in words about permissions.
        let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if text.is_empty() || !text.bytes().all(is_of_token) {
            return Err(SignInError::NotAToken);
        }
        let mut header =
            HeaderValue::from_str(&format!("Bearer {text}")).map_err(|_| SignInError::NotAToken)?;
        // No log shows it.
        header.set_sensitive(true);
        Ok(Self { header, claims: Claims::of(text) })
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("method", &self.method()).finish_non_exhaustive()
    }
}
