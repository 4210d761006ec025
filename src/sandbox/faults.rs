//! What goes wrong between a client and the pretend tenant, on demand: which requests it meets, and how.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::line::Scissors;
use super::server::Shared;
use super::{graph, portal};

/// One way to go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with a status and the surface's error body; the request does nothing.
    Status(u16),
    /// Answers 429, with a `Retry-After` of this text or without one.
    Throttle(Option<String>),
    /// Closes the connection; the request does nothing.
    Reset,
    /// Answers, and closes the connection before the answer is whole.
    Truncated,
    /// Says that the answer is compressed, which it is not.
    Garbled,
    /// Answers late.
    Slow(Duration),
    /// Never answers; the request does nothing.
    Hang,
    /// Answers 200 with a page to sign in on, as a captive portal does.
    Html,
    /// Answers 200 with nothing in it.
    Empty,
    /// Answers 200 with an error object.
    ErrorInSuccess,
    /// Answers 200 with text that says it is no JSON.
    WrongType,
    /// Answers 302 to this URL.
    Redirect(String),
    /// Answers, and says that the next page is at this URL.
    NextLink(String),
    /// Answers a write with 204 and stores nothing.
    LyingSuccess,
    /// Does what is asked, and answers with a status all the same.
    LandedThenStatus(u16),
    /// Does what is asked, and closes the connection.
    LandedThenReset,
    /// Does what is asked, and never answers.
    LandedThenHang,
    /// Answers a read as the last one before it was answered.
    Stale,
    /// Takes neither token from now on, only the renewed ones.
    ExpiredToken,
}

/// A fault, and the requests it meets.
///
/// Written as text: `GET /v1.0/groups throttle=2 1-3` is the first three reads of anything whose path has
/// `/v1.0/groups` in it; `*` is every method; without numbers it is every call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    method: Option<String>,
    path: String,
    fault: Fault,
    calls: RangeInclusive<u32>,
}

/// A text that is no rule.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no fault; one reads `METHOD PATH FAULT [CALLS]`, such as `GET /v1.0/groups throttle=2 1-3`"
)]
pub struct NotARule(String);

/// The rules in force, and what they have to remember.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<(Rule, u32)>,
    /// How many requests are being kept waiting.
    pub(super) held_up: usize,
    /// The last answer to each read, for those that will be asked to be stale.
    answers: HashMap<String, (HeaderMap, Bytes)>,
}

impl Faults {
    pub(super) fn add(&mut self, rule: Rule) {
        self.rules.push((rule, 0));
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Returns what a request meets: the first rule whose turn it is. Every matching rule counts the call.
    fn meet(&mut self, method: &str, path: &str) -> Option<Fault> {
        let mut met = None;
        for (rule, seen) in &mut self.rules {
            if rule.method.as_deref().is_none_or(|wanted| wanted == method) && path.contains(&rule.path) {
                *seen += 1;
                if rule.calls.contains(seen) {
                    met = met.or_else(|| Some(rule.fault.clone()));
                }
            }
        }
        met
    }

    fn needs_answers(&self) -> bool {
        self.rules.iter().any(|(rule, _)| rule.fault == Fault::Stale)
    }
}

impl FromStr for Rule {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        let not_a_rule = || NotARule(text.to_owned());
        let mut words = text.split_whitespace();
        let (Some(method), Some(path), Some(fault)) = (words.next(), words.next(), words.next()) else {
            return Err(not_a_rule());
        };
        let calls = match words.next() {
            None => 1..=u32::MAX,
            Some(numbers) => parse_calls(numbers).ok_or_else(not_a_rule)?,
        };
        if words.next().is_some() {
            return Err(not_a_rule());
        }
        Ok(Self {
            method: Some(method.to_ascii_uppercase()).filter(|method| method != "*"),
            path: path.trim_start_matches('*').to_owned(),
            fault: parse_fault(fault).ok_or_else(not_a_rule)?,
            calls,
        })
    }
}

/// Parses `2`, `1-3` or `4-`.
fn parse_calls(text: &str) -> Option<RangeInclusive<u32>> {
    match text.split_once('-') {
        None => text.parse().ok().map(|only| only..=only),
        Some((first, "")) => Some(first.parse().ok()?..=u32::MAX),
        Some((first, last)) => Some(first.parse().ok()?..=last.parse().ok()?),
    }
}

fn parse_fault(text: &str) -> Option<Fault> {
    let (word, value) = text.split_once('=').map_or((text, None), |(word, value)| (word, Some(value)));
    let status = || value?.parse().ok().filter(|status| StatusCode::from_u16(*status).is_ok());
    Some(match word {
        "status" => Fault::Status(status()?),
        "throttle" => Fault::Throttle(value.map(|seconds| seconds.replace('_', " "))),
        "reset" => Fault::Reset,
        "truncated" => Fault::Truncated,
        "garbled" => Fault::Garbled,
        "slow" => Fault::Slow(Duration::from_millis(value?.parse().ok()?)),
        "hang" => Fault::Hang,
        "html" => Fault::Html,
        "empty" => Fault::Empty,
        "error-in-success" => Fault::ErrorInSuccess,
        "wrong-type" => Fault::WrongType,
        "redirect" => Fault::Redirect(value?.to_owned()),
        "next-link" => Fault::NextLink(value?.to_owned()),
        "lying-success" => Fault::LyingSuccess,
        "landed-then-status" => Fault::LandedThenStatus(status()?),
        "landed-then-reset" => Fault::LandedThenReset,
        "landed-then-hang" => Fault::LandedThenHang,
        "stale" => Fault::Stale,
        "expired-token" => Fault::ExpiredToken,
        _ => return None,
    })
}

/// Stands in front of every route.
pub(super) async fn stand_in_the_way(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let met = shared.faults().meet(&method, &path);
    let scissors = request.extensions().get::<ConnectInfo<Scissors>>().map(|info| info.0.clone());
    let scissors = scissors.unwrap_or_default();
    let is_portal = path.starts_with("/api/");
    match met {
        None => remember(&shared, request, next).await,
        Some(Fault::Slow(wait)) => {
            let held_up = HeldUp::new(&shared);
            tokio::time::sleep(wait).await;
            drop(held_up);
            remember(&shared, request, next).await
        }
        Some(Fault::Hang) => {
            let _held_up = HeldUp::new(&shared);
            std::future::pending().await
        }
        Some(Fault::LandedThenHang) => {
            next.run(request).await;
            let _held_up = HeldUp::new(&shared);
            std::future::pending().await
        }
        Some(Fault::ExpiredToken) => {
            shared.tokens().expire();
            next.run(request).await
        }
        Some(Fault::Stale) => match shared.faults().answers.get(&target(&request)).cloned() {
            Some((headers, body)) => (headers, body).into_response(),
            None => error(is_portal, StatusCode::SERVICE_UNAVAILABLE),
        },
        Some(Fault::Truncated) => {
            let (parts, body) = whole(next.run(request).await).await;
            scissors.cut_before_the_last((body.len() / 2).max(1));
            Response::from_parts(parts, Body::from(body))
        }
        Some(Fault::Garbled) => {
            let mut response = next.run(request).await;
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        Some(Fault::NextLink(link)) => with_next_link(next.run(request).await, &link).await,
        Some(Fault::LandedThenStatus(status)) => {
            next.run(request).await;
            error(is_portal, StatusCode::from_u16(status).unwrap_or_default())
        }
        Some(Fault::LandedThenReset) => {
            let response = next.run(request).await;
            scissors.cut();
            response
        }
        Some(Fault::Reset) => {
            scissors.cut();
            StatusCode::OK.into_response()
        }
        Some(fault) => instead(fault, is_portal),
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

/// Answers in the service's place; the request reaches nothing.
fn instead(fault: Fault, is_portal: bool) -> Response {
    let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    match fault {
        Fault::Status(status) => error(is_portal, StatusCode::from_u16(status).unwrap_or_default()),
        Fault::Throttle(after) => {
            let mut response = error(is_portal, StatusCode::TOO_MANY_REQUESTS);
            if let Some(after) = after.and_then(|after| HeaderValue::from_str(&after).ok()) {
                response.headers_mut().insert(RETRY_AFTER, after);
            }
            response
        }
        Fault::Html => {
            (html, "<!DOCTYPE html><html><title>Sign in to the network</title></html>").into_response()
        }
        Fault::ErrorInSuccess => {
            let mut response = error(is_portal, StatusCode::FORBIDDEN);
            *response.status_mut() = StatusCode::OK;
            response
        }
        Fault::WrongType => "maintenance until Monday".into_response(),
        Fault::Redirect(to) => {
            let to = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/"));
            (StatusCode::FOUND, [(LOCATION, to)]).into_response()
        }
        Fault::LyingSuccess => StatusCode::NO_CONTENT.into_response(),
        _ => ([(CONTENT_TYPE, "application/json")], "").into_response(),
    }
}

async fn remember(shared: &Shared, request: Request, next: Next) -> Response {
    let target = target(&request);
    let is_read = request.method() == "GET";
    let response = next.run(request).await;
    if !is_read || !shared.faults().needs_answers() || !response.status().is_success() {
        return response;
    }
    let (parts, body) = whole(response).await;
    shared.faults().answers.insert(target, (parts.headers.clone(), body.clone()));
    Response::from_parts(parts, Body::from(body))
}

async fn with_next_link(response: Response, link: &str) -> Response {
    let (parts, body) = whole(response).await;
    match serde_json::from_slice::<Value>(&body) {
        Ok(Value::Object(mut page)) => {
            page.insert("@odata.nextLink".to_owned(), link.into());
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

fn target(request: &Request) -> String {
    request.uri().path_and_query().map_or_else(String::new, ToString::to_string)
}

fn error(is_portal: bool, status: StatusCode) -> Response {
    let message = "The sandbox was asked to go wrong here.";
    let code = if status == StatusCode::TOO_MANY_REQUESTS { "TooManyRequests" } else { "SandboxFault" };
    if is_portal { portal::error(status, message) } else { graph::error(status, code, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_meets_its_calls_and_no_others() {
        let mut faults = Faults::default();
        faults.add(rule("GET /v1.0/groups status=503 2-3"));
        faults.add(rule("* /api reset"));
        let mut meet = |method, path| faults.meet(method, path);
        assert_eq!(meet("GET", "/v1.0/groups/x"), None);
        assert_eq!(meet("PUT", "/v1.0/groups"), None);
        assert_eq!(meet("GET", "/v1.0/groups"), Some(Fault::Status(503)));
        assert_eq!(meet("GET", "/v1.0/groups"), Some(Fault::Status(503)));
        assert_eq!(meet("GET", "/v1.0/groups"), None);
        assert_eq!(meet("PUT", "/api/PasswordReset"), Some(Fault::Reset));
    }

    #[test]
    fn reads_every_fault_and_refuses_the_rest() {
        for good in [
            "GET / throttle=Wed,_21_Oct_2026_07:28:00_GMT",
            "* * slow=10 4-",
            "put /api landed-then-status=500 1",
            "GET /v1.0 redirect=https://evil.example/",
        ] {
            assert!(good.parse::<Rule>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "GET /",
            "GET / explode",
            "GET / status",
            "GET / status=99",
            "GET / reset x",
            "GET / reset 1 2",
        ] {
            assert!(bad.parse::<Rule>().is_err(), "{bad}");
        }
    }
}
