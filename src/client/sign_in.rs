//! Tokens: one per surface, fetched when first needed and kept for the run.

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

/// The audience of the admin-centre API: the app id of its portal (facts 2.3). A token for the host's
/// own URL is not accepted there.
const PORTAL_SCOPE: &str = "74658136-14ec-4630-ad9b-26e160ff0fc6/.default";
const GRAPH_SCOPE: &str = "https://graph.microsoft.com/.default";

/// Why no token came.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// azure_identity said no. Only its words are kept: its error can carry a raw answer.
    #[error("{0}")]
    Credential(String),
    /// What was given as a token cannot be sent in a header.
    #[error("the token has characters no token has")]
    NotAToken,
}

/// Where each surface's token comes from.
#[derive(Debug)]
pub struct Credentials {
    pub(super) graph: TokenSource,
    pub(super) portal: TokenSource,
}

impl Credentials {
    /// Uses ready tokens where given, and signs in as the Azure CLI's user for the rest: a person's
    /// token for both audiences, which the admin-centre API insists on (facts 2.3).
    ///
    /// # Errors
    /// The Azure CLI credential cannot be set up.
    pub fn new(graph: Option<SecretString>, portal: Option<SecretString>) -> Result<Self, SignInError> {
        Ok(Self {
            graph: TokenSource::new(graph, GRAPH_SCOPE)?,
            portal: TokenSource::new(portal, PORTAL_SCOPE)?,
        })
    }
}

/// One audience's token, as the header it is sent in.
pub(super) struct TokenSource {
    header: Mutex<Option<HeaderValue>>,
    sign_in: Option<(Arc<dyn TokenCredential>, &'static str)>,
}

impl TokenSource {
    fn new(ready: Option<SecretString>, scope: &'static str) -> Result<Self, SignInError> {
        if let Some(token) = ready {
            let header = bearer(&token)?;
            return Ok(Self { header: Mutex::new(Some(header)), sign_in: None });
        }
        let credential = azure_identity::AzureCliCredential::new(None).map_err(|error| said(&error))?;
        Ok(Self { header: Mutex::new(None), sign_in: Some((credential, scope)) })
    }

    /// Returns the value of the `Authorization` header, signing in the first time. Callers at the same moment
    /// share one sign-in.
    pub(super) async fn header(&self) -> Result<HeaderValue, SignInError> {
        let mut header = self.header.lock().await;
        if let Some(header) = &*header {
            return Ok(header.clone());
        }
        let Some((credential, scope)) = &self.sign_in else { return Err(SignInError::NotAToken) };
        let token = credential.get_token(&[scope], None).await.map_err(|error| said(&error))?;
        let fetched = bearer(&SecretString::from(token.token.secret().to_owned()))?;
        Ok(header.insert(fetched).clone())
    }

    /// Forgets a token the service no longer takes. Returns whether the next one can differ: a ready token
    /// stays what it is.
    pub(super) async fn renew(&self, refused: &HeaderValue) -> bool {
        if self.sign_in.is_none() {
            return false;
        }
        let mut header = self.header.lock().await;
        // Another request may have been refused, and have signed in again, meanwhile.
        if header.as_ref() == Some(refused) {
            *header = None;
        }
        true
    }
}

/// Returns the header of a token, marked so that no log shows it.
fn bearer(token: &SecretString) -> Result<HeaderValue, SignInError> {
    let bearer = format!("Bearer {}", token.expose_secret().trim());
    let mut value = HeaderValue::from_str(&bearer).map_err(|_| SignInError::NotAToken)?;
    value.set_sensitive(true);
    Ok(value)
}

fn said(error: &azure_core::Error) -> SignInError {
    SignInError::Credential(crate::text::excerpt(&error.to_string().replace(['\r', '\n'], " "), 600))
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("has_sign_in", &self.sign_in.is_some()).finish_non_exhaustive()
    }
}
