//! Connection pools, which sessions share, and each session's settings for its requests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use super::endpoints::Endpoints;
use super::error::ClientError;
use super::rate_limiter::Pace;
use super::retry::RetryPolicy;
use crate::stop::Stop;

/// How requests behave on their way, whatever they ask for.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// When to send again.
    pub retry: RetryPolicy,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
    /// How long one attempt may take, its answer included.
    pub request_timeout: Duration,
    /// Asked when the run should end early.
    pub stop: Stop,
    /// How fast the report and audit endpoints are asked.
    pub reports: Pace,
    /// The most bytes an answer may have, after decompression.
    pub body_limit: usize,
    /// What is shared with other sessions.
    pub connections: Connections,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            retry: RetryPolicy::default(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            stop: Stop::default(),
            reports: Pace::REPORTS,
            body_limit: super::body::LIMIT,
            connections: Connections::default(),
        }
    }
}

/// What the sessions of one process share, so that fifty tenants need no fifty connections to the same host: a pool of
/// connections, and a limit on the requests in flight. Sign-ins, budgets and retries are each session's own.
#[derive(Clone, Debug)]
pub struct Connections {
    /// One pool for https hosts, one for this machine.
    pools: Arc<Mutex<[Option<reqwest::Client>; 2]>>,
    in_flight: Arc<Semaphore>,
}

impl Default for Connections {
    fn default() -> Self {
        Self::new(128)
    }
}

impl Connections {
    /// Returns pools with no connection yet; at most `in_flight` requests are under way together.
    pub fn new(in_flight: usize) -> Self {
        Self { pools: Arc::default(), in_flight: Arc::new(Semaphore::new(in_flight)) }
    }

    /// Returns the pool for a host, built where it is the first of its kind, with the time limits of the first caller.
    ///
    /// # Errors
    /// No certificate roots are to be had, and the host is not on this machine.
    pub(super) fn pool(&self, root: &Url, config: &ClientConfig) -> Result<reqwest::Client, ClientError> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let is_in_clear = is_in_clear(root);
        if let Some(pool) = &pools[usize::from(is_in_clear)] {
            return Ok(pool.clone());
        }
        let pool = match is_in_clear {
            // This machine needs neither roots, which take milliseconds to load, nor a proxy, which would not find it.
            true => builder(config).no_proxy().tls_certs_only([]).build(),
            false => https_client(config),
        };
        let pool = pool.map_err(ClientError::NoClient)?;
        Ok(pools[usize::from(is_in_clear)].insert(pool).clone())
    }

    /// Returns a pool that nothing is asked with.
    ///
    /// # Errors
    /// No client can be set up.
    pub(super) fn unused(&self, config: &ClientConfig) -> Result<reqwest::Client, ClientError> {
        builder(config).no_proxy().tls_certs_only([]).build().map_err(ClientError::NoClient)
    }

    /// Waits until another request may be under way; it ends with what is returned.
    pub(super) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.in_flight.acquire().await.ok()
    }
}

/// Builds a connection pool for https hosts. Where the host offers it, HTTP/2 is agreed on in the handshake, and
/// requests share the connection.
///
/// # Errors
/// No certificate roots are to be had.
pub(super) fn https_client(config: &ClientConfig) -> Result<reqwest::Client, reqwest::Error> {
    builder(config).https_only(true).build()
}

fn builder(config: &ClientConfig) -> reqwest::ClientBuilder {
    bare_builder().connect_timeout(config.connect_timeout).timeout(config.request_timeout)
}

/// Returns what every connection pool is built from: no redirects, no retries but ours, and ring below TLS.
pub(super) fn bare_builder() -> reqwest::ClientBuilder {
    // reqwest is built without a provider of cryptography, and takes the process's. A second call is a no-op.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("sspr/", env!("CARGO_PKG_VERSION")))
        // A redirect could carry the token to another host.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
}

/// Returns whether requests to a root travel unencrypted, which they do to this machine alone.
pub(super) fn is_in_clear(root: &Url) -> bool {
    Endpoints::is_loopback(root) && root.scheme() == "http"
}
