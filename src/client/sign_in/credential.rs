//! Makes the credential of a sign-in method.

use std::io::Read as _;
use std::sync::Arc;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, Transport as AzureTransport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::SignInError;
use super::auth_transport::AuthTransport;
use super::certificate::CertificateAssertion;
use super::choice::Auth;
use super::cli_tools::Program;
use super::error::one_line;
use super::github::WorkflowAssertion;
use super::settings::{SignIn, retries};
use crate::files::open_to_read;

/// A certificate with its key and the chain above it has a few KiB.
const LARGEST_CERTIFICATE: u64 = 1024 * 1024;

type Made = Result<Arc<dyn TokenCredential>, SignInError>;

/// Makes a new credential, which has no token yet: azure_identity's keep theirs, so a token the service no
/// longer takes needs a new credential.
pub(super) fn make(auth: Auth, sign_in: &SignIn) -> Made {
    let making = Making { auth, sign_in };
    match auth {
        // No credential of azure_identity's.
        Auth::Token | Auth::Browser | Auth::DeviceCode => Err(SignInError::NotAToken),
        Auth::ClientSecret => making.client_secret(),
        Auth::ClientCertificate => making.client_certificate(),
        Auth::WorkloadIdentity if sign_in.environment.is_github() => making.github(),
        Auth::WorkloadIdentity => making.workload_identity(),
        Auth::AzurePipelines => making.azure_pipelines(),
        Auth::ManagedIdentity => making.managed_identity(),
        Auth::AzureCli => making.azure_cli(),
        Auth::AzureDeveloperCli => making.azure_developer_cli(),
    }
}

/// A credential in the making: each way takes what it needs from the environment, and says what is missing.
struct Making<'a> {
    auth: Auth,
    sign_in: &'a SignIn,
}

impl Making<'_> {
    fn unusable(&self, problem: impl Into<String>) -> SignInError {
        SignInError::Unusable { auth: self.auth, problem: problem.into() }
    }

    fn made(&self, credential: azure_core::Result<Arc<impl TokenCredential + 'static>>) -> Made {
        match credential {
            Ok(credential) => Ok(credential),
            Err(error) => Err(self.unusable(one_line(&error))),
        }
    }

    fn value(&self, name: &'static str) -> Result<String, SignInError> {
        let value = self.sign_in.environment.get(name).map(str::to_owned);
        value.ok_or_else(|| self.unusable(format!("{name} is not set")))
    }

    fn secret(&self, name: &'static str) -> Result<SecretString, SignInError> {
        let secret = self.sign_in.environment.secret(name).cloned();
        secret.ok_or_else(|| self.unusable(format!("{name} is not set")))
    }

    /// The directory and the application that sign in.
    fn application(&self) -> Result<(String, String), SignInError> {
        Ok((self.value("AZURE_TENANT_ID")?, self.value("AZURE_CLIENT_ID")?))
    }

    fn assertion_options(&self) -> Result<ClientAssertionCredentialOptions, SignInError> {
        Ok(ClientAssertionCredentialOptions { client_options: self.sign_in.options()? })
    }

    fn client_secret(&self) -> Made {
        let options = ClientSecretCredentialOptions { client_options: self.sign_in.options()? };
        // azure_identity takes it as a type of its own, whose `Debug` shows nothing either.
        let secret = Secret::new(self.secret("AZURE_CLIENT_SECRET")?.expose_secret().to_owned());
        let (tenant, client) = self.application()?;
        self.made(ClientSecretCredential::new(&tenant, client, secret, Some(options)))
    }

    fn client_certificate(&self) -> Made {
        let (tenant, client) = self.application()?;
        let path = self.value("AZURE_CLIENT_CERTIFICATE_PATH")?;
        let shown = crate::text::visible(&path);
        let mut pem = Vec::new();
        open_to_read(path.as_ref())
            .and_then(|file| file.take(LARGEST_CERTIFICATE).read_to_end(&mut pem))
            .map_err(|error| self.unusable(format!("{shown} could not be read: {error}")))?;
        let pem = SecretSlice::from(pem);
        let audience = format!("{}/{tenant}/oauth2/v2.0/token", self.sign_in.authority());
        let assertion = CertificateAssertion::from_pem(pem.expose_secret(), &client, audience)
            .map_err(|why| self.unusable(format!("{shown}: {why}")))?;
        let options = self.assertion_options()?;
        self.made(ClientAssertionCredential::new(tenant, client, assertion, Some(options)))
    }

    /// With the token that GitHub gives a workflow.
    fn github(&self) -> Made {
        let assertion = WorkflowAssertion::new(
            self.sign_in.line()?,
            &self.value("ACTIONS_ID_TOKEN_REQUEST_URL")?,
            self.secret("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?,
            self.sign_in.cloud.exchange_audience(),
        )
        .map_err(|problem| self.unusable(problem))?;
        let options = self.assertion_options()?;
        let (tenant, client) = self.application()?;
        self.made(ClientAssertionCredential::new(tenant, client, assertion, Some(options)))
    }

    /// With the token that Kubernetes keeps in a file.
    fn workload_identity(&self) -> Made {
        let (tenant, client) = self.application()?;
        let options = WorkloadIdentityCredentialOptions {
            credential_options: self.assertion_options()?,
            client_id: Some(client),
            tenant_id: Some(tenant),
            token_file_path: Some(self.value("AZURE_FEDERATED_TOKEN_FILE")?.into()),
        };
        self.made(WorkloadIdentityCredential::new(Some(options)))
    }

    fn azure_pipelines(&self) -> Made {
        let options = AzurePipelinesCredentialOptions { credential_options: self.assertion_options()? };
        self.made(AzurePipelinesCredential::new(
            self.value("AZURESUBSCRIPTION_TENANT_ID")?,
            self.value("AZURESUBSCRIPTION_CLIENT_ID")?,
            &self.value("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")?,
            self.secret("SYSTEM_ACCESSTOKEN")?.expose_secret().to_owned(),
            Some(options),
        ))
    }

    fn managed_identity(&self) -> Made {
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: self.value("AZURE_CLIENT_ID").ok().map(UserAssignedId::ClientId),
            client_options: ClientOptions {
                transport: Some(AzureTransport::new(Arc::new(AuthTransport::of_this_machine()?))),
                retry: retries(),
                ..ClientOptions::default()
            },
        };
        self.made(ManagedIdentityCredential::new(Some(options)))
    }

    fn azure_cli(&self) -> Made {
        let config = self.sign_in.environment.azure_config.as_ref().map(|config| config.folder.clone());
        let tenant_id = self.sign_in.tenant().map(str::to_owned);
        let executor = Some(Program::executor("az", "accessToken", config));
        let options = AzureCliCredentialOptions { tenant_id, executor, ..Default::default() };
        self.made(AzureCliCredential::new(Some(options)))
    }

    fn azure_developer_cli(&self) -> Made {
        let tenant_id = self.sign_in.tenant().map(str::to_owned);
        let executor = Some(Program::executor("azd", "token", None));
        let options = AzureDeveloperCliCredentialOptions { tenant_id, executor };
        self.made(AzureDeveloperCliCredential::new(Some(options)))
    }
}
