//! Finds the tenant that a request is for: by its token, or by the path where tokens are to be had.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::DATE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::bearer;
use crate::sandbox::http::surface::Surface;
use crate::sandbox::shared::{Shared, Tenants};

impl<S: Send + Sync> FromRequestParts<S> for Shared {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

pub(crate) async fn find_tenant(
    State(tenants): State<Tenants>,
    mut request: Request,
    next: Next,
) -> Response {
    let surface = Surface::of(request.uri().path());
    let found = match surface {
        Surface::SignIn => tenants.named(request.uri().path().split('/').nth(1).unwrap_or_default()),
        Surface::Graph | Surface::Portal => tenants.of_token(bearer(request.headers())).map(Some),
    };
    match found {
        Ok(Some(shared)) => {
            request.extensions_mut().insert(shared.clone());
            let mut response = next.run(request).await;
            set_clock(&shared, &mut response);
            response
        }
        Ok(None) => {
            let message = "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the \
                           correct cloud.";
            surface.error(StatusCode::BAD_REQUEST, "AADSTS90002", message)
        }
        Err(error) => {
            surface.error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", &error.to_string())
        }
    }
}

/// Lets an answer tell the tenant's time where that is not this machine's, which the server tells anyway.
fn set_clock(shared: &Shared, response: &mut Response) {
    let audits = shared.audits();
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&audits.now());
    if let (false, Some(date)) =
        (audits.ahead.is_zero(), date.ok().and_then(|date| HeaderValue::try_from(date).ok()))
    {
        response.headers_mut().insert(DATE, date);
    }
}
