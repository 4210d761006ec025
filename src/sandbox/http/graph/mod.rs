//! Microsoft Graph, as far as it is asked. Shapes: Microsoft's v1.0 metadata.

mod audits;
mod authorization;
mod groups;
mod members;
mod methods;
mod organization;
mod page;
mod registrations;
mod roles;
mod seen;
mod selection;
mod users;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use super::middleware::{limit_reports, sign_in_to_graph, unknown};
use super::surface::Surface;
use crate::sandbox::state::Shared;

/// Returns Graph's routes.
pub(super) fn routes(shared: &Shared) -> Router<Shared> {
    Router::new()
        .merge(policies())
        .merge(directory())
        .merge(reports().layer(from_fn_with_state(shared.clone(), limit_reports)))
        .fallback(|request| unknown(Surface::Graph, request))
        .layer(from_fn_with_state(shared.clone(), sign_in_to_graph))
}

fn policies() -> Router<Shared> {
    Router::new()
        .route(
            "/policies/authorizationPolicy",
            get(authorization::authorization).patch(authorization::patch_authorization),
        )
        .route("/policies/authenticationMethodsPolicy", get(methods::methods))
        .route(
            "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}",
            get(methods::method).patch(methods::patch_method),
        )
}

fn directory() -> Router<Shared> {
    Router::new()
        .route("/organization", get(organization::organization))
        .route("/subscribedSkus", get(organization::skus))
        .route("/directory/onPremisesSynchronization", get(organization::synchronization))
        .route("/groups", get(groups::groups))
        .route("/groups/{id}", get(groups::group))
        .route("/groups/{id}/transitiveMemberOf", get(groups::groups_around))
        .route("/groups/{id}/memberOf/microsoft.graph.group", get(groups::groups_holding))
        .route("/users/{id}/memberOf/microsoft.graph.group", get(groups::groups_holding))
        .route("/groups/{id}/transitiveMembers/microsoft.graph.user/$count", get(members::count))
        .route("/groups/{id}/transitiveMembers/microsoft.graph.user", get(members::members))
        .route("/users/{id}", get(users::user))
        .route("/roleManagement/directory/roleAssignments", get(roles::assignments))
        .route("/roleManagement/directory/roleEligibilityScheduleInstances", get(roles::eligibilities))
}

fn reports() -> Router<Shared> {
    Router::new()
        .route("/reports/authenticationMethods/userRegistrationDetails", get(registrations::registrations))
        .route(
            "/reports/authenticationMethods/userRegistrationDetails/{id}",
            get(registrations::registration),
        )
        .route("/auditLogs/directoryAudits", get(audits::audits))
}
