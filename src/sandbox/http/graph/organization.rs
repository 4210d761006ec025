//! The organisation: its name, subscriptions, and synchronisation.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::types::{ORGANIZATION, SKU, SYNCHRONIZATION};
use crate::sandbox::http::odata::{Ask, Refused};
use crate::sandbox::tenant::{Licence, TenantState};

pub(super) async fn organizations(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&ORGANIZATION, &["$select"])?;
    let row = organization_json(&ask.shared.tenant());
    ask.list(&query, "organization", vec![row], usize::MAX)
}

pub(super) async fn organization(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&ORGANIZATION, &["$select"])?;
    let tenant = ask.shared.tenant();
    match Uuid::try_parse(&id).map_err(|_| Refused::no_id(&id))? == tenant.tenant_id {
        true => Ok(ask.object(&query, "organization", organization_json(&tenant))),
        false => Err(Refused::no_such(&id)),
    }
}

fn organization_json(tenant: &TenantState) -> Value {
    let domains: Vec<Value> = tenant
        .domains
        .iter()
        .enumerate()
        .map(|(at, name)| json!({"capabilities": "Email", "isDefault": at == 0, "isInitial": name.ends_with(".onmicrosoft.com"), "name": name, "type": "Managed"}))
        .collect();
    json!({"id": tenant.tenant_id, "displayName": tenant.tenant_name, "verifiedDomains": domains, "onPremisesSyncEnabled": tenant.is_hybrid.then_some(true), "tenantType": "AAD"})
}

pub(super) async fn skus(ask: Ask) -> Result<Response, Refused> {
    // Microsoft's page names `$select` alone.
    let query = ask.query(&SKU, &["$select"])?;
    let row = |id: Option<Uuid>, name: &str, plans: &[(&str, &str)]| {
        let plans: Vec<Value> = plans
            .iter()
            .map(|(id, name)| json!({"servicePlanId": id, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"}))
            .collect();
        json!({"id": format!("sku-{name}"), "skuId": id, "skuPartNumber": name, "capabilityStatus": "Enabled", "appliesTo": "User", "consumedUnits": 3, "servicePlans": plans})
    };
    let rows = vec![
        row(
            Licence::P1.sku(),
            "AAD_PREMIUM",
            &[(Licence::P1_PLAN, "AAD_PREMIUM"), (Licence::EXCHANGE_PLAN, "EXCHANGE_S_FOUNDATION")],
        ),
        row(Licence::P2.sku(), "AAD_PREMIUM_P2", &[(Licence::P2_PLAN, "AAD_PREMIUM_P2")]),
    ];
    ask.list(&query, "subscribedSkus", rows, usize::MAX)
}

/// What is synchronised from on-premises; no row in a tenant without.
pub(super) async fn synchronization(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&SYNCHRONIZATION, &["$select"])?;
    let tenant = ask.shared.tenant();
    let is_on = tenant.writeback["enablementForTenant"].as_bool().unwrap_or(false);
    let whole = json!({"id": tenant.tenant_id, "features": {"passwordWritebackEnabled": is_on, "passwordSyncEnabled": true}});
    let rows = tenant.is_hybrid.then_some(whole).into_iter().collect();
    ask.list(&query, "directory/onPremisesSynchronization", rows, usize::MAX)
}
