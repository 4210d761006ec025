//! `TenantReader`: fetches what the token of each API says about itself, without asking the API.

use super::transport::Transport;
use super::{Claims, ClientError, TenantReader};
use crate::tenant::Surface;

impl TenantReader {
    pub(super) fn transport(&self, surface: Surface) -> &Transport {
        match surface {
            Surface::Graph => &self.graph.transport,
            Surface::Portal => &self.portal.transport,
        }
    }

    /// Returns whether a person signs in to Graph with a client of the tenant's own.
    pub fn is_own_client(&self) -> bool {
        self.graph.transport.tokens.is_own_client()
    }

    /// Fetches what a surface's token says about itself.
    ///
    /// # Errors
    /// No token could be fetched.
    pub async fn fetch_claims(&self, surface: Surface) -> Result<Claims, ClientError> {
        self.transport(surface).fetch_claims().await
    }
}
