//! Checks tokens: each surface takes its own, and handlers learn whose it was.

use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use crate::sandbox::http::odata::Refused;
use crate::sandbox::http::surface::{Surface, expired_token};
use crate::sandbox::shared::{Holder, Principal, Shared};

/// Graph takes people's tokens and applications'.
pub(crate) async fn sign_in_to_graph(shared: Shared, mut request: Request, next: Next) -> Response {
    match holder(&shared, request.headers()) {
        Ok(holder) => {
            request.extensions_mut().insert(holder.principal);
            request.extensions_mut().insert(holder);
            next.run(request).await
        }
        Err(refused) => refused.into_response(),
    }
}

/// Returns whose token comes with a request to Graph, and what it opens.
///
/// # Errors
/// Graph takes none like it.
pub(crate) fn holder(shared: &Shared, headers: &HeaderMap) -> Result<Holder, Refused> {
    let tokens = shared.tokens();
    let token = bearer(headers);
    if let Some(holder) = token.and_then(|token| tokens.holder(token)) {
        return Ok(holder);
    }
    Err(Refused::not_signed_in(match token {
        None => "Access token is empty.",
        Some(token) if tokens.graph.iter().any(|known| known == token) => {
            "Lifetime validation failed, the token is expired."
        }
        Some(_) => "Access token validation failure. Invalid audience.",
    }))
}

/// The admin centre takes people's tokens alone (facts 2.3), each request with an id of its caller's: without one, or with
/// a token that is over, it answers 400 (facts 2026-11 F).
pub(crate) async fn sign_in_to_portal(shared: Shared, mut request: Request, next: Next) -> Response {
    let tokens = shared.tokens();
    match bearer(request.headers()) {
        Some(token) if token == tokens.taken(&tokens.portal) => {
            if !has_request_id(request.headers()) {
                let message = "Value cannot be null.\r\nParameter name: correlationId";
                return Surface::Portal.error(StatusCode::BAD_REQUEST, "ArgumentNull", message);
            }
            request.extensions_mut().insert(Principal::Person);
            next.run(request).await
        }
        Some(token) if tokens.portal.iter().any(|known| known == token) => expired_token(),
        _ => Surface::Portal.error(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "S2S17001: SAL was able to validate the protocol, but validation failed as none of the inbound policies were satisfied.",
        ),
    }
}

fn has_request_id(headers: &HeaderMap) -> bool {
    let id = headers.get("x-ms-client-request-id").and_then(|id| id.to_str().ok());
    id.is_some_and(|id| Uuid::try_parse(id).is_ok())
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
