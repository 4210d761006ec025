//! The objects of a tenant that this tool writes: their names, and what it knows of their fields.

use std::fmt;

use super::Surface;
use crate::ids::GroupId;

/// The admin-centre object every portal setting of the pilot lives on (facts 2.1).
const PASSWORD_RESET: &str = "PasswordResetPolicies";
/// The admin-centre object of password writeback (facts 2.5).
const WRITEBACK: &str = "OnPremisesPasswordResetPolicies";
/// Graph's policy with the switch for administrators (facts 1.2).
const AUTHORIZATION: &str = "authorizationPolicy";
/// Between the ids of a group and of a member in the name of a membership.
const MEMBERS: &str = "/members/";
/// Before the id of a group there.
const GROUPS: &str = "groups/";
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
    /// Graph: whether a group is a direct member of another one.
    Membership {
        /// The group that has members.
        group: GroupId,
        /// The group that is in it or not.
        member: GroupId,
    },
}

impl Resource {
    /// Returns the API the object is behind.
    pub fn surface(&self) -> Surface {
        match self {
            Self::PasswordReset | Self::Writeback => Surface::Portal,
            Self::Authorization | Self::Method(_) | Self::Membership { .. } => Surface::Graph,
        }
    }

    /// Returns the object with this name, as plans, baselines and journals write it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            PASSWORD_RESET => Some(Self::PasswordReset),
            WRITEBACK => Some(Self::Writeback),
            AUTHORIZATION => Some(Self::Authorization),
            name => match (name.strip_prefix(METHODS), name.strip_prefix(GROUPS)) {
                (Some(""), _) | (None, None) => None,
                (Some(id), _) => Some(Self::Method(id.to_owned())),
                (None, Some(ids)) => {
                    let (group, member) = ids.split_once(MEMBERS)?;
                    Some(Self::Membership { group: group.parse().ok()?, member: member.parse().ok()? })
                }
            },
        }
    }

    /// Returns whether the service fills a field in by itself. OData annotations (`…@odata.…`) always are.
    pub fn is_computed(&self, field: &str) -> bool {
        match self {
            Self::PasswordReset => COMPUTED.contains(&field),
            Self::Writeback => false,
            Self::Authorization | Self::Method(_) | Self::Membership { .. } => field.contains('@'),
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
            Self::Membership { group, member } => write!(f, "{GROUPS}{group}{MEMBERS}{member}"),
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
            Resource::Membership {
                group: uuid::Uuid::from_u128(1).into(),
                member: uuid::Uuid::from_u128(2).into(),
            },
        ];
        for resource in all {
            assert_eq!(Resource::from_name(&resource.to_string()), Some(resource));
        }
        for other in
            ["", "authenticationMethodConfigurations/", "passwordResetPolicies", "Sms", "groups/a/members/b"]
        {
            assert_eq!(Resource::from_name(other), None, "{other}");
        }
    }
}
