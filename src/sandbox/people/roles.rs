//! Roles, held now or to be activated.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::RoleGrant;
use super::query::list;
use crate::sandbox::server::Shared;
use crate::sandbox::world::World;

pub(super) async fn assignments(State(shared): State<Shared>) -> Response {
    list("roleManagement/directory/roleAssignments", &grants(&shared.world(), false))
}

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
    let wanted = |grant: &&RoleGrant| grant.is_eligible == is_eligible;
    for user in &world.users {
        rows.extend(user.roles.iter().filter(wanted).map(|grant| row(user.id, "user", &user.name, grant)));
    }
    for group in &world.groups {
        rows.extend(
            group.roles.iter().filter(wanted).map(|grant| row(group.id, "group", &group.name, grant)),
        );
    }
    for i in world.crowd.admins() {
        let person = world.crowd.person(i);
        rows.extend(
            person.roles.iter().filter(wanted).map(|grant| row(person.id, "user", &person.name, grant)),
        );
    }
    rows
}
