//! The two APIs, over HTTP: what reads them, and what sends every write of settings.
//! Reading and writing are different types: what is handed a [`TenantReader`] cannot write.

pub mod token_permissions;
mod answer;
mod body;
mod client_exception;
mod cloud;
mod connection;
mod endpoints;
mod error;
mod doctor_requests;
mod redact_tokens;
mod graph;
pub mod odata;
mod rate_limiter;
mod portal;
mod retry;
mod retry_log;
mod sign_in;
mod snapshot;
mod token_claims;
mod transport;

pub use cloud::{Cloud, PortalSupport};
pub use connection::{ClientConfig, Connections};
pub use doctor_requests::HostSeen;
pub use endpoints::{EndpointError, Endpoints};
pub use error::{ClientError, RefusedToken};
pub use graph::{
    ApplicationKey, AuditEvent, GraphReader, List, LoggedChange, LoggedTarget, LoggedWho, Me, MemberList,
    MemberPage, NextPage, RegistrationPage, RegistrationRow, RoleAssignment, organization,
};
pub use portal::PortalReader;
pub use rate_limiter::Pace;
pub use retry::RetryPolicy;
pub use sign_in::{
    Arrival, Asks, Auth, AzureConfig, Choice, Claims, Credentials, Deleted, Environment, GRAPH_CLI, Identity,
    KeepError, KeptSignIn, KeptSignIns, PersonSignIn, Prompt, SignIn, SignInError, StoreKind,
    azure_cli_tenant, cost_of, find_tenant, open_browser,
};
pub use snapshot::{SIGN_INS, connect_snapshot};

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use self::retry_log::RetryLog;
use self::transport::Transport;
use crate::tenant::{Object, Resource, Surface};

/// Reads both surfaces; can write neither. Every reading fails as any request does.
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
    graph: Arc<Transport>,
    portal: Arc<Transport>,
}

impl TenantReader {
    /// Fetches one object, wherever it lives.
    pub async fn fetch_object(&self, resource: &Resource) -> Result<Object, ClientError> {
        match resource {
            Resource::PasswordReset => self.portal.fetch_policy().await,
            Resource::Writeback => self.portal.fetch_writeback().await,
            Resource::Authorization => self.graph.fetch_authorization_policy().await,
            Resource::Method(id) => self.graph.fetch_method(id).await,
            Resource::Membership { group, member } => self.graph.fetch_membership(*group, *member).await,
        }
    }
}

impl TenantWriter {
    fn transport(&self, resource: &Resource) -> &Transport {
        match resource.surface() {
            Surface::Graph => &self.graph,
            Surface::Portal => &self.portal,
        }
    }

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
        self.transport(resource).wait_after(refused, attempts, elapsed).await
    }

    /// Writes one object, wherever it lives; sent once. `body` is the whole password reset policy, or the fields of
    /// another object that change; those of a method must carry its `@odata.type` (facts 1.5, 2.5). The admin
    /// centre answers the policy with a bare boolean (facts 2026-11 F): what `false` means no one knows, so it is an error
    /// like anything else that is not `true`, and reading back decides. What it answers to writeback no source says, so
    /// any success but a `false` counts.
    /// <https://learn.microsoft.com/graph/api/authorizationpolicy-update>
    /// <https://learn.microsoft.com/graph/api/smsauthenticationmethodconfiguration-update>
    /// <https://learn.microsoft.com/graph/api/group-post-members>
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn write_object(&self, resource: &Resource, body: &Value) -> Result<(), ClientError> {
        let transport = self.transport(resource);
        let mut request = match resource {
            Resource::PasswordReset => transport.request(Method::PUT, &portal::POLICY, &[]),
            Resource::Writeback => transport.request(Method::PUT, &portal::WRITEBACK, &[]),
            Resource::Authorization => transport.request(Method::PATCH, &graph::AUTHORIZATION, &[]),
            Resource::Method(id) => transport.request(Method::PATCH, &graph::method(id), &[]),
            Resource::Membership { group, member } => {
                graph::write_membership(transport, (*group, *member), body["isMember"] == true)
            }
        };
        if !matches!(resource, Resource::Membership { .. }) {
            request.body = Some(body.clone());
        }
        let answer = transport.send(request).await?;
        match resource {
            Resource::PasswordReset => answer.confirm_write(),
            Resource::Writeback if answer.denies_write() => answer.confirm_write(),
            _ => Ok(()),
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
        if !connection::is_in_clear(root) {
            credentials.share(http);
        }
    }
    let retries = Arc::new(RetryLog::default());
    let transport = |surface, http, root: &url::Url, tokens| {
        let retries = Arc::clone(&retries);
        Arc::new(Transport::new(surface, http, root.clone(), tokens, config.clone(), retries))
    };
    let graph = transport(Surface::Graph, graph_http, &endpoints.graph, Arc::new(credentials.graph));
    let portal = transport(Surface::Portal, portal_http, &endpoints.portal, credentials.portal);
    let reader = TenantReader {
        graph: GraphReader::new(Arc::clone(&graph), config.reports),
        portal: PortalReader { transport: Arc::clone(&portal) },
    };
    Ok((reader, TenantWriter { graph, portal }))
}
