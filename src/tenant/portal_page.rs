//! The pages of the portal that settings are on.

/// A page of the portal's "Password reset" menu, in the portal's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortalPage {
    /// Who may reset.
    Properties,
    /// With what.
    AuthenticationMethods,
    /// Who is asked to register, and how often.
    Registration,
    /// Who is notified.
    Notifications,
    /// Where the helpdesk link leads.
    Customization,
    /// Whether passwords reach the on-premises directory.
    OnPremisesIntegration,
    /// Whether administrators may reset.
    Administrators,
}

impl PortalPage {
    /// Returns the portal's title of the page.
    pub fn title(self) -> &'static str {
        match self {
            Self::Properties => "Properties",
            Self::AuthenticationMethods => "Authentication methods",
            Self::Registration => "Registration",
            Self::Notifications => "Notifications",
            Self::Customization => "Customization",
            Self::OnPremisesIntegration => "On-premises integration",
            Self::Administrators => "Administrators",
        }
    }

    /// Returns the page in the Entra admin center. The address is not documented; public tools that check tenants
    /// link to it.
    pub fn url(self) -> String {
        let page = match self {
            // The address of Customization is not known; it is in the menu beside.
            Self::Properties | Self::Customization => "Properties",
            Self::AuthenticationMethods => "AuthenticationMethods",
            Self::Registration => "Registration",
            Self::Notifications => "Notifications",
            Self::OnPremisesIntegration => "OnPremisesIntegration",
            Self::Administrators => "AdminPasswordResetPolicy",
        };
        format!("https://entra.microsoft.com/#view/Microsoft_AAD_IAM/PasswordResetMenuBlade/~/{page}")
    }
}
