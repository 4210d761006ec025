//! The admin-centre API's password reset objects (facts 2.1, 2.5). Undocumented; seen in public tools only.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::ClientError;
use super::transport::Transport;
use crate::ids::TenantId;
use crate::tenant::{Object, Resource};

pub(super) const POLICY: [&str; 3] = ["api", "PasswordReset", "PasswordResetPolicies"];
const WRITEBACK: [&str; 3] = ["api", "PasswordReset", "OnPremisesPasswordResetPolicies"];

/// Reads the objects.
#[derive(Clone, Debug)]
pub struct PortalReader {
    pub(super) transport: Arc<Transport>,
}

/// Writes the objects.
#[derive(Clone, Debug)]
pub struct PortalWriter {
    transport: Arc<Transport>,
}

impl PortalReader {
    pub(super) fn new(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    /// Fetches the id of the tenant the sign-in is for; `None` where the token does not say.
    ///
    /// # Errors
    /// No token could be fetched.
    pub async fn fetch_tenant_id(&self) -> Result<Option<TenantId>, ClientError> {
        self.transport.fetch_claims().await.map(|claims| claims.tenant)
    }

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

impl PortalWriter {
    pub(super) fn new(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    pub(super) async fn wait_after(
        &self,
        refused: &ClientError,
        attempts: u32,
        elapsed: Duration,
    ) -> Result<bool, ClientError> {
        self.transport.wait_after(refused, attempts, elapsed).await
    }

    /// Replaces the policy object. The answer's body is unknown (facts 2.1), so any success counts and
    /// reading back decides.
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn put_policy(&self, policy: &Value) -> Result<(), ClientError> {
        let mut request = self.transport.request(Method::PUT, &POLICY, &[]);
        request.body = Some(policy.clone());
        self.transport.send(request).await.map(|_| ())
    }

    /// Writes some fields of password writeback; the others stay (facts 2.5).
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn put_writeback(&self, fields: &Value) -> Result<(), ClientError> {
        let mut request = self.transport.request(Method::PUT, &WRITEBACK, &[]);
        request.body = Some(fields.clone());
        self.transport.send(request).await.map(|_| ())
    }
}
