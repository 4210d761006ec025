//! `$batch`: up to twenty requests in one, each answered for itself (facts 5).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, RequestExt as _};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::middleware::{holder, spelled};
use super::odata::{Refused, Sent};
use super::surface::Surface;
use crate::sandbox::shared::Shared;

/// How many requests a batch holds at most.
const MOST: usize = 20;

#[derive(Clone, Copy, Debug)]
pub(super) struct InBatch;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Answers a batch part by part, and lets every other request through.
pub(super) async fn batch(shared: Shared, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let version = match spelled(path).as_deref().unwrap_or(path) {
        "/v1.0/$batch" => "/v1.0",
        "/beta/$batch" => "/beta",
        _ => return next.run(request).await,
    };
    // A batch has one token for all its parts, so it is refused whole.
    if let Err(refused) = holder(&shared, request.headers()) {
        return refused.into_response();
    }
    if request.method() != Method::POST {
        let message = "Specified HTTP method is not allowed for the request target.";
        let refused = Surface::Graph.error(StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message);
        return ([("allow", "POST")], refused).into_response();
    }
    let shared_headers: HeaderMap = [AUTHORIZATION, HOST]
        .into_iter()
        .filter_map(|name| request.headers().get(&name).cloned().map(|value| (name, value)))
        .collect();
    let mut extensions = request.extensions().clone();
    extensions.insert(InBatch);
    let parts = match request.extract::<Sent, _>().await.and_then(|Sent(body)| parts(body)) {
        Ok(parts) => parts,
        Err(refused) => return refused.into_response(),
    };
    let mut answers: Vec<(String, StatusCode, Value)> = Vec::new();
    for part in parts {
        let id = part.id.clone();
        let is_met = part
            .depends_on
            .iter()
            .all(|needed| answers.iter().any(|(known, status, _)| known == needed && status.is_success()));
        let response = match made(part, version, is_met) {
            Ok(mut request) => {
                request.headers_mut().extend(shared_headers.clone());
                *request.extensions_mut() = extensions.clone();
                next.clone().run(request).await
            }
            Err(refused) => refused.into_response(),
        };
        let status = response.status();
        let mut answer = described(response).await;
        answer["id"] = id.clone().into();
        answers.push((id, status, answer));
    }
    let responses: Vec<Value> = answers.into_iter().map(|(_, _, answer)| answer).collect();
    Json(json!({ "responses": responses })).into_response()
}

fn parts(mut body: Map<String, Value>) -> Result<Vec<Part>, Refused> {
    let invalid = |what: &str| Refused::bad(format!("Invalid batch payload format: {what}"));
    let requests = body.remove("requests").ok_or_else(|| invalid("there is no `requests`."))?;
    let parts: Vec<Part> =
        serde_json::from_value(requests).map_err(|problem| invalid(&format!("{problem}.")))?;
    if parts.is_empty() || parts.len() > MOST {
        return Err(invalid(&format!("{} requests; 1 to {MOST} are taken.", parts.len())));
    }
    for (at, part) in parts.iter().enumerate() {
        if parts[..at].iter().any(|before| before.id.eq_ignore_ascii_case(&part.id)) {
            return Err(invalid(&format!("the id '{}' comes twice.", part.id)));
        }
        let is_before = |needed: &String| parts[..at].iter().any(|before| before.id == *needed);
        if let Some(needed) = part.depends_on.iter().find(|needed| !is_before(needed)) {
            return Err(invalid(&format!("'{}' depends on '{needed}', which is not before it.", part.id)));
        }
    }
    Ok(parts)
}

fn made(part: Part, version: &str, is_met: bool) -> Result<Request, Refused> {
    let refused = |message: &str| Refused::bad(message);
    if !is_met {
        return Err(Refused::dependent());
    }
    if part.url.contains("://") {
        return Err(refused("The URL of a request in a batch is relative."));
    }
    if part.url.trim_start_matches('/').starts_with("$batch") {
        return Err(refused("A batch holds no batch."));
    }
    let url = format!("{version}/{}", part.url.trim_start_matches('/'));
    // As browsers and Microsoft's clients write them, with blanks and quotes.
    let url = url.replace(' ', "%20").replace('"', "%22");
    let uri = url.parse().map_err(|_| refused("The URL of a request is not valid."))?;
    let method = Method::from_bytes(part.method.to_ascii_uppercase().as_bytes());
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method.map_err(|_| refused("The method of a request is not valid."))?;
    *request.uri_mut() = uri;
    for (name, value) in part.headers {
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let header = HeaderName::try_from(name).ok().zip(value);
        let (name, value) = header.ok_or_else(|| refused("A header of a request is not valid."))?;
        request.headers_mut().insert(name, value);
    }
    if let Some(body) = part.body {
        *request.body_mut() = Body::from(body.to_string());
    }
    Ok(request)
}

async fn described(response: Response) -> Value {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != CONTENT_LENGTH)
        .filter_map(|(name, value)| Some((title(name), value.to_str().ok()?.into())))
        .collect();
    let is_json = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let mut answer = json!({"status": parts.status.as_u16(), "headers": headers});
    if !body.is_empty() {
        answer["body"] = match serde_json::from_slice(&body) {
            Ok(body) if is_json => body,
            // A count comes as the text it is.
            _ => String::from_utf8_lossy(&body).into(),
        };
    }
    answer
}

/// `retry-after` as Microsoft's clients look for it: `Retry-After`.
fn title(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}
