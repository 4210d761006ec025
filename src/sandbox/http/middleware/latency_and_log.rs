//! Delays every answer by the latency that is set, and logs it: for measuring.

use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use crate::sandbox::http::surface::target;
use crate::sandbox::shared::Traffic;

/// Stands around everything else, so that what is measured is what a client sees.
pub(crate) async fn latency(State(traffic): State<Arc<Traffic>>, request: Request, next: Next) -> Response {
    let asked =
        traffic.log.get().map(|log| (log, log.now(), request.method().to_string(), target(request.uri())));
    let response = next.run(request).await;
    let bytes = response.body().size_hint().lower();
    tokio::time::sleep(traffic.latency.get().copied().unwrap_or_default().of(bytes)).await;
    if let Some((log, began, method, target)) = asked {
        log.write(&json!({
            "method": method, "target": target, "status": response.status().as_u16(),
            "bytes": bytes, "began_us": began, "ended_us": log.now(),
        }));
    }
    response
}
