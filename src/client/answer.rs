//! An HTTP answer: JSON, a bare number, or something that does not belong there.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::client_exception::code_and_message;
use super::error::{Call, ClientError, ServiceDetail};
use super::redact_tokens::{said, without_tokens};
use super::retry::retry_after;
use super::sign_in::claims_challenge;
use crate::tenant::MOST_NESTED;

#[derive(Debug)]
pub(super) struct Answer {
    call: Box<Call>,
    headers: HeaderMap,
    body: Vec<u8>,
    /// What the request was signed with: no word of the answer may repeat it.
    token: HeaderValue,
}

/// One page of a list, and where the next is.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a page of a list")]
pub(super) struct Page<T> {
    /// The rows that could be read.
    #[serde(rename = "value")]
    pub(super) rows: Vec<T>,
    /// How many could not; a list that is `null` counts as one.
    #[serde(skip)]
    pub(super) odd: u64,
    /// How many the whole query has, where the service counted.
    #[serde(rename = "@odata.count")]
    pub(super) count: Option<u64>,
    #[serde(rename = "@odata.nextLink")]
    pub(super) next_link: Option<String>,
}

/// A page whose rows are yet to be read, each for itself.
#[derive(Deserialize)]
#[serde(expecting = "a page of a list")]
struct UnreadPage<'a> {
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(borrow, rename = "@odata.count")]
    count: Option<&'a RawValue>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

impl<T: DeserializeOwned> Page<T> {
    /// Reads a page. Only where something in it is odd is each row read for itself: that takes twice as long.
    fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        match serde_json::from_slice(body) {
            Err(error) if error.is_data() => Self::read_rows(body),
            read => read,
        }
    }

    fn read_rows(body: &[u8]) -> Result<Self, serde_json::Error> {
        let page: UnreadPage<'_> = serde_json::from_slice(body)?;
        let unread: Option<Vec<&RawValue>> = serde_json::from_str(page.value.get())?;
        let all = unread.as_ref().map_or(1, Vec::len);
        let rows = unread.iter().flatten().filter_map(|row| serde_json::from_str(row.get()).ok());
        let rows: Vec<T> = rows.collect();
        let odd = (all - rows.len()) as u64;
        let count = page.count.and_then(|count| serde_json::from_str(count.get()).ok());
        Ok(Self { rows, odd, count, next_link: page.next_link })
    }
}

impl Answer {
    pub(super) fn new(call: Box<Call>, headers: HeaderMap, body: Vec<u8>, token: HeaderValue) -> Self {
        Self { call, headers, body: without_mark(body), token }
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        self.read(|body| serde_json::from_slice(body))
    }

    /// Returns the answer's page of a list. A row that cannot be read is left out, and counted.
    pub(super) fn page<T: DeserializeOwned>(&self) -> Result<Page<T>, ClientError> {
        self.read(Page::read)
    }

    fn read<T>(&self, read: impl Fn(&[u8]) -> Result<T, serde_json::Error>) -> Result<T, ClientError> {
        if let Some(other) = self.content_type().filter(|kind| !is_json(kind)) {
            let what = if other.contains("html") { "an HTML page".to_owned() } else { self.said(other, 60) };
            return Err(self.unreadable(&format!("not JSON but {what}")));
        }
        // What serde says of a text it did not expect has all of the text in it.
        let described = |error: &serde_json::Error| self.said(&error.to_string(), 200);
        match read(&self.body) {
            // An error in the clothes of a success: whatever `T` made of it is not the answer.
            _ if self.starts_as_an_error() => Err(self.unreadable("a success that carries an error")),
            Ok(parsed) => Ok(parsed),
            Err(error) if error.is_data() => {
                Err(self.unreadable(&format!("not the JSON expected ({})", described(&error))))
            }
            // How serde_json says so; a body that is too deep the first time is too deep the next.
            Err(error) if error.to_string().starts_with("recursion limit") => {
                Err(self.unreadable(&format!("JSON that is nested more than {MOST_NESTED} deep")))
            }
            // What ends too soon may have lost its end on the way; what is wrong before that was sent so.
            Err(error) if error.is_eof() => {
                Err(self.unusable(&format!("broken JSON ({})", described(&error)), true))
            }
            Err(error) => Err(self.unreadable(&format!("broken JSON ({})", described(&error)))),
        }
    }

    /// Returns the answer's bare number, as `$count` gives it.
    pub(super) fn count(&self) -> Result<u64, ClientError> {
        let text = String::from_utf8_lossy(&self.body);
        text.trim().parse().map_err(|_| self.unreadable("not a count"))
    }

    /// Returns whether the answer repeats the request's own id, in a header of this name.
    pub(super) fn echoes_id_in(&self, header: &str) -> bool {
        self.headers.get(header).is_some_and(|id| *id == *self.call.client_request_id)
    }

    /// Checks that a write was answered with `true`, as the admin centre does (facts 2026-11 F).
    ///
    /// # Errors
    /// It was answered with anything else.
    pub(super) fn confirm_write(&self) -> Result<(), ClientError> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Bool(true)) => Ok(()),
            _ => Err(ClientError::Unconfirmed { call: self.call.clone(), came: self.came() }),
        }
    }

    /// Returns whether a write was answered with `false`.
    pub(super) fn denies_write(&self) -> bool {
        matches!(serde_json::from_slice(&self.body), Ok(Value::Bool(false)))
    }

    /// Returns the error of an answer that is whole and yet not what the service promises.
    pub(super) fn unreadable(&self, problem: &str) -> ClientError {
        self.unusable(problem, false)
    }

    fn said(&self, text: &str, limit: usize) -> String {
        said(text, limit, bearer(&self.token))
    }

    fn unusable(&self, problem: &str, is_broken: bool) -> ClientError {
        ClientError::Unreadable {
            call: self.call.clone(),
            problem: format!("{}; came {}", without_tokens(problem, bearer(&self.token)), self.came()),
            is_broken,
        }
    }

    fn came(&self) -> String {
        match self.body.as_slice() {
            [] => "an empty body".to_owned(),
            body => format!("`{}`", beginning(body, bearer(&self.token))),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    pub(super) fn endless(&self, problem: String) -> ClientError {
        ClientError::Endless { call: self.call.clone(), problem }
    }

    fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok().filter(|kind| !kind.trim().is_empty())
    }

    /// Looks at the first key alone, so that a page of a thousand people is not read twice.
    fn starts_as_an_error(&self) -> bool {
        let start = &self.body[..self.body.len().min(40)];
        let start: String = String::from_utf8_lossy(start).split_whitespace().collect();
        start.starts_with(r#"{"error":{"#) || start.starts_with(r#"{"ClassName":"Microsoft.Portal"#)
    }
}

/// Returns what a body begins with, for people; the rest of it may be long.
fn beginning(body: &[u8], own: &str) -> String {
    said(&String::from_utf8_lossy(&body[..body.len().min(4000)]), 120, own)
}

/// Returns the token of an `Authorization` header.
fn bearer(header: &HeaderValue) -> &str {
    let header = header.to_str().unwrap_or_default();
    header.strip_prefix("Bearer ").unwrap_or(header)
}

/// The byte order mark in UTF-8. Graph puts one before the digits of a count; .NET's encoders, before JSON.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns a body without the mark before it.
pub(super) fn without_mark(mut body: Vec<u8>) -> Vec<u8> {
    if body.starts_with(MARK) {
        body.drain(..MARK.len());
    }
    body
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

/// Reads the service's own words. Graph: `{"error":{"code","message"}}`; the admin centre gives a `ClientException`, or
/// plain text. `token` is the `Authorization` header they answer to.
pub(super) fn detail(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    token: &HeaderValue,
) -> ServiceDetail {
    let own = bearer(token);
    let shown = |text: &str| said(text, 300, own);
    let words = |value: Option<&Value>| value.and_then(Value::as_str).map(shown);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let body = body.strip_prefix(MARK).unwrap_or(body);
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let error =
        json.as_ref().and_then(|json| json.get("error")).filter(|error| error.is_object()).or(json.as_ref());
    let (code, message) = match error {
        Some(error) => match code_and_message(error) {
            Some((code, message)) => (code.map(shown), message.map(shown)),
            None => {
                let capital = || error.get("Message");
                (words(error.get("code")), words(error.get("message").or_else(capital)))
            }
        },
        None if body.is_empty() => (None, None),
        None => (None, Some(beginning(body, own))),
    };
    let challenge = header(WWW_AUTHENTICATE.as_str()).and_then(claims_challenge);
    let speaks_of_it = |text: &Option<String>| {
        let words = ["InteractionRequired", "insufficient_claims", "Continuous access evaluation"];
        text.as_deref().is_some_and(|text| words.iter().any(|word| text.contains(word)))
    };
    let is_refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
    let mut ids = ["request-id", "x-ms-correlation-id", "x-ms-request-id"].into_iter();
    ServiceDetail {
        is_challenge: is_refused && (challenge.is_some() || speaks_of_it(&code) || speaks_of_it(&message)),
        code,
        message,
        request_id: ids.find_map(|name| Some((name, said(header(name)?, 80, own)))),
        retry_after: retry_after(headers, jiff::Timestamp::now()),
        redirect: header(LOCATION.as_str())
            .filter(|_| status.is_redirection())
            .map(|location| host_of(location, own)),
        challenge,
    }
}

/// Returns the host a redirect points to; the rest of its URL can hold secrets.
fn host_of(location: &str, own: &str) -> String {
    let host = Url::parse(location).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.map_or_else(|| "another path".to_owned(), |host| said(&host, 100, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content_type: &str, body: &str) -> Answer {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().unwrap())]);
        Answer::new(
            Box::new(Call::example()),
            headers,
            body.as_bytes().to_vec(),
            HeaderValue::from_static("Bearer t"),
        )
    }

    fn problem(content_type: &str, body: &str) -> String {
        answer(content_type, body).json::<Value>().unwrap_err().to_string()
    }

    #[test]
    fn says_what_came_in_place_of_json() {
        for (content_type, body, said) in [
            ("text/html; charset=utf-8", "<html>Sign in</html>", "not JSON but an HTML page; came `<html>"),
            ("text/plain", "hello", "not JSON but text/plain; came `hello`"),
            ("application/json", "", "came an empty body"),
            ("application/json", r#"{"value": ["#, "broken JSON"),
            ("application/json", r#"{ "error": {"code": "x"}}"#, "a success that carries an error"),
            ("application/json", "\u{1b}[31m", r"\u{1b}[31m"),
        ] {
            assert!(problem(content_type, body).contains(said), "{}", problem(content_type, body));
        }
    }

    #[test]
    fn takes_every_name_of_json_and_none_at_all() {
        for content_type in
            ["application/json;odata.metadata=minimal", "text/json", "application/problem+json", ""]
        {
            assert_eq!(answer(content_type, "[1]").json::<Vec<u8>>().unwrap(), [1]);
        }
    }

    #[test]
    fn a_byte_order_mark_before_an_answer_is_no_part_of_it() {
        assert_eq!(answer("application/json", "\u{feff}[1]").json::<Vec<u8>>().unwrap(), [1]);
        assert_eq!(answer("text/plain", "\u{feff}12").count().unwrap(), 12);
        let error = "\u{feff}{ \"error\": {\"code\": \"x\"}}";
        assert!(problem("application/json", error).contains("a success that carries an error"));
        let detail = detail(
            StatusCode::FORBIDDEN,
            &HeaderMap::new(),
            error.as_bytes(),
            &HeaderValue::from_static("Bearer t"),
        );
        assert_eq!(detail.code.as_deref(), Some("x"));
    }

    #[test]
    fn a_broken_body_is_distinguished_from_a_wrong_one() {
        let is_broken = |body| {
            let error = answer("application/json", body).json::<Vec<u8>>().unwrap_err();
            matches!(error, ClientError::Unreadable { is_broken: true, .. })
        };
        assert!(is_broken("[1, 2"));
        assert!(is_broken(""));
        assert!(!is_broken(r#"{"value": 1}"#));
        assert!(!is_broken("<html>"));
        assert!(!is_broken(&"[".repeat(150)));
        assert!(problem("application/json", &"[".repeat(150)).contains("nested more than 64 deep"));
        let error = answer("application/json", "[]").page::<u8>().unwrap_err().to_string();
        assert!(error.contains("expected a page of a list"), "{error}");
    }

    #[test]
    fn no_word_of_an_answer_repeats_the_token_it_was_asked_with() {
        let token = HeaderValue::from_static("Bearer opaque-token-of-this-run-which-is-no-jwt");
        let repeated = "Bearer opaque-token-of-this-run-which-is-no-jwt";
        let headers = HeaderMap::from_iter([("request-id".parse().unwrap(), repeated.parse().unwrap())]);
        for body in [
            format!("<html>You sent {repeated}</html>"),
            format!(r#"{{"error":{{"code":"{repeated}","message":"no: {repeated}"}}}}"#),
            format!(r#"{{"Message":"{repeated}"}}"#),
        ] {
            let described = detail(StatusCode::FORBIDDEN, &headers, body.as_bytes(), &token).to_string();
            assert!(described.contains("(token not shown)") && !described.contains("opaque"), "{described}");
            let answer =
                Answer::new(Box::new(Call::example()), HeaderMap::new(), body.into_bytes(), token.clone());
            let described = answer.json::<Vec<u8>>().unwrap_err().to_string();
            assert!(described.contains("(token not shown)") && !described.contains("opaque"), "{described}");
        }
    }

    #[test]
    fn shows_a_redirects_host_and_no_more_of_it() {
        let headers =
            HeaderMap::from_iter([(LOCATION, "https://login.example/x?code=secret".parse().unwrap())]);
        let detail =
            detail(StatusCode::FOUND, &headers, b"", &HeaderValue::from_static("Bearer t")).to_string();
        assert!(detail.contains("login.example") && !detail.contains("secret"), "{detail}");
    }
}
