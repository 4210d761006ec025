//! Fetches the audit log's entries about changes to the tenant.
//! <https://learn.microsoft.com/graph/api/directoryaudit-list>

use jiff::Timestamp;
use serde::Deserialize;

use super::GraphReader;
use super::pages::{List, name};
use super::reset_events::{LOG, is_success, line_id, whole_seconds};
use crate::client::{ClientError, odata};
use crate::ids::GroupId;

/// A change the log shows, in the service's words; all of it is foreign text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedChange {
    /// Id of the line.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub activity: String,
    /// The service that logged it; empty if unknown.
    pub service: String,
    /// The service's category; empty if unknown.
    pub category: String,
    /// Whether it succeeded; `None` where the log says neither.
    pub is_success: Option<bool>,
    /// Who did it.
    pub by: LoggedWho,
    /// What was changed.
    pub targets: Vec<LoggedTarget>,
}

/// Who did something, as far as the log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedWho {
    /// A user principal name, an application's name, or an id.
    pub name: Option<String>,
    /// Object id, application id and service principal id, in lower case.
    pub ids: Vec<String>,
}

/// Something that was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedTarget {
    /// Its names and ids.
    pub names: Vec<String>,
    /// The properties that changed.
    pub properties: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangeWire {
    #[serde(deserialize_with = "line_id")]
    id: String,
    activity_date_time: Timestamp,
    activity_display_name: Option<String>,
    logged_by_service: Option<String>,
    category: Option<String>,
    result: Option<String>,
    initiated_by: Option<InitiatorWire>,
    target_resources: Option<Vec<Option<TargetWire>>>,
}

#[derive(Deserialize)]
struct InitiatorWire {
    app: Option<IdentityWire>,
    user: Option<IdentityWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityWire {
    id: Option<String>,
    app_id: Option<String>,
    service_principal_id: Option<String>,
    user_principal_name: Option<String>,
    display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetWire {
    id: Option<String>,
    display_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    modified_properties: Option<Vec<Option<PropertyWire>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PropertyWire {
    display_name: Option<String>,
}

impl GraphReader {
    /// Fetches what the tenant logged between two moments, of whatever kind. Stops after `pages` pages.
    pub async fn fetch_changes(
        &self,
        (from, to): (Timestamp, Timestamp),
        pages: usize,
    ) -> Result<List<LoggedChange>, ClientError> {
        let filter = format!("activityDateTime ge {from} and activityDateTime le {to}");
        let request = self.get(&LOG, &[("$filter", filter.as_str()), ("$top", "999")]);
        let changes = self.fetch_pages(self.in_turn(request), pages).await?;
        Ok(changes.map(|change: ChangeWire| change.into()))
    }

    /// Fetches the latest changes of one name since a moment, at most a page.
    pub async fn fetch_changes_called(
        &self,
        activity: &str,
        since: Timestamp,
    ) -> Result<Vec<LoggedChange>, ClientError> {
        self.fetch_latest(&called(activity, since)).await
    }

    /// Fetches the latest additions of an object to groups since a moment, at most a page.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_additions(
        &self,
        member: GroupId,
        since: Timestamp,
    ) -> Result<Vec<LoggedChange>, ClientError> {
        self.fetch_latest(&additions(member, since)).await
    }

    async fn fetch_latest(&self, filter: &str) -> Result<Vec<LoggedChange>, ClientError> {
        let query = [("$filter", filter), ("$top", "50")];
        let changes = self.fetch_pages(self.in_turn(self.get(&LOG, &query)), 1).await?;
        Ok(changes.map(|change: ChangeWire| change.into()).rows)
    }
}

/// Returns the filter for the changes of one name since a moment.
pub(super) fn called(activity: &str, since: Timestamp) -> String {
    let (activity, since) = (odata::quote(activity), whole_seconds(since));
    format!("activityDisplayName eq {activity} and activityDateTime ge {since}")
}

/// Returns the filter for the additions of an object to groups since a moment.
pub(super) fn additions(member: GroupId, since: Timestamp) -> String {
    format!("{} and targetResources/any(t:t/id eq '{member}')", called("Add member to group", since))
}

impl From<ChangeWire> for LoggedChange {
    fn from(wire: ChangeWire) -> Self {
        let targets = wire.target_resources.into_iter().flatten().flatten();
        Self {
            id: wire.id,
            at: wire.activity_date_time,
            activity: wire.activity_display_name.map(name).unwrap_or_default(),
            service: wire.logged_by_service.map(name).unwrap_or_default(),
            category: wire.category.map(name).unwrap_or_default(),
            is_success: is_success(wire.result.as_deref()),
            by: wire.initiated_by.map(LoggedWho::from).unwrap_or_default(),
            targets: targets.map(LoggedTarget::from).collect(),
        }
    }
}

impl From<InitiatorWire> for LoggedWho {
    fn from(wire: InitiatorWire) -> Self {
        let Some(who) = wire.user.or(wire.app) else { return Self::default() };
        let ids = [who.id, who.app_id, who.service_principal_id];
        let ids: Vec<String> = ids.into_iter().flatten().map(|id| id.to_ascii_lowercase()).collect();
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty()).map(name);
        let who = filled(who.user_principal_name).or_else(|| filled(who.display_name));
        Self { name: who.or_else(|| filled(ids.first().cloned())), ids }
    }
}

impl From<TargetWire> for LoggedTarget {
    fn from(wire: TargetWire) -> Self {
        let properties = wire.modified_properties.into_iter().flatten().flatten();
        let properties = properties.filter_map(|property| property.display_name);
        Self {
            names: [wire.id, wire.display_name, wire.kind].into_iter().flatten().collect(),
            properties: properties.collect(),
        }
    }
}
