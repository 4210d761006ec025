//! Methods others care about: foreign groups, exclusions, retired and unknown properties, ids in the
//! spellings that tenants show.

use serde_json::{Value, json};

use super::shape::{feature, method, target, target_with, temporary_access_pass};
use crate::sandbox::tenant::seed::id;

/// Returns the methods in the order that Graph lists them.
pub(super) fn methods() -> Vec<Value> {
    let sales = || json!([target(id("Sales"))]);
    vec![
        passkeys(sales()),
        authenticator(),
        sms(),
        method("temporaryAccessPass", "temporaryAccessPass", "enabled", sales(), temporary_access_pass()),
        method(
            "softwareOath",
            "softwareOath",
            "disabled",
            json!([]),
            json!({"futureLimit": 9_007_199_254_740_993_u64}),
        ),
        voice(),
        email(),
        external(sales()),
    ]
}

fn contractors() -> Value {
    json!([{"targetType": "group", "id": id("Contractors")}])
}

fn passkeys(targets: Value) -> Value {
    let own = json!({
        "isAttestationEnforced": true, "isSelfServiceRegistrationAllowed": true, "excludeTargets": contractors(),
    });
    method("fido2", "fido2", "enabled", targets, own)
}

fn authenticator() -> Value {
    let targets = json!([
        target_with(id("Sales"), "authenticationMode", json!("deviceBasedPush")),
        target_with(id("Everyone at Contoso"), "authenticationMode", json!("any")),
    ]);
    let own = json!({"isSoftwareOathEnabled": false, "featureSettings": {
        "displayAppInformationRequiredState": feature("enabled"),
        "displayLocationInformationRequiredState": feature("disabled"),
        // Retired: Graph still tells it and no longer takes it.
        "numberMatchingRequiredState": feature("enabled"),
    }});
    method("MicrosoftAuthenticator", "microsoftAuthenticator", "enabled", targets, own)
}

fn sms() -> Value {
    let targets = json!([target_with("all_users", "isUsableForSignIn", json!(true))]);
    method("SMS", "sms", "disabled", targets, json!({"excludeTargets": contractors()}))
}

fn voice() -> Value {
    let targets = json!([target(id("Sales")), target_with(id("Contractors"), "futureNote", json!("kept"))]);
    let own = json!({"isOfficePhoneAllowed": null, "futureNested": {"list": [[1], []], "ratio": 0.1}});
    method("Voice", "voice", "enabled", targets, own)
}

fn email() -> Value {
    let targets = json!([target(id("Sales")), target("all_users")]);
    let own = json!({"allowExternalIdToUseEmailOtp": "enabled", "excludeTargets": contractors()});
    method("Email", "email", "enabled", targets, own)
}

fn external(targets: Value) -> Value {
    let own = json!({"displayName": "Another factor", "appId": "2f1d3b5a-7c9e-4a1b-8d3f-5e7a9c1b3d5f"});
    method("8c1a7f2e-5b0d-4e3f-9a6b-0d2c4e6f8a1b", "external", "enabled", targets, own)
}
