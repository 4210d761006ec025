//! Records every request, and answers those without a route.

use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use crate::sandbox::http::surface::{Surface, target};
use crate::sandbox::shared::{ReceivedRequest, Shared};

/// Marks an answer as "there is no such route", for the record.
#[derive(Clone)]
struct Unknown;

/// Answers where a surface has no such route: the admin centre with 404, Graph with the segment it does not know.
pub(crate) async fn unknown(surface: Surface, request: Request) -> Response {
    let path =
        request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().path(), |uri| uri.path());
    let version = path.split('/').nth(1).unwrap_or_default();
    let (status, message) = match surface {
        Surface::Graph if ["v1.0", "beta"].contains(&version) => {
            let segment = path.rsplit('/').next().unwrap_or_default();
            (StatusCode::BAD_REQUEST, format!("Resource not found for the segment '{segment}'."))
        }
        Surface::Graph => (StatusCode::BAD_REQUEST, format!("Invalid version: {version}")),
        Surface::Portal | Surface::SignIn => {
            (StatusCode::NOT_FOUND, "No HTTP resource was found.".to_owned())
        }
    };
    let mut response = surface.error(status, "BadRequest", &message);
    response.extensions_mut().insert(Unknown);
    response
}

pub(crate) async fn record(shared: Shared, request: Request, next: Next) -> Response {
    if shared.record().is_none() {
        return next.run(request).await;
    }
    let target = target(request.uri());
    let (parts, body) = request.into_parts();
    let method = parts.method.to_string();
    let bytes = to_bytes(body, 4 * 1024 * 1024).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let unanswered = ReceivedRequest { method, target, body, status: 0, is_known: true };
    let mut asked = Asked { shared, request: Some(unanswered) };
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if let Some(request) = &mut asked.request {
        request.status = response.status().as_u16();
        request.is_known = response.extensions().get::<Unknown>().is_none();
    }
    response
}

/// Records a request when it is over, one that was given up waiting for as well.
struct Asked {
    shared: Shared,
    request: Option<ReceivedRequest>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(mut record) = self.shared.record() {
            record.extend(self.request.take());
        }
    }
}
