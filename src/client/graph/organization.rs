//! Fetches the tenant's id, name and verified domains.

use serde::Deserialize;
use serde_json::Value;

use super::GraphReader;
use super::pages::name;
use crate::client::ClientError;
use crate::ids::TenantId;
use crate::tenant::Organization;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationWire {
    id: TenantId,
    display_name: Option<String>,
    verified_domains: Option<Vec<Option<VerifiedDomainWire>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifiedDomainWire {
    name: Option<String>,
    is_default: Option<bool>,
}

impl GraphReader {
    /// Fetches the tenant the token belongs to.
    /// <https://learn.microsoft.com/graph/api/organization-list>
    ///
    /// # Errors
    /// As every request; also when not exactly one organisation answers, or its id is no GUID.
    pub async fn fetch_organization(&self) -> Result<Organization, ClientError> {
        let query = [("$select", "id,displayName,verifiedDomains")];
        let request = self.get(&["organization"], &query);
        let (page, answer) = self.transport.fetch_page::<OrganizationWire>(request).await?;
        if page.odd > 0 {
            return Err(answer.unreadable(
                "an organisation that is not in the form Graph documents (its id, a GUID, or another field)",
            ));
        }
        let Ok([organization]) = <[OrganizationWire; 1]>::try_from(page.rows) else {
            return Err(answer.unreadable("not exactly one organisation"));
        };
        Ok(organization.into())
    }
}

/// Returns the tenant that a row of Graph's list of organizations is about; `None` where it is in another form.
pub fn organization(row: &Value) -> Option<Organization> {
    OrganizationWire::deserialize(row).ok().map(Organization::from)
}

impl From<OrganizationWire> for Organization {
    fn from(wire: OrganizationWire) -> Self {
        let mut domains: Vec<VerifiedDomainWire> =
            wire.verified_domains.unwrap_or_default().into_iter().flatten().collect();
        domains.sort_by_key(|domain| domain.is_default != Some(true));
        Self {
            id: wire.id,
            display_name: wire.display_name.map(name).unwrap_or_default(),
            // A domain name is 253 letters at most; what is longer or empty is none.
            verified_domains: domains
                .into_iter()
                .filter_map(|domain| domain.name)
                .filter(|name| (1..=253).contains(&name.len()))
                .collect(),
        }
    }
}
