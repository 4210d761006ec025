//! The authorization policy.

use axum::response::Response;

use super::types::AUTHORIZATION;
use crate::sandbox::http::odata::{Ask, Refused, Sent};
use crate::sandbox::tenant::lay_over;

pub(super) async fn authorization(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&AUTHORIZATION, &["$select"])?;
    Ok(ask.object(&query, "policies/authorizationPolicy", ask.shared.tenant().authorization.clone()))
}

/// Takes some of the fields (facts 1.2); an unknown one is refused.
pub(super) async fn patch_authorization(ask: Ask, sent: Sent) -> Result<Response, Refused> {
    ask.query(&AUTHORIZATION, &[])?;
    sent.check_kinds(&ask.shared.tenant().authorization)?;
    let Sent(sent) = sent;
    if let Some(unknown) =
        sent.keys().find(|name| ask.shared.tenant().authorization.get(name.as_str()).is_none())
    {
        return Err(Refused::invalid(format!(
            "The property '{unknown}' does not exist on type 'microsoft.graph.authorizationPolicy'. Make sure to only use \
             property names that are defined by the type."
        )));
    }
    if sent.get("allowedToUseSSPR").is_some_and(|value| !value.is_boolean()) {
        return Err(Refused::invalid("Cannot convert a value to target type 'Edm.Boolean'."));
    }
    Ok(ask.write(|tenant| lay_over(&mut tenant.authorization, sent)))
}
