//! Why no token came, and what to do next.

use std::time::Duration;

use super::aadsts;
use super::choice::{self, Auth, Environment};
use crate::client::error::NO_ROOTS;
use crate::tenant::Surface;

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
    pub(in crate::client) fn hints(&self, surface: Surface) -> Vec<String> {
        let hint = match self {
            Self::Refused { next: Some((_, next)), .. } => next.clone(),
            Self::Application { .. } => "sign in as a person (`az login`, and --portal-auth azure-cli where another way is set)".to_owned(),
            Self::NoAudience { .. } => {
                "put a token that works there into SSPR_PORTAL_TOKEN".to_owned()
            }
            Self::NoClient(_) => {
                NO_ROOTS.to_owned()
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

/// Returns what azure_identity's refusal means.
pub(super) fn refused(
    auth: Auth,
    error: &azure_core::Error,
    scope: &str,
    environment: Option<&Environment>,
) -> SignInError {
    let said = one_line(error);
    let next = aadsts::explain(&said).map(|explanation| {
        let given = |name| environment.and_then(|environment| environment.get(name));
        let next = explanation.next(scope, given("AZURE_TENANT_ID"), given("AZURE_CLIENT_ID"));
        (explanation.meaning.to_owned(), next)
    });
    let next = next.or_else(|| {
        let is_out = said.contains("az login") || said.contains("azd auth login");
        is_out.then(|| ("nobody is signed in".to_owned(), format!("run `az login --scope {scope}`")))
    });
    SignInError::Refused { auth, said, next }
}

/// Returns the words of an error and of its causes: never `Debug`, which carries raw answers.
pub(super) fn one_line(error: &azure_core::Error) -> String {
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
