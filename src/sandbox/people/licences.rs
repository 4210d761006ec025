//! What people and the tenant are licensed with, and what is synchronised.

use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Licence;
use super::query::{Options, list};
use crate::sandbox::odata;
use crate::sandbox::server::Shared;

const P1: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
const P2: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";
const BUSINESS_STANDARD: &str = "f245ecc8-75af-4f8e-b61f-27d8114de5f3";
const EXCHANGE: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";

/// Returns the service plans a licence carries, and whether each is enabled.
pub(super) fn plans(licence: Licence) -> Vec<(&'static str, &'static str)> {
    match licence {
        Licence::None => Vec::new(),
        Licence::P1 => vec![(EXCHANGE, "Enabled"), (P1, "Enabled")],
        Licence::P1Suspended => vec![(P1, "Suspended")],
        Licence::P2 => vec![(P2, "Enabled")],
        Licence::BusinessStandard => vec![(EXCHANGE, "Enabled")],
    }
}

/// Returns the product a licence comes from.
pub(super) fn sku(licence: Licence) -> Option<Uuid> {
    let id = match licence {
        Licence::None => return None,
        Licence::P1 | Licence::P1Suspended => "078d2b04-f1bd-4111-bbd4-b4b1b354cef4",
        Licence::P2 => "84a661c4-e949-4bd2-a560-ed7766fcaf2b",
        Licence::BusinessStandard => BUSINESS_STANDARD,
    };
    Uuid::try_parse(id).ok()
}

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
            row(sku(Licence::P1), "AAD_PREMIUM", &[(P1, "AAD_PREMIUM"), (EXCHANGE, "EXCHANGE_S_FOUNDATION")]),
            row(sku(Licence::P2), "AAD_PREMIUM_P2", &[(P2, "AAD_PREMIUM_P2")]),
        ],
    )
}

pub(super) async fn synchronization(
    State(shared): State<Shared>,
    Query(options): Query<Options>,
) -> Response {
    let world = shared.world();
    let is_on = world.writeback["enablementForTenant"].as_bool().unwrap_or(false);
    let whole = json!({"id": world.tenant_id, "features": {"passwordWritebackEnabled": is_on, "passwordSyncEnabled": true}});
    let row = odata::select(whole, options.select.as_deref());
    let rows: Vec<Value> = world.is_hybrid.then_some(row).into_iter().collect();
    list("directory/onPremisesSynchronization", &rows)
}
