//! What other clients ask: their routes, their spellings, their methods, and ids on every answer.

use reqwest::Method;
use serde_json::{Value, json};
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Seed, TenantState};

use super::routes::{Asked, Asker};

fn kinds(asked: &Asked) -> Vec<(String, String)> {
    let rows = asked.body["value"].as_array().unwrap_or_else(|| panic!("{}", asked.body));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(&row["@odata.type"]), text(&row["displayName"]))).collect()
}

#[tokio::test]
async fn who_asks_is_a_user_like_others() {
    let asker = Asker::new(Seed::Fresh).await;
    let me = asker.graph("/v1.0/me").await.body;
    assert_eq!(me["userPrincipalName"], "sandbox.admin@contoso.onmicrosoft.com");
    // As Graph, not all there is: https://learn.microsoft.com/graph/api/user-get
    assert_eq!(me.get("accountEnabled"), None);
    for key in [&me["id"], &me["userPrincipalName"]] {
        let user = asker.graph(&format!("/v1.0/users/{}", key.as_str().unwrap())).await.body;
        assert_eq!(user["id"], me["id"]);
    }
    let all = asker.graph("/v1.0/users?$select=id,accountEnabled&$top=999").await.body;
    let all = all["value"].as_array().unwrap();
    assert_eq!(all.len(), 10);
    assert!(all.contains(&json!({"id": me["id"], "accountEnabled": true})));
    assert_eq!(asker.eventually("/v1.0/users/$count").await.body, json!(10));
    let application = asker.sandbox.application_token().to_owned();
    let asked = asker.ask(Method::GET, "/v1.0/me", &application, &[], None).await;
    assert_eq!(asked.status, 400);
    assert!(asked.body["error"]["message"].as_str().unwrap().contains("delegated"));
}

#[tokio::test]
async fn members_come_directly_or_through_nesting_with_groups_or_without() {
    let asker = Asker::new(Seed::Fresh).await;
    let pilot = id("SSPR-Pilot");
    let direct = kinds(&asker.graph(&format!("/v1.0/groups/{pilot}/members")).await);
    assert_eq!(direct[0], ("#microsoft.graph.group".to_owned(), "SSPR-Pilot-Branch".to_owned()));
    assert_eq!(direct.len(), 7);
    let nested = kinds(&asker.graph(&format!("/v1.0/groups/{pilot}/transitiveMembers")).await);
    assert_eq!(nested.iter().filter(|(kind, _)| kind == "#microsoft.graph.user").count(), 8);
    assert_eq!(nested.len(), 9);
    for (list, all, people) in [("members", 7, 6), ("transitiveMembers", 9, 8)] {
        let count = |tail: &str| format!("/v1.0/groups/{pilot}/{list}{tail}/$count");
        assert_eq!(asker.eventually(&count("")).await.body, json!(all));
        for cast in ["/microsoft.graph.user", "/graph.user"] {
            assert_eq!(asker.eventually(&count(cast)).await.body, json!(people), "{list}{cast}");
        }
    }
}

#[tokio::test]
async fn a_list_of_several_kinds_is_paged_from_the_groups_into_the_people() {
    let asker = Asker::new(Seed::Fresh).await;
    let pilot = id("SSPR-Pilot");
    for top in 1..=10 {
        let mut target = format!("/v1.0/groups/{pilot}/transitiveMembers?$top={top}&$select=displayName");
        let mut found = Vec::new();
        loop {
            let asked = asker.graph(&target).await;
            found.extend(kinds(&asked));
            let Some(next) = asked.body["@odata.nextLink"].as_str() else { break };
            assert_eq!(asked.body["value"].as_array().unwrap().len(), top);
            target = next.strip_prefix(&asker.sandbox.root()).unwrap().to_owned();
        }
        let whole = asker.graph(&format!("/v1.0/groups/{pilot}/transitiveMembers")).await;
        assert_eq!(found, kinds(&whole), "$top={top}");
    }
}

#[tokio::test]
async fn generated_people_are_direct_members_too() {
    let asker = Asker::new(Seed::Fresh).await;
    asker.sandbox.edit(|tenant| *tenant = TenantState::seeded(Seed::Fresh).with_generated_users(1000));
    let target = |list: &str| format!("/v1.0/groups/{}/{list}/graph.user/$count", id("SSPR-GeneratedUsers"));
    assert_eq!(asker.eventually(&target("members")).await.body, json!(500));
    assert_eq!(asker.eventually(&target("transitiveMembers")).await.body, json!(1000));
}

#[tokio::test]
async fn a_key_is_written_in_brackets_and_segments_in_any_letter_case() {
    let asker = Asker::new(Seed::Fresh).await;
    let pilot = id("SSPR-Pilot");
    for target in [
        format!("/v1.0/groups('{pilot}')"),
        format!("/v1.0/groups(%27{pilot}%27)"),
        format!("/v1.0/Groups/{pilot}"),
        format!("/V1.0/groups/{pilot}"),
    ] {
        assert_eq!(asker.graph(&target).await.body["displayName"], "SSPR-Pilot", "{target}");
    }
    let ada = asker.graph("/v1.0/users('ada@contoso.onmicrosoft.com')").await;
    assert_eq!(ada.body["displayName"], "Ada Lindqvist");
    let none = asker.graph("/v1.0/groups/SSPR-Pilot").await;
    assert_eq!((none.status.as_u16(), &none.body["error"]["code"]), (400, &json!("Request_BadRequest")));
}

#[tokio::test]
async fn roles_have_names() {
    let asker = Asker::new(Seed::Fresh).await;
    let path = "/v1.0/roleManagement/directory/roleDefinitions";
    let found = asker.graph(&format!("{path}?$filter=displayName%20eq%20'Helpdesk%20Administrator'")).await;
    let helpdesk = &found.body["value"][0]["id"];
    assert_eq!(helpdesk, "729827e3-9c14-49f7-bb1b-9608f156bbb8");
    let one = asker.graph(&format!("{path}/{}?$select=displayName", helpdesk.as_str().unwrap())).await;
    assert_eq!(one.body["displayName"], "Helpdesk Administrator");
    assert_eq!(asker.graph(&format!("{path}/{}", id("nothing"))).await.status, 404);
}

#[tokio::test]
async fn every_answer_has_an_id_and_the_clients_own() {
    let asker = Asker::new(Seed::Fresh).await;
    let (graph, portal) = (asker.sandbox.graph_token().to_owned(), asker.sandbox.portal_token().to_owned());
    let policy = "/api/PasswordReset/PasswordResetPolicies";
    for (target, token, name) in [
        ("/v1.0/organization", graph.as_str(), "client-request-id"),
        ("/v1.0/organization", "", "client-request-id"),
        ("/v1.0/nothing", &graph, "client-request-id"),
        ("/nothing", "", "client-request-id"),
        (policy, &portal, "x-ms-client-request-id"),
        (policy, "", "x-ms-client-request-id"),
    ] {
        let sent = [(name, "0b7e8c1a-3f5d-4e9b-8a6c-2d4f6e8a0c1b")];
        let asked = asker.ask(Method::GET, target, token, &sent, None).await;
        assert_eq!(asked.headers[name], sent[0].1, "{target}");
        if name == "client-request-id" {
            let other = asker.ask(Method::GET, target, token, &[], None).await;
            assert_ne!(asked.headers["request-id"], other.headers["request-id"], "{target}");
        }
    }
    asker.sandbox.fail("GET /v1.0/organization throttle=1 1".parse().unwrap());
    let asked = asker.graph("/v1.0/organization").await;
    assert_eq!(asked.status, 429);
    assert_eq!(
        asked.body["error"]["innerError"]["request-id"],
        asked.headers["request-id"].to_str().unwrap()
    );
}

#[tokio::test]
async fn a_method_or_a_body_that_is_not_taken_is_refused_in_json() {
    let asker = Asker::new(Seed::Fresh).await;
    let (graph, portal) = (asker.sandbox.graph_token().to_owned(), asker.sandbox.portal_token().to_owned());
    let policy = "/v1.0/policies/authorizationPolicy";
    for (method, target, token, allow) in [
        (Method::DELETE, policy, &graph, "GET,HEAD,PATCH"),
        (Method::POST, "/v1.0/groups", &graph, "GET,HEAD"),
        (Method::GET, "/v1.0/$batch", &graph, "POST"),
        (Method::DELETE, "/api/PasswordReset/PasswordResetPolicies", &portal, "GET,HEAD,PUT"),
    ] {
        let asked = asker.ask(method, target, token, &[], None).await;
        assert_eq!(
            (asked.status.as_u16(), asked.headers["allow"].to_str().unwrap()),
            (405, allow),
            "{target}"
        );
        let message =
            if target.starts_with("/api") { &asked.body["Message"] } else { &asked.body["error"]["message"] };
        assert!(message.is_string(), "{target}: {}", asked.body);
    }
    let options = asker.ask(Method::OPTIONS, policy, &graph, &[], None).await;
    assert_eq!(
        (options.status.as_u16(), options.headers["allow"].to_str().unwrap()),
        (204, "GET,HEAD,PATCH")
    );
    let head = asker.ask(Method::HEAD, policy, &graph, &[], None).await;
    assert_eq!((head.status.as_u16(), head.body), (200, json!("")));
    let before = asker.sandbox.tenant();
    let (json, text) = (Some("application/json"), Some("text/plain"));
    for (kind, body, status) in [
        (json, "{", 400),
        (json, "", 400),
        (json, "[]", 400),
        (json, r#"{"allowedToUseSSPR":"no"}"#, 400),
        (json, r#"{"nothing":1}"#, 400),
        (text, r#"{"allowedToUseSSPR":false}"#, 415),
        (None, r#"{"allowedToUseSSPR":false}"#, 400),
    ] {
        let kind: Vec<_> = kind.into_iter().map(|kind| ("content-type", kind)).collect();
        let asked = asker.ask(Method::PATCH, policy, &graph, &kind, Some(body)).await;
        assert_eq!(asked.status, status, "{kind:?} {body}: {}", asked.body);
        assert!(asked.body["error"]["innerError"]["request-id"].is_string(), "{body}: {}", asked.body);
    }
    let bad = "/api/PasswordReset/PasswordResetPolicies?getPasswordResetEnabledGroup=maybe";
    let asked = asker.ask(Method::GET, bad, &portal, &[], None).await;
    assert!(asked.status == 400 && asked.body["Message"].is_string(), "{}", asked.body);
    assert!(asker.sandbox.tenant() == before);
}
