//! Tokens the sandbox accepts: JWT-shaped, one audience each, good for this sandbox alone.

use std::fmt::Write as _;

use serde_json::json;
use uuid::Uuid;

/// The audience of Microsoft Graph.
pub(super) const GRAPH: &str = "https://graph.microsoft.com";
/// The audience of the admin-centre API (facts 2.3).
pub(super) const PORTAL: &str = "74658136-14ec-4630-ad9b-26e160ff0fc6";

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// Someone who signed in.
    Person,
    /// A service principal.
    Application,
}

/// What the sandbox's tokens allow on Graph.
const PERMISSIONS: &str = "AuditLog.Read.All GroupMember.Read.All Organization.Read.All Policy.Read.All \
    Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.Authorization RoleManagement.Read.Directory User.Read.All";
/// Authentication Policy Administrator (facts 3.2).
const AUTHENTICATION_POLICY_ADMINISTRATOR: &str = "0526716b-113d-4c15-b2c8-68e3c22b9f80";

/// Returns a token for an audience. Not signed in any real sense: nothing outside the sandbox takes it.
pub(super) fn mint(audience: &str, tenant: Uuid, holder: Holder) -> String {
    let header = json!({"alg": "none", "typ": "JWT"});
    let permissions: Vec<&str> = PERMISSIONS.split(' ').collect();
    let claims = match holder {
        Holder::Person => json!({
            "aud": audience, "tid": tenant, "idtyp": "user", "upn": "sandbox.admin@contoso.onmicrosoft.com",
            "name": "Sandbox Admin", "exp": 4_102_444_800_u64, "oid": super::world::id("sandbox.admin"),
            "scp": if audience == GRAPH { PERMISSIONS } else { "user_impersonation" },
            "wids": [AUTHENTICATION_POLICY_ADMINISTRATOR],
        }),
        Holder::Application => json!({
            "aud": audience, "tid": tenant, "idtyp": "app", "app_displayname": "Sandbox pipeline",
            "appid": super::world::id("pipeline"), "exp": 4_102_444_800_u64, "roles": permissions,
        }),
    };
    format!(
        "{}.{}.{}",
        base64url(header.to_string().as_bytes()),
        base64url(claims.to_string().as_bytes()),
        Uuid::new_v4().simple()
    )
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number =
            chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        for digit in 0..=chunk.len() {
            let _ = write!(text, "{}", ALPHABET[(number >> (18 - 6 * digit) & 63) as usize] as char);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn encodes_as_base64url_does() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("\u{3ff}?", "z78_")]
        {
            assert_eq!(super::base64url(bytes.as_bytes()), text);
        }
    }
}
