//! Groups: found, counted, and the groups they sit in.

use serde::Deserialize;
use uuid::Uuid;

use super::GraphReader;
use super::pages::eventual;
use crate::client::ClientError;
use crate::tenant::{Group, NamedGroup};

const GROUP_FIELDS: &str = "id,displayName,securityEnabled";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupWire {
    id: String,
    display_name: Option<String>,
    security_enabled: Option<bool>,
}

/// A directory object that holds a group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerWire {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    id: String,
    display_name: Option<String>,
}

/// A group that holds somebody.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HolderWire {
    id: Uuid,
    display_name: Option<String>,
}

impl GraphReader {
    /// Fetches a group by object id; `None` where the tenant has none with it.
    /// <https://learn.microsoft.com/graph/api/group-get>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_group(&self, id: &str) -> Result<Option<Group>, ClientError> {
        let query = [("$select", GROUP_FIELDS)];
        match self.transport.fetch::<GroupWire>(self.get(&["groups", id], &query)).await {
            Ok((group, _)) => Ok(Some(group.into())),
            // How Graph says that there is no such object.
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the groups with this display name, which is not unique. Stops at the second: more than one
    /// is already too many.
    /// <https://learn.microsoft.com/graph/api/group-list>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_groups_named(&self, name: &str) -> Result<Vec<Group>, ClientError> {
        // In an OData string a quote is written twice.
        let filter = format!("displayName eq '{}'", name.replace('\'', "''"));
        let query = [("$filter", filter.as_str()), ("$select", GROUP_FIELDS)];
        // The second is already too many.
        let (groups, _) = self.fetch_while(self.get(&["groups"], &query), |found| found.len() < 2).await?;
        Ok(groups.into_iter().map(|group: GroupWire| group.into()).collect())
    }

    /// Counts the users in a group through all nesting. The index behind it can lag a little (facts 5).
    /// <https://learn.microsoft.com/graph/api/group-list-transitivemembers>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_member_count(&self, group: &str) -> Result<u64, ClientError> {
        let path = ["groups", group, "transitiveMembers", "microsoft.graph.user", "$count"];
        self.transport.send(eventual(self.get(&path, &[]))).await?.count()
    }

    /// Fetches the groups that a group sits in, through all nesting; `None` where the service does not know
    /// the group yet: a new one takes a moment to be indexed.
    /// <https://learn.microsoft.com/graph/api/group-list-transitivememberof>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_containing_groups(&self, group: &str) -> Result<Option<Vec<NamedGroup>>, ClientError> {
        let query = [("$select", "id,displayName"), ("$top", "999")];
        let containers = self.fetch_all(self.get(&["groups", group, "transitiveMemberOf"], &query)).await;
        let containers: Vec<ContainerWire> = match containers {
            Err(error) if error.is_not_found() => return Ok(None),
            containers => containers?,
        };
        // Administrative units and directory roles hold groups too; methods are not given to those.
        let is_group = |container: &ContainerWire| {
            container.kind.as_deref().is_none_or(|kind| kind == "#microsoft.graph.group")
        };
        Ok(Some(containers.into_iter().filter(is_group).map(NamedGroup::from).collect()))
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
        let id = id.to_string();
        let query = [("$count", "true"), ("$select", "id,displayName"), ("$top", "999")];
        let request = self.get(&[kind, &id, "memberOf", "microsoft.graph.group"], &query);
        let groups: Vec<HolderWire> = self.fetch_all(eventual(request)).await?;
        Ok(groups.into_iter().map(|group| (group.id, group.display_name.unwrap_or_default())).collect())
    }
}

impl From<GroupWire> for Group {
    fn from(wire: GroupWire) -> Self {
        Self {
            id: wire.id.to_ascii_lowercase(),
            display_name: wire.display_name.unwrap_or_default(),
            security_enabled: wire.security_enabled,
            members: None,
            within: None,
        }
    }
}

impl From<ContainerWire> for NamedGroup {
    fn from(wire: ContainerWire) -> Self {
        Self { id: wire.id.to_ascii_lowercase(), display_name: wire.display_name.unwrap_or_default() }
    }
}
