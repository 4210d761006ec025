//! Signing in from GitHub Actions without a stored secret: the workflow's own token, exchanged at Entra.
//! <https://docs.github.com/actions/reference/openid-connect-reference>

use std::fmt;

use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::auth_transport::AuthTransport;

/// Fetches the workflow's token, which serves as the application's assertion.
pub(super) struct WorkflowAssertion {
    line: AuthTransport,
    url: Url,
    token: SecretString,
}

impl WorkflowAssertion {
    /// Takes the address and the token the job was given for it. `audience` is the service that the workflow's token is for.
    pub(super) fn new(
        line: AuthTransport,
        url: &str,
        token: SecretString,
        audience: &str,
    ) -> Result<Self, String> {
        let mut url = Url::parse(url)
            .ok()
            .filter(|url| url.scheme() == "https")
            .ok_or("ACTIONS_ID_TOKEN_REQUEST_URL is not an https URL")?;
        url.query_pairs_mut().append_pair("audience", audience);
        Ok(Self { line, url, token })
    }
}

impl fmt::Debug for WorkflowAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkflowAssertion").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl ClientAssertion for WorkflowAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let failed = |why: String| {
            let kind = azure_core::error::ErrorKind::Credential;
            azure_core::Error::with_message(kind, format!("GitHub gave no token for this workflow: {why}"))
        };
        let answer = self.line.get_json(&self.url, &self.token).await.map_err(failed)?;
        let token = answer.get("value").and_then(Value::as_str);
        token.map(str::to_owned).ok_or_else(|| failed("the answer has none".to_owned()))
    }
}
