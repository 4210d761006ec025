//! Reads in the audit log who last changed the settings of password reset.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::client::{GraphReader, LoggedChange};
use crate::outcome::verification::LastChange;
use crate::plan::SETTINGS_CHANGED;
use crate::tenant::graph_permissions;

/// How long the service keeps the log, at least; with Entra ID P1 or P2 (facts 2026-11 B2).
pub(in crate::app) const LOG_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The log is good to know, and nothing is waited for it any longer.
const LONGEST: Duration = Duration::from_secs(15);

/// Returns the successful changes of the password reset policy that the audit log shows in time.
///
/// # Errors
/// Why it could not be read, in a few words.
pub(in crate::app) async fn settings_changes(
    graph: &GraphReader,
    now: Timestamp,
) -> Result<Vec<LoggedChange>, String> {
    let asked = graph.read_if_open(
        &graph_permissions::AUDIT_LOG,
        graph.fetch_changes_called(SETTINGS_CHANGED, now - LOG_KEPT),
    );
    match tokio::time::timeout(LONGEST, asked).await {
        Ok(Ok(mut changes)) => {
            changes.retain(|change| change.is_success != Some(false));
            Ok(changes)
        }
        Ok(Err(error)) => Err(error.reason(graph_permissions::AUDIT_LOG.permission.name)),
        Err(_) => Err(format!("the audit log did not answer within {} s", LONGEST.as_secs())),
    }
}

/// Returns who made the last of some changes; `None` where there is none.
pub(in crate::app) fn last_change(changes: Result<Vec<LoggedChange>, String>) -> Option<LastChange> {
    match changes {
        Ok(changes) => {
            let last = changes.into_iter().max_by_key(|change| change.at)?;
            Some(LastChange::Known { at: last.at, by: last.by.name })
        }
        Err(why) => Some(LastChange::Unknown { why }),
    }
}
