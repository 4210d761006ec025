//! Sends sign-in requests over our own connection pool, and makes the answers readable for azure_identity.

use std::time::Duration;

use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::SignInError;
use crate::client::answer::without_mark;
use crate::client::connection::bare_builder;
use crate::client::error::chain;
use crate::client::redact_tokens::said;
use crate::client::retry::retry_after;

/// Carries azure_identity's requests.
///
/// Its own would panic where no certificate roots can be loaded, and its parser of sign-in errors loses the
/// error code where the description has a line break or a quote, as Entra's have.
#[derive(Debug)]
pub(super) struct AuthTransport {
    http: reqwest::Client,
    #[cfg(test)]
    stand_in: Option<url::Url>,
}

/// How long the sign-in service may take to answer, and how long it may ask to wait before it is asked again.
const LIMIT: Duration = Duration::from_secs(10);
/// No answer with a token in it is as long, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Why nothing came that a token could be in.
#[derive(Debug, thiserror::Error)]
#[error("no token from {host}: {problem}")]
pub(super) struct TransportError {
    /// The host that was asked.
    pub(super) host: String,
    /// What came instead, or what the connection said.
    pub(super) problem: String,
}

/// The host the tests' authority is under; it resolves nowhere.
#[cfg(test)]
pub(super) const STAND_IN: &str = "https://sign-in.invalid";

impl AuthTransport {
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
        let http = builder.connect_timeout(Duration::from_secs(5)).build()?;
        Ok(Self::secure(http))
    }

    /// Returns a line that takes requests for [`STAND_IN`], and for nothing else, to this machine.
    #[cfg(test)]
    pub(super) fn to_stand_in(root: &str) -> Self {
        let http = bare_builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { http, stand_in: Some(root.parse().unwrap()) }
    }

    /// Fetches JSON with a bearer token; for the issuers of assertions.
    pub(super) async fn get_json(&self, url: &url::Url, token: &SecretString) -> Result<Value, String> {
        let token = token.expose_secret();
        let sending = self.http.get(self.way_to(url)).bearer_auth(token).header("Accept", "application/json");
        let answer = ask(sending).await.map_err(|failed| failed.problem)?;
        if !answer.status.is_success() {
            let body = String::from_utf8_lossy(&answer.body);
            return Err(format!("{}: {}", answer.status, said(&body, 200, token)));
        }
        serde_json::from_slice(&answer.body).map_err(|_| "the answer is not JSON".to_owned())
    }

    /// Sends a form and returns the answer's JSON; for what a public client asks. The flag of a failure is whether
    /// asking again may help.
    pub(super) async fn post_form(
        &self,
        url: &url::Url,
        form: &SecretString,
    ) -> Result<FormAnswer, (TransportError, bool)> {
        let sending = self.http.post(self.way_to(url));
        let sending = sending.header("Content-Type", "application/x-www-form-urlencoded");
        form_answer(url, sending.body(form.expose_secret().to_owned())).await
    }

    /// Fetches JSON that everyone may read, such as what an authority says of itself.
    pub(super) async fn get_public_json(&self, url: &url::Url) -> Result<FormAnswer, TransportError> {
        form_answer(url, self.http.get(self.way_to(url))).await.map_err(|(error, _)| error)
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
impl HttpClient for AuthTransport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let url = self.way_to(request.url());
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let no_token = |kind, problem| azure_core::Error::new(kind, TransportError { host, problem });
        let sending = match sending(&self.http, request, url) {
            Ok(sending) => sending,
            Err(problem) => return Err(no_token(ErrorKind::Credential, problem)),
        };
        let answer = match ask(sending).await {
            Ok(answer) => answer,
            // azure_identity asks again after `Io`, and after nothing else.
            Err(Failed { problem, may_pass }) => {
                let kind = if may_pass { ErrorKind::Io } else { ErrorKind::Credential };
                return Err(no_token(kind, problem));
            }
        };
        let wait = retry_after(&answer.headers, jiff::Timestamp::now());
        if let Some(wait) = wait.filter(|wait| *wait > LIMIT && !answer.status.is_success()) {
            let problem = format!("it answered {} and asks to wait {} s", answer.status, wait.as_secs());
            return Err(no_token(ErrorKind::Credential, problem));
        }
        let status = answer.status.as_u16();
        let body = match answer.status.is_success() {
            true => answer.body,
            false => readable(status, &answer.body).to_string().into_bytes(),
        };
        Ok(AsyncRawResponse::from_bytes(status.into(), headers(&answer.headers), body))
    }
}

/// No `Debug`: its JSON can hold tokens.
pub(super) struct FormAnswer {
    pub(super) is_success: bool,
    /// Whether asking again may help.
    pub(super) may_pass: bool,
    /// How long it asks to wait.
    pub(super) wait: Option<Duration>,
    /// Its JSON; words in the place of what is none.
    pub(super) json: Value,
}

/// An answer, whole.
struct Whole {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

struct Failed {
    problem: String,
    /// Whether asking again may help. A host that is not there, or whose certificate is not trusted, stays so.
    may_pass: bool,
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        let may_pass = !error.is_connect() && !error.is_timeout() && !error.is_builder();
        Self { problem: chain(&error.without_url()), may_pass }
    }
}

/// Sends a request and reads the answer to its end.
async fn ask(sending: reqwest::RequestBuilder) -> Result<Whole, Failed> {
    let asking = async {
        let mut response = sending.send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LONGEST {
                let problem = "the answer is longer than 1 MiB".to_owned();
                return Err(Failed { problem, may_pass: false });
            }
            body.extend_from_slice(&chunk);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Whole { status, headers, body: without_mark(body) })
    };
    let too_slow = |_| Failed { problem: format!("no answer within {} s", LIMIT.as_secs()), may_pass: false };
    tokio::time::timeout(LIMIT, asking).await.map_err(too_slow)?
}

async fn form_answer(
    url: &url::Url,
    sending: reqwest::RequestBuilder,
) -> Result<FormAnswer, (TransportError, bool)> {
    let failed = |problem, may_pass| {
        (TransportError { host: url.host_str().unwrap_or_default().to_owned(), problem }, may_pass)
    };
    let answer = ask(sending.header("Accept", "application/json")).await;
    let answer = answer.map_err(|Failed { problem, may_pass }| failed(problem, may_pass))?;
    let status = answer.status;
    let json = match status.is_success() {
        true => serde_json::from_slice(&answer.body)
            .map_err(|_| failed("the answer is not JSON".to_owned(), false))?,
        false => readable(status.as_u16(), &answer.body),
    };
    let wait = retry_after(&answer.headers, jiff::Timestamp::now());
    let may_pass = status.as_u16() == 429 || status.is_server_error();
    let may_pass = may_pass && wait.is_none_or(|wait| wait <= LIMIT);
    Ok(FormAnswer { is_success: status.is_success(), may_pass, wait, json })
}

/// Returns azure_identity's request as this pool sends it.
fn sending(
    http: &reqwest::Client,
    request: &Request,
    url: url::Url,
) -> Result<reqwest::RequestBuilder, String> {
    let method = request.method();
    let method =
        reqwest::Method::from_bytes(method.as_ref().as_bytes()).map_err(|error| error.to_string())?;
    let mut sending = http.request(method, url);
    for (name, value) in request.headers().iter() {
        sending = sending.header(name.as_str(), value.as_str());
    }
    match request.body() {
        Body::Bytes(bytes) => Ok(sending.body(bytes.clone())),
        Body::SeekableStream(_) => Err("a sign-in request cannot be a stream".to_owned()),
    }
}

fn headers(headers: &HeaderMap) -> Headers {
    let mut kept = Headers::new();
    for (name, value) in headers {
        if let Ok(value) = value.to_str() {
            let name = HeaderName::from(name.as_str().to_owned());
            kept.insert(name, HeaderValue::from(value.to_owned()));
        }
    }
    kept
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
    fn a_page_in_place_of_an_error_is_reported() {
        assert!(readable(407, b"<html>").to_string().contains("answered 407"));
    }
}
