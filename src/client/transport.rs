//! Sends every request: sign-in, request ids, time limits, retries, and errors that show what came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::answer::{Answer, Page, detail};
use super::body::{ERROR_LIMIT, read_body};
use super::connection::{ClientConfig, is_in_clear};
use super::doctor_requests::HostSeen;
use super::error::{Call, ClientError, RefusedToken};
use super::rate_limiter::RateLimiter;
use super::retry_log::RetryLog;
use super::sign_in::{Claims, TokenSource};
use super::snapshot;
use crate::tenant::{Object, Resource, Snapshot, Surface};
use crate::text::excerpt;

/// One surface: its host, its token, and the way requests travel there.
#[derive(Debug)]
pub(super) struct Transport {
    surface: Surface,
    http: reqwest::Client,
    pub(super) root: Url,
    pub(super) tokens: Arc<TokenSource>,
    pub(super) config: ClientConfig,
    /// What is said of waits; for both surfaces, since they often wait for the same.
    retries: Arc<RetryLog>,
    /// Whether a connection was opened ahead of the first request.
    is_connecting: AtomicBool,
    /// What answers in the place of the host, where nothing is sent.
    snapshot: Option<Arc<Snapshot>>,
    /// Seconds that the host's clock is ahead of this machine's, by its last answer.
    seconds_ahead: AtomicI64,
}

/// Up to here two clocks agree: the host's time is whole seconds, and as old as its way here.
const CLOCKS_AGREE: SignedDuration = SignedDuration::from_secs(30);
/// From here on, ten years, it is no time that a host has.
const NO_CLOCK: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// A request, distinguished from the surface it goes to.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Value>,
    /// Where its attempts wait for their turn, if the endpoint has a limit of its own.
    pub(super) rate_limiter: Option<RateLimiter>,
}

impl Request {
    fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None, rate_limiter: None }
    }
}

impl Transport {
    pub(super) fn new(
        surface: Surface,
        http: reqwest::Client,
        root: Url,
        tokens: Arc<TokenSource>,
        config: ClientConfig,
        retries: Arc<RetryLog>,
    ) -> Self {
        let (is_connecting, seconds_ahead) = (AtomicBool::new(false), AtomicI64::new(0));
        Self { surface, http, root, tokens, config, retries, is_connecting, snapshot: None, seconds_ahead }
    }

    /// Answers from a snapshot from here on, and sends nothing.
    pub(super) fn answering_from(self, snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot: Some(snapshot), ..self }
    }

    /// Returns the snapshot that answers, where one does.
    pub(super) fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// Returns how far the host's clock is ahead of this machine's, by its last answer: nothing where that had no time, or
    /// where the two agree as far as can be told.
    pub(super) fn clock_ahead(&self) -> SignedDuration {
        let ahead = SignedDuration::from_secs(self.seconds_ahead.load(Ordering::Relaxed));
        if (CLOCKS_AGREE..NO_CLOCK).contains(&ahead.abs()) { ahead } else { SignedDuration::ZERO }
    }

    /// Returns a request for a path below this surface's root. Segments and query values are escaped.
    pub(super) fn request(&self, method: Method, path: &[&str], query: &[(&str, &str)]) -> Request {
        let mut url = self.root.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Request::new(method, url)
    }

    /// Returns the request for the next page, exactly as an answer named it.
    ///
    /// # Errors
    /// The link leads to another host than this surface's: the token must not go there.
    pub(super) fn page(&self, link: &str) -> Result<Request, ClientError> {
        let url = Url::parse(link).ok();
        // A user name in front of the host would be sent along, and no service puts one there.
        let is_ours = |url: &Url| {
            url.origin() == self.root.origin() && url.username().is_empty() && url.password().is_none()
        };
        match url {
            Some(url) if is_ours(&url) => Ok(Request::new(Method::GET, url)),
            url => {
                let host = url.and_then(|url| url.host_str().map(|host| excerpt(host, 100)));
                let host = host.unwrap_or_else(|| "no host".to_owned());
                Err(ClientError::ForeignLink { surface: self.surface, host })
            }
        }
    }

    /// Sends a request and returns its successful answer. A read is sent again where that is promising; a write is
    /// sent once, whatever comes: between two attempts someone can edit what it would go over.
    pub(super) async fn send(&self, request: Request) -> Result<Answer, ClientError> {
        self.send_with_retries(&request, |_| Ok(())).await.map(|((), answer)| answer)
    }

    /// Sends a request and reads the answer's JSON; one that broke off is asked for again.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<(T, Answer), ClientError> {
        self.send_with_retries(&request, Answer::json).await
    }

    /// Sends a request and reads the answer's page of a list; one that broke off is asked for again.
    pub(super) async fn fetch_page<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<(Page<T>, Answer), ClientError> {
        self.send_with_retries(&request, Answer::page).await
    }

    pub(super) async fn fetch_object(
        &self,
        resource: Resource,
        request: Request,
    ) -> Result<Object, ClientError> {
        let (json, answer) = self.fetch(request).await?;
        Object::from_json(resource, json).map_err(|error| answer.unreadable(&error.to_string()))
    }

    async fn send_with_retries<T>(
        &self,
        request: &Request,
        read: impl Fn(&Answer) -> Result<T, ClientError>,
    ) -> Result<(T, Answer), ClientError> {
        if let Some(snapshot) = &self.snapshot {
            let answer = snapshot::answer(snapshot, self.surface, request, self.call(request, 1))?;
            return Ok((read(&answer)?, answer));
        }
        let started = Instant::now();
        let mut is_token_renewed = false;
        let mut attempts = 0;
        loop {
            let token = self.unless_stopped(request, self.token()).await??;
            if let Some(rate_limiter) = &request.rate_limiter {
                self.unless_stopped(request, rate_limiter.pass()).await?;
            }
            attempts += 1;
            let attempt = self.attempt(request, token.clone(), attempts);
            let came = match is_read(request) {
                true => self.unless_stopped(request, attempt).await.flatten(),
                false => self.see_through(request, attempt).await,
            };
            let error = match came.and_then(|answer| Ok((read(&answer)?, answer))) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if error.is_unauthorized()
                && !is_token_renewed
                && self.tokens.renew(&token, error.challenge()).await
            {
                is_token_renewed = true;
                tracing::warn!("{}: the service no longer accepts the token; signing in again", self.surface);
                match is_read(request) {
                    true => continue,
                    false => return Err(error.with_renewed_token()),
                }
            }
            let error = match self.tokens.ready_claims().await {
                Some(claims) if error.is_unauthorized() => error.with_ready_token(&claims),
                _ => error,
            };
            if !is_read(request) {
                return Err(error);
            }
            let Some(wait) = self.wait(&error, attempts, started.elapsed()) else { return Err(error) };
            if let (Some(rate_limiter), ClientError::Status { status: StatusCode::TOO_MANY_REQUESTS, .. }) =
                (&request.rate_limiter, &error)
            {
                rate_limiter.refuse(wait);
            }
            self.retries.log(&error, wait);
            self.unless_stopped(request, tokio::time::sleep(wait)).await?;
        }
    }

    /// Returns how long to wait before sending again; `None` is to give up.
    fn wait(&self, error: &ClientError, attempts: u32, elapsed: Duration) -> Option<Duration> {
        // A number from 0 to 1, out of the randomness that request ids are made of.
        let jitter = f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
        self.config.retry.next(error.met()?, attempts, elapsed, jitter)
    }

    /// Waits as long as a refused write is asked to, and says so; the caller reads again before sending. Returns
    /// whether it is worth it: `false` is too long a wait, or one too many.
    ///
    /// # Errors
    /// The run was asked to end.
    pub(super) async fn wait_after(
        &self,
        refused: &ClientError,
        attempts: u32,
        elapsed: Duration,
    ) -> Result<bool, ClientError> {
        let Some(wait) = self.wait(refused, attempts, elapsed) else { return Ok(false) };
        tracing::warn!("{refused}; checking again in {:.1} s", wait.as_secs_f64());
        tokio::select! {
            biased;
            reason = self.config.stop.asked() => refused.stopped(reason).map_or(Ok(false), Err),
            () = tokio::time::sleep(wait) => Ok(true),
        }
    }

    /// Waits for a write that has begun, also where the run is to end: half of one is the worst end. Asked a second
    /// time, it is given up, and what became of it is unknown.
    async fn see_through(
        &self,
        request: &Request,
        attempt: impl Future<Output = Result<Answer, ClientError>>,
    ) -> Result<Answer, ClientError> {
        let (stop, mut attempt) = (&self.config.stop, std::pin::pin!(attempt));
        let reason = tokio::select! {
            biased;
            done = &mut attempt => return done,
            reason = stop.asked() => reason,
        };
        let call = self.call(request, 0);
        tracing::warn!("{reason}; finishing the current write first, unless you stop it again: {call}");
        tokio::select! {
            biased;
            done = &mut attempt => done,
            reason = stop.asked_again() => Err(ClientError::Abandoned { call, reason }),
        }
    }

    /// Waits for something that changes nothing, for as long as the run may go on.
    async fn unless_stopped<T>(
        &self,
        request: &Request,
        something: impl Future<Output = T>,
    ) -> Result<T, ClientError> {
        tokio::select! {
            biased;
            reason = self.config.stop.asked() => Err(ClientError::Stopped { call: self.call(request, 0), reason }),
            done = something => Ok(done),
        }
    }

    /// Returns what the surface's token says about itself, signing in the first time.
    pub(super) async fn fetch_claims(&self) -> Result<Claims, ClientError> {
        if let Some(snapshot) = &self.snapshot {
            return Ok(snapshot::claims(snapshot));
        }
        self.connect_meanwhile();
        let request = self.request(Method::GET, &[], &[]);
        let claims = self.unless_stopped(&request, self.tokens.claims(self.surface)).await?;
        claims.map_err(|source| ClientError::NotSignedIn { surface: self.surface, source })
    }

    /// Asks the host for anything at all, without the token: any answer shows that it is there.
    pub(super) async fn reach(&self) -> Result<HostSeen, ClientError> {
        let request = self.request(Method::GET, &[], &[]);
        let response = self.unless_stopped(&request, self.http.get(request.url.clone()).send()).await?;
        let response = response.map_err(|source| ClientError::Unreachable {
            call: self.call(&request, 1),
            source: source.without_url(),
        })?;
        Ok(HostSeen { status: response.status().as_u16(), date: date(response.headers()) })
    }

    async fn token(&self) -> Result<HeaderValue, ClientError> {
        self.connect_meanwhile();
        let token = self.tokens.header(self.surface).await;
        token.map_err(|source| ClientError::NotSignedIn { surface: self.surface, source })
    }

    /// Opens a connection while the token is waited for: it takes two round trips and no token. What it is opened
    /// with asks for nothing, and says nothing of the tenant.
    fn connect_meanwhile(&self) {
        let is_first = || !self.is_connecting.swap(true, Ordering::Relaxed);
        if is_in_clear(&self.root) || !self.tokens.is_still_to_sign_in() || !is_first() {
            return;
        }
        let request = self.request(Method::HEAD, &[], &[]);
        let call = self.call(&request, 1);
        tracing::debug!(client_request_id = %call.client_request_id, "{call}");
        let opening = self.http.head(request.url).header(self.id_header(), call.client_request_id).send();
        // If it fails, so does the first request, which reports it.
        tokio::spawn(async move { opening.await.is_ok() });
    }

    async fn attempt(
        &self,
        request: &Request,
        token: HeaderValue,
        attempts: u32,
    ) -> Result<Answer, ClientError> {
        let call = self.call(request, attempts);
        let id = HeaderValue::from_str(&call.client_request_id).unwrap_or(HeaderValue::from_static(""));
        let mut sending = self
            .http
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone())
            .header(AUTHORIZATION, token.clone())
            .header(self.id_header(), id);
        if let Some(body) = &request.body {
            sending = sending.header(CONTENT_TYPE, "application/json; charset=UTF-8").body(body.to_string());
        }
        let _turn = self.config.connections.enter().await;
        tracing::debug!(client_request_id = %call.client_request_id, "{call}");
        let mut response = match sending.send().await {
            Ok(response) => response,
            Err(source) => return Err(ClientError::Unreachable { call, source: source.without_url() }),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        if let Some(date) = date(&headers) {
            let ahead = date.duration_since(Timestamp::now()).as_secs();
            self.seconds_ahead.store(ahead, Ordering::Relaxed);
        }
        let limit = if status.is_success() { self.config.body_limit } else { ERROR_LIMIT };
        let body = match read_body(&mut response, limit).await {
            Ok(body) => body,
            Err(source) => {
                return Err(ClientError::BrokenOff { call, status, source: source.without_url() });
            }
        };
        if status.is_success() && !body.is_whole {
            return Err(ClientError::TooLarge { call, status, limit });
        }
        let body = body.bytes;
        if status.is_success() {
            tracing::info!(status = status.as_u16(), bytes = body.len(), client_request_id = %call.client_request_id, "{call}");
            return Ok(Answer::new(call, headers, body, token));
        }
        let detail = Box::new(detail(status, &headers, &body, &token));
        tracing::info!(status = status.as_u16(), client_request_id = %call.client_request_id, "{call}{detail}");
        let is_denied = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            StatusCode::BAD_REQUEST => self.surface == Surface::Portal && detail.is_refused_token(),
            _ => false,
        };
        Err(match is_denied {
            true => ClientError::Denied { call, status, detail, token: RefusedToken::Kept },
            false => ClientError::Status { call, status, detail },
        })
    }

    fn call(&self, request: &Request, attempts: u32) -> Box<Call> {
        let mut shown = request.url.clone();
        shown.set_query(None);
        Box::new(Call {
            surface: self.surface,
            method: request.method.clone(),
            url: excerpt(shown.as_str(), 300),
            client_request_id: uuid::Uuid::new_v4().to_string(),
            attempts,
        })
    }

    /// Returns the header each surface reads the caller's request id from (facts 2.4, 5).
    pub(super) fn id_header(&self) -> HeaderName {
        HeaderName::from_static(match self.surface {
            Surface::Graph => "client-request-id",
            Surface::Portal => "x-ms-client-request-id",
        })
    }
}

/// Returns the host's time, if an answer has it.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
}

fn is_read(request: &Request) -> bool {
    request.method == Method::GET
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Credentials;

    #[test]
    fn a_next_page_is_fetched_from_this_host_alone() {
        let config = ClientConfig::default();
        let root: Url = "http://127.0.0.1:8080".parse().unwrap();
        let http = config.connections.pool(&root, &config).unwrap();
        let tokens = Credentials::ready("t".into(), "t".into()).unwrap().portal;
        let transport = Transport::new(Surface::Graph, http, root, tokens, config, Arc::default());
        let link = "http://127.0.0.1:8080/v1.0/groups?$skiptoken=a%2Bb";
        assert_eq!(transport.page(link).unwrap().url.as_str(), link);
        for foreign in [
            "http://127.0.0.1:8081/v1.0/groups",
            "https://127.0.0.1:8080/v1.0/groups",
            "http://evil.example/v1.0/groups",
            "http://127.0.0.1:8080@evil.example/v1.0/groups",
            "http://user@127.0.0.1:8080/v1.0/groups",
            "//evil.example/",
            "/v1.0/groups",
            "",
        ] {
            let error = transport.page(foreign).unwrap_err();
            assert!(matches!(error, ClientError::ForeignLink { .. }), "{foreign}: {error}");
        }
    }
}
