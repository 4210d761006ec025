//! Where tokens are to be had: the sandbox's own authority, with an application that has the same secret in every tenant,
//! and a person whose refresh token is good in all of them. Shapes: facts sign-in 6.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use azure_core::base64::decode_url_safe;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::surface::Surface;
use crate::sandbox::shared::{APPLICATION_SECRET, PORTAL, Shared, application_id};

/// What signs the person in again, in every tenant.
const REFRESH_TOKEN: &str = "sandbox";

pub(super) fn routes() -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(configuration))
}

/// Tells the tenant's id to whoever knows a domain of it.
async fn configuration(shared: Shared) -> Json<Value> {
    let id = shared.tenant().tenant_id;
    Json(json!({
        "issuer": format!("https://login.microsoftonline.com/{id}/v2.0"),
        "token_endpoint": format!("https://login.microsoftonline.com/{id}/oauth2/v2.0/token"),
    }))
}

async fn token(shared: Shared, Path(tenant): Path<String>, body: String) -> Response {
    let field = |wanted: &str| {
        let found = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let is_portal = field("scope").contains(PORTAL);
    let tokens = shared.tokens();
    let token = match field("grant_type").as_str() {
        "client_credentials" => {
            if let Err((code, message)) = check_application(&tenant, field) {
                return Surface::SignIn.error(StatusCode::UNAUTHORIZED, code, message);
            }
            if is_portal { tokens.application_for_portal() } else { tokens.application.clone() }
        }
        "refresh_token" if field("refresh_token") == REFRESH_TOKEN => {
            tokens.taken(if is_portal { &tokens.portal } else { &tokens.graph }).to_owned()
        }
        "refresh_token" => {
            let message = "The provided value for the input parameter 'refresh_token' is not valid.";
            return Surface::SignIn.error(StatusCode::BAD_REQUEST, "AADSTS9002313", message);
        }
        _ => {
            let message = "The provided grant type is not supported.";
            return Surface::SignIn.error(StatusCode::BAD_REQUEST, "AADSTS70003", message);
        }
    };
    let mut answer = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token});
    if field("grant_type") == "refresh_token" {
        answer["refresh_token"] = REFRESH_TOKEN.into();
    }
    Json(answer).into_response()
}

/// Checks that the application is the one every tenant has, by its secret or by a signed assertion, whose signature is
/// not looked at.
fn check_application(
    tenant: &str,
    field: impl Fn(&str) -> String,
) -> Result<(), (&'static str, &'static str)> {
    let (client, assertion) = (field("client_id"), field("client_assertion"));
    if client != application_id().to_string() {
        return Err(("AADSTS700016", "Application was not found in the directory."));
    }
    if assertion.is_empty() {
        let is_right = field("client_secret") == APPLICATION_SECRET;
        return is_right.then_some(()).ok_or(("AADSTS7000215", "Invalid client secret provided."));
    }
    let claims = assertion.split('.').nth(1).and_then(|claims| decode_url_safe(claims).ok());
    let claims: Option<Value> = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    let claims = claims.ok_or(("AADSTS50027", "JWT token is invalid or malformed."))?;
    // One that it made itself is for this tenant's endpoint; one of another issuer's is for the exchange.
    let audience = claims["aud"].as_str().unwrap_or_default();
    let is_for_here = audience.ends_with(&format!("/{tenant}/oauth2/v2.0/token"));
    match claims["iss"] == client && !is_for_here {
        true => Err(("AADSTS700023", "Client assertion audience claim does not match Realm issuer.")),
        false => Ok(()),
    }
}
