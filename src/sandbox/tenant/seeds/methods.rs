//! The Authentication methods policies that pretend tenants start with.
//! Shapes: Microsoft's v1.0 metadata (facts 1.3 to 1.5).

use serde_json::{Value, json};

use crate::sandbox::tenant::seed::{Seed, id};
use crate::sandbox::tenant::tenant_state::lay_over;

pub(super) fn policy(seed: Seed) -> Value {
    let (state, methods) = match seed {
        Seed::Fresh | Seed::Rings => (json!("migrationComplete"), fresh()),
        Seed::Configured => (json!("preMigration"), fresh()),
        Seed::PreMigration => (json!("preMigration"), existing()),
        Seed::MidMigration => (json!("migrationInProgress"), existing()),
        Seed::Migrated => (json!("migrationComplete"), existing()),
        Seed::NullState => (json!(null), existing()),
    };
    json!({
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed in the tenant, \
                        authentication method registration requirements, and self-service password reset settings",
        "lastModifiedDateTime": "2026-05-04T09:12:41.1234567Z",
        "policyVersion": "1.5",
        "policyMigrationState": state,
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "snoozeDurationInDays": 1, "state": "default", "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group", "targetedAuthenticationMethod": "microsoftAuthenticator"}],
        }},
        "authenticationMethodConfigurations": methods,
    })
}

/// The app and e-mail for everyone, phones off.
fn fresh() -> Vec<Value> {
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

/// Methods others care about, in the order that Graph lists them: foreign groups, exclusions, retired and unknown
/// properties, ids in the spellings that tenants show.
fn existing() -> Vec<Value> {
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

/// A method of the policy: what all have, and what its kind has of its own.
fn method(id: &str, kind: &str, state: &str, targets: Value, own: Value) -> Value {
    let mut method = json!({
        "@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethodConfiguration"),
        "id": id, "state": state, "includeTargets": targets, "excludeTargets": [],
    });
    lay_over(&mut method, own);
    method
}

/// A group a method is for.
fn target(id: impl ToString) -> Value {
    json!({"targetType": "group", "id": id.to_string(), "isRegistrationRequired": false})
}

/// A group a method is for, with a property of the kind.
fn target_with(id: impl ToString, name: &str, value: Value) -> Value {
    let mut target = target(id);
    target[name] = value;
    target
}

fn temporary_access_pass() -> Value {
    json!({
        "defaultLifetimeInMinutes": 60, "defaultLength": 8, "minimumLifetimeInMinutes": 60,
        "maximumLifetimeInMinutes": 480, "isUsableOnce": false,
    })
}

/// A feature of Microsoft Authenticator, for everyone and against no one.
fn feature(state: &str) -> Value {
    let (all, nobody) = ("all_users", "00000000-0000-0000-0000-000000000000");
    json!({
        "state": state,
        "includeTarget": {"targetType": "group", "id": all},
        "excludeTarget": {"targetType": "group", "id": nobody},
    })
}
