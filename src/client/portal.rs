//! The admin-centre API's password reset policy (facts 2.1). Undocumented; seen in public tools only.

use std::sync::Arc;

use reqwest::Method;
use serde_json::Value;

use super::ClientError;
use super::transport::Transport;
use crate::tenant::PasswordResetPolicy;

const POLICY: [&str; 3] = ["api", "PasswordReset", "PasswordResetPolicies"];

/// Reads the policy.
#[derive(Clone, Debug)]
pub struct PortalReader {
    transport: Arc<Transport>,
}

/// Writes the policy.
#[derive(Clone, Debug)]
pub struct PortalWriter {
    transport: Arc<Transport>,
}

impl PortalReader {
    pub(super) fn new(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    /// Fetches the policy object, with the group's name filled in.
    ///
    /// # Errors
    /// As every request; also when the answer is not the tenant's `default` object.
    pub async fn fetch_policy(&self) -> Result<PasswordResetPolicy, ClientError> {
        let query = [("getPasswordResetEnabledGroup", "true")];
        let answer = self.transport.send(self.transport.request(Method::GET, &POLICY, &query)).await?;
        let json: Value = answer.json()?;
        if json.is_object() {
            Ok(PasswordResetPolicy::from_json(json)?)
        } else {
            Err(answer.unreadable("not a policy object"))
        }
    }
}

impl PortalWriter {
    pub(super) fn new(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    /// Replaces the policy object. The answer's body is unknown (facts 2.1), so any success counts and
    /// reading back decides.
    ///
    /// # Errors
    /// As every request. Unless [`ClientError::is_certainly_unwritten`], the write may have landed.
    pub async fn put_policy(&self, policy: &PasswordResetPolicy) -> Result<(), ClientError> {
        let mut request = self.transport.request(Method::PUT, &POLICY, &[]);
        request.body = Some(policy.to_json());
        self.transport.send(request).await.map(|_| ())
    }
}
