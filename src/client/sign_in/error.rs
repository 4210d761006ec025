//! Why a sign-in failed, and what to do next.

use std::sync::Arc;
use std::time::Duration;

use super::auth_transport::TransportError;
use super::choice::{self, Auth, Environment, NO_ID_TOKEN};
use super::cli_tools::ProgramError;
use super::entra_errors;
use crate::client::error::{NO_ROOTS, certificate_hint};
use crate::client::redact_tokens::said as words;
use crate::ids::TenantId;
use crate::tenant::Surface;

/// Why no token came. The user's or the tenant's to mend.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SignInError {
    /// No way of signing in has what it needs.
    #[error("no sign-in method is available: {}", choice::list(.skipped))]
    NoMethod {
        /// Each way and what it lacks.
        skipped: Vec<(Auth, String)>,
        /// What to type to sign the Azure CLI in.
        login: String,
    },
    /// A way cannot be used as it is set up.
    #[error("{auth} cannot be used: {problem}")]
    Unusable {
        /// The way.
        auth: Auth,
        /// What is wrong.
        problem: String,
    },
    /// What was named as a tenant is none.
    #[error("`{name}` names no single tenant; use its id or a domain of it")]
    NoSingleTenant {
        /// The name, harmless to show.
        name: String,
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
    /// The sign-in service is not there, is not trusted, or answered nothing that a token could be in. The
    /// network's.
    #[error("{auth}: no token from {host}: {problem}")]
    NoAnswer {
        /// The way.
        auth: Auth,
        /// The host that was asked.
        host: String,
        /// What the connection said.
        problem: String,
    },
    /// Nothing came in time.
    #[error("{} gave no token within {} s", culprit(*.auth), .patience.as_secs_f64())]
    TooSlow {
        /// The way.
        auth: Auth,
        /// The time it had.
        patience: Duration,
    },
    /// What was given as a token cannot be sent in a header.
    #[error("the token is empty or has invalid characters")]
    NotAToken,
    /// An application's token where only a person's is taken.
    #[error("the admin centre needs a person's sign-in, but this token is an application's ({principal})")]
    Application {
        /// Whose token it is.
        principal: String,
    },
    /// The cloud's admin-centre API has no known audience.
    #[error(
        "the admin centre's audience in the cloud `{cloud}` is not documented, so sspr cannot request a token"
    )]
    NoAudience {
        /// The cloud.
        cloud: &'static str,
    },
    /// Someone signed in to another tenant than the one that was named.
    #[error("the sign-in is to the tenant {found}, and {wanted} was asked for")]
    OtherTenant {
        /// The tenant that was named.
        wanted: TenantId,
        /// The tenant that answered.
        found: TenantId,
    },
    /// No HTTP client could be made on this machine.
    #[error("sspr could not set up an HTTP client on this machine")]
    NoClient(#[source] Arc<reqwest::Error>),
}

impl From<reqwest::Error> for SignInError {
    fn from(error: reqwest::Error) -> Self {
        Self::NoClient(Arc::new(error))
    }
}

/// Returns what is waited for: the program by its name, where it is one.
fn culprit(auth: Auth) -> String {
    auth.program().map_or_else(|| auth.to_string(), |program| format!("{auth}: `{program}`"))
}

fn meaning(next: Option<&(String, String)>) -> String {
    next.map(|(meaning, _)| format!("{meaning}: ")).unwrap_or_default()
}

impl SignInError {
    /// Returns what goes behind "not signed in" for whoever asks for no details; nothing where that says it.
    pub(in crate::client) fn brief(&self) -> String {
        match self {
            Self::NoMethod { skipped, .. } if skipped.len() > 1 => String::new(),
            Self::NoMethod { skipped, .. } => format!(": {}", choice::list(skipped)),
            Self::Refused { next: Some((meaning, _)), .. } if meaning == NOBODY => String::new(),
            Self::Refused { next: Some((meaning, _)), said, .. } => {
                let code = entra_errors::codes(said).next().map(|code| format!(" (AADSTS{code})"));
                format!(": {meaning}{}", code.unwrap_or_default())
            }
            other => format!(": {other}"),
        }
    }

    /// Returns what to do next about a surface.
    pub fn hints(&self, surface: Surface) -> Vec<String> {
        let hint = match self {
            Self::Refused { next: Some((_, next)), .. } => next.clone(),
            Self::Application { .. } => {
                "sign in as a person (`az login`, and --portal-auth azure-cli if another method is set)"
                    .to_owned()
            }
            Self::NoAudience { .. } => "put a token that works there into SSPR_PORTAL_TOKEN".to_owned(),
            Self::NoClient(_) => NO_ROOTS.to_owned(),
            Self::NoAnswer { problem, .. } => {
                certificate_hint(problem).map_or_else(|| NO_SIGN_IN_HOST.to_owned(), str::to_owned)
            }
            Self::OtherTenant { wanted, .. } => {
                format!("sign in with an account of that tenant: `sspr login --tenant {wanted}`")
            }
            Self::TooSlow { auth: Auth::Browser, patience } if *patience > Duration::from_secs(60) => {
                "run it again and sign in in the browser in time; where there is no browser, `sspr login --device-code`"
                    .to_owned()
            }
            Self::Unusable { auth, .. } if auth.is_own_client() => match surface {
                Surface::Graph => "run `sspr login` once, or take another way (--graph-auth azure-cli)".to_owned(),
                Surface::Portal => "leave --portal-auth out: the Azure CLI's sign-in is taken".to_owned(),
            },
            Self::TooSlow { auth, .. } => match auth.program() {
                Some(program) => {
                    let command =
                        if program == "az" { "az account get-access-token" } else { "azd auth token" };
                    format!("sspr stopped waiting for it: run `{command}` by hand to see what it waits for")
                }
                None => NO_SIGN_IN_HOST.to_owned(),
            },
            Self::NoMethod { skipped, .. } if skipped.iter().any(|(_, lack)| lack.contains(NO_ID_TOKEN)) => {
                ID_TOKEN.to_owned()
            }
            Self::NoMethod { skipped, login } if has_no_account(skipped) => {
                format!("run `{login}` ({OTHER_WAYS})")
            }
            Self::NoMethod { skipped, login } if skipped.len() > 1 => {
                format!("install the Azure CLI (https://aka.ms/azure-cli), then run `{login}` ({OTHER_WAYS})")
            }
            Self::NoSingleTenant { .. } => {
                "set `tenant:` in the spec, or AZURE_TENANT_ID, to it".to_owned()
            }
            Self::NotAToken => {
                format!(
                    "set {} to the bare token, without quotes or `Bearer`",
                    choice::token_variable(surface)
                )
            }
            Self::NoMethod { .. } => "set what it lacks, or leave the flag out".to_owned(),
            Self::Unusable { .. } | Self::Refused { .. } => match surface {
                Surface::Portal => {
                    "install the Azure CLI and run `az login` as a person with the role \
                                        Authentication Policy Administrator, or set SSPR_PORTAL_TOKEN"
                }
                Surface::Graph => {
                    "run `az login` in this tenant, set AZURE_TENANT_ID, AZURE_CLIENT_ID and \
                                       AZURE_CLIENT_SECRET, or set SSPR_GRAPH_TOKEN"
                }
            }
            .to_owned(),
        };
        vec![hint]
    }
}

/// What a program says that nobody has signed in to.
pub(super) const NOBODY: &str = "no one is signed in";
/// Where whoever cannot do that reads on.
const OTHER_WAYS: &str = "other ways: `sspr doctor -v`";

/// Returns whether the Azure CLI is there, and has no account of the tenant.
fn has_no_account(skipped: &[(Auth, String)]) -> bool {
    skipped.iter().any(|(auth, lack)| *auth == Auth::AzureCli && lack.starts_with("no folder "))
}

/// What to do where the sign-in service is not there.
const NO_SIGN_IN_HOST: &str =
    "check the network and the proxy (HTTPS_PROXY, NO_PROXY), and AZURE_AUTHORITY_HOST if it is set";
/// What to do where GitHub would give the job a token of its own.
const ID_TOKEN: &str =
    "add `permissions: id-token: write` to the job, so that GitHub gives it a token to sign in with";

/// Returns what azure_identity's refusal means.
pub(super) fn refused(
    auth: Auth,
    error: &azure_core::Error,
    scope: &str,
    environment: Option<&Environment>,
) -> SignInError {
    if let Some(TransportError { host, problem }) = cause(error) {
        let (host, problem) = (words(host, 100, ""), words(problem, 600, ""));
        return SignInError::NoAnswer { auth, host, problem };
    }
    if let Some(failed) = cause::<std::io::Error>(error).and_then(|error| error.get_ref())
        && let Some(failed) = failed.downcast_ref::<ProgramError>()
    {
        return SignInError::Refused { auth, said: failed.to_string(), next: None };
    }
    let said = one_line(error);
    let nothing = Environment::default();
    let environment = environment.unwrap_or(&nothing);
    let next = entra_errors::explain(&said)
        .map(|explanation| (explanation.meaning.to_owned(), explanation.next(scope, environment)));
    let next = next.or_else(|| {
        let hint = certificate_hint(&said)?;
        Some(("a certificate is not trusted".to_owned(), hint.to_owned()))
    });
    let next = next.or_else(|| {
        let is_out = said.contains("az login") || said.contains("azd auth login");
        // The admin centre's audience is an id.
        let is_graph = scope.starts_with("https://");
        let next = match is_graph && environment.lacks_id_token() {
            true => ID_TOKEN.to_owned(),
            false => format!("run `{}` ({OTHER_WAYS})", environment.az_login(environment.tenant(), "")),
        };
        is_out.then(|| (NOBODY.to_owned(), next))
    });
    SignInError::Refused { auth, said, next }
}

/// Returns the cause of a kind, where there is one.
fn cause<T: std::error::Error + 'static>(error: &azure_core::Error) -> Option<&T> {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.find_map(|cause| cause.downcast_ref())
}

/// Returns the words of an error and of its causes: never `Debug`, which carries raw answers.
pub(super) fn one_line(error: &azure_core::Error) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_said = inner.to_string();
        if !said.contains(&inner_said) {
            said = format!("{said}: {inner_said}");
        }
        cause = inner.source();
    }
    let lines = said.lines().filter(|line| !line.starts_with("To troubleshoot, visit"));
    words(&lines.map(str::trim).collect::<Vec<_>>().join(" "), 600, "")
}
