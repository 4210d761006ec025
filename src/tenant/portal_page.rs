//! The pages of the portal that settings are on.

/// A page of the portal, in the order of its "Password reset" menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortalPage {
    /// Who may reset.
    Properties,
    /// With what, where the tenant still uses this page for it.
    AuthenticationMethods,
    /// With what, and for sign-in too: a page of its own, outside "Password reset".
    MethodsPolicy,
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
            Self::MethodsPolicy => "Authentication methods policy",
            Self::Registration => "Registration",
            Self::Notifications => "Notifications",
            Self::Customization => "Customization",
            Self::OnPremisesIntegration => "On-premises integration",
            Self::Administrators => "Administrators",
        }
    }

    /// Returns the way to the page in the portal's menus: "Password reset > Properties".
    pub fn path(self) -> String {
        match self {
            Self::MethodsPolicy => self.title().to_owned(),
            page => format!("Password reset > {}", page.title()),
        }
    }

    /// Returns the page in the Entra admin center. Nobody documents the address; public tools that check tenants
    /// link to it.
    pub fn url(self) -> String {
        let page = match self {
            Self::MethodsPolicy => "AdminAuthMethods",
            // The address of Customization is not known; it is in the menu beside.
            Self::Properties | Self::Customization => "Properties",
            Self::AuthenticationMethods => "AuthenticationMethods",
            Self::Registration => "Registration",
            Self::Notifications => "Notifications",
            Self::OnPremisesIntegration => "OnPremisesIntegration",
            Self::Administrators => "AdminPasswordResetPolicy",
        };
        let menu = if self == Self::MethodsPolicy { "AuthenticationMethods" } else { "PasswordReset" };
        format!("https://entra.microsoft.com/#view/Microsoft_AAD_IAM/{menu}MenuBlade/~/{page}")
    }
}
