use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Sandbox, Seed, TenantState};

pub(super) struct Asked {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// What a request to the admin centre is called by its caller.
pub(super) const ID: &str = "x-ms-client-request-id";

pub(super) struct Asker {
    pub(super) sandbox: Sandbox,
    http: reqwest::Client,
}

impl Asker {
    pub(super) async fn new(seed: Seed) -> Self {
        let http = crate::common::http();
        Self { sandbox: Sandbox::start(TenantState::seeded(seed)).await.unwrap(), http }
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        target: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Asked {
        let mut request = self.http.request(method, format!("{}{target}", self.sandbox.root()));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        // The admin centre wants one of every caller.
        if target.starts_with("/api/") && !headers.iter().any(|(name, _)| *name == ID) {
            request = request.header(ID, uuid::Uuid::new_v4().to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        Asked { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub(super) async fn graph(&self, target: &str) -> Asked {
        self.ask(Method::GET, target, self.sandbox.graph_token(), &[], None).await
    }

    /// Asks what the directory answers from its index.
    pub(super) async fn eventually(&self, target: &str) -> Asked {
        let eventual = [("ConsistencyLevel", "eventual")];
        self.ask(Method::GET, target, self.sandbox.graph_token(), &eventual, None).await
    }

    async fn put(&self, body: &str) -> Asked {
        let target = "/api/PasswordReset/PasswordResetPolicies";
        self.ask(Method::PUT, target, self.sandbox.portal_token(), &[], Some(body)).await
    }
}

#[tokio::test]
async fn each_surface_takes_only_its_own_token() {
    let asker = Asker::new(Seed::Fresh).await;
    let (graph, portal) = (asker.sandbox.graph_token().to_owned(), asker.sandbox.portal_token().to_owned());
    for (target, right, wrong) in [
        ("/v1.0/organization", &graph, &portal),
        ("/api/PasswordReset/PasswordResetPolicies", &portal, &graph),
    ] {
        assert_eq!(asker.ask(Method::GET, target, right, &[], None).await.status, 200, "{target}");
        for token in [wrong.as_str(), "", "nonsense"] {
            let asked = asker.ask(Method::GET, target, token, &[], None).await;
            assert_eq!(asked.status, 401, "{target} with {token:?}");
        }
    }
    let lower = format!("bearer {graph}");
    let taken = asker.ask(Method::GET, "/v1.0/organization", "", &[("authorization", &lower)], None).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    let refused = asker.ask(Method::GET, "/v1.0/organization", "", &[], None).await;
    assert_eq!(refused.body["error"]["code"], "InvalidAuthenticationToken");
}

#[tokio::test]
async fn groups_are_found_by_name_and_by_id_as_graph_finds_them() {
    let asker = Asker::new(Seed::Fresh).await;
    let named =
        asker.graph("/v1.0/groups?$filter=displayName%20eq%20'sspr-pilot'&$select=id,displayName").await;
    assert_eq!(named.body["value"], json!([{"id": id("SSPR-Pilot"), "displayName": "SSPR-Pilot"}]));
    let none = asker.graph("/v1.0/groups?$filter=displayName%20eq%20'x'").await;
    assert_eq!((none.status, &none.body["value"]), (StatusCode::OK, &json!([])));
    let odd = asker.graph("/v1.0/groups?$filter=contains(displayName,'x')").await;
    assert_eq!(
        (odd.status, &odd.body["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("Request_UnsupportedQuery"))
    );
    let one = asker.graph(&format!("/v1.0/groups/{}", id("Newsletter"))).await;
    assert_eq!(one.body["securityEnabled"], false);
    let missing = asker.graph(&format!("/v1.0/groups/{}", id("nothing"))).await;
    assert_eq!(
        (missing.status, &missing.body["error"]["code"]),
        (StatusCode::NOT_FOUND, &json!("Request_ResourceNotFound"))
    );
}

#[tokio::test]
async fn members_are_counted_through_nesting_and_only_with_the_header() {
    let asker = Asker::new(Seed::Fresh).await;
    let target = format!("/v1.0/groups/{}/transitiveMembers/microsoft.graph.user/$count", id("SSPR-Pilot"));
    assert_eq!(asker.graph(&target).await.status, 400);
    let token = asker.sandbox.graph_token().to_owned();
    let counted = asker.ask(Method::GET, &target, &token, &[("ConsistencyLevel", "eventual")], None).await;
    assert_eq!(counted.body, json!(8));
    asker.sandbox.edit(|tenant| {
        // A cycle: the nested group contains the outer one.
        let outer = tenant.groups[0].id;
        tenant.groups[1].members.push(outer);
    });
    let counted = asker.ask(Method::GET, &target, &token, &[("ConsistencyLevel", "eventual")], None).await;
    assert_eq!(counted.body, json!(8));
}

#[tokio::test]
async fn a_policy_is_replaced_whole_and_what_is_left_out_is_lost() {
    let asker = Asker::new(Seed::Configured).await;
    assert_eq!(asker.put(r#"{"objectId":"default","enablementType":0}"#).await.body, true);
    let policy = asker.sandbox.tenant().policy;
    assert_eq!(policy["securityQuestions"], json!([]));
    assert_eq!(policy.get("futureNested"), None);
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"objectId":"other"}"#,
        r#"{"objectId":"default","enablementType":3}"#,
        r#"{"objectId":"default","enablementType":1,"passwordResetEnabledGroupIds":[]}"#,
        r#"{"objectId":"default","numberOfAuthenticationMethodsRequired":0}"#,
        r#"{"objectId":"default","registrationReconfirmIntevalInDays":731}"#,
        r#"{"objectId":"default","registrationReconfirmIntevalInDays":"1"}"#,
    ] {
        let asked = asker.put(bad).await;
        assert_eq!(asked.status, 400, "{bad}");
        assert!(asked.body["Message"].is_string(), "{bad}");
        assert_eq!(asker.sandbox.tenant().policy, policy, "{bad}");
    }
}

#[tokio::test]
async fn the_groups_name_comes_only_when_asked_for() {
    let asker = Asker::new(Seed::Configured).await;
    let token = asker.sandbox.portal_token().to_owned();
    for (query, name) in [
        ("", ""),
        ("?getPasswordResetEnabledGroup=false", ""),
        ("?getPasswordResetEnabledGroup=true", "SSPR-Pilot-Branch"),
    ] {
        let target = format!("/api/PasswordReset/PasswordResetPolicies{query}");
        let asked = asker.ask(Method::GET, &target, &token, &[], None).await;
        assert_eq!(asked.body["passwordResetEnabledGroupName"], name, "{query}");
    }
}

#[tokio::test]
async fn an_unknown_route_answers_as_graph_does_and_is_marked() {
    let asker = Asker::new(Seed::Fresh).await;
    for (target, message) in [
        (
            "/v1.0/policies/selfServicePasswordResetPolicy",
            "Resource not found for the segment 'selfServicePasswordResetPolicy'.",
        ),
        ("/beta/nothing", "Resource not found for the segment 'nothing'."),
        ("/nothing", "Invalid version: nothing"),
    ] {
        let asked = asker.graph(target).await;
        assert_eq!(
            (asked.status, &asked.body["error"]["message"]),
            (StatusCode::BAD_REQUEST, &json!(message))
        );
    }
    let requests = asker.sandbox.take_requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| !request.is_known));
}

#[tokio::test]
async fn a_saved_sandbox_is_found_again_and_a_strange_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tenant.json");
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    Sandbox::reset(&file, Seed::Configured, 0).unwrap();
    let sandbox = Sandbox::open(address, file.clone(), false).await.unwrap();
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Configured));
    drop(sandbox);
    for strange in ["", "{}", r#"{"format":"sspr.sandbox/0","world":{}}"#] {
        std::fs::write(&file, strange).unwrap();
        let error = Sandbox::open(address, file.clone(), false).await.unwrap_err();
        assert!(error.to_string().contains("sspr sandbox reset"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), strange, "it was overwritten");
    }
}

#[tokio::test]
async fn what_was_written_can_be_read_again_however_deep_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tenant.json");
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let opened = Sandbox::open(address, file.clone(), false).await.unwrap();
    let asker = Asker { sandbox: opened, http: crate::common::http() };
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let (graph, portal) = (asker.sandbox.graph_token().to_owned(), asker.sandbox.portal_token().to_owned());
    let json = [("content-type", "application/json")];
    for (depth, is_taken) in [(99, true), (125, false)] {
        let list = nested(depth);
        for (method, target, token, body) in [
            (
                Method::PATCH,
                "/v1.0/policies/authorizationPolicy",
                &graph,
                format!(r#"{{"defaultUserRolePermissions": {{"permissionGrantPoliciesAssigned": {list}}}}}"#),
            ),
            (
                Method::PUT,
                "/api/PasswordReset/PasswordResetPolicies",
                &portal,
                format!(r#"{{"objectId": "default", "futureNested": {list}}}"#),
            ),
            (
                Method::PUT,
                "/api/PasswordReset/OnPremisesPasswordResetPolicies",
                &portal,
                format!(r#"{{"futureNested": {list}}}"#),
            ),
        ] {
            let asked = asker.ask(method, target, token, &json, Some(&body)).await;
            assert_eq!(asked.status.is_success(), is_taken, "{target} {depth}: {}", asked.body);
        }
    }
    Sandbox::open(address, file, false).await.unwrap();
}
