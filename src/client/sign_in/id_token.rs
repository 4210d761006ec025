//! Who signed in, as the ID token says.
//!
//! Its signature is not checked: it comes straight from the token endpoint, over TLS to a host that was named, which
//! OpenID Connect Core 1.0 (3.1.3.7, 6) takes in place of it. No one else can hand one in.

use serde_json::Value;

use super::claims::payload;
use crate::ids::{TenantId, UserId};

/// How far this machine's clock may be behind or ahead, seconds.
const SKEW: i64 = 300;

/// Who signed in, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The tenant.
    pub tenant: TenantId,
    /// The person's object id there.
    pub object_id: UserId,
    /// The name they sign in with, where it is told.
    pub account: Option<String>,
}

/// Reads an ID token, and refuses one that is not for this client and this sign-in. `nonce` is what the sign-in began
/// with; a device code has none. `now` is seconds since 1970.
///
/// # Errors
/// What is wrong with it, as a clause.
pub(super) fn check(
    token: &str,
    client: &str,
    nonce: Option<&str>,
    now: i64,
) -> Result<Identity, &'static str> {
    let claims = payload(token).ok_or("the ID token cannot be read")?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("aud") != Some(client) {
        return Err("the ID token is for another client");
    }
    if nonce.is_some() && text("nonce") != nonce {
        return Err("the ID token is another sign-in's");
    }
    if claims.get("exp").and_then(Value::as_i64).is_none_or(|expires| expires + SKEW < now) {
        return Err("the ID token has expired; is this machine's clock right?");
    }
    let tenant: TenantId =
        text("tid").and_then(|id| id.parse().ok()).ok_or("the ID token names no tenant")?;
    let object_id = text("oid").and_then(|id| id.parse().ok()).ok_or("the ID token names no person")?;
    if !text("iss").is_some_and(|issuer| issuer.to_ascii_lowercase().ends_with(&format!("/{tenant}/v2.0"))) {
        return Err("the ID token is from another issuer than its tenant's");
    }
    let account = text("preferred_username").or(text("upn")).map(str::to_owned);
    Ok(Identity { tenant, object_id, account })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";
    const PERSON: &str = "11111111-2222-4333-8444-555555555555";

    fn token(name: &str, value: Value) -> String {
        let mut claims = json!({
            "aud": "client", "iss": format!("https://login.example/{TENANT}/v2.0"), "nonce": "n", "exp": 1000,
            "tid": TENANT, "oid": PERSON, "preferred_username": "ada@contoso.com",
        });
        claims[name] = value;
        format!("e30.{}.", azure_core::base64::encode_url_safe(claims.to_string()))
    }

    #[test]
    fn only_this_clients_and_this_sign_ins_is_taken() {
        let whole = token("aud", json!("client"));
        let identity = check(&whole, "client", Some("n"), 1000).unwrap();
        assert_eq!(
            (identity.tenant.to_string(), identity.object_id.to_string()),
            (TENANT.into(), PERSON.into())
        );
        assert_eq!(identity.account.as_deref(), Some("ada@contoso.com"));
        assert!(check(&token("nonce", Value::Null), "client", None, 1000).is_ok(), "a device code has none");
        for (name, value) in [
            ("aud", json!("another")),
            ("nonce", json!("another")),
            ("nonce", Value::Null),
            ("exp", json!(600)),
            ("exp", Value::Null),
            ("tid", json!("contoso.com")),
            ("oid", json!("../x")),
            ("iss", json!("https://login.example/11111111-2222-4333-8444-555555555555/v2.0")),
            ("iss", Value::Null),
        ] {
            assert!(check(&token(name, value.clone()), "client", Some("n"), 1000).is_err(), "{name} {value}");
        }
        assert!(check("opaque", "client", None, 0).is_err());
    }
}
