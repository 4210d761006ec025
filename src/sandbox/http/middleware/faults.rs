//! Injects faults: before, instead of, or after the answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING};
use axum::http::request::Parts;
use axum::http::response;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use uuid::Uuid;

use crate::sandbox::http::faulty_stream::ConnectionKiller;
use crate::sandbox::http::surface::{Surface, target};
use crate::sandbox::shared::{Fault, Shared, lock};

/// The last answer to each read of each tenant, for those that will be asked to be stale.
pub(crate) type Answers = Arc<Mutex<HashMap<(Uuid, String), (HeaderMap, Bytes)>>>;

struct Way {
    shared: Shared,
    answers: Answers,
}

impl Way {
    fn answer_to(&self, target: String) -> Option<(HeaderMap, Bytes)> {
        lock(&self.answers).get(&self.key(target)).cloned()
    }

    fn key(&self, target: String) -> (Uuid, String) {
        (self.shared.tenant().tenant_id, target)
    }

    /// Answers, and remembers the answer where it may be asked for again.
    async fn remember(&self, request: Request, next: Next) -> Response {
        let target = target(request.uri());
        let is_read = request.method() == "GET";
        let response = next.run(request).await;
        if !is_read || !self.shared.faults().needs_answers() || !response.status().is_success() {
            return response;
        }
        let (parts, body) = whole(response).await;
        lock(&self.answers).insert(self.key(target), (parts.headers.clone(), body.clone()));
        Response::from_parts(parts, Body::from(body))
    }
}

pub(crate) async fn stand_in_the_way(
    State(answers): State<Answers>,
    shared: Shared,
    request: Request,
    next: Next,
) -> Response {
    let way = Way { shared, answers };
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let (met, edits) = way.shared.faults().meet(&method, &path);
    let response = meet(&way, met, request, next).await;
    for edit in edits {
        edit(&mut way.shared.tenant());
    }
    response
}

async fn meet(way: &Way, fault: Fault, request: Request, next: Next) -> Response {
    match fault {
        Fault::None => way.remember(request, next).await,
        Fault::Slow(wait) => {
            let held_up = HeldUp::new(&way.shared);
            tokio::time::sleep(wait).await;
            drop(held_up);
            way.remember(request, next).await
        }
        Fault::ExpiredToken => {
            way.shared.tokens().expire();
            next.run(request).await
        }
        Fault::Truncated => {
            let killer = killer(request.extensions());
            let (parts, body) = whole(next.run(request).await).await;
            killer.cut_before_the_last((body.len() / 2).max(1));
            Response::from_parts(parts, Body::from(body))
        }
        Fault::Garbled => {
            let mut response = next.run(request).await;
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        Fault::NextLink(_) | Fault::OddRows(_) | Fault::NullList | Fault::Without(_) => {
            changed(next.run(request).await, fault).await
        }
        Fault::Landed(then) => {
            let (parts, body) = request.into_parts();
            next.run(Request::from_parts(parts.clone(), body)).await;
            instead(way, *then, &parts).await
        }
        fault => instead(way, fault, &request.into_parts().0).await,
    }
}

/// Answers without doing anything.
async fn instead(way: &Way, fault: Fault, asked: &Parts) -> Response {
    let surface = Surface::of(asked.uri.path());
    match fault {
        Fault::Hang => {
            let _held_up = HeldUp::new(&way.shared);
            std::future::pending().await
        }
        Fault::Stale => match way.answer_to(target(&asked.uri)) {
            Some(answer) => answer.into_response(),
            None => error(surface, 503, None),
        },
        Fault::TellsToken(status) => error_with_token(surface, status, asked.headers.get(AUTHORIZATION)),
        Fault::Error { status, code, header } => with_header(error(surface, status, code.as_deref()), header),
        Fault::Answer { status, header, body } => {
            with_header((status_code(status), Body::from(body)).into_response(), header)
        }
        // `reset`
        _ => {
            killer(&asked.extensions).cut();
            StatusCode::OK.into_response()
        }
    }
}

fn killer(extensions: &Extensions) -> ConnectionKiller {
    let connection = extensions.get::<ConnectInfo<ConnectionKiller>>();
    connection.map(|info| info.0.clone()).unwrap_or_default()
}

fn with_header(mut response: Response, header: Option<(&'static str, String)>) -> Response {
    if let Some((name, Ok(value))) = header.map(|(name, value)| (name, HeaderValue::try_from(value))) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Counts a request as kept waiting until it goes on, or its client is gone.
struct HeldUp {
    shared: Shared,
}

impl HeldUp {
    fn new(shared: &Shared) -> Self {
        shared.faults().held_up += 1;
        Self { shared: shared.clone() }
    }
}

impl Drop for HeldUp {
    fn drop(&mut self) {
        self.shared.faults().held_up -= 1;
    }
}

/// Changes the page of an answer on its way back; the request has done what it asks.
async fn changed(response: Response, fault: Fault) -> Response {
    let (parts, body) = whole(response).await;
    let Ok(Value::Object(mut page)) = serde_json::from_slice(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    let rows = page.get_mut("value").and_then(Value::as_array_mut);
    match fault {
        Fault::NextLink(link) => drop(page.insert("@odata.nextLink".to_owned(), link.into())),
        Fault::OddRows(odd) => {
            rows.into_iter().for_each(|rows| rows.extend(std::iter::repeat_n(Value::Null, odd)));
            // They are rows like any other to whoever counts them.
            if let Some(count) = page.get_mut("@odata.count") {
                *count = count.as_u64().map(|count| count + odd as u64).into();
            }
        }
        Fault::Without(fields) => {
            for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
                row.retain(|field, _| !fields.split(',').any(|lacking| lacking == field));
            }
        }
        _ => drop(page.insert("value".to_owned(), Value::Null)),
    }
    (parts.status, axum::Json(page)).into_response()
}

async fn whole(response: Response) -> (response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    // What the sandbox itself made is at hand, and small.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, body)
}

/// Repeats a token wherever an answer can, as a careless proxy does.
fn error_with_token(surface: Surface, status: u16, token: Option<&HeaderValue>) -> Response {
    let header = token.and_then(|token| token.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or(header);
    let mut response = surface.error(status_code(status), "SandboxFault", &format!("Not taken: {token}"));
    if let Ok(id) = HeaderValue::from_str(token) {
        response.headers_mut().insert("request-id", id);
    }
    response
}

fn error(surface: Surface, status: u16, code: Option<&str>) -> Response {
    let usual = if status == 429 { "TooManyRequests" } else { "SandboxFault" };
    surface.error(status_code(status), code.unwrap_or(usual), "The sandbox was asked to go wrong here.")
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or_default()
}
