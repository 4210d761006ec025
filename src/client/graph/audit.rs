//! What the audit log says about password reset. <https://learn.microsoft.com/graph/api/directoryaudit-list>
//!
//! Lines come whole: that page names `$filter`, `$orderby` and `$top`, and no `$select`.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::GraphReader;
use crate::client::ClientError;

/// The audit log.
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
    /// Whom it is about.
    pub user: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventWire {
    id: String,
    activity_date_time: Timestamp,
    activity_display_name: Option<String>,
    result: Option<String>,
    result_reason: Option<String>,
    #[serde(default)]
    target_resources: Vec<TargetWire>,
}

#[derive(Deserialize)]
struct TargetWire {
    id: Option<String>,
}

impl GraphReader {
    /// Fetches what password reset logged since a moment, oldest first; about one user, or everyone. Stops
    /// after `pages` pages and says whether that was all.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_reset_events(
        &self,
        since: Timestamp,
        user: Option<Uuid>,
        pages: usize,
    ) -> Result<(Vec<AuditEvent>, bool), ClientError> {
        // Whole seconds: nobody knows how many digits of a second the service reads.
        let since = Timestamp::from_second(since.as_second()).unwrap_or(since);
        let mut filter =
            format!("loggedByService eq 'Self-service Password Management' and activityDateTime ge {since}");
        if let Some(user) = user {
            filter.push_str(&format!(" and targetResources/any(t:t/id eq '{user}')"));
        }
        let query = [("$filter", filter.as_str()), ("$top", "999")];
        let request = self.in_turn(self.get(&LOG, &query));
        let (events, is_all) = self.fetch_pages(request, pages).await?;
        let mut events: Vec<AuditEvent> = events.into_iter().map(|event: EventWire| event.into()).collect();
        events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok((events, is_all))
    }
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
        Self {
            id: wire.id,
            at: wire.activity_date_time,
            activity: wire.activity_display_name.unwrap_or_default(),
            is_success: is_success(wire.result.as_deref()),
            reason: wire.result_reason.unwrap_or_default(),
            user: wire.target_resources.iter().find_map(|target| Uuid::try_parse(target.id.as_deref()?).ok()),
        }
    }
}
