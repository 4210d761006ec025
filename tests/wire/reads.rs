use serde_json::json;
use sspr::ids::GroupId;
use sspr::tenant::{Group, Object, Organization, Resource};

use super::served::Served;

const JSON: &str = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8";

#[tokio::test]
async fn organization_selects_what_it_needs_and_ignores_what_it_does_not_know() {
    let served = Served::always(200, JSON, r#"{
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#organization",
        "value": [{
            "id": "84841066-274D-4EC0-A5C1-276BE684BDD3", "displayName": "Contoso", "tenantType": "AAD",
            "futureProperty": {"a": [1]},
            "verifiedDomains": [
                {"capabilities": "Email", "isDefault": false, "isInitial": true, "name": "contoso.onmicrosoft.com", "type": "Managed", "later": 1},
                {"capabilities": "Email", "isDefault": true, "isInitial": false, "name": "contoso.com", "type": "Managed"}
            ]
        }]
    }"#).await;
    let organization = served.reader.graph.fetch_organization().await.unwrap();
    assert_eq!(
        organization,
        Organization {
            id: "84841066-274d-4ec0-a5c1-276be684bdd3".parse().unwrap(),
            display_name: "Contoso".to_owned(),
            verified_domains: vec!["contoso.com".to_owned(), "contoso.onmicrosoft.com".to_owned()],
        }
    );
    let request = served.the_request();
    assert_eq!(request.line, "GET /v1.0/organization?%24select=id%2CdisplayName%2CverifiedDomains");
    assert_eq!(request.header("authorization"), Some("Bearer graph-token"));
    assert!(uuid::Uuid::try_parse(request.header("client-request-id").unwrap()).is_ok());
    assert!(request.header("user-agent").unwrap().starts_with("sspr/"));
}

#[tokio::test]
async fn a_group_is_asked_for_by_name_with_its_quotes_doubled() {
    let served = Served::always(200, JSON, r#"{"value": [
        {"id": "AAAAAAAA-0000-0000-0000-000000000001", "displayName": "O'Neil & Söhne", "securityEnabled": null, "x": 1}
    ]}"#).await;
    let groups = served.reader.graph.fetch_groups_named("O'Neil & Söhne").await.unwrap();
    assert_eq!(
        groups,
        [Group {
            id: "aaaaaaaa-0000-0000-0000-000000000001".parse().unwrap(),
            display_name: "O'Neil & Söhne".to_owned(),
            security_enabled: None,
            hides_members: false,
            traits: Default::default(),
            members: None,
            within: None,
        }]
    );
    let line = served.the_request().line;
    // In both spellings of the letter; a name that has one is asked for as it is.
    let both = "displayName+in+%28%27O%27%27Neil+%26+S%C3%B6hne%27%2C%27O%27%27Neil+%26+So%CC%88hne%27%29";
    assert!(line.contains(both), "{line}");
    let served = Served::always(200, JSON, r#"{"value": []}"#).await;
    served.reader.graph.fetch_groups_named("O'Neil & Sons").await.unwrap();
    let line = served.the_request().line;
    assert!(line.contains("displayName+eq+%27O%27%27Neil+%26+Sons%27&"), "{line}");
}

#[tokio::test]
async fn a_user_name_cannot_leave_its_path_segment() {
    let served =
        Served::always(404, JSON, r#"{"error":{"code":"Request_ResourceNotFound","message":"x"}}"#).await;
    assert_eq!(served.reader.graph.fetch_user("../me?$select=x#").await.unwrap(), None);
    assert!(
        served.the_request().line.starts_with("GET /v1.0/users/..%2Fme%3F$select=x%23?"),
        "{}",
        served.the_request().line
    );
}

#[tokio::test]
async fn reports_and_writeback_are_asked_for_the_fields_that_are_used() {
    let row = "%24select=id%2CmethodsRegistered%2CisSsprRegistered%2CisSsprEnabled%2CisSsprCapable%2ClastUpdatedDateTime";
    let report = "GET /v1.0/reports/authenticationMethods/userRegistrationDetails";
    let ada = uuid::Uuid::from_u128(1);
    let answer = r#"{"value": [], "id": "00000000-0000-0000-0000-000000000001"}"#;
    let served = Served::always(200, JSON, answer).await;
    served.reader.graph.fetch_registrations(None).await.unwrap();
    assert_eq!(served.the_request().line, format!("{report}?{row}&%24top=999"));
    let served = Served::always(200, JSON, answer).await;
    served.reader.graph.fetch_registration(ada.into()).await.unwrap();
    assert_eq!(served.the_request().line, format!("{report}/{ada}?{row}"));
    let served = Served::always(200, JSON, answer).await;
    served.reader.graph.fetch_writeback().await.unwrap();
    assert_eq!(served.the_request().line, "GET /v1.0/directory/onPremisesSynchronization?%24select=features");
}

#[tokio::test]
async fn the_member_count_is_plain_text_with_or_without_a_mark() {
    let group: GroupId = "aaaaaaaa-0000-0000-0000-000000000001".parse().unwrap();
    for body in ["8", "\u{feff}8", " 8\r\n"] {
        let served = Served::always(200, "text/plain", body).await;
        assert_eq!(served.reader.graph.fetch_member_count(group).await.unwrap(), 8);
        let request = served.the_request();
        assert_eq!(
            request.line,
            format!("GET /v1.0/groups/{group}/transitiveMembers/microsoft.graph.user/$count")
        );
        assert_eq!(request.header("consistencylevel"), Some("eventual"));
    }
    for body in ["", "many", "-1", "8.0", "{}"] {
        let served = Served::always(200, "text/plain", body).await;
        assert!(served.reader.graph.fetch_member_count(group).await.is_err(), "{body:?}");
    }
}

#[tokio::test]
async fn the_policy_is_read_with_the_portal_token_and_its_group_name() {
    let served = Served::always(
        200,
        "application/json; charset=utf-8",
        r#"{"objectId":"default","enablementType":0,"later":[1]}"#,
    )
    .await;
    let policy = served.reader.portal.fetch_policy().await.unwrap();
    assert_eq!(policy.to_json(), json!({"objectId": "default", "enablementType": 0, "later": [1]}));
    let request = served.the_request();
    assert_eq!(
        request.line,
        "GET /api/PasswordReset/PasswordResetPolicies?getPasswordResetEnabledGroup=true"
    );
    assert_eq!(request.header("authorization"), Some("Bearer portal-token"));
    assert!(uuid::Uuid::try_parse(request.header("x-ms-client-request-id").unwrap()).is_ok());
}

#[tokio::test]
async fn the_policy_is_written_whole_and_any_status_of_success_counts() {
    let text = r#"{"a":1.10,"objectId":"default","text":"é\u0001"}"#;
    let policy = Object::from_json(Resource::PasswordReset, serde_json::from_str(text).unwrap()).unwrap();
    for status in [200, 201, 202] {
        let served = Served::always(status, "text/plain", "true").await;
        served.writer.write_object(policy.resource(), &policy.to_json()).await.unwrap();
        let request = served.the_request();
        assert_eq!(request.line, "PUT /api/PasswordReset/PasswordResetPolicies");
        assert_eq!(request.header("content-type"), Some("application/json; charset=UTF-8"));
        assert_eq!(request.body, text);
    }
}

#[tokio::test]
async fn an_error_says_surface_method_url_status_code_message_and_ids_but_no_query() {
    let served = Served::always(
        403,
        JSON,
        r#"{"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges.",
        "innerError": {"date": "2026-11-22T00:00:00", "request-id": "r", "client-request-id": "c"}}}"#,
    )
    .await;
    let error = served.reader.graph.fetch_groups_named("Secret Project").await.unwrap_err();
    assert!(error.is_sign_in());
    let said = error.to_string();
    for part in [
        "graph: GET http://127.0.0.1:",
        "/v1.0/groups",
        "403 Forbidden",
        "Authorization_RequestDenied",
        "Insufficient privileges.",
        "service-request-id",
        "client-request-id",
    ] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
    for secret in ["Secret", "graph-token"] {
        assert!(!said.contains(secret) && !format!("{error:?}").contains(secret), "{error:?}");
    }
}

#[tokio::test]
async fn the_portals_flat_errors_are_reported_too() {
    let served = Served::always(
        400,
        "application/json",
        r#"{"Message":"Bad\u001b[31m news","ClientData":{"operationId":"x"}}"#,
    )
    .await;
    let error = served.reader.portal.fetch_policy().await.unwrap_err().to_string();
    assert!(error.contains(r"400 Bad Request: Bad\u{1b}[31m news"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_not_the_services_is_shown_and_not_believed() {
    for (content_type, body, said) in [
        ("text/html", "<html>Sign in to the proxy</html>", "Sign in to the proxy"),
        (JSON, "", "an empty body"),
        (JSON, "{\"value\": [", "broken JSON"),
        (JSON, "{\"value\": []}", "not exactly one organisation"),
    ] {
        let served = Served::always(200, content_type, body).await;
        let error = served.reader.graph.fetch_organization().await.unwrap_err().to_string();
        assert!(error.contains(said) && error.starts_with("graph: GET "), "{error}");
    }
    for body in ["null", "[]", "\"default\"", "{\"objectId\":\"other\"}", "{}"] {
        let served = Served::always(200, "application/json", body).await;
        assert!(served.reader.portal.fetch_policy().await.is_err(), "{body}");
    }
}
