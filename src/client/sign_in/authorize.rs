//! The address at which a person signs in, and the claims asked for with it. Pure.

use serde_json::{Value, json};
use url::Url;

use crate::tenant::app_registration::{Use, permissions, scopes};

/// Microsoft Graph Command Line Tools, which Microsoft shares with everyone.
pub const GRAPH_CLI: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

/// Where a person signs in, for whom, and to what.
#[derive(Debug)]
pub(super) struct Authorize<'a> {
    /// The endpoint: `https://{authority}/{tenant}/oauth2/v2.0/authorize`.
    pub(super) endpoint: Url,
    pub(super) client: &'a str,
    pub(super) redirect: &'a str,
    pub(super) scope: &'a str,
    pub(super) state: &'a str,
    pub(super) nonce: &'a str,
    pub(super) code_challenge: &'a str,
    /// The account meant, where it is known.
    pub(super) hint: Option<&'a str>,
    pub(super) claims: &'a str,
}

impl Authorize<'_> {
    /// Returns the address to open in a browser.
    pub(super) fn url(&self) -> Url {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("client_id", self.client)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", self.redirect)
            // A code in the address bar can be talked out of someone; one in a form's body cannot.
            .append_pair("response_mode", "form_post")
            .append_pair("scope", self.scope)
            .append_pair("state", self.state)
            .append_pair("nonce", self.nonce)
            .append_pair("code_challenge", self.code_challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("claims", self.claims);
        match self.hint {
            Some(hint) => url.query_pairs_mut().append_pair("login_hint", hint),
            None => url.query_pairs_mut().append_pair("prompt", "select_account"),
        };
        url
    }
}

/// Returns what a client asks Graph for: of its own registration everything that was consented to, of the shared one
/// the permissions by name.
pub(super) fn scope(graph: &str, client: &str) -> String {
    match client == GRAPH_CLI {
        // It has no list of its own that `.default` could stand for.
        true => scopes(&format!("{graph}/"), &permissions(&Use::DEFAULT)),
        false => format!("{} {graph}/.default", scopes("", &[])),
    }
}

/// Returns the claims that declare that challenges are understood (`cp1`), and those of a challenge.
pub(super) fn claims(claims_challenge: Option<&Value>) -> String {
    let mut claims = claims_challenge.filter(|asked| asked.is_object()).cloned().unwrap_or(json!({}));
    merge(&mut claims, json!({"access_token": {"xms_cc": {"values": ["cp1"]}}}));
    claims.to_string()
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// No challenge is as long, in bytes.
const LONGEST_CHALLENGE: usize = 8 * 1024;

/// Returns the claims that a service wants a new token to have, out of its `WWW-Authenticate`: those of
/// `error="insufficient_claims"`.
pub(in crate::client) fn claims_challenge(header: &str) -> Option<Value> {
    let value = |name: &str| {
        let (_, rest) = header.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    };
    if header.len() > LONGEST_CHALLENGE || value("error") != Some("insufficient_claims") {
        return None;
    }
    let text = value("claims")?.trim_end_matches('=');
    let bytes = azure_core::base64::decode_url_safe(text.replace('+', "-").replace('/', "_")).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_asks_for_a_form_a_challenge_and_one_account() {
        let url = |hint| {
            let authorize = Authorize {
                endpoint: "https://login.example/t/oauth2/v2.0/authorize".parse().unwrap(),
                client: "c",
                redirect: "http://localhost:7",
                scope: "openid https://graph.example/.default",
                state: "s",
                nonce: "n",
                code_challenge: "h",
                hint,
                claims: "{}",
            };
            authorize.url().to_string()
        };
        assert_eq!(
            url(Some("ada@contoso.com")),
            "https://login.example/t/oauth2/v2.0/authorize?client_id=c&response_type=code\
             &redirect_uri=http%3A%2F%2Flocalhost%3A7&response_mode=form_post\
             &scope=openid+https%3A%2F%2Fgraph.example%2F.default&state=s&nonce=n&code_challenge=h\
             &code_challenge_method=S256&claims=%7B%7D&login_hint=ada%40contoso.com"
        );
        assert!(url(None).ends_with("&prompt=select_account"));
    }

    #[test]
    fn only_the_shared_client_is_asked_by_name() {
        assert_eq!(scope("https://g", "own"), "openid profile offline_access https://g/.default");
        let shared = scope("https://g", GRAPH_CLI);
        assert!(shared.contains("https://g/Policy.ReadWrite.AuthenticationMethod"), "{shared}");
        assert!(!shared.contains(".default"), "{shared}");
    }

    #[test]
    fn a_challenge_is_read_and_merged_with_what_is_always_declared() {
        let cp1 = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
        assert_eq!(claims(None), cp1);
        // {"access_token":{"nbf":{"essential":true,"value":"1"}}}
        let text = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ==";
        let header = format!(r#"Bearer realm="", error="insufficient_claims", claims="{text}""#);
        let merged: Value = serde_json::from_str(&claims(claims_challenge(&header).as_ref())).unwrap();
        assert_eq!(
            merged,
            json!({"access_token": {"nbf": {"essential": true, "value": "1"}, "xms_cc": {"values": ["cp1"]}}})
        );
        for nothing in [
            "Bearer".to_owned(),
            header.replace("insufficient_claims", "invalid_token"),
            header.replace(text, "!"),
            header.replace(text, "W10="),
            format!("{header}{}", " ".repeat(9000)),
        ] {
            assert_eq!(claims_challenge(&nothing), None, "{nothing}");
        }
    }
}
