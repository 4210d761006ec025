//! The people of the pretend tenant as Graph shows them: members, roles, plans, registration, audit log.

mod audit;
mod licences;
mod members;
mod query;
mod reports;
mod roles;
mod selection;

use axum::routing::get;
use axum::{Router, middleware};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::server::Shared;

/// What a user is licensed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Licence {
    /// Nothing that covers password reset.
    None,
    /// Entra ID P1.
    P1,
    /// Entra ID P1, expired: the plan is there and not enabled.
    P1Suspended,
    /// Entra ID P2 alone; some products carry it without P1.
    P2,
    /// Microsoft 365 Business Standard, which has no Entra plan at all (facts 3.1).
    BusinessStandard,
}

/// A directory role given to a user or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Template id of the role.
    pub role: Uuid,
    /// Whether it has to be activated first (Privileged Identity Management).
    pub is_eligible: bool,
}

impl RoleGrant {
    /// Returns a role that is held now.
    pub fn active(role: Uuid) -> Self {
        Self { role, is_eligible: false }
    }

    /// Returns a role that can be activated.
    pub fn eligible(role: Uuid) -> Self {
        Self { role, is_eligible: true }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// `activityDisplayName`.
    pub activity: String,
    /// `success` or `failure`.
    pub result: String,
    /// `resultReason`.
    pub reason: String,
    /// The user it is about.
    pub user: Uuid,
}

/// Returns the Graph routes about people.
pub(super) fn routes(shared: &Shared) -> Router<Shared> {
    let reports = Router::new()
        .route("/reports/authenticationMethods/userRegistrationDetails", get(reports::registrations))
        .route("/reports/authenticationMethods/userRegistrationDetails/{id}", get(reports::registration))
        .route("/auditLogs/directoryAudits", get(audit::audits))
        .layer(middleware::from_fn_with_state(shared.clone(), reports::limited));
    Router::new()
        .route("/groups/{id}/transitiveMembers/microsoft.graph.user/$count", get(members::count))
        .route("/groups/{id}/transitiveMembers/microsoft.graph.user", get(members::members))
        .route("/groups/{id}/memberOf/microsoft.graph.group", get(members::groups_holding))
        .route("/users/{id}/memberOf/microsoft.graph.group", get(members::groups_holding))
        .route("/users/{id}", get(members::user))
        .route("/roleManagement/directory/roleAssignments", get(roles::assignments))
        .route("/roleManagement/directory/roleEligibilityScheduleInstances", get(roles::eligibilities))
        .route("/subscribedSkus", get(licences::skus))
        .route("/directory/onPremisesSynchronization", get(licences::synchronization))
        .merge(reports)
}
