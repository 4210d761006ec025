//! The organisation: what it is called, what it has subscribed to, and what it synchronises.

use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sandbox::http::odata::{Options, list};
use crate::sandbox::state::Shared;
use crate::sandbox::world::{Licence, World};

/// The organisation.
pub(super) async fn organization(State(shared): State<Shared>, Query(options): Query<Options>) -> Response {
    list("organization", &[options.selected(organization_json(&shared.world()))])
}

fn organization_json(world: &World) -> Value {
    let domains: Vec<Value> = world
        .domains
        .iter()
        .enumerate()
        .map(|(at, name)| json!({"capabilities": "Email", "isDefault": at == 0, "isInitial": name.ends_with(".onmicrosoft.com"), "name": name, "type": "Managed"}))
        .collect();
    json!({"id": world.tenant_id, "displayName": world.tenant_name, "verifiedDomains": domains, "onPremisesSyncEnabled": world.is_hybrid.then_some(true)})
}

/// What the tenant has subscribed to.
pub(super) async fn skus() -> Response {
    let row = |id: Option<Uuid>, name: &str, plans: &[(&str, &str)]| {
        let plans: Vec<Value> = plans
            .iter()
            .map(|(id, name)| json!({"servicePlanId": id, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"}))
            .collect();
        json!({"id": format!("sku-{name}"), "skuId": id, "skuPartNumber": name, "capabilityStatus": "Enabled", "appliesTo": "User", "consumedUnits": 3, "servicePlans": plans})
    };
    list(
        "subscribedSkus",
        &[
            row(
                Licence::P1.sku(),
                "AAD_PREMIUM",
                &[(Licence::P1_PLAN, "AAD_PREMIUM"), (Licence::EXCHANGE_PLAN, "EXCHANGE_S_FOUNDATION")],
            ),
            row(Licence::P2.sku(), "AAD_PREMIUM_P2", &[(Licence::P2_PLAN, "AAD_PREMIUM_P2")]),
        ],
    )
}

/// What is synchronised from on-premises; no row in a tenant without.
pub(super) async fn synchronization(
    State(shared): State<Shared>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let is_on = world.writeback["enablementForTenant"].as_bool().unwrap_or(false);
    let whole = json!({"id": world.tenant_id, "features": {"passwordWritebackEnabled": is_on, "passwordSyncEnabled": true}});
    let rows: Vec<Value> = world.is_hybrid.then(|| options.selected(whole)).into_iter().collect();
    list("directory/onPremisesSynchronization", &rows)
}
