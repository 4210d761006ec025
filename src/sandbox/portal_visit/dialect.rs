//! The file as each browser writes it (HAR 1.2): `Log.ts` of Chromium's DevTools, `har-builder.js` of Firefox's.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Request, Visit};

/// A browser whose developer tools save files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Browser {
    /// Chrome, and Edge.
    #[default]
    Chromium,
    /// Firefox.
    Firefox,
}

/// From the start of one request to that of the next, and how long each takes.
const STEP: Duration = Duration::from_millis(400);
const TAKES: Duration = Duration::from_millis(120);
/// What Chromium leaves out of a file unless it is asked for the whole.
const SENSITIVE: [&str; 3] = ["authorization", "cookie", "set-cookie"];
const COMMENT: &str = "Made by `sspr sandbox har`: a pretend tenant, and no browser";

/// Returns a visit as a file.
pub(super) fn file(requests: &[Request], visit: Visit) -> String {
    let entry = match visit.browser {
        Browser::Chromium => chromium,
        Browser::Firefox => firefox,
    };
    let times =
        (0..).map(|at: u32| visit.began.saturating_add(STEP.saturating_mul(at)).unwrap_or(visit.began));
    let entries: Vec<Value> =
        requests.iter().zip(times).map(|(request, at)| entry(request, at, visit.is_sensitive)).collect();
    let began = visit.began.to_string();
    let log = match visit.browser {
        Browser::Chromium => json!({
            "version": "1.2",
            "creator": {"name": "WebInspector", "version": "537.36"},
            "pages": [{
                "startedDateTime": began, "id": "page_1", "title": "https://entra.microsoft.com/",
                "pageTimings": {"onContentLoad": 611.2, "onLoad": 1204.7},
            }],
            "entries": entries,
            "comment": COMMENT,
        }),
        Browser::Firefox => json!({
            "version": "1.2",
            "creator": {"name": "Firefox", "version": "145.0"},
            "browser": {"name": "Firefox", "version": "145.0"},
            "pages": [{
                "id": "page_1", "pageTimings": {"onContentLoad": 611, "onLoad": 1204}, "startedDateTime": began,
                "title": "Microsoft Entra admin center",
            }],
            "entries": entries,
            "comment": COMMENT,
        }),
    };
    format!("{:#}\n", json!({ "log": log }))
}

fn chromium(request: &Request, at: Timestamp, is_sensitive: bool) -> Value {
    let url = url::Url::parse(&request.url).ok();
    let path = url.as_ref().map(|url| url[url::Position::BeforePath..].to_owned()).unwrap_or_default();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let is_left_out = |name: &str| !is_sensitive && SENSITIVE.contains(&name);
    // HTTP/2 begins with headers of its own.
    let pseudo = [(":authority", host), (":method", &request.method), (":path", &path), (":scheme", "https")];
    let pseudo = pseudo.map(|(name, value)| json!({"name": name, "value": value}));
    let own = request.headers.iter().filter(|(name, _)| !is_left_out(name)).map(pair);
    let told = request.answer_headers.iter().filter(|(name, _)| !is_left_out(name)).map(pair);
    let body = request.body.as_deref();
    let mut content = json!({"size": request.answer.len(), "mimeType": or(&request.mime, "x-unknown")});
    if !request.answer.is_empty() {
        content["text"] = request.answer.clone().into();
    }
    let mut asked = json!({
        "method": request.method, "url": request.url, "httpVersion": "http/2.0",
        "headers": pseudo.into_iter().chain(own).collect::<Vec<_>>(),
        "queryString": query(url.as_ref()),
        "cookies": cookies(request, is_sensitive),
        "headersSize": -1, "bodySize": body.map_or(0, str::len),
    });
    if let Some(body) = body {
        asked["postData"] = json!({"mimeType": "application/json", "text": body});
    }
    let frame = json!({
        "functionName": "send", "scriptId": "12", "url": "https://entra.microsoft.com/Content/shell.js",
        "lineNumber": 0, "columnNumber": 4,
    });
    json!({
        "_connectionId": "412",
        "_initiator": {"type": "script", "stack": {"callFrames": [frame], "parent": {"description": "await", "callFrames": [frame]}}},
        "_priority": "High",
        "_resourceType": request.kind,
        "cache": {},
        "connection": "443",
        "pageref": "page_1",
        "request": asked,
        "response": {
            "status": request.status, "statusText": "", "httpVersion": "http/2.0", "headers": told.collect::<Vec<_>>(),
            "cookies": [], "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "_transferSize": request.answer.len() + 60, "_error": null, "_fetchedViaServiceWorker": false,
        },
        "serverIPAddress": "203.0.113.7",
        "startedDateTime": at.to_string(),
        "time": TAKES.as_millis() as u64,
        "timings": {
            "blocked": 1.2, "dns": -1, "ssl": -1, "connect": -1, "send": 0.3, "wait": 117.1, "receive": 1.4,
            "_blocked_queueing": 0.8, "_workerStart": -1,
        },
    })
}

fn firefox(request: &Request, at: Timestamp, _: bool) -> Value {
    let url = url::Url::parse(&request.url).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default().to_owned();
    let title = |(name, value): &(String, String)| {
        let words = name.split('-').map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        });
        json!({"name": words.collect::<Vec<_>>().join("-"), "value": value})
    };
    let own = [("host".to_owned(), host)];
    let body = request.body.as_deref();
    let mut asked = json!({
        "bodySize": body.map_or(0, str::len), "method": request.method, "url": request.url, "httpVersion": "HTTP/2",
        "headers": own.iter().chain(&request.headers).map(title).collect::<Vec<_>>(),
        "cookies": cookies(request, true),
        "queryString": query(url.as_ref()),
        "headersSize": 512,
    });
    if let Some(body) = body {
        asked["postData"] = json!({"mimeType": "application/json", "params": [], "text": body});
    }
    let mut content = json!({"mimeType": request.mime, "size": request.answer.len()});
    if !request.answer.is_empty() {
        content["text"] = request.answer.clone().into();
    }
    json!({
        "startedDateTime": at.strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00").to_string(),
        "request": asked,
        "response": {
            "status": request.status, "statusText": if request.status == 200 { "OK" } else { "" }, "httpVersion": "HTTP/2",
            "headers": request.answer_headers.iter().map(pair).collect::<Vec<_>>(),
            "cookies": [], "content": content, "redirectURL": "", "headersSize": 300,
            "bodySize": request.answer.len() + 300,
        },
        "cache": {},
        "timings": {"blocked": 0, "dns": 0, "connect": 0, "ssl": 0, "send": 0, "wait": 118, "receive": 2},
        "time": TAKES.as_millis() as u64,
        "_securityState": "secure",
        "serverIPAddress": "203.0.113.7",
        "connection": "443",
        "pageref": "page_1",
    })
}

fn pair((name, value): &(String, String)) -> Value {
    json!({"name": name, "value": value})
}

fn query(url: Option<&url::Url>) -> Vec<Value> {
    let pairs = url.into_iter().flat_map(url::Url::query_pairs);
    pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn cookies(request: &Request, is_sensitive: bool) -> Vec<Value> {
    let has_one = request.headers.iter().any(|(name, _)| name == "cookie");
    let cookie = || json!({"name": "session", "value": "of-nobody"});
    (is_sensitive && has_one).then(cookie).into_iter().collect()
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
