//! Microsoft Graph, as far as the client uses it. Shapes: Microsoft's v1.0 metadata.

mod applications;
mod audits;
mod groups;
mod member_writes;
mod members;
mod organization;
mod page;
mod policies;
mod registrations;
mod roles;
mod user_fields;
mod user_query;
mod types;
mod users;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, delete, get, post};

use self::user_query::Reach;
use super::middleware::{check_permission, format_errors, limit_reports, sign_in_to_graph, unknown};
use super::surface::Surface;

pub(super) fn routes() -> Router {
    let routes = methods_policy()
        .merge(directory())
        .merge(members())
        .merge(applications::routes())
        .merge(reports().layer(from_fn(limit_reports)));
    guarded(routes)
}

/// Returns the routes of the beta: what is asked there that v1.0 does not say.
pub(super) fn beta_routes() -> Router {
    guarded(methods_policy())
}

fn guarded(routes: Router) -> Router {
    routes
        .fallback(|request| unknown(Surface::Graph, request))
        .layer(from_fn(check_permission))
        .layer(from_fn(|request, next| format_errors(Surface::Graph, request, next)))
        .layer(from_fn(sign_in_to_graph))
}

fn methods_policy() -> Router {
    Router::new()
        .route("/policies/authenticationMethodsPolicy", get(policies::methods))
        .route(
            "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations",
            get(policies::configurations),
        )
        .route(
            "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}",
            get(policies::method).patch(policies::patch_method),
        )
}

fn directory() -> Router {
    Router::new()
        .route(
            "/policies/authorizationPolicy",
            get(policies::authorization).patch(policies::patch_authorization),
        )
        .route("/roleManagement/directory/roleAssignments", get(roles::assignments))
        .route("/roleManagement/directory/roleEligibilityScheduleInstances", get(roles::eligibilities))
        .route("/roleManagement/directory/roleDefinitions", get(roles::definitions))
        .route("/roleManagement/directory/roleDefinitions/{id}", get(roles::definition))
        .route("/organization", get(organization::organizations))
        .route("/organization/{id}", get(organization::organization))
        .route("/subscribedSkus", get(organization::skus))
        .route("/directory/onPremisesSynchronization", get(organization::synchronization))
        .route("/me", get(users::me))
        .route("/users", get(users::users))
        .route("/users/$count", get(users::count))
        .route("/users/{id}", get(users::user))
        .route("/users/{id}/memberOf/microsoft.graph.group", get(groups::groups_holding_user))
        .route("/groups", get(groups::groups))
        .route("/groups/$count", get(groups::count))
        .route("/groups/{id}", get(groups::group).patch(member_writes::bind))
        .route("/groups/{id}/memberOf", get(groups::holders))
        .route("/groups/{id}/members/$ref", post(member_writes::add))
        .route("/groups/{id}/members/{member}/$ref", delete(member_writes::remove))
        .route("/groups/{id}/members/{member}", delete(member_writes::delete_object))
        .route("/groups/{id}/members/microsoft.graph.group", get(groups::groups_within))
        .route("/groups/{id}/transitiveMemberOf", get(groups::groups_around))
        .route("/groups/{id}/memberOf/microsoft.graph.group", get(groups::groups_holding_group))
}

/// The members of a group, in the eight ways they are asked for.
fn members() -> Router {
    let mut routes = Router::new();
    for (list, reach) in [("members", Reach::Direct), ("transitiveMembers", Reach::Nested)] {
        let all: MethodRouter = get(move |id, ask| members::list_all(reach, id, ask));
        let count_all = get(move |id, ask| members::count_all(reach, id, ask));
        let people = get(move |id, ask| members::list_people(reach, id, ask));
        let count_people = get(move |id, ask| members::count_people(reach, id, ask));
        routes = routes
            .route(&format!("/groups/{{id}}/{list}"), all)
            .route(&format!("/groups/{{id}}/{list}/$count"), count_all)
            .route(&format!("/groups/{{id}}/{list}/microsoft.graph.user"), people)
            .route(&format!("/groups/{{id}}/{list}/microsoft.graph.user/$count"), count_people);
    }
    routes
}

fn reports() -> Router {
    Router::new()
        .route("/reports/authenticationMethods/userRegistrationDetails", get(registrations::registrations))
        .route(
            "/reports/authenticationMethods/userRegistrationDetails/{id}",
            get(registrations::registration),
        )
        .route("/auditLogs/directoryAudits", get(audits::audits))
}
