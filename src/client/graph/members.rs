//! The members of a group, through all nesting. <https://learn.microsoft.com/graph/api/group-list-transitivemembers>

use reqwest::header::HeaderValue;
use serde::Deserialize;
use uuid::Uuid;

use super::GraphReader;
use super::Page;
use crate::client::ClientError;
use crate::client::transport::Request;
use crate::people::{Licence, Person};

const USER_FIELDS: &str = "id,userPrincipalName,displayName,accountEnabled,userType,onPremisesSyncEnabled,assignedPlans,assignedLicenses";
/// Graph's largest page.
pub(crate) const PAGE: usize = 999;

/// Some members, and the way to more.
#[derive(Clone, Debug)]
pub struct MemberPage {
    /// The people on this page.
    pub people: Vec<Person>,
    /// How many the whole query has, where Graph counted.
    pub count: Option<u64>,
    /// Where the next page is.
    pub next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserWire {
    id: Uuid,
    user_principal_name: Option<String>,
    display_name: Option<String>,
    account_enabled: Option<bool>,
    user_type: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    assigned_plans: Option<Vec<PlanWire>>,
    assigned_licenses: Option<Vec<LicenceWire>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanWire {
    service_plan_id: Option<Uuid>,
    capability_status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LicenceWire {
    sku_id: Option<Uuid>,
}

impl GraphReader {
    /// Fetches the first page of a group's members, in the order of user principal names. `filter` is an
    /// OData filter; `top` is 1 to 999.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_members(
        &self,
        group: &str,
        filter: Option<&str>,
        top: usize,
    ) -> Result<MemberPage, ClientError> {
        let top = top.to_string();
        let mut query = vec![
            ("$count", "true"),
            ("$orderby", "userPrincipalName"),
            ("$select", USER_FIELDS),
            ("$top", top.as_str()),
        ];
        query.extend(filter.map(|filter| ("$filter", filter)));
        self.fetch_member_page(
            self.get(&["groups", group, "transitiveMembers", "microsoft.graph.user"], &query),
        )
        .await
    }

    /// Fetches the first page of a group's members as plainly as the service allows: no order, no filter.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_members_plainly(&self, group: &str) -> Result<MemberPage, ClientError> {
        let top = PAGE.to_string();
        let query = [("$count", "true"), ("$select", USER_FIELDS), ("$top", top.as_str())];
        self.fetch_member_page(
            self.get(&["groups", group, "transitiveMembers", "microsoft.graph.user"], &query),
        )
        .await
    }

    /// Fetches the page a [`MemberPage::next`] names.
    ///
    /// # Errors
    /// As every request; also where the link leads to another host.
    pub async fn fetch_more_members(&self, next: &str) -> Result<MemberPage, ClientError> {
        self.fetch_member_page(self.transport.page(next)?).await
    }

    /// Fetches one user by id or user principal name; `None` where there is none.
    /// <https://learn.microsoft.com/graph/api/user-get>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_user(&self, name: &str) -> Result<Option<Person>, ClientError> {
        match self.transport.fetch::<UserWire>(self.get(&["users", name], &[("$select", USER_FIELDS)])).await
        {
            Ok((user, _)) => Ok(Some(user.into())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the groups a user or a group is directly in: id and display name (foreign text).
    /// <https://learn.microsoft.com/graph/api/user-list-memberof>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_groups_holding(
        &self,
        kind: &str,
        id: Uuid,
    ) -> Result<Vec<(Uuid, String)>, ClientError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct GroupWire {
            id: Uuid,
            display_name: Option<String>,
        }
        let id = id.to_string();
        let query = [("$count", "true"), ("$select", "id,displayName"), ("$top", "999")];
        let mut request = eventual(self.get(&[kind, &id, "memberOf", "microsoft.graph.group"], &query));
        let mut groups = Vec::new();
        loop {
            let (page, _): (Page<GroupWire>, _) = self.transport.fetch(request).await?;
            groups.extend(
                page.value.into_iter().map(|group| (group.id, group.display_name.unwrap_or_default())),
            );
            match page.next_link {
                Some(link) => request = eventual(self.transport.page(&link)?),
                None => return Ok(groups),
            }
        }
    }

    async fn fetch_member_page(&self, request: Request) -> Result<MemberPage, ClientError> {
        let (page, _): (Page<UserWire>, _) = self.transport.fetch(eventual(request)).await?;
        Ok(MemberPage {
            people: page.value.into_iter().map(Person::from).collect(),
            count: page.count,
            next: page.next_link,
        })
    }
}

/// Graph refuses the cast without it, and on every page.
fn eventual(mut request: Request) -> Request {
    request.headers.insert("ConsistencyLevel", HeaderValue::from_static("eventual"));
    request
}

impl From<UserWire> for Person {
    fn from(wire: UserWire) -> Self {
        let plans: Option<Vec<(Uuid, bool)>> = wire.assigned_plans.map(|plans| {
            let id_and_state = |plan: PlanWire| {
                Some((plan.service_plan_id?, plan.capability_status.as_deref() == Some("Enabled")))
            };
            plans.into_iter().filter_map(id_and_state).collect()
        });
        let products: Option<Vec<Uuid>> = wire
            .assigned_licenses
            .map(|products| products.into_iter().filter_map(|product| product.sku_id).collect());
        Self {
            id: wire.id,
            user_principal_name: wire.user_principal_name,
            display_name: wire.display_name,
            is_enabled: wire.account_enabled,
            // Accounts older than the field have none, and are members; but then the name is told.
            is_guest: match wire.user_type {
                Some(kind) => Some(kind.eq_ignore_ascii_case("guest")),
                None => wire.account_enabled.map(|_| false),
            },
            is_synced: wire.on_premises_sync_enabled == Some(true),
            licence: Licence::read(plans.as_deref(), products.as_deref()),
        }
    }
}
