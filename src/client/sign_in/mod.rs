//! Sign-in: one token per surface, fetched when first needed and kept for the run.

mod entra_errors;
mod authorize;
mod callback;
mod certificate;
mod choice;
mod claims;
mod credential;
mod error;
mod token_endpoint;
mod github;
mod auth_transport;
mod id_token;
mod kept_sign_ins;
mod keyring;
mod listener;
mod own_client_errors;
mod refresh_token_file;
mod interactive;
mod pkce;
mod cli_tools;
mod settings;
mod token_source;

pub use authorize::GRAPH_CLI;
pub(super) use authorize::claims_challenge;
pub(super) use choice::token_variable;
pub use choice::{Auth, AzureConfig, Choice, Environment};
pub use claims::Claims;
pub use cli_tools::azure_cli_tenant;
pub use error::SignInError;
pub use id_token::Identity;
pub use interactive::{Arrival, PersonSignIn, Prompt, find_tenant, open_browser};
pub use kept_sign_ins::{Deleted, KeepError, KeptSignIn, KeptSignIns, StoreKind};
pub use own_client_errors::cost_of;
pub use settings::{Asks, SignIn};
pub(super) use token_source::TokenSource;

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use secrecy::SecretString;

use self::token_source::{Origin, scope};
use super::Cloud;
use crate::tenant::Surface;

/// Where each surface's token comes from.
#[derive(Debug)]
pub struct Credentials {
    pub(super) graph: TokenSource,
    pub(super) portal: Arc<TokenSource>,
}

impl Credentials {
    /// Uses ready tokens.
    ///
    /// # Errors
    /// One of them is no token.
    pub fn ready(graph: SecretString, portal: SecretString) -> Result<Self, SignInError> {
        Ok(Self { graph: TokenSource::ready(&graph)?, portal: Arc::new(TokenSource::ready(&portal)?) })
    }

    /// Settles on a way for each surface. Nothing is sent yet; a surface without a way says so when it is used.
    ///
    /// # Errors
    /// A ready token is no token.
    pub fn choose(sign_in: SignIn) -> Result<Self, SignInError> {
        let sign_in = Arc::new(sign_in);
        let portal = Arc::new(TokenSource::choose(Surface::Portal, &sign_in)?);
        let graph = TokenSource::choose(Surface::Graph, &sign_in)?;
        let graph = if sign_in.is_graph_only { graph } else { graph.beside(&portal) };
        Ok(Self { graph, portal })
    }

    /// Returns what the admin centre's sign-in says about itself; `None` where there is no way to sign in to it.
    ///
    /// # Errors
    /// There is a way, and it gives no token.
    pub async fn portal_account(&self) -> Result<Option<Claims>, SignInError> {
        match self.portal.has_sign_in() {
            true => self.portal.claims(Surface::Portal).await.map(Some),
            false => Ok(None),
        }
    }

    /// Signs in over these connections.
    pub(super) fn share(&self, pool: &reqwest::Client) {
        for source in [&self.graph, self.portal.as_ref()] {
            if let Origin::Chosen { sign_in, .. } = &source.origin {
                sign_in.share(pool);
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
        Self { graph: source(Surface::Graph, graph), portal: Arc::new(source(Surface::Portal, portal)) }
    }
}

#[cfg(test)]
mod tests;
