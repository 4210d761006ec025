//! The two APIs, over HTTP. Reading and writing are different types: what is handed a
//! [`TenantReader`] cannot write.

mod answer;
mod body;
mod cloud;
mod connection;
mod endpoints;
mod error;
mod examine;
mod foreign;
mod graph;
pub mod odata;
mod rate_limiter;
mod portal;
mod retry;
mod retry_log;
mod sign_in;
mod transport;

pub use cloud::{Cloud, PortalSupport};
pub use connection::{ClientConfig, Connections};
pub use endpoints::{EndpointError, Endpoints};
pub use error::ClientError;
pub use examine::HostSeen;
pub use graph::{
    AuditEvent, GraphReader, GraphWriter, List, LoggedChange, LoggedTarget, LoggedWho, MemberPage, NextPage,
    RegistrationPage, RegistrationRow, RoleAssignment,
};
pub use portal::{PortalReader, PortalWriter};
pub use rate_limiter::Pace;
pub use retry::RetryPolicy;
pub use sign_in::{Auth, Choice, Claims, Credentials, Environment, SignIn, SignInError};

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use self::retry_log::RetryLog;
use self::transport::Transport;
use crate::tenant::{Object, Resource, Surface};

/// Reads both surfaces; can write neither.
#[derive(Clone, Debug)]
pub struct TenantReader {
    /// Microsoft Graph.
    pub graph: GraphReader,
    /// The admin-centre API.
    pub portal: PortalReader,
}

/// Writes; handed only to the engine's apply.
#[derive(Clone, Debug)]
pub struct TenantWriter {
    /// Microsoft Graph.
    pub graph: GraphWriter,
    /// The admin-centre API.
    pub portal: PortalWriter,
}

impl TenantReader {
    /// Fetches one object, wherever it lives.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_object(&self, resource: &Resource) -> Result<Object, ClientError> {
        match resource {
            Resource::PasswordReset => self.portal.fetch_policy().await,
            Resource::Writeback => self.portal.fetch_writeback().await,
            Resource::Authorization => self.graph.fetch_authorization_policy().await,
            Resource::Method(id) => self.graph.fetch_method(id).await,
        }
    }
}

impl TenantWriter {
    /// Waits as long as the service asked a refused write of an object to; `attempts` is how often it was sent, and
    /// `elapsed` the time since the first. Returns whether it may be tried again; an object is looked at first.
    ///
    /// # Errors
    /// The run was asked to end.
    pub async fn wait_after(
        &self,
        resource: &Resource,
        refused: &ClientError,
        attempts: u32,
        elapsed: Duration,
    ) -> Result<bool, ClientError> {
        match resource.surface() {
            Surface::Graph => self.graph.wait_after(refused, attempts, elapsed).await,
            Surface::Portal => self.portal.wait_after(refused, attempts, elapsed).await,
        }
    }

    /// Writes one object, wherever it lives; sent once. `body` is the whole password reset policy, or the fields of
    /// another object that change.
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn write_object(&self, resource: &Resource, body: &Value) -> Result<(), ClientError> {
        match resource {
            Resource::PasswordReset => self.portal.put_policy(body).await,
            Resource::Writeback => self.portal.put_writeback(body).await,
            Resource::Authorization => self.graph.patch_authorization_policy(body).await,
            Resource::Method(id) => self.graph.patch_method(id, body).await,
        }
    }
}

/// Opens both surfaces. Nothing is sent yet, and no token is fetched.
///
/// # Errors
/// The HTTP client cannot be built: no certificate roots on this machine.
pub fn connect(
    endpoints: &Endpoints,
    credentials: Credentials,
    config: &ClientConfig,
) -> Result<(TenantReader, TenantWriter), ClientError> {
    let graph_http = config.connections.pool(&endpoints.graph, config)?;
    let portal_http = config.connections.pool(&endpoints.portal, config)?;
    // Signing in goes through the pool of the https hosts too.
    for (root, http) in [(&endpoints.graph, &graph_http), (&endpoints.portal, &portal_http)] {
        if !Endpoints::is_loopback(root) {
            credentials.share(http);
        }
    }
    let retries = Arc::new(RetryLog::default());
    let transport = |surface, http, root: &url::Url, tokens| {
        let retries = Arc::clone(&retries);
        Arc::new(Transport::new(surface, http, root.clone(), tokens, config.clone(), retries))
    };
    let graph = transport(Surface::Graph, graph_http, &endpoints.graph, credentials.graph);
    let portal = transport(Surface::Portal, portal_http, &endpoints.portal, credentials.portal);
    let reader = TenantReader {
        graph: GraphReader::new(Arc::clone(&graph), config.reports),
        portal: PortalReader::new(Arc::clone(&portal)),
    };
    let writer = TenantWriter { graph: GraphWriter::new(graph), portal: PortalWriter::new(portal) };
    Ok((reader, writer))
}
