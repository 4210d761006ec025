//! The authorization policy.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::types::AUTHORIZATION;
use crate::sandbox::http::odata::{Ask, Refused, Sent, Takes};
use crate::sandbox::http::surface::Surface;
use crate::sandbox::state::{Principal, Shared};
use crate::sandbox::tenant::lay_over;

/// The policy.
pub(super) async fn authorization(State(shared): State<Shared>, ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&AUTHORIZATION, &[Takes::Select])?;
    Ok(ask.object(&query, "policies/authorizationPolicy", shared.tenant().authorization.clone()))
}

/// Takes some of the fields (facts 1.2); an unknown one is refused.
pub(super) async fn patch_authorization(
    State(shared): State<Shared>,
    Extension(principal): Extension<Principal>,
    ask: Ask,
    sent: Sent,
) -> Result<Response, Refused> {
    ask.query(&AUTHORIZATION, &[])?;
    sent.check_kinds(&shared.tenant().authorization)?;
    let Sent(sent) = sent;
    if let Some(unknown) = sent.keys().find(|name| shared.tenant().authorization.get(name.as_str()).is_none())
    {
        return Err(Refused::invalid(format!(
            "The property '{unknown}' does not exist on type 'microsoft.graph.authorizationPolicy'. Make sure to only use \
             property names that are defined by the type."
        )));
    }
    if sent.get("allowedToUseSSPR").is_some_and(|value| !value.is_boolean()) {
        return Err(Refused::invalid("Cannot convert a value to target type 'Edm.Boolean'."));
    }
    let saved = shared.write_as(Some(principal), |tenant| lay_over(&mut tenant.authorization, sent));
    Ok(Surface::Graph.written(saved))
}
