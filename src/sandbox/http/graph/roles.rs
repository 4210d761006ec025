//! Roles, held now or to be activated.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::types::{ASSIGNMENT, ELIGIBILITY, ROLE};
use crate::sandbox::http::odata::{Ask, Entity, LIST, OBJECT, Refused};
use crate::sandbox::tenant::{RoleGrant, TenantState};

/// Built-in roles, which have the same id in every tenant (facts 3.4).
const ROLES: [(Uuid, &str); 12] = [
    (RoleGrant::AUTHENTICATION_POLICY_ADMINISTRATOR, "Authentication Policy Administrator"),
    (RoleGrant::HELPDESK_ADMINISTRATOR, "Helpdesk Administrator"),
    (Uuid::from_u128(0x62e90394_69f5_4237_9190_012177145e10), "Global Administrator"),
    (Uuid::from_u128(0xf2ef992c_3afb_46b9_b7cf_a126ee74c451), "Global Reader"),
    (Uuid::from_u128(0xc4e39bd9_1100_46d3_8c65_fb160da0071f), "Authentication Administrator"),
    (Uuid::from_u128(0xfdd7a751_b60b_444a_984c_02652fe8fa1c), "Groups Administrator"),
    (Uuid::from_u128(0x966707d0_3269_4727_9be2_8c3a10f19b9d), "Password Administrator"),
    (Uuid::from_u128(0x7be44c8a_adaf_4e2a_84d6_ab2649e08a13), "Privileged Authentication Administrator"),
    (Uuid::from_u128(0xe8611ab8_c189_46e8_94e1_60213ab1f814), "Privileged Role Administrator"),
    (Uuid::from_u128(0x4a5d8f65_41da_4de4_8968_e035b65339cf), "Reports Reader"),
    (Uuid::from_u128(0x5d6b6bb7_de71_4623_b4af_96380a352509), "Security Reader"),
    (Uuid::from_u128(0xfe930be7_5e62_47db_91af_98c3a49a38b1), "User Administrator"),
];

pub(super) async fn assignments(ask: Ask) -> Result<Response, Refused> {
    answer(&ask, &ASSIGNMENT, "roleAssignments", false)
}

pub(super) async fn eligibilities(ask: Ask) -> Result<Response, Refused> {
    answer(&ask, &ELIGIBILITY, "roleEligibilityScheduleInstances", true)
}

pub(super) async fn definitions(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&ROLE, LIST)?;
    let rows = ROLES.iter().map(|(id, name)| definition_json(*id, name)).collect();
    ask.list(&query, "roleManagement/directory/roleDefinitions", rows, usize::MAX)
}

pub(super) async fn definition(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&ROLE, OBJECT)?;
    let wanted = Uuid::try_parse(&id).map_err(|_| Refused::no_id(&id))?;
    let (role, name) =
        ROLES.iter().find(|(known, _)| *known == wanted).ok_or_else(|| Refused::no_such(&id))?;
    Ok(ask.object(&query, "roleManagement/directory/roleDefinitions", definition_json(*role, name)))
}

fn definition_json(id: Uuid, name: &str) -> Value {
    json!({"id": id, "templateId": id, "displayName": name, "isBuiltIn": true, "isEnabled": true})
}

fn answer(ask: &Ask, entity: &'static Entity, list: &str, is_eligible: bool) -> Result<Response, Refused> {
    let query = ask.query(entity, LIST)?;
    let rows = grants(&ask.shared.tenant(), is_eligible);
    ask.list(&query, &format!("roleManagement/directory/{list}"), rows, usize::MAX)
}

fn grants(tenant: &TenantState, is_eligible: bool) -> Vec<Value> {
    let row = |principal: Uuid, kind: &str, name: &str, grant: &RoleGrant| {
        let role = ROLES.iter().find(|(id, _)| *id == grant.role);
        json!({
            "id": format!("{principal}-{}", grant.role), "principalId": principal, "roleDefinitionId": grant.role,
            "directoryScopeId": "/",
            "principal": {"@odata.type": format!("#microsoft.graph.{kind}"), "id": principal, "displayName": name},
            "roleDefinition": role.map(|(id, name)| definition_json(*id, name)),
        })
    };
    let mut rows = Vec::new();
    let mut add = |principal: Uuid, kind: &str, name: &str, roles: &[RoleGrant]| {
        let wanted = roles.iter().filter(|grant| grant.is_eligible == is_eligible);
        rows.extend(wanted.map(|grant| row(principal, kind, name, grant)));
    };
    let administrator = TenantState::administrator();
    for user in tenant.users.iter().chain([&administrator]) {
        add(user.id, "user", &user.name, &user.roles);
    }
    for group in &tenant.groups {
        add(group.id, "group", &group.name, &group.roles);
    }
    for i in tenant.generated.admins() {
        let person = tenant.generated.person(i);
        add(person.id, "user", &person.name, &person.roles);
    }
    rows
}
