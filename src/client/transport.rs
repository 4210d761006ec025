//! The one place that sends: sign-in, request ids, time limits, and errors that tell what came.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::endpoints::Endpoints;
use super::error::{Call, ClientError, ServiceDetail};
use super::sign_in::TokenSource;
use crate::tenant::Surface;
use crate::text::excerpt;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// One surface: its host, its token, and the way requests travel there.
#[derive(Debug)]
pub(super) struct Transport {
    surface: Surface,
    http: reqwest::Client,
    root: Url,
    tokens: TokenSource,
}

/// A request, told apart from the surface it goes to.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Value>,
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    call: Box<Call>,
    body: Vec<u8>,
}

impl Transport {
    pub(super) fn new(surface: Surface, http: reqwest::Client, root: Url, tokens: TokenSource) -> Self {
        Self { surface, http, root, tokens }
    }

    /// Returns a request for a path below this surface's root. Segments and query values are escaped.
    pub(super) fn request(&self, method: Method, path: &[&str], query: &[(&str, &str)]) -> Request {
        let mut url = self.root.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Request { method, url, headers: HeaderMap::new(), body: None }
    }

    pub(super) async fn send(&self, request: Request) -> Result<Answer, ClientError> {
        let Request { method, url, mut headers, body } = request;
        let call = self.call(&method, &url);
        let token = self.tokens.header().await;
        let token = token.map_err(|source| ClientError::NotSignedIn { surface: self.surface, source })?;
        headers.insert(AUTHORIZATION, token);
        headers.insert(
            self.id_header(),
            HeaderValue::from_str(&call.client_request_id).unwrap_or(HeaderValue::from_static("")),
        );
        let mut sending = self.http.request(method, url).headers(headers);
        if let Some(body) = body {
            sending = sending.header(CONTENT_TYPE, "application/json; charset=UTF-8").body(body.to_string());
        }
        let no_answer = |source: reqwest::Error| ClientError::Unreachable {
            call: call.clone(),
            source: source.without_url(),
        };
        tracing::debug!(client_request_id = %call.client_request_id, "{call}");
        let response = sending.send().await.map_err(no_answer)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(no_answer)?.to_vec();
        tracing::debug!(status = status.as_u16(), bytes = body.len(), client_request_id = %call.client_request_id, "{call} answered");
        match status {
            status if status.is_success() => Ok(Answer { call, body }),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(ClientError::Denied { call, status, detail: Box::new(detail(&headers, &body)) })
            }
            _ => Err(ClientError::Status { call, status, detail: Box::new(detail(&headers, &body)) }),
        }
    }

    fn call(&self, method: &Method, url: &Url) -> Box<Call> {
        let mut shown = url.clone();
        shown.set_query(None);
        Box::new(Call {
            surface: self.surface,
            method: method.clone(),
            url: excerpt(shown.as_str(), 300),
            client_request_id: uuid::Uuid::new_v4().to_string(),
        })
    }

    /// Returns the header each surface reads the caller's request id from (facts 2.4, 5).
    fn id_header(&self) -> HeaderName {
        HeaderName::from_static(match self.surface {
            Surface::Graph => "client-request-id",
            Surface::Portal => "x-ms-client-request-id",
        })
    }
}

impl Answer {
    /// Returns the answer's JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| self.unreadable(&format!("not the JSON expected ({error})")))
    }

    /// Returns the answer's bare number, as `$count` gives it.
    pub(super) fn count(&self) -> Result<u64, ClientError> {
        let text = String::from_utf8_lossy(&self.body);
        // Graph puts a byte order mark before the digits of a count.
        text.trim_start_matches('\u{feff}').trim().parse().map_err(|_| self.unreadable("not a count"))
    }

    pub(super) fn unreadable(&self, problem: &str) -> ClientError {
        let came = match self.body.as_slice() {
            [] => "an empty body".to_owned(),
            body => format!("`{}`", excerpt(&String::from_utf8_lossy(body), 120)),
        };
        ClientError::Unreadable { call: self.call.clone(), problem: format!("{problem}; came {came}") }
    }
}

/// Builds the connection pool for a host.
///
/// # Errors
/// No certificate roots are to be had, and the host is not on this machine.
pub(super) fn http_client(root: &Url) -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("sspr/", env!("CARGO_PKG_VERSION")))
        // A redirect could carry the token to another host.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT);
    // This machine needs neither roots, which take milliseconds to load, nor a proxy, which would not find it.
    let builder = match Endpoints::is_loopback(root) && root.scheme() == "http" {
        true => builder.no_proxy().tls_certs_only([]),
        false => builder.https_only(true),
    };
    builder.build().map_err(ClientError::NoClient)
}

/// Reads the service's own words. Graph: `{"error":{"code","message"}}`; the admin centre gives a flat
/// object or plain text.
fn detail(headers: &HeaderMap, body: &[u8]) -> ServiceDetail {
    let words = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| excerpt(text, 300));
    let request_id =
        ["request-id", "x-ms-request-id"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let error =
        json.as_ref().and_then(|json| json.get("error")).filter(|error| error.is_object()).or(json.as_ref());
    let (code, message) = match error {
        Some(error) => {
            let capital = || error.get("Message");
            (words(error.get("code")), words(error.get("message").or_else(capital)))
        }
        None if body.is_empty() => (None, None),
        None => (None, Some(excerpt(&String::from_utf8_lossy(body), 120))),
    };
    ServiceDetail { code, message, request_id: request_id.map(|id| excerpt(id, 80)) }
}
