//! What a browser that comes back from a sign-in is answered. Pure: one request in, one answer out.

use maud::{DOCTYPE, html};
use secrecy::SecretString;
use url::form_urlencoded;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    pub(super) content_type: Option<&'a str>,
    pub(super) body: &'a [u8],
}

/// What this sign-in, and no other, is answered with.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) state: String,
    pub(super) port: u16,
}

/// What a sign-in ended with.
#[derive(Debug)]
pub(super) enum Came {
    Code(SecretString),
    /// What the service said instead.
    Ended {
        /// Its word for it, such as `access_denied`.
        error: String,
        /// Its sentence.
        description: String,
    },
}

/// What a request comes to.
#[derive(Debug)]
pub(super) enum Answer {
    /// This sign-in's own answer. The page waits until it is known what becomes of it.
    Ours(Came),
    /// Something else; this sign-in is waited for still.
    Page(Page),
    /// Something that should not have come, which is told; this sign-in is waited for still.
    Suspicious(Page, &'static str),
}

/// A page without script, style or anything of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) status: u16,
    title: &'static str,
    text: &'static str,
}

impl Page {
    pub(super) const DONE: Self = Self {
        status: 200,
        title: "Signed in to sspr",
        text: "You can close this window. The terminal says what comes next.",
    };
    pub(super) const REFUSED: Self = Self {
        status: 200,
        title: "sspr did not take this sign-in",
        text: "Nothing was kept. You can close this window; the terminal says why.",
    };
    pub(super) const TOO_LATE: Self = Self {
        status: 409,
        title: "This sign-in is over",
        text: "Nothing was kept of what just came. The terminal says what became of the sign-in.",
    };
    pub(super) const TOO_MUCH: Self =
        Self { status: 413, title: "Too much", text: "This is more than a sign-in answers with." };
    pub(super) const TOO_SLOW: Self =
        Self { status: 408, title: "Too slow", text: "The rest of the request did not come." };
    const NOT_FOUND: Self =
        Self { status: 404, title: "Nothing here", text: "sspr waits here for a sign-in to come back." };
    const IN_THE_ADDRESS: Self = Self {
        status: 400,
        title: "sspr takes no code from an address",
        text: "A sign-in code came in the address bar, where it can be copied. It was not used. If somebody asked you to \
               copy an address from here, do not: it would let them sign in as you.",
    };
    const NOT_OURS: Self = Self {
        status: 400,
        title: "This is not the sign-in that sspr waits for",
        text: "It was not used. Begin again from the address in the terminal.",
    };
    const NO_ANSWER: Self = Self {
        status: 400,
        title: "This is no answer of a sign-in",
        text: "It was not used. Begin again from the address in the terminal.",
    };

    pub(super) fn html(self) -> String {
        html! {
            (DOCTYPE)
            html lang="en" {
                head { meta charset="utf-8"; title { (self.title) } }
                body { h1 { (self.title) } p { (self.text) } }
            }
        }
        .into_string()
    }
}

/// Returns what a request is answered with. Only a form's body can bring the code, and only with the state of this
/// sign-in; whatever else comes changes nothing.
pub(super) fn answer(request: &Request<'_>, expected: &Expected) -> Answer {
    let is_host = |host: &str| {
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host == format!("{name}:{}", expected.port))
    };
    if request.path != "/" || !request.host.is_some_and(is_host) {
        return Answer::Page(Page::NOT_FOUND);
    }
    let in_address = Fields::of(request.query.unwrap_or_default().as_bytes());
    if in_address.has("code") {
        return Answer::Suspicious(
            Page::IN_THE_ADDRESS,
            "a code came in the address bar, and was not used: it can be copied from there. If somebody asked you to \
             copy it, do not",
        );
    }
    let fields = match (request.method, request.content_type.is_some_and(is_form)) {
        ("POST", true) => Fields::of(request.body),
        ("POST", false) => return Answer::Page(Page::NO_ANSWER),
        // Where the service cannot make a form, it tells an error this way.
        ("GET", _) if in_address.has("error") => in_address,
        _ => return Answer::Page(Page::NOT_FOUND),
    };
    let is_ours = fields.one("state") == Some(expected.state.as_str());
    match (fields.one("code"), fields.one("error")) {
        (Some(_), None) | (None, Some(_)) if !is_ours => Answer::Suspicious(
            Page::NOT_OURS,
            "an answer came that is not this sign-in's (another state), and was not used",
        ),
        (Some(code), None) if is_code(code) => Answer::Ours(Came::Code(code.into())),
        (None, Some(error)) => Answer::Ours(Came::Ended {
            error: error.to_owned(),
            description: fields.one("error_description").unwrap_or_default().to_owned(),
        }),
        _ => Answer::Page(Page::NO_ANSWER),
    }
}

fn is_form(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// RFC 6749, appendix A.11: visible letters of ASCII.
fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Returns a field's value; none where it comes twice.
    fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn form(body: &str) -> Request<'_> {
        Request {
            method: "POST",
            path: "/",
            host: Some("localhost:7"),
            content_type: Some("application/x-www-form-urlencoded; charset=utf-8"),
            body: body.as_bytes(),
            query: None,
        }
    }

    fn said(request: &Request<'_>) -> String {
        match answer(request, &Expected { state: "right".to_owned(), port: 7 }) {
            Answer::Ours(Came::Code(code)) => format!("code {}", code.expose_secret()),
            Answer::Ours(Came::Ended { error, description }) => format!("ended {error}: {description}"),
            Answer::Page(page) => page.status.to_string(),
            Answer::Suspicious(page, _) => format!("{}, logged", page.status),
        }
    }

    #[test]
    fn only_a_form_with_the_right_state_brings_the_code() {
        assert_eq!(said(&form("code=0.A-b_c&state=right&session_state=x")), "code 0.A-b_c");
        for (body, expected) in [
            ("code=c&state=wrong", "400, logged"),
            ("code=c", "400, logged"),
            ("code=c&state=right&state=right", "400, logged"),
            ("code=c&code=d&state=right", "400"),
            ("code=&state=right", "400"),
            ("code=a%0ab&state=right", "400"),
            ("code=c&error=e&state=right", "400"),
            ("state=right", "400"),
            ("", "400"),
        ] {
            assert_eq!(said(&form(body)), expected, "{body}");
        }
        let body = "code=c&state=right";
        for (request, expected) in [
            (Request { content_type: Some("text/plain"), ..form(body) }, "400"),
            (Request { content_type: None, ..form(body) }, "400"),
            (Request { method: "PUT", ..form(body) }, "404"),
            (Request { path: "/favicon.ico", method: "GET", ..form("") }, "404"),
            (Request { path: "/callback", ..form(body) }, "404"),
            (Request { host: Some("rebound.example:7"), ..form(body) }, "404"),
            (Request { host: Some("localhost:8"), ..form(body) }, "404"),
            (Request { host: None, ..form(body) }, "404"),
            (Request { method: "GET", ..form("") }, "404"),
            (Request { method: "HEAD", ..form("") }, "404"),
            (Request { host: Some("127.0.0.1:7"), ..form(body) }, "code c"),
        ] {
            assert_eq!(said(&request), expected, "{request:?}");
        }
    }

    #[test]
    fn a_code_in_an_address_is_refused_whatever_comes_with_it() {
        for (method, query) in [
            ("GET", "code=c&state=right"),
            ("GET", "state=right&code="),
            ("POST", "code=c"),
            ("GET", "code=c&error=e&state=right"),
        ] {
            let request = Request { method, query: Some(query), ..form("code=c&state=right") };
            assert_eq!(said(&request), "400, logged", "{method} {query}");
        }
    }

    #[test]
    fn what_the_service_says_ends_the_sign_in_only_where_it_is_this_one() {
        let body = "error=access_denied&error_description=AADSTS65004%3A+declined&state=";
        assert_eq!(said(&form(&format!("{body}right"))), "ended access_denied: AADSTS65004: declined");
        assert_eq!(said(&form(&format!("{body}wrong"))), "400, logged");
        let query = format!("{body}right");
        let request = Request { method: "GET", query: Some(&query), ..form("") };
        assert_eq!(said(&request), "ended access_denied: AADSTS65004: declined");
        let query = format!("{body}wrong");
        assert_eq!(said(&Request { query: Some(&query), ..request }), "400, logged");
    }

    #[test]
    fn no_page_has_script_or_style() {
        for page in [Page::DONE, Page::REFUSED, Page::TOO_LATE, Page::IN_THE_ADDRESS, Page::NOT_OURS] {
            let html = page.html();
            for word in ["<script", "style", "src=", "href=", "javascript"] {
                assert!(!html.contains(word), "{html}");
            }
        }
    }
}
