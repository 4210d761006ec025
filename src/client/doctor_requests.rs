//! Requests that only `doctor` makes: to the hosts themselves, and for what is undocumented.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::{ClientError, TenantReader, portal};
use crate::tenant::{Object, Resource, Surface};

/// What a host answered to a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostSeen {
    /// HTTP status.
    pub status: u16,
    /// The host's clock, if the answer has it.
    pub date: Option<Timestamp>,
}

impl TenantReader {
    /// Returns the host of a surface.
    pub fn host(&self, surface: Surface) -> String {
        self.transport(surface).root.to_string().trim_end_matches('/').to_owned()
    }

    /// Returns how a surface signs in, for people.
    pub fn method(&self, surface: Surface) -> String {
        self.transport(surface).tokens.method()
    }

    /// Fetches a surface's front page, without the token.
    ///
    /// # Errors
    /// No connection, or no trust in the host's certificate.
    pub async fn fetch_host(&self, surface: Surface) -> Result<HostSeen, ClientError> {
        self.transport(surface).reach().await
    }

    /// Fetches the password reset policy without asking for the group's name, which is how the name is found
    /// to depend on it (facts 6).
    pub async fn fetch_policy_without_name(&self) -> Result<Object, ClientError> {
        let transport = self.transport(Surface::Portal);
        let request = transport.request(Method::GET, &portal::POLICY, &[]);
        transport.fetch_object(Resource::PasswordReset, request).await
    }

    /// Returns whether a surface repeats the request's id in its answer, in the header it is sent in.
    pub async fn fetch_echo(&self, surface: Surface) -> Result<bool, ClientError> {
        let transport = self.transport(surface);
        let request = match surface {
            Surface::Graph => transport.request(Method::GET, &["v1.0", "organization"], &[("$select", "id")]),
            Surface::Portal => transport.request(Method::GET, &portal::POLICY, &[]),
        };
        let (_, answer) = transport.fetch::<Value>(request).await?;
        Ok(answer.echoes_id_in(transport.id_header().as_str()))
    }
}
