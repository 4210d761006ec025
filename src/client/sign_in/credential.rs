//! From a way of signing in to the credential that does it.

use std::sync::Arc;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport as AzureTransport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::certificate::CertificateAssertion;
use super::choice::Auth;
use super::github::WorkflowAssertion;
use super::line::SignInLine;
use super::{SignIn, SignInError};

/// Makes a new credential, which has no token yet: azure_identity's keep theirs, so a token the service no
/// longer takes needs a new credential.
pub(super) fn make(auth: Auth, sign_in: &SignIn) -> Result<Arc<dyn TokenCredential>, SignInError> {
    let unusable =
        |error: azure_core::Error| SignInError::Unusable { auth, problem: super::one_line(&error) };
    let value = |name: &'static str| {
        let value = sign_in.environment.get(name).map(str::to_owned);
        value.ok_or_else(|| SignInError::Unusable { auth, problem: format!("{name} is not set") })
    };
    let tenant_of_programs = || sign_in.tenant().map(str::to_owned);
    Ok(match auth {
        Auth::Token => return Err(SignInError::NotAToken),
        Auth::ClientSecret => {
            let options = ClientSecretCredentialOptions { client_options: sign_in.options()? };
            let secret = SecretString::from(value("AZURE_CLIENT_SECRET")?);
            let secret = Secret::new(secret.expose_secret().to_owned());
            ClientSecretCredential::new(
                &value("AZURE_TENANT_ID")?,
                value("AZURE_CLIENT_ID")?,
                secret,
                Some(options),
            )
            .map_err(unusable)?
        }
        Auth::ClientCertificate => {
            let (tenant, client) = (value("AZURE_TENANT_ID")?, value("AZURE_CLIENT_ID")?);
            let path = value("AZURE_CLIENT_CERTIFICATE_PATH")?;
            let problem = |problem: String| SignInError::Unusable { auth, problem };
            let pem = std::fs::read(&path).map_err(|error| {
                problem(format!("{} could not be read: {error}", crate::text::visible(&path)))
            })?;
            let audience = format!("{}/{tenant}/oauth2/v2.0/token", sign_in.authority());
            let assertion = CertificateAssertion::from_pem(&pem, &client, audience)
                .map_err(|why| problem(format!("{}: {why}", crate::text::visible(&path))))?;
            let options = ClientAssertionCredentialOptions { client_options: sign_in.options()? };
            ClientAssertionCredential::new(tenant, client, assertion, Some(options)).map_err(unusable)?
        }
        Auth::WorkloadIdentity if sign_in.environment.is_github() => {
            let assertion = WorkflowAssertion::new(
                sign_in.line()?,
                &value("ACTIONS_ID_TOKEN_REQUEST_URL")?,
                &value("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?,
                sign_in.cloud.exchange_audience(),
            )
            .map_err(|problem| SignInError::Unusable { auth, problem })?;
            let options = ClientAssertionCredentialOptions { client_options: sign_in.options()? };
            let (tenant, client) = (value("AZURE_TENANT_ID")?, value("AZURE_CLIENT_ID")?);
            ClientAssertionCredential::new(tenant, client, assertion, Some(options)).map_err(unusable)?
        }
        Auth::WorkloadIdentity => {
            let options = WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions { client_options: sign_in.options()? },
                client_id: Some(value("AZURE_CLIENT_ID")?),
                tenant_id: Some(value("AZURE_TENANT_ID")?),
                token_file_path: Some(value("AZURE_FEDERATED_TOKEN_FILE")?.into()),
            };
            WorkloadIdentityCredential::new(Some(options)).map_err(unusable)?
        }
        Auth::AzurePipelines => {
            let options = AzurePipelinesCredentialOptions {
                credential_options: ClientAssertionCredentialOptions { client_options: sign_in.options()? },
            };
            AzurePipelinesCredential::new(
                value("AZURESUBSCRIPTION_TENANT_ID")?,
                value("AZURESUBSCRIPTION_CLIENT_ID")?,
                &value("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")?,
                value("SYSTEM_ACCESSTOKEN")?,
                Some(options),
            )
            .map_err(unusable)?
        }
        Auth::ManagedIdentity => {
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: value("AZURE_CLIENT_ID").ok().map(UserAssignedId::ClientId),
                client_options: ClientOptions {
                    transport: Some(AzureTransport::new(Arc::new(SignInLine::of_this_machine()?))),
                    retry: retries(),
                    ..ClientOptions::default()
                },
            };
            ManagedIdentityCredential::new(Some(options)).map_err(unusable)?
        }
        Auth::AzureCli => {
            let options = AzureCliCredentialOptions { tenant_id: tenant_of_programs(), ..Default::default() };
            AzureCliCredential::new(Some(options)).map_err(unusable)?
        }
        Auth::AzureDeveloperCli => {
            let options =
                AzureDeveloperCliCredentialOptions { tenant_id: tenant_of_programs(), ..Default::default() };
            AzureDeveloperCliCredential::new(Some(options)).map_err(unusable)?
        }
    })
}

impl SignIn {
    /// Returns where to sign in: the cloud's host, or `AZURE_AUTHORITY_HOST`.
    pub(super) fn authority(&self) -> String {
        #[cfg(test)]
        if self.stand_in.is_some() {
            return super::line::STAND_IN.to_owned();
        }
        let authority = self.environment.get("AZURE_AUTHORITY_HOST").unwrap_or(self.cloud.login());
        let authority = authority.trim().trim_end_matches('/');
        // Some documents give the bare host.
        if authority.contains("://") { authority.to_owned() } else { format!("https://{authority}") }
    }

    fn line(&self) -> Result<SignInLine, SignInError> {
        #[cfg(test)]
        if let Some(root) = &self.stand_in {
            return Ok(SignInLine::to_stand_in(root));
        }
        SignInLine::secure()
    }

    fn options(&self) -> Result<ClientOptions, SignInError> {
        let mut authority = CustomConfiguration::default();
        authority.authority_host = self.authority();
        Ok(ClientOptions {
            cloud: Some(Arc::new(CloudConfiguration::Custom(authority))),
            transport: Some(AzureTransport::new(Arc::new(self.line()?))),
            retry: retries(),
            ..ClientOptions::default()
        })
    }
}

/// azure_identity's own would go on for over a minute, in silence.
fn retries() -> RetryOptions {
    RetryOptions::exponential(ExponentialRetryOptions { max_retries: 2, ..Default::default() })
}
