//! Injects faults: before, instead of, or after the answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

use crate::sandbox::http::faulty_stream::ConnectionKiller;
use crate::sandbox::http::surface::{Surface, target};
use crate::sandbox::state::{Fault, Shared};

/// The way to the routes.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    shared: Shared,
    /// The last answer to each read, for those that will be asked to be stale.
    answers: Arc<Mutex<HashMap<String, (HeaderMap, Bytes)>>>,
}

impl Way {
    /// Makes the way to the routes of a state.
    pub(crate) fn of(shared: Shared) -> Self {
        Self { shared, answers: Arc::default() }
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<String, (HeaderMap, Bytes)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers, and remembers the answer where it may be asked for again.
    async fn remember(&self, request: Request, next: Next) -> Response {
        let target = target(&request);
        let is_read = request.method() == "GET";
        let response = next.run(request).await;
        if !is_read || !self.shared.faults().needs_answers() || !response.status().is_success() {
            return response;
        }
        let (parts, body) = whole(response).await;
        self.answers().insert(target, (parts.headers.clone(), body.clone()));
        Response::from_parts(parts, Body::from(body))
    }

    async fn never(&self) -> Response {
        let _held_up = HeldUp::new(&self.shared);
        std::future::pending().await
    }
}

/// Stands in front of every route.
pub(crate) async fn stand_in_the_way(State(way): State<Way>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let (met, edits) = way.shared.faults().meet(&method, &path);
    let response = meet(&way, met, request, next).await;
    for edit in edits {
        edit.make(&mut way.shared.tenant());
    }
    response
}

async fn meet(way: &Way, met: Option<Fault>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let Some(fault) = met else { return way.remember(request, next).await };
    let killer = request.extensions().get::<ConnectInfo<ConnectionKiller>>().map(|info| info.0.clone());
    let killer = killer.unwrap_or_default();
    let surface = Surface::of(&path);
    match fault {
        Fault::Slow(wait) => {
            let held_up = HeldUp::new(&way.shared);
            tokio::time::sleep(wait).await;
            drop(held_up);
            way.remember(request, next).await
        }
        Fault::Hang => way.never().await,
        Fault::LandedThenHang => {
            next.run(request).await;
            way.never().await
        }
        Fault::ExpiredToken => {
            way.shared.tokens().expire();
            next.run(request).await
        }
        Fault::Stale => match way.answers().get(&target(&request)).cloned() {
            Some((headers, body)) => (headers, body).into_response(),
            None => error(surface, StatusCode::SERVICE_UNAVAILABLE),
        },
        Fault::TellsToken(status) => {
            let token = request.headers().get(AUTHORIZATION).cloned();
            error_with_token(surface, StatusCode::from_u16(status).unwrap_or_default(), token)
        }
        Fault::Reset => {
            killer.cut();
            StatusCode::OK.into_response()
        }
        Fault::Truncated
        | Fault::Garbled
        | Fault::NextLink(_)
        | Fault::OddRows(_)
        | Fault::NullList
        | Fault::Without(_)
        | Fault::LandedThenStatus(_)
        | Fault::LandedThenBody(_)
        | Fault::LandedThenReset => spoilt(next.run(request).await, fault, surface, &killer).await,
        fault => instead(fault, surface),
    }
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

/// Spoils an answer on its way back; the request has done what it asks.
async fn spoilt(
    mut response: Response,
    fault: Fault,
    surface: Surface,
    killer: &ConnectionKiller,
) -> Response {
    match fault {
        Fault::Truncated => {
            let (parts, body) = whole(response).await;
            killer.cut_before_the_last((body.len() / 2).max(1));
            return Response::from_parts(parts, Body::from(body));
        }
        Fault::NextLink(link) => {
            return changed(response, |page| drop(page.insert("@odata.nextLink".to_owned(), link.into())))
                .await;
        }
        Fault::OddRows(rows) => {
            let odd = std::iter::repeat_n(Value::Null, rows);
            return changed(response, |page| {
                if let Some(Value::Array(all)) = page.get_mut("value") {
                    all.extend(odd);
                }
                // They are rows like any other to whoever counts them.
                if let Some(count) = page.get_mut("@odata.count") {
                    *count = count.as_u64().map(|count| count + rows as u64).into();
                }
            })
            .await;
        }
        Fault::NullList => {
            return changed(response, |page| drop(page.insert("value".to_owned(), Value::Null))).await;
        }
        Fault::Without(fields) => {
            return changed(response, |page| {
                let rows = page.get_mut("value").and_then(Value::as_array_mut);
                for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
                    row.retain(|field, _| !fields.split(',').any(|lacking| lacking == field));
                }
            })
            .await;
        }
        Fault::LandedThenStatus(status) => {
            return error(surface, StatusCode::from_u16(status).unwrap_or_default());
        }
        Fault::LandedThenBody(text) => return ([(CONTENT_TYPE, "application/json")], text).into_response(),
        Fault::LandedThenReset => killer.cut(),
        _ => {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    response
}

/// Answers in the service's place; the request reaches nothing.
fn instead(fault: Fault, surface: Surface) -> Response {
    let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    match fault {
        Fault::Status(status) => error(surface, StatusCode::from_u16(status).unwrap_or_default()),
        Fault::Error(status, code) => {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            surface.error(status, &code, "The sandbox was asked to go wrong here.")
        }
        Fault::ClaimsChallenge(claims) => {
            let challenge = format!(
                "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
                 error=\"insufficient_claims\", claims=\"{claims}\""
            );
            let mut response = error(surface, StatusCode::UNAUTHORIZED);
            if let Ok(challenge) = challenge.parse() {
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            response
        }
        Fault::Throttle(after) => asking_to_wait(error(surface, StatusCode::TOO_MANY_REQUESTS), after),
        Fault::Unavailable(after) => {
            asking_to_wait(error(surface, StatusCode::SERVICE_UNAVAILABLE), Some(after))
        }
        Fault::Html => {
            (html, "<!DOCTYPE html><html><title>Sign in to the network</title></html>").into_response()
        }
        Fault::ErrorInSuccess => {
            let mut response = error(surface, StatusCode::FORBIDDEN);
            *response.status_mut() = StatusCode::OK;
            response
        }
        Fault::WrongType => "maintenance until Monday".into_response(),
        Fault::Redirect(to) => {
            let to = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/"));
            (StatusCode::FOUND, [(LOCATION, to)]).into_response()
        }
        Fault::Body(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
        Fault::LyingSuccess => StatusCode::NO_CONTENT.into_response(),
        _ => ([(CONTENT_TYPE, "application/json")], "").into_response(),
    }
}

fn asking_to_wait(mut response: Response, after: Option<String>) -> Response {
    if let Some(after) = after.and_then(|after| HeaderValue::from_str(&after).ok()) {
        response.headers_mut().insert(RETRY_AFTER, after);
    }
    response
}

/// Changes the page of an answer on its way back.
async fn changed(response: Response, change: impl FnOnce(&mut Map<String, Value>)) -> Response {
    let (parts, body) = whole(response).await;
    match serde_json::from_slice::<Value>(&body) {
        Ok(Value::Object(mut page)) => {
            change(&mut page);
            (parts.status, axum::Json(Value::Object(page))).into_response()
        }
        _ => Response::from_parts(parts, Body::from(body)),
    }
}

async fn whole(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    // What the sandbox itself made is at hand, and small.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, body)
}

/// Repeats a token wherever an answer can, as a careless proxy does.
fn error_with_token(surface: Surface, status: StatusCode, token: Option<HeaderValue>) -> Response {
    let header = token.as_ref().and_then(|token| token.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or(header);
    let mut response = surface.error(status, "SandboxFault", &format!("Not taken: {token}"));
    if let Ok(id) = HeaderValue::from_str(token) {
        response.headers_mut().insert("request-id", id);
    }
    response
}

fn error(surface: Surface, status: StatusCode) -> Response {
    let code = if status == StatusCode::TOO_MANY_REQUESTS { "TooManyRequests" } else { "SandboxFault" };
    surface.error(status, code, "The sandbox was asked to go wrong here.")
}
