//! The tenant's products, and whether it writes passwords back.

use serde::Deserialize;
use uuid::Uuid;

use super::GraphReader;
use super::pages::Page;
use crate::client::ClientError;
use crate::people::{BUSINESS_STANDARD, P1, P2};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductWire {
    sku_id: Option<Uuid>,
    capability_status: Option<String>,
    #[serde(default)]
    service_plans: Vec<PlanWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanWire {
    service_plan_id: Option<Uuid>,
}

#[derive(Deserialize)]
struct SynchronizationWire {
    features: Option<FeaturesWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeaturesWire {
    password_writeback_enabled: Option<bool>,
}

impl GraphReader {
    /// Fetches whether the tenant has a product that covers password reset (facts 3.1).
    /// <https://learn.microsoft.com/graph/api/subscribedsku-list>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_is_licensed(&self) -> Result<bool, ClientError> {
        let request = self.get(&["subscribedSkus"], &[("$select", "skuId,capabilityStatus,servicePlans")]);
        let (page, _): (Page<ProductWire>, _) = self.transport.fetch(request).await?;
        Ok(page.value.iter().any(|product| {
            // `Warning` is the month of grace after a subscription ran out.
            let is_live = matches!(product.capability_status.as_deref(), Some("Enabled" | "Warning"));
            let has =
                |plan: Uuid| product.service_plans.iter().any(|known| known.service_plan_id == Some(plan));
            is_live && (product.sku_id == Some(BUSINESS_STANDARD) || has(P1) || has(P2))
        }))
    }

    /// Fetches whether passwords are written back to on-premises; `None` where the tenant does not tell.
    /// <https://learn.microsoft.com/graph/api/onpremisesdirectorysynchronization-get>
    ///
    /// # Errors
    /// As every request; app-only tokens are refused (facts 4).
    pub async fn fetch_writeback(&self) -> Result<Option<bool>, ClientError> {
        let request = self.get(&["directory", "onPremisesSynchronization"], &[("$select", "features")]);
        let (page, _): (Page<SynchronizationWire>, _) = self.transport.fetch(request).await?;
        let features = page.value.into_iter().find_map(|synchronization| synchronization.features);
        Ok(features.and_then(|features| features.password_writeback_enabled))
    }
}
