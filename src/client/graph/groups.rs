//! Fetches groups by name or id, their member counts, and the groups they are nested in.

use serde::Deserialize;
use uuid::Uuid;

use super::GraphReader;
use super::pages::{List, eventual, name};
use crate::client::{ClientError, odata};
use crate::ids::GroupId;
use crate::tenant::{Group, GroupTraits, NamedGroup};
use crate::text::{composed, counted, spellings};

pub(super) const GROUP_FIELDS: &str = "id,displayName,securityEnabled,visibility,groupTypes,mailEnabled,onPremisesSyncEnabled,isAssignableToRole";

/// A group, as far as its fields were asked for; in a list of what holds a group, any directory object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupWire {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    pub(super) id: GroupId,
    display_name: Option<String>,
    security_enabled: Option<bool>,
    visibility: Option<String>,
    group_types: Option<Vec<String>>,
    mail_enabled: Option<bool>,
    on_premises_sync_enabled: Option<bool>,
    is_assignable_to_role: Option<bool>,
}

impl GraphReader {
    /// Fetches a group by object id; `None` where the tenant has none with it.
    /// <https://learn.microsoft.com/graph/api/group-get>
    ///
    /// # Errors
    /// As every request; also where another group answers.
    pub async fn fetch_group(&self, id: GroupId) -> Result<Option<Group>, ClientError> {
        let query = [("$select", GROUP_FIELDS)];
        let request = self.get(&["groups", &id.to_string()], &query);
        match self.transport.fetch::<GroupWire>(request).await {
            Ok((group, _)) if group.id == id => Ok(Some(group.into())),
            Ok((group, answer)) => {
                Err(answer
                    .unreadable(&format!("the group {} in place of {id}, which was asked for", group.id)))
            }
            // How Graph says that there is no such object.
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the groups with this display name, which is not unique, in whatever of Unicode's spellings of the
    /// same letters. Stops at the second: more than one is already too many.
    /// <https://learn.microsoft.com/graph/api/group-list>
    ///
    /// # Errors
    /// As every request; also where a group of another name answers, or one without an id: which of them the spec
    /// means is unknown then.
    pub async fn fetch_groups_named(&self, wanted: &str) -> Result<Vec<Group>, ClientError> {
        // Whether Graph sees through the two spellings of `ë` is not documented, so it is asked for both.
        let names: Vec<String> = spellings(wanted).iter().map(|name| odata::quote(name)).collect();
        let filter = match names.as_slice() {
            [name] => format!("displayName eq {name}"),
            names => format!("displayName in ({})", names.join(",")),
        };
        let query = [("$filter", filter.as_str()), ("$select", GROUP_FIELDS)];
        // The second is already too many.
        let mut request = self.get(&["groups"], &query);
        let mut before = None;
        let mut groups: Vec<GroupWire> = Vec::new();
        loop {
            let (page, next, answer) = self.fetch_page::<GroupWire>(request, before.as_ref()).await?;
            if page.odd > 0 {
                return Err(answer.unreadable(
                    "a group that is not in the form Graph documents (its id, a GUID, or another field)",
                ));
            }
            let is_other = |group: &&GroupWire| !is_same_name(group.display_name.as_deref(), wanted);
            if let Some(other) = page.rows.iter().find(is_other) {
                return Err(answer.unreadable(&format!(
                    "the group {} has another name than the one asked for; name the group by its object id",
                    other.id
                )));
            }
            groups.extend(page.rows);
            let Some(next) = next.filter(|_| groups.len() < 2) else {
                return Ok(groups.into_iter().map(Group::from).collect());
            };
            request = self.next_request(&next)?;
            before = Some(next);
        }
    }

    /// Counts the users in a group through all nesting. The index behind it can lag a little (facts 5).
    /// <https://learn.microsoft.com/graph/api/group-list-transitivemembers>
    pub async fn fetch_member_count(&self, group: GroupId) -> Result<u64, ClientError> {
        let path = ["groups", &group.to_string(), "transitiveMembers", "microsoft.graph.user", "$count"];
        self.transport.send(eventual(self.get(&path, &[]))).await?.count()
    }

    /// Counts the users of the tenant with an enabled account, guests aside: those a policy for everyone is for.
    /// <https://learn.microsoft.com/graph/api/user-list>
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_user_count(&self) -> Result<u64, ClientError> {
        let filter = [("$filter", "accountEnabled eq true and userType eq 'Member'")];
        self.transport.send(eventual(self.get(&["users", "$count"], &filter))).await?.count()
    }

    /// Fetches the groups that a group sits in, through all nesting; `None` where the service does not know
    /// the group yet (a new one takes a moment to be indexed), or where a row of them cannot be read.
    /// <https://learn.microsoft.com/graph/api/group-list-transitivememberof>
    pub async fn fetch_containing_groups(
        &self,
        group: GroupId,
    ) -> Result<Option<Vec<NamedGroup>>, ClientError> {
        let query = [("$select", "id,displayName"), ("$top", "999")];
        let containers =
            self.fetch_all(self.get(&["groups", &group.to_string(), "transitiveMemberOf"], &query)).await;
        let containers: List<GroupWire> = match containers {
            Err(error) if error.is_not_found() => return Ok(None),
            containers => containers?,
        };
        if containers.odd > 0 {
            tracing::warn!(
                "graph: sspr could not read {} of the group's parent groups, so they are unknown",
                counted(containers.odd, "row")
            );
            return Ok(None);
        }
        // Administrative units and directory roles hold groups too; methods are not given to those.
        let is_group = |container: &GroupWire| {
            container.kind.as_deref().is_none_or(|kind| kind == "#microsoft.graph.group")
        };
        Ok(Some(containers.rows.into_iter().filter(is_group).map(NamedGroup::from).collect()))
    }

    /// Fetches the groups a user or a group is directly in.
    /// <https://learn.microsoft.com/graph/api/user-list-memberof>
    pub async fn fetch_groups_holding(&self, kind: &str, id: Uuid) -> Result<Vec<NamedGroup>, ClientError> {
        let id = id.to_string();
        let query = [("$count", "true"), ("$select", "id,displayName"), ("$top", "999")];
        let request = self.get(&[kind, &id, "memberOf", "microsoft.graph.group"], &query);
        let groups: List<GroupWire> = self.fetch_all(eventual(request)).await?;
        Ok(groups.rows.into_iter().map(NamedGroup::from).collect())
    }
}

/// Returns whether a group's name is the one asked for, as Graph's `eq` compares: in either case; and in any spelling of
/// its letters. A group without a name in the answer is believed.
fn is_same_name(answered: Option<&str>, wanted: &str) -> bool {
    let plain = |name: &str| composed(&name.trim().to_lowercase()).into_owned();
    answered.is_none_or(|answered| answered == wanted || plain(answered) == plain(wanted))
}

impl From<GroupWire> for Group {
    fn from(wire: GroupWire) -> Self {
        let is_of =
            |kind: &str| wire.group_types.iter().flatten().any(|known| known.eq_ignore_ascii_case(kind));
        let traits = GroupTraits {
            is_dynamic: is_of("DynamicMembership"),
            is_microsoft_365: is_of("Unified"),
            is_mail_enabled: wire.mail_enabled == Some(true),
            is_synced: wire.on_premises_sync_enabled == Some(true),
            is_role_assignable: wire.is_assignable_to_role == Some(true),
        };
        Self {
            traits,
            id: wire.id,
            display_name: wire.display_name.map(name).unwrap_or_default(),
            security_enabled: wire.security_enabled,
            hides_members: wire.visibility.is_some_and(|word| word.eq_ignore_ascii_case("HiddenMembership")),
            members: None,
            within: None,
        }
    }
}

impl From<GroupWire> for NamedGroup {
    fn from(wire: GroupWire) -> Self {
        Self { id: wire.id, display_name: wire.display_name.map(name).unwrap_or_default() }
    }
}
