//! Fetches lists, which Graph answers page by page.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;

use super::GraphReader;
use crate::client::ClientError;
use crate::client::answer::{Answer, Page};
use crate::client::transport::Request;

/// Pages a list may have: 20 million people at 999 to a page.
const MOST_PAGES: usize = 20_000;
/// Pages of a list that may have no row; a service that filters hands some out.
const MOST_EMPTY_PAGES: usize = 1_000;
/// Rows of a list that is held in memory.
const MOST_ROWS_HELD: usize = 1_000_000;
/// What its pages may have together, in the largest answers there may be: 256 MiB.
const MOST_ANSWERS_HELD: usize = 4;

/// Where the next page of a list is. It knows the pages before it: a list that comes back to one of them would never
/// end, and is refused.
#[derive(Clone, Debug)]
pub struct NextPage {
    link: String,
    seen: Arc<Mutex<Seen>>,
}

/// The pages of one list so far, in a few bytes each.
#[derive(Debug, Default)]
struct Seen {
    hasher: RandomState,
    links: HashSet<u64>,
    empty: usize,
}

impl Seen {
    /// Takes the link behind a page; an error is how it is seen that the list does not end.
    fn take(&mut self, link: &str, is_empty: bool) -> Result<(), String> {
        self.empty += usize::from(is_empty);
        if !self.links.insert(self.hasher.hash_one(link)) {
            return Err("it links to a page that was read before".to_owned());
        }
        if self.links.len() > MOST_PAGES || self.empty > MOST_EMPTY_PAGES {
            return Err(format!(
                "it has {} pages and more, {} of them empty",
                self.links.len() - 1,
                self.empty
            ));
        }
        Ok(())
    }
}

impl PartialEq for NextPage {
    fn eq(&self, other: &Self) -> bool {
        self.link == other.link
    }
}

impl Eq for NextPage {}

/// A list, as far as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T> {
    /// The rows that could be read.
    pub rows: Vec<T>,
    /// How many could not. What depends on all of them is unknown then.
    pub odd: u64,
    /// Whether the list has no more pages.
    pub is_all: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), odd: 0, is_all: true }
    }
}

impl<T> List<T> {
    /// Returns the list with each row made into something else.
    pub(super) fn map<U>(self, make: impl FnMut(T) -> U) -> List<U> {
        List { rows: self.rows.into_iter().map(make).collect(), odd: self.odd, is_all: self.is_all }
    }
}

impl GraphReader {
    /// Fetches a list to its end, each page as the first was asked for. A page can be empty and still not be the
    /// last.
    pub(super) async fn fetch_all<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<List<T>, ClientError> {
        self.fetch_while(request, |_| true).await
    }

    pub(super) async fn fetch_pages<T: DeserializeOwned>(
        &self,
        request: Request,
        pages: usize,
    ) -> Result<List<T>, ClientError> {
        let mut left = pages;
        self.fetch_while(request, |_| {
            left = left.saturating_sub(1);
            left > 0
        })
        .await
    }

    /// Fetches pages of a list as long as more are wanted than have come.
    pub(super) async fn fetch_while<T: DeserializeOwned>(
        &self,
        mut request: Request,
        mut wants_more: impl FnMut(&[T]) -> bool,
    ) -> Result<List<T>, ClientError> {
        let mut list = List::default();
        let mut before: Option<NextPage> = None;
        let (mut bytes, most_bytes) = (0, self.transport.config.body_limit.saturating_mul(MOST_ANSWERS_HELD));
        loop {
            let (page, next, answer) = self.fetch_page(request.clone(), before.as_ref()).await?;
            bytes += answer.len();
            if bytes > most_bytes {
                return Err(answer.endless(format!("it has more than {most_bytes} bytes")));
            }
            list.rows.extend(page.rows);
            list.odd += page.odd;
            if list.rows.len() > MOST_ROWS_HELD {
                return Err(answer.endless(format!("it has {} rows and more", list.rows.len())));
            }
            let Some(next) = next else { return Ok(list) };
            if !wants_more(&list.rows) {
                list.is_all = false;
                return Ok(list);
            }
            request.url = self.transport.page(&next.link)?.url;
            before = Some(next);
        }
    }

    /// Fetches one page of a list: the first, or the one `before` led to. The only way to a next page is through what
    /// this returns, so that no reading can miss that it goes in circles.
    pub(super) async fn fetch_page<T: DeserializeOwned>(
        &self,
        request: Request,
        before: Option<&NextPage>,
    ) -> Result<(Page<T>, Option<NextPage>, Answer), ClientError> {
        let seen = match before {
            Some(before) => Arc::clone(&before.seen),
            None => {
                let mut seen = Seen::default();
                seen.links.insert(seen.hasher.hash_one(request.url.as_str()));
                Arc::new(Mutex::new(seen))
            }
        };
        let (mut page, answer) = self.transport.fetch_page::<T>(request).await?;
        let Some(link) = page.next_link.take() else { return Ok((page, None, answer)) };
        let taken = seen.lock().unwrap_or_else(PoisonError::into_inner).take(&link, page.rows.is_empty());
        taken.map_err(|problem| answer.endless(problem))?;
        Ok((page, Some(NextPage { link, seen }), answer))
    }

    /// Returns the request for a next page.
    ///
    /// # Errors
    /// The link leads to another host.
    pub(super) fn next_request(&self, next: &NextPage) -> Result<Request, ClientError> {
        self.transport.page(&next.link)
    }

    /// Makes each attempt of a request wait for its turn: the report and audit endpoints share a limit.
    pub(super) fn in_turn(&self, mut request: Request) -> Request {
        request.rate_limiter = Some(self.reports.clone());
        request
    }

    /// Fetches from an endpoint that shares the report limit, each attempt when its turn comes.
    pub(super) async fn fetch_in_turn<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<(T, Answer), ClientError> {
        self.transport.fetch(self.in_turn(request)).await
    }
}

/// Graph refuses an OData cast without it, and on every page.
pub(super) fn eventual(mut request: Request) -> Request {
    request.headers.insert("ConsistencyLevel", HeaderValue::from_static("eventual"));
    request
}

/// How many characters of a name are kept. Graph's own limits are 256 and less; a longer one is not worth its room.
const MOST_OF_A_NAME: usize = 1_000;

/// Returns a name as it came, cut where it is longer than any name is.
pub(super) fn name(text: String) -> String {
    match text.char_indices().nth(MOST_OF_A_NAME) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

#[cfg(test)]
impl NextPage {
    /// Returns a next page at a link, for tests without a service.
    pub(crate) fn at(link: &str) -> Self {
        Self { link: link.to_owned(), seen: Arc::default() }
    }

    pub(crate) fn link(&self) -> &str {
        &self.link
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_comes_back_or_goes_on_for_ever_is_seen() {
        let mut seen = Seen::default();
        for link in ["a", "b", "c"] {
            seen.take(link, false).unwrap();
        }
        assert!(seen.take("b", false).is_err());
        let mut empty = Seen::default();
        let end = (0..).find(|at| empty.take(&at.to_string(), true).is_err());
        assert_eq!(end, Some(MOST_EMPTY_PAGES));
        let mut full = Seen::default();
        let end = (0..).find(|at| full.take(&at.to_string(), false).is_err());
        assert_eq!(end, Some(MOST_PAGES));
    }

    #[test]
    fn a_name_longer_than_any_is_cut_on_a_character() {
        assert_eq!(name("Contoso".to_owned()), "Contoso");
        assert_eq!(name("ä".repeat(5_000_000)).chars().count(), MOST_OF_A_NAME + 1);
    }
}
