//! A visit to the pretend portal, as a browser records it: the pages of password reset are opened, something is changed on
//! each, and saved. The requests go to the sandbox's own face, over HTTP.

mod dialect;
mod script;

pub use dialect::Browser;

use jiff::Timestamp;

use super::Sandbox;

/// How a visit is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Whose file it is.
    pub browser: Browser,
    /// Whether tokens and cookies are in it. Firefox always writes them.
    pub is_sensitive: bool,
    /// When it begins.
    pub began: Timestamp,
}

/// Why a visit came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// The sandbox did not answer.
    #[error("the sandbox did not answer")]
    NoAnswer(#[from] reqwest::Error),
}

/// A request of the visit and its answer.
#[derive(Clone, Debug)]
struct Request {
    method: String,
    /// As the browser sees it: at one of Microsoft's hosts.
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    status: u16,
    answer_headers: Vec<(String, String)>,
    answer: String,
    mime: String,
    /// What Chromium calls what it is for.
    kind: &'static str,
}

impl Sandbox {
    /// Visits the pretend portal and returns what a browser would save of it.
    ///
    /// # Errors
    /// No answer came at all.
    pub async fn record_visit(&self, visit: Visit) -> Result<String, VisitError> {
        let requests = script::run(self).await?;
        Ok(dialect::file(&requests, visit))
    }
}
