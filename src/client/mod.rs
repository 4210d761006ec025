//! The two APIs, over HTTP. Reading and writing are different types: what is handed a
//! [`TenantReader`] cannot write.

mod endpoints;
mod error;
mod graph;
mod portal;
mod sign_in;
mod transport;

pub use endpoints::{EndpointError, Endpoints};
pub use error::ClientError;
pub use graph::GraphReader;
pub use portal::{PortalReader, PortalWriter};
pub use sign_in::{Credentials, SignInError};

use std::sync::Arc;

use transport::Transport;

use crate::tenant::Surface;

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
    /// The admin-centre API.
    pub portal: PortalWriter,
}

/// Opens both surfaces. Nothing is sent yet, and no token is fetched.
///
/// # Errors
/// The HTTP client cannot be built: no certificate roots on this machine.
pub fn connect(
    endpoints: &Endpoints,
    credentials: Credentials,
) -> Result<(TenantReader, TenantWriter), ClientError> {
    let graph_http = transport::http_client(&endpoints.graph)?;
    // One connection pool serves both, unless one of them is a loopback address and needs no roots.
    let portal_http =
        match Endpoints::is_loopback(&endpoints.graph) == Endpoints::is_loopback(&endpoints.portal) {
            true => graph_http.clone(),
            false => transport::http_client(&endpoints.portal)?,
        };
    let graph =
        Arc::new(Transport::new(Surface::Graph, graph_http, endpoints.graph.clone(), credentials.graph));
    let portal =
        Arc::new(Transport::new(Surface::Portal, portal_http, endpoints.portal.clone(), credentials.portal));
    let reader =
        TenantReader { graph: GraphReader::new(graph), portal: PortalReader::new(Arc::clone(&portal)) };
    Ok((reader, TenantWriter { portal: PortalWriter::new(portal) }))
}
