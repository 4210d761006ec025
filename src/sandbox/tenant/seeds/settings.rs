//! The settings tenants start with, apart from their methods.

use serde_json::{Value, json};

use crate::sandbox::tenant::seed::id;
use crate::sandbox::tenant::tenant_state::lay_over;

/// A policy no one has touched. Field names and shapes: facts 2.2.
pub(crate) fn fresh_policy() -> Value {
    json!({
        "objectId": "default",
        "enablementType": 0,
        "numberOfAuthenticationMethodsRequired": 2,
        "emailOptionEnabled": true,
        "mobilePhoneOptionEnabled": true,
        "officePhoneOptionEnabled": false,
        "securityQuestionsOptionEnabled": false,
        "mobileAppNotificationEnabled": false,
        "mobileAppCodeEnabled": false,
        "numberOfQuestionsToRegister": 5,
        "numberOfQuestionsToReset": 3,
        "registrationRequiredOnSignIn": false,
        "registrationReconfirmIntevalInDays": 180,
        "skipRegistrationAllowed": true,
        "skipRegistrationMaxAllowedDays": 7,
        "customizeHelpdeskLink": false,
        "customHelpdeskEmailOrUrl": "",
        "notifyUsersOnPasswordReset": true,
        "notifyOnAdminPasswordReset": false,
        "passwordResetEnabledGroupIds": [],
        "passwordResetEnabledGroupName": "",
        "securityQuestions": [],
        "registrationConditionalAccessPolicies": [],
        "emailOptionAllowed": true,
        "mobilePhoneOptionAllowed": true,
        "officePhoneOptionAllowed": true,
        "securityQuestionsOptionAllowed": true,
        "mobileAppNotificationOptionAllowed": true,
        "mobileAppCodeOptionAllowed": true,
    })
}

/// A tenant without synchronisation. Shape: facts 2.5.
pub(super) fn fresh_writeback() -> Value {
    json!({
        "objectId": null, "passwordWritebackSupported": false, "accountUnlockSupported": false,
        "accountUnlockEnabled": false, "enablementForTenant": false, "cloudProvisioningEnablementForTenant": false,
    })
}

/// What a new tenant has. Shape: Microsoft's v1.0 metadata (facts 1.2).
pub(super) fn fresh_authorization() -> Value {
    json!({
        "id": "authorizationPolicy",
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "deletedDateTime": null,
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": true,
        "allowedToUseSSPR": true,
        "allowEmailVerifiedUsersToJoinOrganization": false,
        "allowUserConsentForRiskyApps": null,
        "blockMsolPowerShell": false,
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": true, "allowedToCreateSecurityGroups": true, "allowedToReadOtherUsers": true,
            "allowedToCreateTenants": true, "allowedToReadBitlockerKeysForOwnedDevice": true,
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"],
        },
    })
}

/// A security question. Its id is a GUID without dashes (facts 2026-11 F).
fn question(text: &str, is_custom: bool) -> Value {
    json!({"objectId": id(text).simple().to_string(), "questionText": text, "isCustomQuestion": is_custom})
}

/// A policy someone cares about: what the scripts people copy would wipe, and fields no one has seen.
pub(super) fn configured_policy() -> Value {
    let mut policy = fresh_policy();
    let settings = json!({
        "enablementType": 1,
        "numberOfAuthenticationMethodsRequired": 1,
        "securityQuestionsOptionEnabled": true,
        "registrationRequiredOnSignIn": true,
        "registrationReconfirmIntevalInDays": 90,
        "customizeHelpdeskLink": true,
        "customHelpdeskEmailOrUrl": "https://help.contoso.com/passwörd",
        "notifyOnAdminPasswordReset": true,
        "passwordResetEnabledGroupIds": [id("SSPR-Pilot-Branch")],
        "securityQuestions": [
            question("In welcher Straße bist du aufgewachsen?", true),
            question("初めて飼ったペットの名前は？ 🐕", true),
            question("What was your first car?", false),
        ],
        "skipRegistrationMaxAllowedDays": 14,
        "futurePolicyRevision": 9_007_199_254_740_993_u64,
        "futureNested": {"list": [[1, 2], [], [null, true]], "ratio": 0.1, "note": "seen by nobody"},
    });
    lay_over(&mut policy, settings);
    policy
}
