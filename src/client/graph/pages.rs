//! Lists, which Graph gives a page at a time.

use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::GraphReader;
use crate::client::ClientError;
use crate::client::answer::Answer;
use crate::client::transport::Request;

/// One page of a list, and the way to the next.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) value: Vec<T>,
    #[serde(rename = "@odata.count")]
    pub(super) count: Option<u64>,
    #[serde(rename = "@odata.nextLink")]
    pub(super) next_link: Option<String>,
}

impl GraphReader {
    /// Fetches a list to its end, each page as the first was asked for. A page can be empty and still not be the
    /// last.
    pub(super) async fn fetch_all<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<Vec<T>, ClientError> {
        let (all, _) = self.fetch_while(request, |_| true).await?;
        Ok(all)
    }

    /// Fetches at most so many pages of a list, and returns whether that was all.
    pub(super) async fn fetch_pages<T: DeserializeOwned>(
        &self,
        request: Request,
        pages: usize,
    ) -> Result<(Vec<T>, bool), ClientError> {
        let mut left = pages;
        self.fetch_while(request, |_| {
            left = left.saturating_sub(1);
            left > 0
        })
        .await
    }

    /// Fetches pages of a list as long as more are wanted than have come, and returns whether that was all.
    pub(super) async fn fetch_while<T: DeserializeOwned>(
        &self,
        mut request: Request,
        mut wants_more: impl FnMut(&[T]) -> bool,
    ) -> Result<(Vec<T>, bool), ClientError> {
        let mut all = Vec::new();
        loop {
            let (page, _): (Page<T>, _) = self.transport.fetch(request.clone()).await?;
            all.extend(page.value);
            let Some(link) = page.next_link else { return Ok((all, true)) };
            if !wants_more(&all) {
                return Ok((all, false));
            }
            request.url = self.transport.page(&link)?.url;
        }
    }

    /// Makes each attempt of a request wait for its turn: the report and audit endpoints share a limit.
    pub(super) fn in_turn(&self, mut request: Request) -> Request {
        request.turnstile = Some(self.reports.clone());
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
