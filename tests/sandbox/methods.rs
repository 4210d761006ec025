//! The sandbox's Authentication methods policy refuses and fills in what Graph does.

use serde_json::json;
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Seed, TenantState};
use sspr::tenant::Resource;

use crate::common::Bench;

#[tokio::test]
async fn a_method_is_refused_as_graph_refuses_it() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    let before = bench.sandbox.tenant();
    let kind = "#microsoft.graph.smsAuthenticationMethodConfiguration";
    let target = |id: &str, kind: &str| json!([{"targetType": kind, "id": id}]);
    let everyone: Vec<_> = (0..400).map(|_| json!({"targetType": "group", "id": "all_users"})).collect();
    for (body, said) in [
        (json!({"state": "enabled"}), "type name"),
        (json!({"@odata.type": "#microsoft.graph.voiceAuthenticationMethodConfiguration"}), "type name"),
        (
            json!({"@odata.type": kind, "includeTargets": target(&id("ada").to_string(), "user")}),
            "Only groups",
        ),
        (
            json!({"@odata.type": kind, "includeTargets": target(&id("nowhere").to_string(), "group")}),
            "does not exist",
        ),
        (json!({"@odata.type": kind, "excludeTargets": target("all_users", "group")}), "does not exist"),
        (json!({"@odata.type": kind, "includeTargets": everyone}), "maximum size"),
        (json!({"@odata.type": kind, "isOfficePhoneAllowed": true}), "isOfficePhoneAllowed"),
        (json!({"@odata.type": kind, "state": "default"}), "authenticationMethodState"),
        (json!({"@odata.type": kind, "id": "Other"}), "read-only"),
        (json!({"@odata.type": kind, "excludeTargets": {}}), "another type"),
        (
            json!({"@odata.type": kind, "includeTargets": [{"targetType": "group", "id": "all_users", "isUsableForSignIn": 1}]}),
            "Edm.Boolean",
        ),
    ] {
        let error = bench
            .writer
            .write_object(&Resource::Method("Sms".to_owned()), &body)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("400") && error.contains(said), "{body}: {error}");
    }
    let email = json!({"@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration", "state": "disabled"});
    assert!(
        bench.writer.write_object(&Resource::Method("Email".to_owned()), &email).await.is_err(),
        "external users still use it"
    );
    for (method, kind, property, value) in [
        ("Email", "email", "allowExternalIdToUseEmailOtp", json!("maybe")),
        ("Email", "email", "allowExternalIdToUseEmailOtp", json!(5)),
        ("fido2", "fido2", "isAttestationEnforced", json!("yes")),
        ("MicrosoftAuthenticator", "microsoftAuthenticator", "featureSettings", json!(5)),
        (
            "MicrosoftAuthenticator",
            "microsoftAuthenticator",
            "featureSettings",
            json!({"displayAppInformationRequiredState": {"state": true}}),
        ),
    ] {
        let body = json!({"@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethodConfiguration"), property: value});
        let error = bench
            .writer
            .write_object(&Resource::Method(method.to_owned()), &body)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("400"), "{body}: {error}");
    }
    for body in
        [json!({"blockMsolPowerShell": "x"}), json!({"allowInvitesFrom": 5}), json!({"id": "another"})]
    {
        let error = bench.writer.write_object(&Resource::Authorization, &body).await.unwrap_err().to_string();
        assert!(error.contains("400"), "{body}: {error}");
    }
    assert!(
        bench
            .writer
            .write_object(&Resource::Method("Telepathy".to_owned()), &json!({}))
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(bench.sandbox.tenant() == before);
}

#[tokio::test]
async fn a_target_that_says_nothing_of_sms_sign_in_gets_it() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    let body = json!({
        "@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration",
        "includeTargets": [{"targetType": "group", "id": id("Sales")}],
    });
    bench.writer.write_object(&Resource::Method("sms".to_owned()), &body).await.unwrap();
    let sms = bench.reader.graph.fetch_method("sMs").await.unwrap();
    assert_eq!(sms.field("includeTargets").unwrap()[0]["isUsableForSignIn"], true);
}
