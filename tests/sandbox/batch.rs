//! `$batch`: each of its requests is answered for itself, and a batch that is none is refused whole.

use reqwest::Method;
use serde_json::{Value, json};
use sspr::sandbox::Seed;
use sspr::sandbox::tenant::id;

use super::routes::{Asked, Asker};

async fn batch(asker: &Asker, body: &Value) -> Asked {
    let json = [("content-type", "application/json")];
    let token = asker.sandbox.graph_token().to_owned();
    asker.ask(Method::POST, "/v1.0/$batch", &token, &json, Some(&body.to_string())).await
}

fn answer<'a>(asked: &'a Asked, id: &str) -> &'a Value {
    let responses = asked.body["responses"].as_array().unwrap_or_else(|| panic!("{}", asked.body));
    responses.iter().find(|response| response["id"] == id).unwrap()
}

#[tokio::test]
async fn each_request_of_a_batch_is_answered_for_itself() {
    let asker = Asker::new(Seed::Fresh).await;
    asker.sandbox.fail("GET /v1.0/subscribedSkus throttle=7 1".parse().unwrap());
    let eventual = json!({"ConsistencyLevel": "eventual"});
    let json = json!({"Content-Type": "application/json"});
    let change = json!({"allowedToUseSSPR": false});
    let asked = batch(
        &asker,
        &json!({"requests": [
            {"id": "1", "method": "GET", "url": "/groups?$filter=displayName eq 'SSPR-Pilot'&$select=id"},
            {"id": "2", "method": "GET", "url": format!("groups/{}/members/$count", id("SSPR-Pilot")), "headers": eventual},
            {"id": "3", "method": "PATCH", "url": "/policies/authorizationPolicy", "headers": json, "body": change},
            {"id": "4", "method": "GET", "url": "/policies/authorizationPolicy", "dependsOn": ["3"]},
            {"id": "5", "method": "GET", "url": "/nothing"},
            {"id": "6", "method": "GET", "url": "/me", "dependsOn": ["5"]},
            {"id": "7", "method": "GET", "url": "/subscribedSkus"},
            {"id": "8", "method": "GET", "url": "https://graph.microsoft.com/v1.0/me"},
        ]}),
    )
    .await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert_eq!(answer(&asked, "1")["body"]["value"], json!([{"id": id("SSPR-Pilot")}]));
    assert_eq!(answer(&asked, "2")["body"], "7");
    assert_eq!(answer(&asked, "3")["status"], 204);
    assert_eq!(answer(&asked, "4")["body"]["allowedToUseSSPR"], false);
    for (part, status) in [("5", 400), ("6", 424), ("7", 429), ("8", 400)] {
        let answer = answer(&asked, part);
        assert_eq!(answer["status"], status, "{answer}");
        assert!(answer["body"]["error"]["message"].is_string(), "{answer}");
    }
    assert_eq!(answer(&asked, "7")["headers"]["Retry-After"], "7");
    let inner = &answer(&asked, "5")["body"]["error"]["innerError"]["request-id"];
    assert_eq!(*inner, answer(&asked, "5")["headers"]["Request-Id"]);
    assert_ne!(*inner, asked.headers["request-id"].to_str().unwrap());
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole() {
    let asker = Asker::new(Seed::Fresh).await;
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/me"});
    let many: Vec<Value> = (0..21).map(|number| get(&number.to_string())).collect();
    for body in [
        json!({}),
        json!({"requests": []}),
        json!({"requests": many}),
        json!({"requests": [get("a"), get("A")]}),
        json!({"requests": [{"id": "1", "method": "GET"}]}),
        json!({"requests": [{"id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"]}, get("2")]}),
    ] {
        let asked = batch(&asker, &body).await;
        assert_eq!(asked.status, 400, "{body}");
        assert!(asked.body["error"]["message"].is_string(), "{body}: {}", asked.body);
    }
    let nested = json!({"requests": [{"id": "1", "method": "POST", "url": "/$batch", "body": {}}]});
    assert_eq!(answer(&batch(&asker, &nested).await, "1")["status"], 400);
    let target = "/v1.0/$batch";
    let json = [("content-type", "application/json")];
    let stranger =
        asker.ask(Method::POST, target, "", &json, Some(&json!({"requests": [get("1")]}).to_string())).await;
    assert_eq!(stranger.status, 401, "{}", stranger.body);
    assert_eq!(stranger.body["error"]["code"], "InvalidAuthenticationToken");
    for target in ["/v1.0/%24batch", "/beta/$BATCH"] {
        let token = asker.sandbox.graph_token().to_owned();
        let asked = asker.ask(Method::POST, target, &token, &json, Some("{}")).await;
        assert!(asked.body["error"]["message"].as_str().unwrap().contains("batch payload"), "{}", asked.body);
    }
}
