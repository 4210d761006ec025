//! What a token says about itself.
//! Read for display and for guards, never for trust: the signature is the service's to check.

use std::fmt;

use serde_json::Value;

use crate::ids::TenantId;

/// Some claims of an access token; `None` and empty mean "not stated".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The tenant it was issued in.
    pub tenant: Option<TenantId>,
    /// The service it is for.
    pub audience: Option<String>,
    /// When it expires, seconds since 1970.
    pub expires: Option<i64>,
    /// Who it is for: a user principal name, or an application's id.
    pub principal: Option<String>,
    /// The principal's object id.
    pub object_id: Option<String>,
    /// The id of the application that asked for it: the principal, where that is an application.
    pub application: Option<String>,
    /// Whether the principal is an application.
    pub is_application: bool,
    /// Delegated permissions, or an application's.
    pub permissions: Vec<String>,
    /// Template ids of the principal's active directory roles.
    pub roles: Vec<String>,
}

impl Claims {
    /// Reads a token; a text that is not a JWT has no claims.
    pub fn of(token: &str) -> Self {
        let Some(Value::Object(claims)) = payload(token) else { return Self::default() };
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| -> Vec<String> {
            let items = claims.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let scopes: Vec<String> =
            text("scp").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        let is_application = match text("idtyp").as_deref() {
            Some(kind) => kind == "app",
            // The claim is optional; only an application has roles and no scopes.
            None => scopes.is_empty() && !list("roles").is_empty(),
        };
        Self {
            tenant: text("tid").and_then(|tenant| tenant.parse().ok()),
            audience: text("aud"),
            expires: claims.get("exp").and_then(Value::as_i64),
            principal: text("upn").or(text("unique_name")).or(text("app_displayname")).or(text("appid")),
            object_id: text("oid"),
            application: text("appid"),
            is_application,
            permissions: if scopes.is_empty() { list("roles") } else { scopes },
            roles: list("wids"),
        }
    }
}

impl fmt::Display for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_application { "application" } else { "person" };
        write!(f, "{} ({kind})", self.principal.as_deref().map_or("someone".into(), crate::text::visible))
    }
}

pub(super) fn payload(token: &str) -> Option<Value> {
    let mut parts = token.trim().split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    // Tokens leave the padding off.
    let bytes = azure_core::base64::decode_url_safe(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.x", azure_core::base64::encode_url_safe(claims))
    }

    #[test]
    fn distinguishes_people_from_applications() {
        let person = Claims::of(&token(
            r#"{"tid":"204A15EA-fa2c-550c-86c1-f84caa53d849","aud":"a","scp":"X Y","upn":"ada@contoso.com","exp":7}"#,
        ));
        assert_eq!((person.is_application, person.permissions.len()), (false, 2));
        let tenant = "204a15ea-fa2c-550c-86c1-f84caa53d849".parse().ok();
        assert_eq!((person.tenant, person.expires), (tenant, Some(7)));
        assert_eq!(Claims::of(&token(r#"{"tid":"common"}"#)).tenant, None);
        assert!(Claims::of(&token(r#"{"idtyp":"app","roles":["R"]}"#)).is_application);
        assert!(Claims::of(&token(r#"{"roles":["R"]}"#)).is_application);
        assert!(!Claims::of(&token(r#"{}"#)).is_application);
    }

    #[test]
    fn a_text_that_is_not_a_token_has_no_claims() {
        for text in ["", "opaque", "a.b", "a.!.c", "e30.bm90IGpzb24.x", "e30.W10.x"] {
            assert_eq!(Claims::of(text), Claims::default(), "{text}");
        }
    }
}
