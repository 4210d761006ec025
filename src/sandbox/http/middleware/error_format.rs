//! Rewrites the router's own errors in the format of the API that was asked.

use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::sandbox::http::surface::Surface;

/// Gives refusals that are no JSON the surface's own body, and answers `OPTIONS` with what a route takes.
pub(crate) async fn format_errors(surface: Surface, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    let status = response.status();
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, _) = response.into_parts();
    if status == StatusCode::METHOD_NOT_ALLOWED && method == Method::OPTIONS {
        let mut described = StatusCode::NO_CONTENT.into_response();
        described.headers_mut().extend(parts.headers.get(ALLOW).cloned().map(|allow| (ALLOW, allow)));
        return described;
    }
    let (code, message) = match (status, surface) {
        (StatusCode::METHOD_NOT_ALLOWED, Surface::Graph) => {
            ("Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        }
        (StatusCode::METHOD_NOT_ALLOWED, Surface::Portal | Surface::SignIn) => {
            ("", "The requested resource does not support this http method.")
        }
        (StatusCode::PAYLOAD_TOO_LARGE, _) => ("RequestEntityTooLarge", "The request is too large."),
        _ => ("BadRequest", "The request could not be read."),
    };
    let mut described = surface.error(status, code, message);
    for (name, value) in &parts.headers {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            described.headers_mut().insert(name, value.clone());
        }
    }
    described
}
