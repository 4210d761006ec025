//! The methods of a new tenant.

use serde_json::{Value, json};

use super::shape::{feature, method, target, target_with, temporary_access_pass};

/// The app and e-mail for everyone, phones off.
pub(super) fn methods() -> Vec<Value> {
    let everyone = || json!([target("all_users")]);
    vec![
        method(
            "Fido2",
            "fido2",
            "enabled",
            everyone(),
            json!({"isAttestationEnforced": false, "isSelfServiceRegistrationAllowed": true}),
        ),
        method(
            "MicrosoftAuthenticator",
            "microsoftAuthenticator",
            "enabled",
            json!([target_with("all_users", "authenticationMode", json!("any"))]),
            json!({"isSoftwareOathEnabled": true, "featureSettings": {
                "displayAppInformationRequiredState": feature("default"),
                "displayLocationInformationRequiredState": feature("default"),
            }}),
        ),
        method(
            "Sms",
            "sms",
            "disabled",
            json!([target_with("all_users", "isUsableForSignIn", json!(true))]),
            json!({}),
        ),
        method("TemporaryAccessPass", "temporaryAccessPass", "disabled", everyone(), temporary_access_pass()),
        method("SoftwareOath", "softwareOath", "disabled", everyone(), json!({})),
        method("Voice", "voice", "disabled", everyone(), json!({"isOfficePhoneAllowed": false})),
        method("Email", "email", "enabled", everyone(), json!({"allowExternalIdToUseEmailOtp": "default"})),
    ]
}
