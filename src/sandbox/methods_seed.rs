//! The Authentication methods policies that pretend tenants start with. Shapes: Microsoft's v1.0 metadata
//! (facts 1.3 to 1.5).

use serde_json::{Value, json};

use super::world::{Seed, id};

/// Returns the policy of a seed.
pub(super) fn methods(seed: Seed) -> Value {
    match seed {
        Seed::Fresh => policy(json!("migrationComplete"), fresh()),
        Seed::Configured => policy(json!("preMigration"), fresh()),
        Seed::PreMigration => policy(json!("preMigration"), others()),
        Seed::MidMigration => policy(json!("migrationInProgress"), others()),
        Seed::Migrated => policy(json!("migrationComplete"), others()),
        Seed::NullState => policy(json!(null), others()),
    }
}

fn policy(state: Value, methods: Vec<Value>) -> Value {
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

fn method(id: &str, kind: &str, state: &str, targets: Value, own: Value) -> Value {
    let mut method = json!({
        "@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethodConfiguration"),
        "id": id, "state": state, "includeTargets": targets, "excludeTargets": [],
    });
    if let (Value::Object(method), Value::Object(own)) = (&mut method, own) {
        method.extend(own);
    }
    method
}

fn target(id: impl ToString) -> Value {
    json!({"targetType": "group", "id": id.to_string(), "isRegistrationRequired": false})
}

fn target_with(id: impl ToString, name: &str, value: Value) -> Value {
    let mut target = target(id);
    target[name] = value;
    target
}

/// What a new tenant has: the app and e-mail for everyone, phones off.
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

fn temporary_access_pass() -> Value {
    json!({
        "defaultLifetimeInMinutes": 60, "defaultLength": 8, "minimumLifetimeInMinutes": 60,
        "maximumLifetimeInMinutes": 480, "isUsableOnce": false,
    })
}

fn feature(state: &str) -> Value {
    let (all, nobody) = ("all_users", "00000000-0000-0000-0000-000000000000");
    json!({
        "state": state,
        "includeTarget": {"targetType": "group", "id": all},
        "excludeTarget": {"targetType": "group", "id": nobody},
    })
}

/// Methods others care about: foreign groups, exclusions, retired and unknown properties, ids in the
/// spellings that tenants show.
fn others() -> Vec<Value> {
    let (sales, everyone) = (id("Sales"), id("Everyone at Contoso"));
    let contractors = json!([{"targetType": "group", "id": id("Contractors")}]);
    vec![
        method(
            "fido2",
            "fido2",
            "enabled",
            json!([target(sales)]),
            json!({
                "isAttestationEnforced": true, "isSelfServiceRegistrationAllowed": true, "excludeTargets": contractors,
            }),
        ),
        method(
            "MicrosoftAuthenticator",
            "microsoftAuthenticator",
            "enabled",
            json!([
                target_with(sales, "authenticationMode", json!("deviceBasedPush")),
                target_with(everyone, "authenticationMode", json!("any")),
            ]),
            json!({"isSoftwareOathEnabled": false, "featureSettings": {
                "displayAppInformationRequiredState": feature("enabled"),
                "displayLocationInformationRequiredState": feature("disabled"),
                // Retired: Graph still tells it and no longer takes it.
                "numberMatchingRequiredState": feature("enabled"),
            }}),
        ),
        method(
            "SMS",
            "sms",
            "disabled",
            json!([target_with("all_users", "isUsableForSignIn", json!(true))]),
            json!({
                "excludeTargets": contractors,
            }),
        ),
        method(
            "temporaryAccessPass",
            "temporaryAccessPass",
            "enabled",
            json!([target(sales)]),
            temporary_access_pass(),
        ),
        method(
            "softwareOath",
            "softwareOath",
            "disabled",
            json!([]),
            json!({"futureLimit": 9_007_199_254_740_993_u64}),
        ),
        method(
            "Voice",
            "voice",
            "enabled",
            json!([target(sales), target_with(id("Contractors"), "futureNote", json!("kept"))]),
            json!({
                "isOfficePhoneAllowed": null, "futureNested": {"list": [[1], []], "ratio": 0.1},
            }),
        ),
        method(
            "Email",
            "email",
            "enabled",
            json!([target(sales), target("all_users")]),
            json!({
                "allowExternalIdToUseEmailOtp": "enabled", "excludeTargets": contractors,
            }),
        ),
        method(
            "8c1a7f2e-5b0d-4e3f-9a6b-0d2c4e6f8a1b",
            "external",
            "enabled",
            json!([target(sales)]),
            json!({
                "displayName": "Another factor", "appId": "2f1d3b5a-7c9e-4a1b-8d3f-5e7a9c1b3d5f",
            }),
        ),
    ]
}
