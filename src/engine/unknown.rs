//! What the service will not tell is unknown, and noted.

use crate::client::ClientError;

/// Turns an answer the service will not give into unknown; every other failure stays one.
pub(super) fn known<T>(
    answer: Result<T, ClientError>,
    what: &str,
    unread: &mut Vec<String>,
) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_refusal() => {
            tracing::info!("unknown: {what}: {error}");
            unread.push(what.to_owned());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
