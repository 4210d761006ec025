//! The registration report. <https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails>
//!
//! Up to 36 hours old; disabled users have no row (facts 4). Five requests in ten seconds, for the reports
//! and the audit log together: requests wait for their turn here, so that nothing storms.

use serde::Deserialize;
use uuid::Uuid;

use super::GraphReader;
use super::pages::Page;
use crate::client::ClientError;

const REPORT: [&str; 3] = ["reports", "authenticationMethods", "userRegistrationDetails"];
const FIELDS: (&str, &str) =
    ("$select", "id,methodsRegistered,isSsprRegistered,isSsprEnabled,isSsprCapable,lastUpdatedDateTime");

/// A row of the report, as it came.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationRow {
    /// Whose.
    pub id: Uuid,
    /// The methods registered; foreign words.
    #[serde(default)]
    pub methods_registered: Vec<String>,
    /// Has as many methods as a reset takes.
    pub is_sspr_registered: Option<bool>,
    /// Is allowed to reset.
    pub is_sspr_enabled: Option<bool>,
    /// Both.
    pub is_sspr_capable: Option<bool>,
    /// When the report last wrote the row.
    pub last_updated_date_time: Option<String>,
}

/// Some rows, and the way to more.
#[derive(Clone, Debug)]
pub struct RegistrationPage {
    /// The rows.
    pub rows: Vec<RegistrationRow>,
    /// Where the next page is.
    pub next: Option<String>,
}

impl GraphReader {
    /// Fetches a page of the tenant's report: the first, or the one `next` names.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_registrations(&self, next: Option<&str>) -> Result<RegistrationPage, ClientError> {
        let request = match next {
            Some(link) => self.transport.page(link)?,
            None => self.get(&REPORT, &[FIELDS, ("$top", "999")]),
        };
        let (page, _): (Page<RegistrationRow>, _) = self.fetch_in_turn(request).await?;
        Ok(RegistrationPage { rows: page.value, next: page.next_link })
    }

    /// Fetches one user's row; `None` where the report has none.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_registration(&self, user: Uuid) -> Result<Option<RegistrationRow>, ClientError> {
        let [reports, methods, details] = REPORT;
        let request = self.get(&[reports, methods, details, &user.to_string()], &[FIELDS]);
        match self.fetch_in_turn(request).await {
            Ok((row, _)) => Ok(Some(row)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
