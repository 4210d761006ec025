//! Fetches the audit log's entries about password resets.
//! <https://learn.microsoft.com/graph/api/directoryaudit-list>
//!
//! Lines come whole: that page names `$filter`, `$orderby` and `$top`, and no `$select`.

use crate::ids::UserId;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::GraphReader;
use super::pages::{List, name};
use crate::client::ClientError;

pub(super) const LOG: [&str; 2] = ["auditLogs", "directoryAudits"];

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Id of the line.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What; foreign text.
    pub activity: String,
    /// Whether it succeeded; `None` where the log says neither.
    pub is_success: Option<bool>,
    /// Why, in the service's words.
    pub reason: String,
    /// Who it is about.
    pub user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventWire {
    #[serde(deserialize_with = "line_id")]
    id: String,
    activity_date_time: Timestamp,
    activity_display_name: Option<String>,
    result: Option<String>,
    result_reason: Option<String>,
    target_resources: Option<Vec<Option<TargetWire>>>,
}

#[derive(Deserialize)]
struct TargetWire {
    id: Option<String>,
}

/// Reads the id of a line; lines are distinguished by it, so that a blank one is none.
pub(super) fn line_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    match (1..=200).contains(&id.trim().len()) {
        true => Ok(id),
        false => Err(D::Error::custom("a line without an id")),
    }
}

impl GraphReader {
    /// Fetches what password reset logged since a moment, oldest first; about one user, or everyone. Stops
    /// after `pages` pages.
    pub async fn fetch_reset_events(
        &self,
        since: Timestamp,
        user: Option<UserId>,
        pages: usize,
    ) -> Result<List<AuditEvent>, ClientError> {
        let mut filter = resets(since);
        if let Some(user) = user {
            filter.push_str(&format!(" and targetResources/any(t:t/id eq '{user}')"));
        }
        let query = [("$filter", filter.as_str()), ("$top", "999")];
        let request = self.in_turn(self.get(&LOG, &query));
        let events = self.fetch_pages(request, pages).await?;
        let mut events: List<AuditEvent> = events.map(|event: EventWire| event.into());
        events.rows.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(events)
    }
}

/// Returns the filter for what password reset logged since a moment.
pub(super) fn resets(since: Timestamp) -> String {
    let since = whole_seconds(since);
    format!("loggedByService eq 'Self-service Password Management' and activityDateTime ge {since}")
}

/// How many digits of a second the service reads is not documented.
pub(super) fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Returns whether a result is one of success; `None` where it says neither.
pub(super) fn is_success(result: Option<&str>) -> Option<bool> {
    match result? {
        "success" => Some(true),
        "failure" | "timeout" => Some(false),
        _ => None,
    }
}

impl From<EventWire> for AuditEvent {
    fn from(wire: EventWire) -> Self {
        let mut targets = wire.target_resources.iter().flatten().flatten();
        Self {
            id: wire.id,
            at: wire.activity_date_time,
            activity: wire.activity_display_name.map(name).unwrap_or_default(),
            is_success: is_success(wire.result.as_deref()),
            reason: wire.result_reason.map(name).unwrap_or_default(),
            user: targets.find_map(|target| target.id.as_deref()?.parse().ok()),
        }
    }
}
