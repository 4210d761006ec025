//! An application, its service principal, who is assigned to it and what is consented to, as Graph documents them.

use reqwest::Method;
use serde_json::{Value, json};
use sspr::sandbox::Seed;
use sspr::sandbox::tenant::id;

use super::routes::{Asked, Asker};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

impl Asker {
    async fn send(&self, method: Method, target: &str, body: &Value) -> Asked {
        let (token, body) = (self.sandbox.graph_token().to_owned(), body.to_string());
        let body = Some(body.as_str()).filter(|_| method != Method::DELETE);
        self.ask(method, &format!("/v1.0/{target}"), &token, &JSON, body).await
    }
}

#[tokio::test]
async fn a_registration_is_made_found_and_taken_away() {
    let asker = Asker::new(Seed::Fresh).await;
    let body = json!({
        "displayName": "sspr", "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": true, "tags": ["sspr-login"],
        "publicClient": {"redirectUris": ["http://localhost"]},
    });
    let application = asker.send(Method::POST, "applications", &body).await;
    assert_eq!(application.status, 201, "{}", application.body);
    assert!(application.body["@odata.context"].as_str().unwrap().ends_with("#applications/$entity"));
    let (object, app) = (application.body["id"].as_str().unwrap(), &application.body["appId"]);
    for filter in [
        "displayName eq 'SSPR'",
        "tags/any(t:t eq 'sspr-login')",
        &format!("appId eq {app}").replace('"', "'"),
    ] {
        let found = asker.graph(&format!("/v1.0/applications?$filter={filter}&$select=id,appId")).await;
        assert_eq!(found.body["value"], json!([{"id": object, "appId": app}]), "{filter}: {}", found.body);
    }
    let principal = asker.send(Method::POST, "servicePrincipals", &json!({"appId": app})).await;
    assert_eq!(principal.status, 201, "{}", principal.body);
    assert_eq!(asker.send(Method::POST, "servicePrincipals", &json!({"appId": app})).await.status, 400);
    let principal = principal.body["id"].as_str().unwrap();
    let changed = json!({"appRoleAssignmentRequired": true});
    assert_eq!(
        asker.send(Method::PATCH, &format!("servicePrincipals/{principal}"), &changed).await.status,
        204
    );
    let me = id("sandbox.admin");
    let assignment = json!({"principalId": me, "resourceId": principal, "appRoleId": "00000000-0000-0000-0000-000000000000"});
    let assigned = format!("servicePrincipals/{principal}/appRoleAssignedTo");
    let made = asker.send(Method::POST, &assigned, &assignment).await;
    assert_eq!((made.status.as_u16(), &made.body["principalType"]), (201, &json!("User")));
    assert_eq!(asker.send(Method::POST, &assigned, &assignment).await.status, 400);
    let grant = json!({
        "clientId": principal, "consentType": "Principal", "principalId": me, "resourceId": id("Microsoft Graph"),
        "scope": "openid User.Read.All",
    });
    let granted = asker.send(Method::POST, "oauth2PermissionGrants", &grant).await;
    assert_eq!(granted.status, 201, "{}", granted.body);
    let granted = format!("oauth2PermissionGrants/{}", granted.body["id"].as_str().unwrap());
    assert_eq!(asker.send(Method::PATCH, &granted, &json!({"scope": "openid"})).await.status, 204);
    let found = asker.graph(&format!("/v1.0/oauth2PermissionGrants?$filter=clientId eq '{principal}'")).await;
    assert_eq!(found.body["value"][0]["scope"], "openid");
    // What hangs on the application goes with it.
    assert_eq!(asker.send(Method::DELETE, &format!("applications/{object}"), &Value::Null).await.status, 204);
    let tenant = asker.sandbox.tenant();
    let left =
        [tenant.applications, tenant.service_principals, tenant.app_assignments, tenant.grants].concat();
    assert_eq!(left, Vec::<Value>::new());
}

#[tokio::test]
async fn what_graph_refuses_of_a_registration_is_refused() {
    let asker = Asker::new(Seed::Fresh).await;
    let (graph, me) = (id("Microsoft Graph"), id("sandbox.admin"));
    let found =
        asker.graph("/v1.0/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'").await;
    assert_eq!(found.body["value"][0]["id"], json!(graph));
    for (method, target, body, status) in [
        (Method::POST, "applications", json!({}), 400),
        (Method::POST, "applications", json!({"displayName": "x", "nothing": 1}), 400),
        (Method::GET, "applications/nothing", Value::Null, 404),
        (Method::DELETE, "applications/nothing", Value::Null, 404),
        (Method::POST, "servicePrincipals", json!({"appId": id("nothing")}), 400),
        (Method::POST, "servicePrincipals/nothing/appRoleAssignedTo", json!({"principalId": me}), 404),
        (
            Method::POST,
            "oauth2PermissionGrants",
            json!({"clientId": "nothing", "resourceId": graph, "scope": ""}),
            404,
        ),
        (Method::DELETE, "oauth2PermissionGrants/nothing", Value::Null, 404),
    ] {
        let asked = asker.send(method.clone(), target, &body).await;
        assert_eq!(asked.status, status, "{method} {target} {body}: {}", asked.body);
        assert!(asked.body["error"]["code"].is_string(), "{target}: {}", asked.body);
    }
}
