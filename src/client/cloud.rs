//! Microsoft's clouds: which hosts and audiences belong together, and what is known of each (facts 2.6, 5).

/// One of Microsoft's separate clouds. Tokens of one open nothing in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// The worldwide cloud, GCC included.
    #[default]
    Public,
    /// US Government, L4 (GCC High).
    UsGov,
    /// US Government, L5 (DoD).
    UsGovDod,
    /// Operated by 21Vianet.
    China,
}

/// What is known of a cloud's admin-centre API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalSupport {
    /// Public tools use it.
    Seen,
    /// Host and audience are known, but no one has published a read of the password reset policy there.
    Unproven,
    /// The audience is not known, so no token can be asked for.
    Unknown,
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 4] = [Self::Public, Self::UsGov, Self::UsGovDod, Self::China];

    /// Returns the cloud's name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::UsGov => "usgov",
            Self::UsGovDod => "usgov-dod",
            Self::China => "china",
        }
    }

    /// Returns the root of Microsoft Graph.
    pub fn graph(self) -> &'static str {
        match self {
            Self::Public => "https://graph.microsoft.com",
            Self::UsGov => "https://graph.microsoft.us",
            Self::UsGovDod => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// Returns the root of the admin-centre API.
    pub fn portal(self) -> &'static str {
        match self {
            Self::Public => "https://main.iam.ad.ext.azure.com",
            Self::UsGov | Self::UsGovDod => "https://main.iam.ad.ext.azure.us",
            Self::China => "https://main.iam.ad.ext.azure.cn",
        }
    }

    /// Returns where people and programs sign in.
    pub fn login(self) -> &'static str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::UsGov | Self::UsGovDod => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// Returns the audience of the admin-centre API: the app id of its portal, not the URL of its host (facts 2.3).
    pub fn portal_audience(self) -> Option<&'static str> {
        match self {
            Self::Public => Some("74658136-14ec-4630-ad9b-26e160ff0fc6"),
            Self::UsGov | Self::UsGovDod => Some("ee62de39-b9b0-4886-aa58-08b89c4e3db3"),
            Self::China => None,
        }
    }

    /// Returns what is known of the admin-centre API.
    pub fn portal_support(self) -> PortalSupport {
        match self {
            Self::Public => PortalSupport::Seen,
            Self::UsGov | Self::UsGovDod => PortalSupport::Unproven,
            Self::China => PortalSupport::Unknown,
        }
    }

    /// Returns the audience a pipeline's own token must be made for, to be exchanged here.
    pub(super) fn exchange_audience(self) -> &'static str {
        match self {
            Self::Public => "api://AzureADTokenExchange",
            Self::UsGov | Self::UsGovDod => "api://AzureADTokenExchangeUSGov",
            Self::China => "api://AzureADTokenExchangeChina",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Endpoints;

    #[test]
    fn every_cloud_has_https_roots_and_only_proven_ones_are_silent() {
        for cloud in Cloud::ALL {
            Endpoints::new(cloud, None, None).unwrap();
            assert!(cloud.login().starts_with("https://"));
            let is_known = cloud.portal_audience().is_some();
            assert_eq!(is_known, cloud.portal_support() != PortalSupport::Unknown, "{cloud:?}");
        }
    }
}
