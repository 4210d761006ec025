//! The admin centre's error body, as recorded by others (facts 2026-11 F): wire types of the sandbox's own.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::middleware::Ids;
use crate::sandbox::tenant::TenantState;

/// A `ClientException`. Every field is always there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ClientException {
    class_name: &'static str,
    message: String,
    data: Map<String, Value>,
    #[serde(rename = "HResult")]
    hresult: i32,
    x_ms_server_request_id: Option<Uuid>,
    source: Option<&'static str>,
    http_status_code: u16,
    client_data: ClientData,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    error_code: String,
    localized_error_details: Option<LocalizedErrorDetails>,
    operation_results: Option<Vec<OperationResult>>,
    time_stamp_utc: String,
    client_request_id: Option<String>,
    internal_transaction_id: Uuid,
    tenant_id: Option<Uuid>,
    user_object_id: Uuid,
    exception_type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LocalizedErrorDetails {
    error_detail: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OperationResult {
    object_id: Option<Uuid>,
    display_name: Option<String>,
    status: i32,
    details: Option<String>,
}

impl ClientException {
    /// Returns the error with a code and a message.
    pub(crate) fn new(status: u16, code: &str, message: &str) -> Self {
        let exception_type =
            if code == "ArgumentNull" { "ArgumentNullException" } else { "AggregateException" };
        Self {
            class_name: "Microsoft.Portal.Framework.Exceptions.ClientException",
            message: message.to_owned(),
            data: Map::new(),
            hresult: -2_146_233_088,
            x_ms_server_request_id: None,
            source: None,
            http_status_code: status,
            client_data: ClientData {
                error_code: code.to_owned(),
                localized_error_details: None,
                operation_results: None,
                time_stamp_utc: Timestamp::now().strftime("%Y-%m-%d %H:%M:%S.%6f+00:00").to_string(),
                client_request_id: Ids::current().from_client,
                internal_transaction_id: Uuid::new_v4(),
                tenant_id: None,
                user_object_id: TenantState::administrator().id,
                exception_type,
            },
        }
    }

    /// Returns the error of a token that is over: the admin centre could not exchange it.
    pub(crate) fn expired_token() -> Self {
        let detail = format!(
            "AADSTS500133: Assertion is not within its valid time range. Ensure that the access token is not expired \
             before using it for user assertion, or request a new token. Trace ID: {} Correlation ID: {}",
            Uuid::new_v4(),
            Uuid::new_v4(),
        );
        let mut exception = Self::new(400, "msalautherror_invalid_grant", &detail);
        let result =
            OperationResult { object_id: None, display_name: None, status: 0, details: Some(detail.clone()) };
        exception.client_data.localized_error_details = Some(LocalizedErrorDetails { error_detail: detail });
        exception.client_data.operation_results = Some(vec![result]);
        exception.client_data.exception_type = "MsalUiRequiredException";
        exception
    }
}
