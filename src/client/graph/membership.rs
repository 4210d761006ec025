//! Whether a group is directly in another one, read and written.

use reqwest::Method;
use serde_json::json;

use super::GraphReader;
use super::groups::GroupWire;
use super::pages::{List, eventual};
use crate::client::ClientError;
use crate::client::transport::{Request, Transport};
use crate::ids::GroupId;
use crate::tenant::{NamedGroup, Object, membership};

impl GraphReader {
    /// Fetches whether a group is a direct member of another one, from the side of the member: what holds it is a short
    /// list however many people the group has, and comes from the directory and not from its index.
    /// <https://learn.microsoft.com/graph/api/group-list-memberof>
    ///
    /// # Errors
    /// As every request; also where a row that cannot be read may be the group. A member that is gone is in no group.
    pub async fn fetch_membership(&self, group: GroupId, member: GroupId) -> Result<Object, ClientError> {
        let unnamed = |id| NamedGroup { id, display_name: String::new() };
        let query = [("$select", "id,displayName"), ("$top", "999")];
        let mut request = self.get(&["groups", &member.to_string(), "memberOf"], &query);
        let mut before = None;
        loop {
            let page = self.fetch_page::<GroupWire>(request, before.as_ref()).await;
            let (page, next, answer) = match page {
                Err(error) if error.is_not_found() => {
                    return Ok(membership(&unnamed(group), &unnamed(member), false));
                }
                page => page?,
            };
            if let Some(found) = page.rows.into_iter().find(|holder| holder.id == group) {
                return Ok(membership(&found.into(), &unnamed(member), true));
            }
            if page.odd > 0 {
                return Err(answer.unreadable("what the group is in, with a row whose id is no GUID"));
            }
            let Some(next) = next else {
                return Ok(membership(&unnamed(group), &unnamed(member), false));
            };
            request = self.next_request(&next)?;
            before = Some(next);
        }
    }

    /// Fetches the groups that are directly in a group; from the index.
    /// <https://learn.microsoft.com/graph/api/group-list-members>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_groups_within(&self, group: GroupId) -> Result<List<NamedGroup>, ClientError> {
        let groups: List<GroupWire> = self.fetch_all(self.groups_within(group)).await?;
        Ok(groups.map(NamedGroup::from))
    }

    pub(super) fn groups_within(&self, group: GroupId) -> Request {
        let query = [("$count", "true"), ("$select", "id,displayName"), ("$top", "999")];
        eventual(self.get(&["groups", &group.to_string(), "members", "microsoft.graph.group"], &query))
    }
}

/// Returns the request that adds a group to another one, or removes it. A removal always ends in `$ref`: without it, it
/// deletes the member itself (facts 2026-11 B1).
pub(in crate::client) fn write_membership(
    transport: &Transport,
    (group, member): (GroupId, GroupId),
    is_adding: bool,
) -> Request {
    let (group, member) = (group.to_string(), member.to_string());
    if !is_adding {
        let path = ["v1.0", "groups", &group, "members", &member, "$ref"];
        return transport.request(Method::DELETE, &path, &[]);
    }
    let mut request = transport.request(Method::POST, &["v1.0", "groups", &group, "members", "$ref"], &[]);
    let reference = transport.request(Method::GET, &["v1.0", "directoryObjects", &member], &[]).url;
    request.body = Some(json!({"@odata.id": reference.as_str()}));
    request
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::client::{ClientConfig, Credentials};
    use crate::tenant::Surface;

    fn transport() -> Transport {
        let config = ClientConfig::default();
        let root = "https://graph.microsoft.com".parse().unwrap();
        let http = config.connections.pool(&root, &config).unwrap();
        let tokens = Credentials::ready("t".into(), "t".into()).unwrap().graph;
        Transport::new(Surface::Graph, http, root, tokens.into(), config, Arc::default())
    }

    proptest! {
        /// Without it, the request deletes the ring itself.
        #[test]
        fn a_removal_always_ends_in_ref(group: u128, member: u128) {
            let (group, member) = (Uuid::from_u128(group), Uuid::from_u128(member));
            let request = write_membership(&transport(), (group.into(), member.into()), false);
            let wanted = format!("https://graph.microsoft.com/v1.0/groups/{group}/members/{member}/$ref");
            prop_assert_eq!(request.method, Method::DELETE);
            prop_assert_eq!(request.url.as_str(), wanted);
        }
    }
}
