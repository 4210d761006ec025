//! Each surface takes its own tokens; requests go on knowing whose it was.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use crate::sandbox::http::surface::Surface;
use crate::sandbox::state::{Holder, Shared};

/// Graph takes people's tokens and applications'.
pub(crate) async fn sign_in_to_graph(
    State(shared): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let tokens = shared.tokens();
    let refused =
        |message| Surface::Graph.error(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message);
    match bearer(&request) {
        None => refused("Access token is empty."),
        Some(token) if token == tokens.taken(&tokens.graph) => {
            request.extensions_mut().insert(Holder::Person);
            next.run(request).await
        }
        Some(token) if token == tokens.application => {
            request.extensions_mut().insert(Holder::Application);
            next.run(request).await
        }
        Some(token) if tokens.graph.iter().any(|known| known == token) => {
            refused("Lifetime validation failed, the token is expired.")
        }
        Some(_) => refused("Access token validation failure. Invalid audience."),
    }
}

/// The admin centre takes people's tokens alone (facts 2.3).
pub(crate) async fn sign_in_to_portal(
    State(shared): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let tokens = shared.tokens();
    match bearer(&request) {
        Some(token) if token == tokens.taken(&tokens.portal) => {
            request.extensions_mut().insert(Holder::Person);
            next.run(request).await
        }
        _ => Surface::Portal.error(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "S2S17001: SAL was able to validate the protocol, but validation failed as none of the inbound policies were satisfied.",
        ),
    }
}

fn bearer(request: &Request) -> Option<&str> {
    request.headers().get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}
