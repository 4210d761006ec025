//! The limit that the report and audit endpoints share.

use std::time::Instant;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use crate::sandbox::http::surface::Surface;
use crate::sandbox::shared::Shared;

/// Answers five requests in ten seconds (facts 5).
pub(crate) async fn limit_reports(shared: Shared, request: Request, next: Next) -> Response {
    shared.refresh();
    let admitted = shared.reports().admit(Instant::now());
    let Err(wait) = admitted else { return next.run(request).await };
    let message = "Too many requests.";
    let mut response = Surface::Graph.error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message);
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    if let Ok(seconds) = seconds.to_string().parse() {
        response.headers_mut().insert("Retry-After", seconds);
    }
    response
}
