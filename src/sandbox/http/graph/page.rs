//! One page of a selection, written as it goes.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::selection::Selection;
use crate::sandbox::http::odata::{METADATA, Options, Refused};
use crate::sandbox::world::{Crowd, User, World};

/// Graph's largest page.
const MAX_PAGE: usize = 999;

/// Returns the host that was asked, for links back to it.
pub(super) fn host(headers: &HeaderMap) -> &str {
    headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// Answers one page of a selection.
pub(super) fn page(
    selection: &mut Selection<'_>,
    options: &Options,
    path: &str,
    host: &str,
    make: fn(Crowd, u64) -> User,
    write_row: impl Fn(&World, &User, &mut Vec<u8>) -> bool,
) -> Result<Response, Refused> {
    let filter = options.filter()?;
    let top = options.top.unwrap_or(100);
    if !(1..=MAX_PAGE).contains(&top) {
        return Err(Refused::invalid("Invalid page size specified. Must be between 1 and 999 inclusive."));
    }
    if options.orderby.as_deref().is_some_and(|orderby| orderby != "userPrincipalName") {
        return Err(Refused::unsupported("Sorting not supported for current query."));
    }
    let world = selection.world();
    let is_counted = options.count == Some(true) && options.skiptoken.is_none();
    selection.narrow(filter.as_ref(), None);
    let count = is_counted.then(|| selection.count(filter.as_ref()));
    selection.narrow(filter.as_ref(), options.skiptoken.as_deref());
    // Written as it goes: a page of a thousand people, built as a tree first, would take the sandbox longer than
    // a client that is measured with it.
    let mut answer = format!(r#"{{"@odata.context":"{METADATA}{path}","#);
    if let Some(count) = count {
        answer.push_str(&format!(r#""@odata.count":{count},"#));
    }
    answer.push_str(r#""value":["#);
    let (mut answer, mut rows, mut last, mut has_more) = (answer.into_bytes(), 0, None, false);
    selection.walk(filter.as_ref(), make, |user| {
        let before = answer.len();
        if rows > 0 {
            answer.push(b',');
        }
        if !write_row(world, user, &mut answer) || rows == top {
            has_more = rows == top && answer.len() > before + 1;
            answer.truncate(before);
            return !has_more;
        }
        rows += 1;
        last = (rows == top).then(|| world.user_principal_name(user).to_lowercase());
        true
    });
    answer.push(b']');
    if has_more {
        let link = Value::from(next_link(host, path, options, last.as_deref().unwrap_or_default()));
        answer.extend_from_slice(format!(r#","@odata.nextLink":{link}"#).as_bytes());
    }
    answer.push(b'}');
    Ok(([(CONTENT_TYPE, "application/json")], answer).into_response())
}

fn next_link(host: &str, path: &str, options: &Options, last: &str) -> String {
    let mut link = url::form_urlencoded::Serializer::new(format!("http://{host}/v1.0/{path}?"));
    let top = options.top.map(|top| top.to_string());
    let count = options.count.map(|count| count.to_string());
    let kept = [
        ("$filter", options.filter.as_deref()),
        ("$select", options.select.as_deref()),
        ("$orderby", options.orderby.as_deref()),
        ("$top", top.as_deref()),
        ("$count", count.as_deref()),
        ("$skiptoken", Some(last)),
    ];
    for (name, value) in kept {
        if let Some(value) = value {
            link.append_pair(name, value);
        }
    }
    link.finish()
}
