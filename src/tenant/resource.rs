//! The objects of a tenant that this tool writes: their names, and what it knows of their fields.

use std::fmt;

use super::Surface;

/// The admin-centre object every portal setting of the pilot lives on (facts 2.1).
const PASSWORD_RESET: &str = "PasswordResetPolicies";
/// The admin-centre object of password writeback (facts 2.5).
const WRITEBACK: &str = "OnPremisesPasswordResetPolicies";
/// Graph's policy with the switch for administrators (facts 1.2).
const AUTHORIZATION: &str = "authorizationPolicy";
/// Graph's collection of methods (facts 1.5); an id follows.
const METHODS: &str = "authenticationMethodConfigurations/";

/// Fields the service fills in by itself: never a difference, never a reason to stop (facts 2.2).
const COMPUTED: [&str; 7] = [
    "passwordResetEnabledGroupName",
    "emailOptionAllowed",
    "mobilePhoneOptionAllowed",
    "officePhoneOptionAllowed",
    "securityQuestionsOptionAllowed",
    "mobileAppNotificationOptionAllowed",
    "mobileAppCodeOptionAllowed",
];

/// An object of the tenant that can be read and written by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Admin centre: the password reset policy, replaced whole.
    PasswordReset,
    /// Admin centre: password writeback, written field by field.
    Writeback,
    /// Graph: the policy with the switch for administrators.
    Authorization,
    /// Graph: one method of the Authentication methods policy, by the id the tenant gave it.
    Method(String),
}

impl Resource {
    /// Returns the API the object is behind.
    pub fn surface(&self) -> Surface {
        match self {
            Self::PasswordReset | Self::Writeback => Surface::Portal,
            Self::Authorization | Self::Method(_) => Surface::Graph,
        }
    }

    /// Returns the object with this name, as plans, baselines and journals write it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            PASSWORD_RESET => Some(Self::PasswordReset),
            WRITEBACK => Some(Self::Writeback),
            AUTHORIZATION => Some(Self::Authorization),
            name => match name.strip_prefix(METHODS)? {
                "" => None,
                id => Some(Self::Method(id.to_owned())),
            },
        }
    }

    /// Returns whether the service fills a field in by itself. OData annotations (`…@odata.…`) always are.
    pub fn is_computed(&self, field: &str) -> bool {
        match self {
            Self::PasswordReset => COMPUTED.contains(&field),
            Self::Writeback => false,
            Self::Authorization | Self::Method(_) => field.contains('@'),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PasswordReset => f.write_str(PASSWORD_RESET),
            Self::Writeback => f.write_str(WRITEBACK),
            Self::Authorization => f.write_str(AUTHORIZATION),
            Self::Method(id) => write!(f, "{METHODS}{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_object_it_came_from() {
        let all = [
            Resource::PasswordReset,
            Resource::Writeback,
            Resource::Authorization,
            Resource::Method("Sms".into()),
        ];
        for resource in all {
            assert_eq!(Resource::from_name(&resource.to_string()), Some(resource));
        }
        for other in ["", "authenticationMethodConfigurations/", "passwordResetPolicies", "Sms"] {
            assert_eq!(Resource::from_name(other), None, "{other}");
        }
    }
}
