//! Microsoft Graph v1.0: reads, and the app registration's writes; one file for each kind of object.

mod reset_events;
mod directory_changes;
mod licences_and_writeback;
mod membership;
mod groups;
mod members;
mod organization;
mod pages;
mod policies;
mod app_registration;
mod capture;
mod registration_report;
mod roles;

pub use app_registration::{ApplicationKey, Me};
pub use directory_changes::{LoggedChange, LoggedTarget, LoggedWho};
pub use members::{MemberList, MemberPage};
pub(super) use membership::write_membership;
pub use organization::organization;
pub use pages::{List, NextPage};
pub(super) use policies::{AUTHORIZATION, method};
pub use registration_report::{RegistrationPage, RegistrationRow};
pub use reset_events::AuditEvent;
pub use roles::RoleAssignment;

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Method;

use super::ClientError;
use super::rate_limiter::{Pace, RateLimiter};
use super::token_permissions::Held;
use super::transport::{Request, Transport};
use crate::tenant::graph_permissions::Access;

/// Reads Graph. Every reading fails as any request does, with a [`ClientError`] that tells the cases apart.
#[derive(Clone, Debug)]
pub struct GraphReader {
    pub(super) transport: Arc<Transport>,
    /// Where the report and audit endpoints are waited for, which share a limit.
    reports: RateLimiter,
}

impl GraphReader {
    pub(super) fn new(transport: Arc<Transport>, reports: Pace) -> Self {
        Self { transport, reports: RateLimiter::new(reports) }
    }

    /// Reads what is only good to know. Where the token tells that Graph would refuse it, Graph is not asked.
    ///
    /// # Errors
    /// As the reading; [`ClientError::Unpermitted`].
    pub fn read_if_open<'a, T, F: Future<Output = Result<T, ClientError>> + 'a>(
        &'a self,
        access: &'static Access,
        reading: F,
    ) -> impl Future<Output = Result<T, ClientError>> + use<'a, T, F> {
        // In boxes: many are in flight together, each of which would hold the reading twice.
        let (reading, claims) = (Box::pin(reading), Box::pin(self.transport.fetch_claims()));
        async move {
            match claims.await?.opens(access) {
                Held::No => Err(ClientError::Unpermitted { access }),
                Held::Yes | Held::Maybe | Held::Untold => reading.await,
            }
        }
    }

    /// Returns how far Graph's clock is ahead of this machine's, by its last answer; nothing where they agree to half a
    /// minute. What Graph logs, it logs by its own clock.
    pub fn clock_ahead(&self) -> SignedDuration {
        self.transport.clock_ahead()
    }

    fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Request {
        self.transport.request(Method::GET, &[&["v1.0"], path].concat(), query)
    }
}
