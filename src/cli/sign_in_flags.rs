//! The names of clouds and sign-in methods as flag values.

use clap::ValueEnum;

use crate::client::{Auth, Cloud};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AuthName {
    /// The first that has everything it needs; -v says which, and why the others were skipped
    Auto,
    /// The person signed in with `sspr login`; else one who signs in in a browser, for this run; Graph only
    Browser,
    /// The same; else one who types a code elsewhere, for this run; Graph only
    DeviceCode,
    /// The person or app signed in to the Azure CLI
    AzureCli,
    /// The person or app signed in to the Azure Developer CLI
    AzureDeveloperCli,
    /// AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET; Graph only
    ClientSecret,
    /// AZURE_CLIENT_CERTIFICATE_PATH (PEM with its key) in place of the secret; Graph only
    ClientCertificate,
    /// The token of a GitHub Actions job or Kubernetes pod; Graph only
    WorkloadIdentity,
    /// The identity of the Azure machine this runs on; Graph only
    ManagedIdentity,
    /// An Azure Pipelines service connection; Graph only
    AzurePipelines,
    /// SSPR_GRAPH_TOKEN and SSPR_PORTAL_TOKEN
    Token,
}

impl AuthName {
    /// Returns the way; `None` picks one.
    pub(super) fn auth(self) -> Option<Auth> {
        Some(match self {
            Self::Auto => return None,
            Self::Browser => Auth::Browser,
            Self::DeviceCode => Auth::DeviceCode,
            Self::AzureCli => Auth::AzureCli,
            Self::AzureDeveloperCli => Auth::AzureDeveloperCli,
            Self::ClientSecret => Auth::ClientSecret,
            Self::ClientCertificate => Auth::ClientCertificate,
            Self::WorkloadIdentity => Auth::WorkloadIdentity,
            Self::ManagedIdentity => Auth::ManagedIdentity,
            Self::AzurePipelines => Auth::AzurePipelines,
            Self::Token => Auth::Token,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CloudName {
    /// Worldwide, GCC included
    Public,
    /// US Government L4 (GCC High); the portal surface is unproven there
    Usgov,
    /// US Government L5 (DoD); the portal surface is unproven there
    UsgovDod,
    /// 21Vianet; the portal surface cannot be signed in to there
    China,
}

impl CloudName {
    pub(super) fn cloud(self) -> Cloud {
        match self {
            Self::Public => Cloud::Public,
            Self::Usgov => Cloud::UsGov,
            Self::UsgovDod => Cloud::UsGovDod,
            Self::China => Cloud::China,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_said() {
        for name in AuthName::value_variants() {
            let typed = name.to_possible_value().unwrap();
            assert_eq!(name.auth().map_or("auto", Auth::as_str), typed.get_name());
        }
        for name in CloudName::value_variants() {
            assert_eq!(name.cloud().as_str(), name.to_possible_value().unwrap().get_name());
        }
    }
}
