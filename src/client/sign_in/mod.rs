//! Tokens: one per surface, fetched when first needed and kept for the run.

mod aadsts;
mod certificate;
mod choice;
mod claims;
mod credential;
mod github;
mod line;

pub use choice::{Auth, Choice, Environment};
pub use claims::Claims;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use super::Cloud;
use super::transport::{Conduct, https_client};
use crate::tenant::Surface;

/// How long a sign-in over the network may take; beyond it, it will not come.
const PATIENCE: Duration = Duration::from_secs(15);
/// `az` starts a Python of its own, which can take its time on a cold machine.
const PATIENCE_WITH_PROGRAMS: Duration = Duration::from_secs(45);

/// Why no token came. The user's or the tenant's to mend.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No way of signing in has what it needs.
    #[error("there is no way to sign in: {}", choice::list(.skipped))]
    NoWay {
        /// Each way and what it lacks.
        skipped: Vec<(Auth, String)>,
    },
    /// A way cannot be used as it is set up.
    #[error("{auth} cannot be used: {problem}")]
    Unusable {
        /// The way.
        auth: Auth,
        /// What is wrong.
        problem: String,
    },
    /// The sign-in service, or the program asked, said no. Only its words are kept: azure_identity's error can
    /// carry a raw answer.
    #[error("{auth}: {}{said}", meaning(.next.as_ref()))]
    Refused {
        /// The way.
        auth: Auth,
        /// What was said.
        said: String,
        /// What it means, and the next command to type.
        next: Option<(String, String)>,
    },
    /// Nothing came in time.
    #[error("{auth} gave no token within {} s", .patience.as_secs())]
    TooSlow {
        /// The way.
        auth: Auth,
        /// The time it had.
        patience: Duration,
    },
    /// What was given as a token cannot be sent in a header.
    #[error("the token has characters no token has")]
    NotAToken,
    /// An application's token where only a person's is taken.
    #[error("the admin centre takes a person's sign-in, and this token is an application's ({holder})")]
    Application {
        /// Whose token it is.
        holder: String,
    },
    /// The cloud's admin-centre API has no known audience.
    #[error("nobody knows the admin centre's audience in the cloud `{cloud}`, so no token can be asked for")]
    NoAudience {
        /// The cloud.
        cloud: &'static str,
    },
    /// No HTTP client could be made on this machine.
    #[error("no HTTP client could be set up on this machine")]
    NoClient(#[source] reqwest::Error),
}

fn meaning(next: Option<&(String, String)>) -> String {
    next.map(|(meaning, _)| format!("{meaning}: ")).unwrap_or_default()
}

impl SignInError {
    /// Returns what to do next about a surface.
    pub(super) fn hints(&self, surface: Surface) -> Vec<String> {
        let hint = match self {
            Self::Refused { next: Some((_, next)), .. } => next.clone(),
            Self::Application { .. } => "sign in as a person (`az login`, and --portal-auth azure-cli where another way is set)".to_owned(),
            Self::NoAudience { .. } => {
                "put a token that works there into SSPR_PORTAL_TOKEN".to_owned()
            }
            Self::NoClient(_) => {
                super::error::NO_ROOTS.to_owned()
            }
            Self::TooSlow { auth, .. } if auth.is_application() => {
                "check the network and the proxy (HTTPS_PROXY, NO_PROXY), and AZURE_AUTHORITY_HOST where it is set"
                    .to_owned()
            }
            Self::NotAToken => {
                format!("set {} to the bare token, without quotes or `Bearer`", choice::token_variable(surface))
            }
            Self::NoWay { .. } | Self::Unusable { .. } | Self::Refused { .. } | Self::TooSlow { .. } => {
                match surface {
                    Surface::Portal => "install the Azure CLI and run `az login` as a person with the role \
                                        Authentication Policy Administrator, or set SSPR_PORTAL_TOKEN",
                    Surface::Graph => "run `az login` in this tenant, set AZURE_TENANT_ID, AZURE_CLIENT_ID and \
                                       AZURE_CLIENT_SECRET, or set SSPR_GRAPH_TOKEN",
                }
                .to_owned()
            }
        };
        vec![hint]
    }
}

/// Everything that decides who is signed in.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// The cloud signed in to.
    pub cloud: Cloud,
    /// The way to Graph; `None` picks one.
    pub graph: Option<Auth>,
    /// The way to the admin centre; `None` picks one.
    pub portal: Option<Auth>,
    /// What the ways need.
    pub environment: Environment,
    /// The connections to https hosts; certificate roots are loaded once for all.
    pool: OnceLock<reqwest::Client>,
    /// Where the tests' authority listens on this machine.
    #[cfg(test)]
    pub(crate) stand_in: Option<String>,
}

impl SignIn {
    /// Takes the cloud, the ways to Graph and to the admin centre, and what the ways need.
    pub fn new(
        cloud: Cloud,
        (graph, portal): (Option<Auth>, Option<Auth>),
        environment: Environment,
    ) -> Self {
        Self {
            cloud,
            graph,
            portal,
            environment,
            pool: OnceLock::new(),
            #[cfg(test)]
            stand_in: None,
        }
    }

    fn tenant(&self) -> Option<&str> {
        self.environment.get("AZURE_TENANT_ID")
    }

    /// Returns the connections to https hosts: those of the surfaces, unless these are on this machine.
    fn pool(&self) -> Result<reqwest::Client, SignInError> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool.clone());
        }
        let pool = https_client(&Conduct::default()).map_err(SignInError::NoClient)?;
        Ok(self.pool.get_or_init(|| pool).clone())
    }
}

/// Where each surface's token comes from.
#[derive(Debug)]
pub struct Credentials {
    pub(super) graph: TokenSource,
    pub(super) portal: TokenSource,
}

impl Credentials {
    /// Uses ready tokens.
    ///
    /// # Errors
    /// One of them is no token.
    pub fn ready(graph: SecretString, portal: SecretString) -> Result<Self, SignInError> {
        Ok(Self { graph: TokenSource::ready(&graph)?, portal: TokenSource::ready(&portal)? })
    }

    /// Settles on a way for each surface. Nothing is sent yet; a surface without a way says so when it is used.
    ///
    /// # Errors
    /// A ready token is no token.
    pub fn choose(sign_in: SignIn) -> Result<Self, SignInError> {
        let sign_in = Arc::new(sign_in);
        let graph = TokenSource::choose(Surface::Graph, &sign_in)?;
        Ok(Self { graph, portal: TokenSource::choose(Surface::Portal, &sign_in)? })
    }

    /// Signs in over these connections.
    pub(super) fn share(&self, pool: &reqwest::Client) {
        for source in [&self.graph, &self.portal] {
            if let Origin::Chosen { sign_in, .. } = &source.origin {
                // Both have one `SignIn`, so the second finds it done.
                let _ = sign_in.pool.set(pool.clone());
            }
        }
    }

    /// Uses other makers of tokens, such as a test's.
    pub fn of(graph: Arc<dyn TokenCredential>, portal: Arc<dyn TokenCredential>) -> Self {
        let source = |surface, credential: Arc<dyn TokenCredential>| {
            TokenSource::new(Origin::Given {
                credential,
                scope: scope(surface, Cloud::Public).unwrap_or_default(),
            })
        };
        Self { graph: source(Surface::Graph, graph), portal: source(Surface::Portal, portal) }
    }
}

/// One audience's token, as the header it is sent in.
pub(super) struct TokenSource {
    token: Mutex<Option<Token>>,
    origin: Origin,
}

/// A token that was fetched.
#[derive(Clone)]
struct Token {
    header: HeaderValue,
    claims: Claims,
}

enum Origin {
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
    /// No way was found; the answer to whoever asks.
    Nowhere {
        skipped: Vec<(Auth, String)>,
    },
    NoAudience {
        cloud: Cloud,
    },
}

impl TokenSource {
    fn new(origin: Origin) -> Self {
        Self { token: Mutex::new(None), origin }
    }

    fn ready(token: &SecretString) -> Result<Self, SignInError> {
        Ok(Self { token: Mutex::new(Some(Token::new(token)?)), origin: Origin::Ready })
    }

    fn choose(surface: Surface, sign_in: &Arc<SignIn>) -> Result<Self, SignInError> {
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
            Err(skipped) => return Ok(Self::new(Origin::Nowhere { skipped })),
        };
        if choice.auth == Auth::Token {
            let token = sign_in.environment.get(choice::token_variable(surface)).unwrap_or_default();
            return Self::ready(&SecretString::from(token.to_owned()));
        }
        let Some(scope) = scope else {
            return Ok(Self::new(Origin::NoAudience { cloud: sign_in.cloud }));
        };
        Ok(Self::new(Origin::Chosen { choice, scope, sign_in: Arc::clone(sign_in) }))
    }

    /// Returns how this surface signs in, for people.
    pub(super) fn way(&self) -> String {
        match &self.origin {
            Origin::Ready => Auth::Token.word().to_owned(),
            Origin::Given { .. } => "given".to_owned(),
            Origin::Chosen { choice, .. } => choice.to_string(),
            Origin::Nowhere { skipped } => format!("no way (skipped {})", choice::list(skipped)),
            Origin::NoAudience { .. } => "no way (unknown audience)".to_owned(),
        }
    }

    /// Returns whether a token has to be waited for.
    pub(super) fn is_still_to_sign_in(&self) -> bool {
        // Somebody who holds the lock is signing in.
        self.token.try_lock().map_or(true, |token| token.is_none())
    }

    /// Returns the value of the `Authorization` header, signing in the first time. Callers at the same moment
    /// share one sign-in.
    pub(super) async fn header(&self, surface: Surface) -> Result<HeaderValue, SignInError> {
        let token = self.token(surface).await?;
        if surface == Surface::Portal && token.claims.is_application {
            // It would answer 401 with words nobody understands (facts 2.3).
            return Err(SignInError::Application { holder: token.claims.to_string() });
        }
        Ok(token.header)
    }

    /// Returns what the token says about itself, signing in the first time.
    pub(super) async fn claims(&self, surface: Surface) -> Result<Claims, SignInError> {
        self.token(surface).await.map(|token| token.claims)
    }

    async fn token(&self, surface: Surface) -> Result<Token, SignInError> {
        let mut token = self.token.lock().await;
        if let Some(token) = &*token {
            return Ok(token.clone());
        }
        tracing::info!("{surface}: signing in by {}", self.way());
        let fetched = self.fetch().await?;
        tracing::info!("{surface}: signed in as {}", fetched.claims);
        Ok(token.insert(fetched).clone())
    }

    async fn fetch(&self) -> Result<Token, SignInError> {
        self.fetch_within(patience).await
    }

    async fn fetch_within(&self, patience: fn(Auth) -> Duration) -> Result<Token, SignInError> {
        let (auth, credential, scope, sign_in) = match &self.origin {
            Origin::Ready => return Err(SignInError::NotAToken),
            Origin::Nowhere { skipped } => return Err(SignInError::NoWay { skipped: skipped.clone() }),
            Origin::NoAudience { cloud } => return Err(SignInError::NoAudience { cloud: cloud.word() }),
            Origin::Given { credential, scope } => (Auth::Token, Arc::clone(credential), scope, None),
            Origin::Chosen { choice, scope, sign_in } => {
                (choice.auth, credential::make(choice.auth, sign_in)?, scope, Some(sign_in))
            }
        };
        let patience = patience(auth);
        let asked = tokio::time::timeout(patience, credential.get_token(&[scope], None)).await;
        match asked {
            Ok(Ok(token)) => Token::new(&SecretString::from(token.token.secret().to_owned())),
            Ok(Err(error)) => Err(refused(auth, &error, scope, sign_in.map(AsRef::as_ref))),
            Err(_) => Err(SignInError::TooSlow { auth, patience }),
        }
    }

    /// Forgets a token the service no longer takes. Returns whether the next one can differ: a ready token
    /// stays what it is.
    pub(super) async fn renew(&self, refused: &HeaderValue) -> bool {
        if matches!(self.origin, Origin::Ready) {
            return false;
        }
        let mut token = self.token.lock().await;
        // Another request may have been refused, and have signed in again, meanwhile.
        if token.as_ref().is_some_and(|token| token.header == *refused) {
            *token = None;
        }
        true
    }
}

/// Returns how long a way may take.
fn patience(auth: Auth) -> Duration {
    if auth.is_application() { PATIENCE } else { PATIENCE_WITH_PROGRAMS }
}

/// Returns what a token is asked for with.
fn scope(surface: Surface, cloud: Cloud) -> Option<String> {
    match surface {
        Surface::Graph => Some(format!("{}/.default", cloud.graph())),
        Surface::Portal => cloud.portal_audience().map(|audience| format!("{audience}/.default")),
    }
}

fn refused(auth: Auth, error: &azure_core::Error, scope: &str, sign_in: Option<&SignIn>) -> SignInError {
    let said = one_line(error);
    let next = aadsts::explain(&said).map(|explanation| {
        let client = sign_in.and_then(|sign_in| sign_in.environment.get("AZURE_CLIENT_ID"));
        let next = explanation.next(scope, sign_in.and_then(SignIn::tenant), client);
        (explanation.meaning.to_owned(), next)
    });
    let next = next.or_else(|| {
        let is_out = said.contains("az login") || said.contains("azd auth login");
        is_out.then(|| ("nobody is signed in".to_owned(), format!("run `az login --scope {scope}`")))
    });
    SignInError::Refused { auth, said, next }
}

/// Returns the words of an error and of its causes: never `Debug`, which carries raw answers.
fn one_line(error: &azure_core::Error) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !said.contains(&words) {
            said = format!("{said}: {words}");
        }
        cause = inner.source();
    }
    let lines = said.lines().filter(|line| !line.starts_with("To troubleshoot, visit"));
    crate::text::excerpt(&lines.map(str::trim).collect::<Vec<_>>().join(" "), 600)
}

impl Token {
    fn new(token: &SecretString) -> Result<Self, SignInError> {
        let text = token.expose_secret().trim();
        let mut header =
            HeaderValue::from_str(&format!("Bearer {text}")).map_err(|_| SignInError::NotAToken)?;
        // No log shows it.
        header.set_sensitive(true);
        Ok(Self { header, claims: Claims::of(text) })
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("way", &self.way()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
