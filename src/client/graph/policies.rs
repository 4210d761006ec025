//! Fetches the Authentication methods policy, one of its methods, and the authorization policy.

use reqwest::Method;
use serde_json::Value;

use super::GraphReader;
use crate::client::ClientError;
use crate::tenant::{MethodsPolicy, Object, Resource};

pub(in crate::client) const AUTHORIZATION: [&str; 3] = ["v1.0", "policies", "authorizationPolicy"];

pub(in crate::client) fn method(id: &str) -> [&str; 5] {
    ["v1.0", "policies", "authenticationMethodsPolicy", "authenticationMethodConfigurations", id]
}

impl GraphReader {
    /// Fetches the Authentication methods policy, every method in it, with all its fields: what is written is compared
    /// with it.
    /// <https://learn.microsoft.com/graph/api/authenticationmethodspolicy-get>
    pub async fn fetch_methods_policy(&self) -> Result<MethodsPolicy, ClientError> {
        let request = self.get(&["policies", "authenticationMethodsPolicy"], &[]);
        let (policy, answer): (Value, _) = self.transport.fetch(request).await?;
        MethodsPolicy::from_json(policy).map_err(|error| answer.unreadable(&error.to_string()))
    }

    /// Fetches the authorization policy. <https://learn.microsoft.com/graph/api/authorizationpolicy-get>
    pub async fn fetch_authorization_policy(&self) -> Result<Object, ClientError> {
        let request = self.transport.request(Method::GET, &AUTHORIZATION, &[]);
        self.transport.fetch_object(Resource::Authorization, request).await
    }

    /// Fetches one method of the Authentication methods policy.
    /// <https://learn.microsoft.com/graph/api/smsauthenticationmethodconfiguration-get>
    pub async fn fetch_method(&self, id: &str) -> Result<Object, ClientError> {
        let request = self.transport.request(Method::GET, &method(id), &[]);
        let (json, answer): (Value, _) = self.transport.fetch(request).await?;
        let answered = json["id"].as_str();
        if answered.is_some_and(|answered| !answered.eq_ignore_ascii_case(id)) {
            return Err(answer.unreadable(&format!("another method than {id}, which was asked for")));
        }
        let method = Object::from_json(Resource::Method(id.to_owned()), json);
        method.map_err(|error| answer.unreadable(&error.to_string()))
    }
}
