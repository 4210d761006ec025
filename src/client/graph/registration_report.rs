//! Fetches the registration report.
//! <https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails>
//!
//! Up to 36 hours old; disabled users have no row (facts 4). Five requests in ten seconds, for the reports
//! and the audit log together: requests wait for their turn here, so that nothing storms.

use serde::{Deserialize, Deserializer};

use super::GraphReader;
use super::pages::NextPage;
use crate::client::ClientError;
use crate::ids::UserId;

pub(super) const REPORT: [&str; 3] = ["reports", "authenticationMethods", "userRegistrationDetails"];
pub(super) const FIELDS: (&str, &str) =
    ("$select", "id,methodsRegistered,isSsprRegistered,isSsprEnabled,isSsprCapable,lastUpdatedDateTime");

/// A row of the report, as it came.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationRow {
    /// Whose.
    pub id: UserId,
    /// The methods registered, foreign words; `None` where the report does not say, so that the row is unknown.
    #[serde(default, deserialize_with = "words")]
    pub methods_registered: Option<Vec<String>>,
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
    /// The rows that could be read; some of them may not say what is registered.
    pub rows: Vec<RegistrationRow>,
    /// How many could not be read.
    pub odd: u64,
    /// Where the next page is.
    pub next: Option<NextPage>,
}

/// Reads words; a list of anything else is as good as none, and must not take the id with it.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        All(Vec<String>),
        Odd(serde::de::IgnoredAny),
    }
    Ok(match Option::deserialize(deserializer)? {
        Some(Words::All(words)) => Some(words),
        Some(Words::Odd(_)) | None => None,
    })
}

impl GraphReader {
    /// Fetches a page of the tenant's report: the first, or the next one.
    ///
    /// # Errors
    /// As every request; also where the list comes back to a page before it.
    pub async fn fetch_registrations(
        &self,
        before: Option<&NextPage>,
    ) -> Result<RegistrationPage, ClientError> {
        let request = match before {
            Some(next) => self.next_request(next)?,
            None => self.get(&REPORT, &[FIELDS, ("$top", "999")]),
        };
        let (page, next, _) = self.fetch_page(self.in_turn(request), before).await?;
        Ok(RegistrationPage { rows: page.rows, odd: page.odd, next })
    }

    /// Asks for as little of the report as there can be: whether the tenant and the sign-in may read it.
    pub async fn fetch_is_report_open(&self) -> Result<(), ClientError> {
        let request = self.get(&REPORT, &[("$select", "id"), ("$top", "1")]);
        let (_, _): (serde::de::IgnoredAny, _) = self.fetch_in_turn(request).await?;
        Ok(())
    }

    /// Fetches one user's row; `None` where the report has none.
    ///
    /// # Errors
    /// As every request; also where another user's row answers.
    pub async fn fetch_registration(&self, user: UserId) -> Result<Option<RegistrationRow>, ClientError> {
        let [reports, methods, details] = REPORT;
        let request = self.get(&[reports, methods, details, &user.to_string()], &[FIELDS]);
        match self.fetch_in_turn::<RegistrationRow>(request).await {
            Ok((row, _)) if row.id == user => Ok(Some(row)),
            Ok((_, answer)) => Err(answer.unreadable("another user's row than the one asked for")),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
