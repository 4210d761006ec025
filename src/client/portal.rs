//! The admin-centre API's password reset objects (facts 2.1, 2.5). Undocumented; seen in public tools only.

use std::sync::Arc;

use reqwest::Method;

use super::ClientError;
use super::transport::Transport;
use crate::tenant::{Object, Resource};

pub(super) const POLICY: [&str; 3] = ["api", "PasswordReset", "PasswordResetPolicies"];
pub(super) const WRITEBACK: [&str; 3] = ["api", "PasswordReset", "OnPremisesPasswordResetPolicies"];

/// Reads the objects.
#[derive(Clone, Debug)]
pub struct PortalReader {
    pub(super) transport: Arc<Transport>,
}

impl PortalReader {
    /// Fetches the policy object, with the group's name filled in.
    ///
    /// # Errors
    /// As every request; also when the answer is not the tenant's `default` object.
    pub async fn fetch_policy(&self) -> Result<Object, ClientError> {
        let query = [("getPasswordResetEnabledGroup", "true")];
        let request = self.transport.request(Method::GET, &POLICY, &query);
        self.transport.fetch_object(Resource::PasswordReset, request).await
    }

    /// Fetches the state of password writeback.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_writeback(&self) -> Result<Object, ClientError> {
        let request = self.transport.request(Method::GET, &WRITEBACK, &[]);
        self.transport.fetch_object(Resource::Writeback, request).await
    }
}
