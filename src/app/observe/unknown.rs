//! Turns a reading that failed into an unknown value, and notes the reason.

use crate::client::{ClientError, List};
use crate::tenant::graph_permissions;
use crate::text::counted;

/// What a reading is of, and the permission it takes: what a person sees if it fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) what: &'static str,
    /// Its name, or several.
    pub(super) permission: &'static str,
}

impl Subject {
    pub(super) const fn new(what: &'static str, permission: &'static str) -> Self {
        Self { what, permission }
    }
}

pub(super) const METHODS_POLICY: Subject =
    Subject::new("the methods policy", graph_permissions::METHODS_POLICY.permission.name);
pub(super) const REPORT: Subject =
    Subject::new("the registration report", graph_permissions::REGISTRATIONS.permission.name);
pub(super) const NESTED: Subject =
    Subject::new("the groups in the pilot group", graph_permissions::GROUPS.permission.name);
pub(super) const AROUND: Subject =
    Subject::new("the group's parent groups", graph_permissions::GROUPS.permission.name);

/// Turns an answer the service will not give, or one that is no answer, into unknown; every other failure stays one.
pub(super) fn known<T>(
    answer: Result<T, ClientError>,
    subject: Subject,
    unread: &mut Vec<String>,
) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_refusal() || error.is_odd() => {
            tracing::info!("unknown: {}: {error}", subject.what);
            unread.push(format!("{} ({})", subject.what, error.reason(subject.permission)));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// As [`known`], of a list; the rows of it that could not be read are noted.
pub(super) fn known_list<T>(
    answer: Result<List<T>, ClientError>,
    subject: Subject,
    unread: &mut Vec<String>,
) -> Result<Option<List<T>>, ClientError> {
    let list = known(answer, subject, unread)?;
    unread.extend(list.as_ref().and_then(|list| odd_rows(list.odd, subject.what)));
    Ok(list)
}

/// Returns what is said of rows that could not be read: nothing of none.
pub(in crate::app) fn odd_rows(odd: u64, what: &str) -> Option<String> {
    (odd > 0).then(|| format!("{} of {what} (not in a form sspr knows)", counted(odd, "row")))
}
