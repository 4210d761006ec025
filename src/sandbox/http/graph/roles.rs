//! Roles, held now or to be activated.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sandbox::http::odata::list;
use crate::sandbox::state::Shared;
use crate::sandbox::world::{RoleGrant, World};

/// Roles held now.
pub(super) async fn assignments(State(shared): State<Shared>) -> Response {
    list("roleManagement/directory/roleAssignments", &grants(&shared.world(), false))
}

/// Roles to be activated.
pub(super) async fn eligibilities(State(shared): State<Shared>) -> Response {
    list("roleManagement/directory/roleEligibilityScheduleInstances", &grants(&shared.world(), true))
}

fn grants(world: &World, is_eligible: bool) -> Vec<Value> {
    let row = |principal: Uuid, kind: &str, name: &str, grant: &RoleGrant| {
        json!({
            "id": format!("{principal}-{}", grant.role), "principalId": principal, "roleDefinitionId": grant.role,
            "directoryScopeId": "/",
            "principal": {"@odata.type": format!("#microsoft.graph.{kind}"), "id": principal, "displayName": name},
        })
    };
    let mut rows = Vec::new();
    let mut add = |principal: Uuid, kind: &str, name: &str, roles: &[RoleGrant]| {
        let wanted = roles.iter().filter(|grant| grant.is_eligible == is_eligible);
        rows.extend(wanted.map(|grant| row(principal, kind, name, grant)));
    };
    for user in &world.users {
        add(user.id, "user", &user.name, &user.roles);
    }
    for group in &world.groups {
        add(group.id, "group", &group.name, &group.roles);
    }
    for i in world.crowd.admins() {
        let person = world.crowd.person(i);
        add(person.id, "user", &person.name, &person.roles);
    }
    rows
}
