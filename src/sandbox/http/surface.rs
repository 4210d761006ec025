//! The two APIs of the pretend tenant: which one a request is for, and the format of its errors.

use std::io;

use axum::Json;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::middleware::Ids;
use crate::sandbox::tenant::TenantState;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    Graph,
    Portal,
    /// Where tokens are to be had.
    SignIn,
}

impl Surface {
    pub(crate) fn of(path: &str) -> Self {
        match path {
            portal if portal.starts_with("/api/") => Self::Portal,
            sign_in if sign_in.contains("/oauth2/v2.0/") || sign_in.contains("/.well-known/") => Self::SignIn,
            _ => Self::Graph,
        }
    }

    /// Answers with the surface's error body: Graph's (facts 5), or the admin centre's (facts 2026-11 F).
    pub(crate) fn error(self, status: StatusCode, code: &str, message: &str) -> Response {
        let body = match self {
            Self::Graph => {
                let ids = Ids::current();
                json!({"error": {"code": code, "message": message, "innerError": {
                    "date": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                    "request-id": ids.request, "client-request-id": ids.client,
                }}})
            }
            // A code of the sign-in's is part of what it says.
            Self::SignIn => json!({
                "error": if code.starts_with("AADSTS") { "invalid_request" } else { code },
                "error_description": format!("{code}: {message}"),
                "error_codes": code.strip_prefix("AADSTS").and_then(|code| code.parse::<u32>().ok()).into_iter().collect::<Vec<_>>(),
                "correlation_id": Ids::current().client, "trace_id": Ids::current().request,
            }),
            Self::Portal if code == "ArgumentNull" => {
                client_exception(status.as_u16(), code, message, "ArgumentNullException")
            }
            Self::Portal => client_exception(status.as_u16(), code, message, "AggregateException"),
        };
        (status, Json(body)).into_response()
    }

    /// Answers a write: Graph with nothing, the admin centre with `true`; or with an error where the state could not
    /// be saved.
    pub(crate) fn written(self, saved: io::Result<()>) -> Response {
        match (saved, self) {
            (Ok(()), Self::Graph | Self::SignIn) => StatusCode::NO_CONTENT.into_response(),
            (Ok(()), Self::Portal) => Json(true).into_response(),
            (Err(e), _) => self.error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                &format!("The sandbox could not save its state: {e}"),
            ),
        }
    }
}

/// Returns the path and the query of a request, as sent.
pub(crate) fn target(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(String::new, ToString::to_string)
}

/// The admin centre's answer to a token that is over, which it could not exchange.
pub(crate) fn expired_token() -> Response {
    let detail = format!(
        "AADSTS500133: Assertion is not within its valid time range. Ensure that the access token is not expired \
         before using it for user assertion, or request a new token. Trace ID: {} Correlation ID: {}",
        Uuid::new_v4(),
        Uuid::new_v4(),
    );
    let mut exception =
        client_exception(400, "msalautherror_invalid_grant", &detail, "MsalUiRequiredException");
    exception["ClientData"]["localizedErrorDetails"] = json!({ "errorDetail": detail });
    exception["ClientData"]["operationResults"] =
        json!([{"objectId": null, "displayName": null, "status": 0, "details": detail}]);
    (StatusCode::BAD_REQUEST, Json(exception)).into_response()
}

/// A `ClientException`, as recorded by others (facts 2026-11 F). Every field is always there.
fn client_exception(status: u16, code: &str, message: &str, exception_type: &str) -> Value {
    json!({
        "ClassName": "Microsoft.Portal.Framework.Exceptions.ClientException",
        "Message": message, "Data": {}, "HResult": -2_146_233_088, "XMsServerRequestId": null, "Source": null,
        "HttpStatusCode": status,
        "ClientData": {
            "errorCode": code, "localizedErrorDetails": null, "operationResults": null,
            "timeStampUtc": Timestamp::now().strftime("%Y-%m-%d %H:%M:%S.%6f+00:00").to_string(),
            "clientRequestId": Ids::current().from_client, "internalTransactionId": Uuid::new_v4(), "tenantId": null,
            "userObjectId": TenantState::administrator().id, "exceptionType": exception_type,
        },
    })
}
