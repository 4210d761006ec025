//! Fetches the tenant's subscriptions, and whether passwords are written back.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::GraphReader;
use crate::client::ClientError;
use crate::people::{BUSINESS_STANDARD, P1, P2};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductWire {
    sku_id: Option<Uuid>,
    capability_status: Option<String>,
    service_plans: Option<Vec<PlanWire>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanWire {
    service_plan_id: Option<Uuid>,
}

impl ProductWire {
    /// Returns whether the product covers password reset now; `None` where it does not say.
    fn covers(&self) -> Option<bool> {
        // `Warning` is the month of grace after a subscription ran out.
        let is_live = self.capability_status.as_deref().map(|status| matches!(status, "Enabled" | "Warning"));
        let has_plan = |plans: &Vec<PlanWire>| {
            plans.iter().any(|known| [P1, P2].map(Some).contains(&known.service_plan_id))
        };
        let has = match self.sku_id == Some(BUSINESS_STANDARD) {
            true => Some(true),
            false => self.service_plans.as_ref().map(has_plan),
        };
        match (is_live, has) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

impl GraphReader {
    /// Fetches whether the tenant has a product that covers password reset (facts 3.1); `None` where none is seen to and
    /// one of them cannot be read.
    /// <https://learn.microsoft.com/graph/api/subscribedsku-list>
    pub async fn fetch_is_licensed(&self) -> Result<Option<bool>, ClientError> {
        let request = self.get(&["subscribedSkus"], &[("$select", "skuId,capabilityStatus,servicePlans")]);
        let (page, _) = self.transport.fetch_page::<ProductWire>(request).await?;
        let covers: Vec<Option<bool>> = page.rows.iter().map(ProductWire::covers).collect();
        if covers.contains(&Some(true)) {
            return Ok(Some(true));
        }
        let is_whole = page.odd == 0 && page.next_link.is_none() && !covers.contains(&None);
        Ok(is_whole.then_some(false))
    }

    /// Fetches whether passwords are written back to on-premises; `None` where the tenant does not say.
    /// <https://learn.microsoft.com/graph/api/onpremisesdirectorysynchronization-get>
    ///
    /// # Errors
    /// As every request; app-only tokens are refused (facts 4).
    pub async fn fetch_writeback(&self) -> Result<Option<bool>, ClientError> {
        let request = self.get(&["directory", "onPremisesSynchronization"], &[("$select", "features")]);
        let (page, _) = self.transport.fetch_page::<Value>(request).await?;
        let features = page.rows.iter().map(|row| &row["features"]).find(|features| features.is_object());
        Ok(features.and_then(|features| features["passwordWritebackEnabled"].as_bool()))
    }
}
