//! What one entry of a file says of an exchange; a batch of Graph's says it of each of its parts.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::client::{Claims, Cloud};
use crate::evidence::{Audience, Body, Exchange, Recording, is_about};
use crate::tenant::Surface;
use crate::tenant::graph_permissions::GRAPH;

/// How many parts of a batch are looked at; Graph takes 20.
const PARTS: usize = 100;
/// Microsoft's own hosts that tokens are for, beside the two APIs of each cloud. Below `windows.net` or `azure.com` a host
/// may have a tenant's name in it.
const MICROSOFT: [&str; 10] = [
    "admin.microsoft.com",
    "entra.microsoft.com",
    "graph.windows.net",
    "login.microsoftonline.com",
    "management.azure.com",
    "management.chinacloudapi.cn",
    "management.core.windows.net",
    "management.usgovcloudapi.net",
    "portal.azure.com",
    "portal.azure.us",
];

/// Where a request went.
struct Place {
    cloud: Cloud,
    surface: Surface,
    /// The version of Graph, or `api`.
    root: String,
    path: Vec<String>,
    query: Vec<(String, String)>,
}

/// Returns the exchanges of an entry that are about password reset, methods, groups or writeback; most have none.
pub(super) fn exchanges(entry: &Value, recording: &mut Recording) -> Vec<Exchange> {
    let (request, response) = (&entry["request"], &entry["response"]);
    let url = request["url"].as_str().and_then(|url| Url::parse(url).ok());
    let Some(place) = url.as_ref().and_then(Place::of) else { return Vec::new() };
    let method = request["method"].as_str().unwrap_or_default().to_ascii_uppercase();
    // A browser asks whether it may ask.
    if ["OPTIONS", "HEAD", ""].contains(&method.as_str()) {
        return Vec::new();
    }
    let headers = headers(&request["headers"]);
    let token = headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_str());
    let claims =
        token.map(|token| Claims::of(token.trim_start_matches("Bearer ").trim_start_matches("bearer ")));
    let started = entry["startedDateTime"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let took = entry["time"].as_f64().filter(|took| (0.0..1e9).contains(took));
    let status = response["status"].as_u64().or_else(|| response["status"].as_str()?.parse().ok());
    let whole = Exchange {
        surface: place.surface,
        method,
        status: Some(status.and_then(|status| u16::try_from(status).ok()).unwrap_or(0)),
        started,
        ended: started
            .zip(took)
            .map(|(at, took)| at.saturating_add(Duration::from_secs_f64(took / 1e3)).unwrap_or(at)),
        audience: claims
            .as_ref()
            .map_or(Audience::NotSeen, |claims| audience(claims, place.surface, place.cloud)),
        tenant: claims.and_then(|claims| claims.tenant).map(|tenant| tenant.to_string()),
        has_request_id: (!headers.is_empty()).then(|| {
            headers.iter().any(|(name, value)| name == "x-ms-client-request-id" && !value.is_empty())
        }),
        sent: sent(request),
        answered: answered(response),
        path: place.path.clone(),
        query: place.query.clone(),
    };
    let is_batch = place.surface == Surface::Graph && place.path.iter().map(String::as_str).eq(["$batch"]);
    let exchanges = if is_batch { parts(whole, &place) } else { vec![whole] };
    let exchanges: Vec<_> =
        exchanges.into_iter().filter(|exchange| is_about(exchange.surface, &exchange.path)).collect();
    note(&exchanges, place.cloud, recording);
    exchanges
}

fn note(exchanges: &[Exchange], cloud: Cloud, recording: &mut Recording) {
    for exchange in exchanges {
        let bodies = [&exchange.sent, &exchange.answered];
        recording.looked_at += 1;
        recording.without_token += usize::from(exchange.audience == Audience::NotSeen);
        recording.without_body += usize::from(bodies.contains(&&Body::NotSeen));
        recording.cut += usize::from(bodies.contains(&&Body::Cut));
        recording.first = [recording.first, exchange.started].into_iter().flatten().min();
    }
    if !exchanges.is_empty() && !recording.clouds.contains(&cloud.as_str()) {
        recording.clouds.push(cloud.as_str());
    }
}

impl Place {
    /// Returns where a request went; `None` where that is neither API of any cloud.
    fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.to_ascii_lowercase();
        let is_at = |root: &str| root.strip_prefix("https://") == Some(host.as_str());
        let found = Cloud::ALL.into_iter().find_map(|cloud| {
            let surface = if is_at(cloud.graph()) {
                Surface::Graph
            } else {
                Some(Surface::Portal).filter(|_| is_at(cloud.portal()))?
            };
            Some((cloud, surface))
        });
        let (cloud, surface) = found?;
        let mut segments = segments(url);
        if segments.is_empty() {
            return None;
        }
        let root = segments.remove(0).to_ascii_lowercase();
        let is_root = match surface {
            Surface::Portal => root == "api",
            Surface::Graph => ["v1.0", "beta"].contains(&root.as_str()),
        };
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
        is_root.then(|| Self { cloud, surface, root, path: canonical(segments), query: query.collect() })
    }
}

/// Returns the segments of a path, decoded. `policies('x')` is `policies` and `x`, and of `report(from='x')` the
/// arguments are left out.
fn segments(url: &Url) -> Vec<String> {
    let mut all = Vec::new();
    for segment in url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()) {
        let segment = decoded(segment);
        match segment.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
            Some((name, key)) => {
                all.push(name.to_owned());
                let key = key.trim_matches('\'');
                if !key.is_empty() && !key.contains('=') {
                    all.push(key.to_owned());
                }
            }
            None => all.push(segment),
        }
    }
    all
}

/// Returns a path of Graph's in the spelling of the list: the beta has one policy inside of itself, and another at the
/// top as well (facts 1.1).
fn canonical(mut path: Vec<String>) -> Vec<String> {
    let is = |at: usize, name: &str| path.get(at).is_some_and(|segment| segment.eq_ignore_ascii_case(name));
    if is(1, "authorizationPolicy") && is(2, "authorizationPolicy") {
        path.truncate(2);
    } else if is(0, "authenticationMethodsPolicy") {
        path.insert(0, "policies".to_owned());
    }
    path
}

/// Decodes `%24` and the like.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, behind) {
            (b'%', [high, low, ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns headers, their names in lower case: a list of names and values, or an object as some programs write it.
fn headers(headers: &Value) -> Vec<(String, String)> {
    let pair = |name: Option<&str>, value: &Value| {
        Some((name?.to_ascii_lowercase(), value.as_str().unwrap_or_default().trim().to_owned()))
    };
    match headers {
        Value::Array(all) => all.iter().filter_map(|one| pair(one["name"].as_str(), &one["value"])).collect(),
        Value::Object(all) => all.iter().filter_map(|(name, value)| pair(Some(name), value)).collect(),
        _ => Vec::new(),
    }
}

fn sent(request: &Value) -> Body {
    let data = &request["postData"];
    match data["text"].as_str() {
        Some(text) if !text.is_empty() => body(text, data["encoding"].as_str(), None),
        _ => match request["bodySize"].as_i64() {
            Some(1..) => Body::NotSeen,
            // A browser that leaves bodies out says so, and its size is that of nothing.
            _ if data["comment"].is_string() => Body::NotSeen,
            _ => Body::Nothing,
        },
    }
}

fn answered(response: &Value) -> Body {
    let content = &response["content"];
    let size = content["size"].as_i64();
    match content["text"].as_str() {
        Some(text) if !text.is_empty() => body(text, content["encoding"].as_str(), size),
        // The statuses that have none.
        _ if [Some(204), Some(205), Some(304)].contains(&response["status"].as_u64()) => Body::Nothing,
        Some(_) if size.unwrap_or(0) <= 0 => Body::Nothing,
        None if size == Some(0) && content["comment"].is_null() => Body::Nothing,
        _ => Body::NotSeen,
    }
}

/// Returns a body. JSON that does not end was cut where it is shorter than it was, or by this tool.
fn body(text: &str, encoding: Option<&str>, size: Option<i64>) -> Body {
    let decoded = match encoding {
        Some(encoding) if encoding.eq_ignore_ascii_case("base64") => {
            let bytes = azure_core::base64::decode(text.trim());
            bytes.ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => Some(text.to_owned()),
    };
    let Some(text) = decoded else { return Body::Cut };
    let text = text.trim().trim_start_matches(crate::text::BOM);
    match serde_json::from_str(text) {
        Ok(json) => Body::Json(json),
        Err(error) if error.is_eof() || size.is_some_and(|size| size > text.len() as i64) => Body::Cut,
        Err(_) => Body::Other,
    }
}

/// Returns whom a token is for: by its claims alone, which nobody checked.
pub fn audience(claims: &Claims, surface: Surface, cloud: Cloud) -> Audience {
    let Some(told) = claims.audience.as_deref() else { return Audience::NotSeen };
    let told = told.trim_end_matches('/');
    let is_believed = match surface {
        Surface::Portal => cloud.portal_audience().is_some_and(|known| known.eq_ignore_ascii_case(told)),
        Surface::Graph => told.eq_ignore_ascii_case(cloud.graph()) || told == GRAPH.to_string(),
    };
    if is_believed {
        return Audience::Believed;
    }
    let tenant = claims.tenant.map(|tenant| tenant.to_string());
    let is_own = [tenant.as_deref(), claims.object_id.as_deref()].contains(&Some(told));
    let host = Url::parse(told).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    let apis = Cloud::ALL.iter().flat_map(|cloud| [cloud.graph(), cloud.portal()]);
    let mut known = apis.filter_map(|root| root.strip_prefix("https://")).chain(MICROSOFT);
    let host = host.filter(|host| known.any(|known| known == host));
    Audience::Other(match (uuid::Uuid::try_parse(told), host) {
        (Ok(id), _) if !is_own => id.to_string(),
        (_, Some(host)) => host,
        _ => "something that is no id of an application".to_owned(),
    })
}

/// Returns the exchanges within a batch. Of a part whose answer is not in the file it is unknown how it ended.
fn parts(mut whole: Exchange, place: &Place) -> Vec<Exchange> {
    // Each part is a copy of the rest.
    let (sent, answered) = (std::mem::take(&mut whole.sent), std::mem::take(&mut whole.answered));
    let Some(requests) = sent.json().and_then(|sent| sent["requests"].as_array()) else {
        return Vec::new();
    };
    let answers = answered.json().and_then(|answered| answered["responses"].as_array());
    let answer_of = |id: &Value| {
        let mut found = answers.into_iter().flatten();
        found.find(|answer| answer["id"] == *id && !id.is_null())
    };
    let part = |request: &Value| {
        let relative = request["url"].as_str()?.trim_start_matches('/');
        let root = format!("{}/{}/", place.cloud.graph(), place.root);
        let at = Place::of(&Url::parse(&root).ok()?.join(relative).ok()?)?;
        let method = request["method"].as_str().unwrap_or("GET").to_ascii_uppercase();
        let answer = answer_of(&request["id"]);
        let some = |body: &Value| if body.is_null() { Body::Nothing } else { Body::Json(body.clone()) };
        let status = answer.and_then(|answer| answer["status"].as_u64());
        (at.surface == Surface::Graph).then(|| Exchange {
            method,
            path: at.path,
            query: at.query,
            status: Some(status.and_then(|status| u16::try_from(status).ok()).unwrap_or(0)),
            sent: some(&request["body"]),
            answered: answer.map_or(Body::NotSeen, |answer| some(&answer["body"])),
            ..whole.clone()
        })
    };
    let is_refused = !whole.is_done();
    requests.iter().take(PARTS).filter(|_| !is_refused).filter_map(part).collect()
}
