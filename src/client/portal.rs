//! Reads the admin centre: password reset, writeback, the caller's roles (facts 2.1, 2.5; 2026-11 F).
//! Undocumented; seen in public tools and recorded by others only.

use std::sync::Arc;

use reqwest::Method;
use uuid::Uuid;

use super::ClientError;
use super::transport::Transport;
use crate::tenant::{Object, Resource};

pub(super) const POLICY: [&str; 3] = ["api", "PasswordReset", "PasswordResetPolicies"];
pub(super) const WRITEBACK: [&str; 3] = ["api", "PasswordReset", "OnPremisesPasswordResetPolicies"];
const ROLES: [&str; 3] = ["api", "Permissions", "GetUserSystemRoleTemplateIds"];

/// Reads the objects. Every reading fails as any request does.
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

    /// Fetches the template ids of the directory roles that the signed-in person holds now.
    pub async fn fetch_role_template_ids(&self) -> Result<Vec<Uuid>, ClientError> {
        let request = self.transport.request(Method::GET, &ROLES, &[]);
        self.transport.fetch(request).await.map(|(ids, _)| ids)
    }

    /// Fetches the state of password writeback.
    pub async fn fetch_writeback(&self) -> Result<Object, ClientError> {
        let request = self.transport.request(Method::GET, &WRITEBACK, &[]);
        self.transport.fetch_object(Resource::Writeback, request).await
    }
}
