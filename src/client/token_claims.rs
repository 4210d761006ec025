//! What the token of each API says about itself, without asking the API.

use super::transport::Transport;
use super::{Claims, ClientError, TenantReader};
use crate::ids::TenantId;
use crate::tenant::Surface;

impl TenantReader {
    pub(super) fn transport(&self, surface: Surface) -> &Transport {
        match surface {
            Surface::Graph => &self.graph.transport,
            Surface::Portal => &self.portal.transport,
        }
    }

    /// Fetches what a surface's token says about itself.
    ///
    /// # Errors
    /// No token could be fetched.
    pub async fn fetch_claims(&self, surface: Surface) -> Result<Claims, ClientError> {
        self.transport(surface).fetch_claims().await
    }

    /// Fetches the id of the tenant a surface's sign-in is for, without asking the surface; `None` where the token does
    /// not tell.
    ///
    /// # Errors
    /// No token could be fetched.
    pub async fn fetch_tenant_id(&self, surface: Surface) -> Result<Option<TenantId>, ClientError> {
        self.fetch_claims(surface).await.map(|claims| claims.tenant)
    }
}
