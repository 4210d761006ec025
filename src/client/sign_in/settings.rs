//! The settings of a sign-in: who signs in, to which cloud, over which connections.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport as AzureTransport};

use super::auth_transport::AuthTransport;
use super::choice::{Auth, Environment};
use super::error::SignInError;
use super::kept_sign_ins::KeptSignIns;
use crate::client::Cloud;
use crate::client::connection::{ClientConfig, https_client};
use crate::tenant::Surface;

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
    /// How long one sign-in may take; `None` is as long as its way needs.
    pub patience: Option<Duration>,
    /// How long a second of a service that says how often to ask is; tests have shorter ones.
    pub second: Duration,
    /// Whether Graph alone is used, so that the admin centre's sign-in has no say.
    pub is_graph_only: bool,
    /// The sign-ins that `sspr login` keeps.
    pub kept: Option<KeptSignIns>,
    /// What it takes to sign a person in for this run alone; `None` where no one is there.
    pub asks: Option<Asks>,
    /// The connections to https hosts; certificate roots are loaded once for all.
    pub(super) pool: OnceLock<reqwest::Client>,
    /// Where the tests' authority listens on this machine.
    #[cfg(test)]
    pub(crate) stand_in: Option<String>,
}

/// What it takes to sign a person in for one run.
#[derive(Clone, Debug, Default)]
pub struct Asks {
    /// The tenant that is named.
    pub tenant: Option<String>,
    /// The client that is named, or known from an earlier sign-in.
    pub client: Option<String>,
    /// Whether a browser can be opened.
    pub opens_browser: bool,
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
            patience: None,
            second: Duration::from_secs(1),
            is_graph_only: false,
            kept: None,
            asks: None,
            pool: OnceLock::new(),
            #[cfg(test)]
            stand_in: None,
        }
    }

    /// Has the programs that sign in do so to this tenant.
    #[must_use]
    pub fn to_tenant(mut self, tenant: &str) -> Self {
        self.environment = self.environment.with_variable("AZURE_TENANT_ID", tenant);
        self
    }

    /// Returns the way to Graph that is taken before a sign-in that is kept, where the environment has one.
    pub fn before_a_kept_one(&self) -> Option<Auth> {
        let before = Auth::ALL.into_iter().take_while(|auth| !auth.is_own_client());
        let mut ready = before.filter(|auth| auth.lacks(Surface::Graph, &self.environment).is_none());
        ready.next()
    }

    /// Returns the tenant to sign in to, where it is set.
    pub(super) fn tenant(&self) -> Option<&str> {
        self.environment.get("AZURE_TENANT_ID")
    }

    /// Returns the connections to https hosts: those of the surfaces, unless these are on this machine.
    fn pool(&self) -> Result<reqwest::Client, SignInError> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool.clone());
        }
        let pool = https_client(&ClientConfig::default())?;
        Ok(self.pool.get_or_init(|| pool).clone())
    }

    /// Signs in over these connections; the first ones stay.
    pub(super) fn share(&self, pool: &reqwest::Client) {
        let _ = self.pool.set(pool.clone());
    }

    /// Returns where to sign in: the cloud's host, or `AZURE_AUTHORITY_HOST`.
    pub fn authority(&self) -> String {
        #[cfg(test)]
        if self.stand_in.is_some() {
            return super::auth_transport::STAND_IN.to_owned();
        }
        let authority = self.environment.get("AZURE_AUTHORITY_HOST").unwrap_or(self.cloud.login());
        let authority = authority.trim().trim_end_matches('/');
        // Some documents give the bare host.
        if authority.contains("://") { authority.to_owned() } else { format!("https://{authority}") }
    }

    /// Returns the line to the authority.
    pub(super) fn line(&self) -> Result<AuthTransport, SignInError> {
        #[cfg(test)]
        if let Some(root) = &self.stand_in {
            return Ok(AuthTransport::to_stand_in(root));
        }
        self.pool().map(AuthTransport::secure)
    }

    /// Returns how azure_identity is to ask.
    pub(super) fn options(&self) -> Result<ClientOptions, SignInError> {
        let mut authority = CustomConfiguration::default();
        authority.authority_host = self.authority();
        Ok(ClientOptions {
            cloud: Some(Arc::new(CloudConfiguration::Custom(authority))),
            transport: Some(AzureTransport::new(Arc::new(self.line()?))),
            retry: retries(),
            ..ClientOptions::default()
        })
    }
}

/// For what passes: a busy service, or a connection that broke. azure_identity's own would go on for over a minute,
/// in silence. [`AuthTransport`] reports at once what will not pass in time.
pub(super) fn retries() -> RetryOptions {
    RetryOptions::exponential(ExponentialRetryOptions { max_retries: 2, ..Default::default() })
}
