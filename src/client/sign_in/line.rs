//! The way sign-in requests travel: our own connection pool, and answers azure_identity can read.

use std::time::Duration;

use azure_core::error::ErrorKind;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use serde_json::{Value, json};

use super::SignInError;
use crate::client::connection::bare_builder;

/// Carries azure_identity's requests.
///
/// Its own would panic where no certificate roots can be loaded, and its parser of sign-in errors loses the
/// error code where the description has a line break or a quote, as Entra's have.
#[derive(Debug)]
pub(super) struct SignInLine {
    http: reqwest::Client,
    #[cfg(test)]
    stand_in: Option<url::Url>,
}

/// How long the sign-in service may take to begin an answer.
const LIMIT: Duration = Duration::from_secs(10);

/// The host the tests' authority is under; it resolves nowhere.
#[cfg(test)]
pub(super) const STAND_IN: &str = "https://sign-in.invalid";

impl SignInLine {
    /// Returns the line to an https authority, over the pool that everything else goes through.
    pub(super) fn secure(http: reqwest::Client) -> Self {
        Self {
            http,
            #[cfg(test)]
            stand_in: None,
        }
    }

    /// Returns the line to the identity service of this machine, which speaks plain http and never to the
    /// network beyond: no proxy, and no certificate roots, which take milliseconds to load.
    pub(super) fn of_this_machine() -> Result<Self, SignInError> {
        let builder = bare_builder().no_proxy().tls_certs_only([]);
        let http = builder.connect_timeout(Duration::from_secs(5)).build().map_err(SignInError::NoClient)?;
        Ok(Self::secure(http))
    }

    /// Returns a line that takes requests for [`STAND_IN`], and for nothing else, to this machine.
    #[cfg(test)]
    pub(super) fn to_stand_in(root: &str) -> Self {
        let http = bare_builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { http, stand_in: Some(root.parse().unwrap()) }
    }

    /// Fetches JSON with a bearer token; for the issuers of assertions.
    pub(super) async fn get_json(&self, url: &url::Url, token: &str) -> Result<Value, String> {
        let sending = self.http.get(self.way_to(url)).bearer_auth(token).header("Accept", "application/json");
        let sending = sending.timeout(LIMIT);
        let response = sending.send().await.map_err(|error| chain(&error.without_url()))?;
        let status = response.status();
        let body = response.text().await.map_err(|error| chain(&error.without_url()))?;
        if !status.is_success() {
            return Err(format!("{status}: {}", crate::text::excerpt(&body, 200)));
        }
        serde_json::from_str(&body).map_err(|_| "the answer is not JSON".to_owned())
    }

    #[cfg(not(test))]
    fn way_to(&self, url: &url::Url) -> url::Url {
        url.clone()
    }

    #[cfg(test)]
    fn way_to(&self, url: &url::Url) -> url::Url {
        let mut way = url.clone();
        if let Some(root) = self.stand_in.as_ref().filter(|_| url.as_str().starts_with(STAND_IN)) {
            way.set_scheme(root.scheme()).unwrap();
            way.set_host(root.host_str()).unwrap();
            way.set_port(root.port()).unwrap();
        }
        way
    }
}

#[async_trait::async_trait]
impl HttpClient for SignInLine {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        *request.url_mut() = self.way_to(request.url());
        let asking = self.http.execute_request(&request);
        let too_slow = |_| {
            azure_core::Error::with_message(ErrorKind::Io, format!("no answer within {} s", LIMIT.as_secs()))
        };
        let answer = tokio::time::timeout(LIMIT, asking).await.map_err(too_slow)??;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (status, headers, body) = answer.try_into_raw_response().await?.deconstruct();
        let readable = readable(u16::from(status), body.as_ref());
        Ok(AsyncRawResponse::from_bytes(status, headers, readable.to_string()))
    }
}

/// Flattens an error's description to one line without quotes; puts words in the place of what is no JSON.
fn readable(status: u16, body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut error)) => {
            if let Some(description) = error.get("error_description").and_then(Value::as_str) {
                let flat = description.split_whitespace().collect::<Vec<_>>().join(" ");
                error.insert("error_description".to_owned(), flat.replace(['"', '\\'], "'").into());
            }
            Value::Object(error)
        }
        _ => json!({
            "error": "not_json",
            "error_codes": [],
            "error_description": format!(
                "the sign-in service's host answered {status} with something that is not JSON; \
                 a proxy or captive portal may be answering in its place"
            ),
        }),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_with_line_breaks_and_quotes_becomes_one_readable_line() {
        let body = br#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid \"client\" secret.\r\nTrace ID: x","error_codes":[7000215]}"#;
        let readable = readable(401, body).to_string();
        assert!(readable.contains("AADSTS7000215: Invalid 'client' secret. Trace ID: x"), "{readable}");
    }

    #[test]
    fn a_page_in_place_of_an_error_is_told() {
        assert!(readable(407, b"<html>").to_string().contains("answered 407"));
    }
}
