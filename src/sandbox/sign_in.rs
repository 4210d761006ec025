//! Who may ask: one token per surface, a person's or an application's, and renewed ones for when the first expire.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use super::server::Shared;
use super::token::{self, Holder};
use super::{graph, portal};

/// The tokens of a sandbox.
pub(super) struct Tokens {
    pub(super) graph: [String; 2],
    pub(super) portal: [String; 2],
    pub(super) application: String,
    is_expired: AtomicBool,
}

impl Tokens {
    pub(super) fn mint(tenant: Uuid) -> Self {
        let mint = |audience| [(); 2].map(|()| token::mint(audience, tenant, Holder::Person));
        Self {
            graph: mint(token::GRAPH),
            portal: mint(token::PORTAL),
            application: token::mint(token::GRAPH, tenant, Holder::Application),
            is_expired: AtomicBool::new(false),
        }
    }

    /// Refuses the first tokens from now on.
    pub(super) fn expire(&self) {
        self.is_expired.store(true, Ordering::Relaxed);
    }

    fn taken<'a>(&self, tokens: &'a [String; 2]) -> &'a str {
        &tokens[usize::from(self.is_expired.load(Ordering::Relaxed))]
    }
}

pub(super) async fn graph(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let tokens = shared.tokens();
    let refused = |message| graph::error(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message);
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
pub(super) async fn portal(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let tokens = shared.tokens();
    match bearer(&request) {
        Some(token) if token == tokens.taken(&tokens.portal) => {
            request.extensions_mut().insert(Holder::Person);
            next.run(request).await
        }
        _ => portal::error(
            StatusCode::UNAUTHORIZED,
            "S2S17001: SAL was able to validate the protocol, but validation failed as none of the inbound policies were satisfied.",
        ),
    }
}

fn bearer(request: &Request) -> Option<&str> {
    request.headers().get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}
