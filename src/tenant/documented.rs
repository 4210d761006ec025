//! The fields of an object that this tool knows: those of the settings, and those it only preserves.

use super::membership::IS_MEMBER;
use super::{Resource, SETTINGS};

/// What every public tool that writes the password reset policy sends beside the settings, the computed fields apart
/// (facts 2.2).
const PASSWORD_RESET: [&str; 5] = [
    "objectId",
    "skipRegistrationAllowed",
    "skipRegistrationMaxAllowedDays",
    "securityQuestions",
    "registrationConditionalAccessPolicies",
];

/// (facts 2.5)
const WRITEBACK: [&str; 2] = ["objectId", "cloudProvisioningEnablementForTenant"];

/// (facts 1.2)
const AUTHORIZATION: [&str; 7] = [
    "allowedToSignUpEmailBasedSubscriptions",
    "allowEmailVerifiedUsersToJoinOrganization",
    "allowInvitesFrom",
    "allowUserConsentForRiskyApps",
    "blockMsolPowerShell",
    "defaultUserRolePermissions",
    "guestUserRoleId",
];

/// (facts 1.5)
const METHOD: [&str; 7] = [
    "id",
    "state",
    "includeTargets",
    "excludeTargets",
    "isOfficePhoneAllowed",
    "isSoftwareOathEnabled",
    "allowExternalIdToUseEmailOtp",
];

impl Resource {
    /// Returns whether a field is one this tool knows the meaning of; an unknown one may be the service's own
    /// clock or counter.
    pub fn is_documented(&self, field: &str) -> bool {
        let carried: &[&str] = match self {
            Self::PasswordReset => &PASSWORD_RESET,
            Self::Writeback => &WRITEBACK,
            Self::Authorization => &AUTHORIZATION,
            Self::Method(_) => &METHOD,
            Self::Membership { .. } => &[IS_MEMBER],
        };
        let mut own = SETTINGS.iter().filter(|setting| setting.object == *self);
        carried.contains(&field) || own.any(|setting| setting.fields().contains(&field))
    }
}
