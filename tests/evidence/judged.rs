//! What requests show of each belief.

use serde_json::{Value, json};
use sspr::evidence::{Endpoint, Verdict};
use sspr::sandbox::{Sandbox, Seed, TenantState};
use sspr::tenant::Surface;

use super::{CHROMIUM, FIREFOX, belief, edit, examined, otherwise, verdict, visit};
use crate::common::Scene;

const POLICY: &str = "/PasswordReset/PasswordResetPolicies";
const WRITEBACK: &str = "/OnPremisesPasswordResetPolicies";

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_changes_and_saves_shows_what_is_believed() {
    for (seed, how) in [(Seed::Fresh, CHROMIUM), (Seed::Configured, CHROMIUM), (Seed::Migrated, FIREFOX)] {
        let recorded = examined(&visit(seed, &[], how).await);
        assert_eq!(otherwise(&recorded), Vec::<&str>::new(), "{seed:?}");
        for code in [
            "portal-request-id",
            "policy-read",
            "policy-read-status",
            "policy-read-answer",
            "policy-write",
            "policy-write-status",
            "policy-write-answer",
            "policy-write-whole",
            "policy-write-kept",
            "policy.enablementType",
            "policy.securityQuestions",
            "writeback-write",
            "writeback-write-part",
            "writeback-write-kept",
            "writeback.enablementForTenant",
            "roles-read-answer",
            "method-write-type",
            "method-write-status",
            "method-write-kept",
            // Within a batch.
            "organization-read",
            "authorization.allowedToUseSSPR",
            "sync-read-answer",
            "methods.policyMigrationState",
        ] {
            assert_eq!(verdict(&recorded, code), Verdict::Expected, "{seed:?}: {code}");
        }
        let policy =
            recorded.evidence.judged.iter().filter(|judged| judged.belief.code.starts_with("policy."));
        assert!(policy.clone().all(|judged| judged.verdict() == Verdict::Expected));
        assert_eq!(policy.count(), 29);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_fields_are_named_and_nothing_in_them() {
    let recorded = examined(&visit(Seed::Configured, &[], CHROMIUM).await);
    let fields: Vec<_> = recorded
        .evidence
        .new_fields
        .iter()
        .map(|field| (field.name.as_deref(), field.kind.as_str()))
        .collect();
    assert_eq!(fields, [(Some("futureNested"), "an object"), (Some("futurePolicyRevision"), "a number")]);
    assert_eq!(verdict(&recorded, "policy-group-name"), Verdict::Expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_does_otherwise_is_seen_and_said() {
    let odd = r#"GET /api/PasswordReset/PasswordResetPolicies body={"objectId":"default","enablementType":"1","numberOfAuthenticationMethodsRequired":7,"emailOptionEnabled":null}"#;
    for (fault, code, seen) in [
        (
            "PUT /api/PasswordReset/PasswordResetPolicies landed-then-body=false",
            "policy-write-answer",
            "false",
        ),
        ("PUT /api/PasswordReset/PasswordResetPolicies lying-success", "policy-write-status", "204"),
        ("PUT /api/PasswordReset/PasswordResetPolicies lying-success", "policy-write-answer", "nothing"),
        (
            "PUT /api/PasswordReset/PasswordResetPolicies body=true",
            "policy-write-kept",
            "changed: notifyOnAdminPasswordReset",
        ),
        (
            "PUT /api/PasswordReset/OnPremises body=true",
            "writeback-write-kept",
            "changed: accountUnlockEnabled",
        ),
        ("GET /api/PasswordReset/PasswordResetPolicies status=404", "policy-read", "answered with 404"),
        ("GET /api/PasswordReset/PasswordResetPolicies status=500", "policy-read-status", "500"),
        (
            "GET /api/PasswordReset/PasswordResetPolicies wrong-type",
            "policy-read-answer",
            "text that is no JSON",
        ),
        ("GET /api/Permissions body={}", "roles-read-answer", "an object with 0 fields"),
        (odd, "policy.enablementType", "text"),
        (odd, "policy.numberOfAuthenticationMethodsRequired", "7"),
        (odd, "policy.emailOptionEnabled", "null"),
        (odd, "policy.mobilePhoneOptionEnabled", "missing"),
        (r#"GET /v1.0/organization body=[1]"#, "organization-read-answer", "a list of 1"),
    ] {
        let recorded = examined(&visit(Seed::Fresh, &[fault], CHROMIUM).await);
        assert_eq!(belief(&recorded, code).seen, [seen], "{fault}");
        assert_eq!(verdict(&recorded, code), Verdict::Otherwise, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn that_someone_may_not_is_no_evidence() {
    for status in [401, 403, 429] {
        let fault = format!("GET /v1.0/directory/onPremisesSynchronization status={status}");
        let recorded = examined(&visit(Seed::Fresh, &[&fault], CHROMIUM).await);
        assert_eq!(otherwise(&recorded), Vec::<&str>::new());
        assert_eq!(verdict(&recorded, "sync-read-status"), Verdict::NotSeen);
        assert_eq!(recorded.evidence.refused, [("sync-read", vec![status])]);
    }
}

/// A refusal or a broken request beside one that succeeds says something of that moment alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_moments_trouble_is_no_evidence() {
    for fault in [
        "GET /api/PasswordReset throttle=1 1",
        "GET /api/PasswordReset status=503 2",
        "GET /api/PasswordReset reset 1",
    ] {
        let recorded = examined(&visit(Seed::Fresh, &[fault], CHROMIUM).await);
        assert_eq!(otherwise(&recorded), Vec::<&str>::new(), "{fault}");
        assert_eq!(verdict(&recorded, "policy-read-status"), Verdict::Expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_portal_does_otherwise_is_seen() {
    let file = visit(Seed::Fresh, &[], FIREFOX).await;
    let put = |change: &dyn Fn(&mut Value)| {
        let mut file = file.clone();
        edit(&mut file, "PUT", POLICY, |entry| {
            let text = entry["request"]["postData"]["text"].as_str().unwrap();
            let mut sent = serde_json::from_str(text).unwrap();
            change(&mut sent);
            entry["request"]["postData"]["text"] = sent.to_string().into();
        });
        examined(&file)
    };
    let recorded = put(&|sent| {
        sent.as_object_mut().unwrap().remove("skipRegistrationAllowed");
    });
    assert_eq!(belief(&recorded, "policy-write-whole").seen, ["without skipRegistrationAllowed"]);
    let recorded = put(&|sent| *sent = json!({"enablementType": 0}));
    assert_eq!(belief(&recorded, "policy-write-whole").seen, ["without 28 of its fields"]);
    let recorded = put(&|sent| sent["customHelpdeskEmailOrUrl"] = "https://help.contoso.com".into());
    assert_eq!(belief(&recorded, "policy-write-kept").seen, ["changed: customHelpdeskEmailOrUrl"]);
    // The service fills that one in, whatever is sent.
    let recorded = put(&|sent| {
        let on = sent["emailOptionAllowed"].as_bool().unwrap();
        sent["emailOptionAllowed"] = json!(!on);
    });
    assert_eq!(verdict(&recorded, "policy-write-kept"), Verdict::Expected);

    let mut verb = file.clone();
    edit(&mut verb, "PUT", POLICY, |entry| entry["request"]["method"] = "POST".into());
    let recorded = examined(&verb);
    assert_eq!(belief(&recorded, "policy-write").seen, ["POST"]);
    assert_eq!(recorded.evidence.unknown_requests[0].path, "/api/PasswordReset/PasswordResetPolicies");

    let mut bare = file.clone();
    edit(&mut bare, "GET", POLICY, |entry| {
        let headers = entry["request"]["headers"].as_array_mut().unwrap();
        headers.retain(|header| header["name"] != "X-Ms-Client-Request-Id");
    });
    assert_eq!(verdict(&examined(&bare), "portal-request-id"), Verdict::Otherwise);

    let mut whole = file.clone();
    edit(&mut whole, "PUT", WRITEBACK, |entry| {
        entry["request"]["postData"]["text"] =
            json!({"accountUnlockEnabled": true, "enablementForTenant": false}).to_string().into();
    });
    let recorded = examined(&whole);
    assert_eq!(belief(&recorded, "writeback-write-part").seen, ["`accountUnlockEnabled` with other fields"]);

    let mut untyped = file.clone();
    edit(&mut untyped, "PATCH", "authenticationMethodConfigurations", |entry| {
        entry["request"]["postData"]["text"] = "{\"state\":\"enabled\"}".into();
    });
    assert_eq!(verdict(&examined(&untyped), "method-write-type"), Verdict::Otherwise);

    let mut odd_error = file.clone();
    edit(&mut odd_error, "GET", "/GetUserSystemRoleTemplateIds", |entry| {
        entry["response"]["status"] = 403.into();
        entry["response"]["content"]["text"] = "{\"error\": {\"code\": \"x\"}}".into();
    });
    let recorded = examined(&odd_error);
    assert_eq!(belief(&recorded, "portal-error").seen, ["an object with 1 field"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audience_is_read_from_the_claims_and_shown_where_it_can_be() {
    let token = |claims: Value| {
        let part = azure_core::base64::encode_url_safe(claims.to_string());
        format!("Bearer e30.{part}.x")
    };
    let own = "204a15ea-fa2c-550c-86c1-f84caa53d849";
    let other = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
    let file = visit(Seed::Fresh, &[], FIREFOX).await;
    assert_eq!(verdict(&examined(&file), "portal-audience"), Verdict::Expected);
    assert_eq!(verdict(&examined(&file), "graph-audience"), Verdict::Expected);
    for (claims, seen) in [
        (json!({"aud": other}), other),
        (json!({"aud": "https://graph.microsoft.com/"}), "graph.microsoft.com"),
        (json!({"aud": own, "tid": own}), "something that is no id of an application"),
        (json!({"aud": "https://management.core.windows.net/"}), "management.core.windows.net"),
        (json!({"aud": "https://contoso.com/ada"}), "something that is no id of an application"),
        (
            json!({"aud": "https://contoso.blob.core.windows.net"}),
            "something that is no id of an application",
        ),
    ] {
        let mut file = file.clone();
        edit(&mut file, "GET", "/api/", |entry| {
            for header in entry["request"]["headers"].as_array_mut().unwrap() {
                if header["name"] == "Authorization" {
                    header["value"] = token(claims.clone()).into();
                }
            }
        });
        assert_eq!(belief(&examined(&file), "portal-audience").seen, [seen]);
    }
    let sanitized = examined(&visit(Seed::Fresh, &[], CHROMIUM).await);
    assert_eq!(verdict(&sanitized, "portal-audience"), Verdict::NotSeen);
    assert_eq!(sanitized.recording.without_token, sanitized.recording.looked_at);
}

/// Hosts and audience of another cloud are believed there, and not here.
#[tokio::test(flavor = "multi_thread")]
async fn every_clouds_hosts_are_known() {
    let text = visit(Seed::Fresh, &[], FIREFOX).await.to_string();
    for (cloud, portal, graph) in [
        ("usgov", "main.iam.ad.ext.azure.us", "graph.microsoft.us"),
        ("usgov-dod", "main.iam.ad.ext.azure.us", "dod-graph.microsoft.us"),
        ("china", "main.iam.ad.ext.azure.cn", "microsoftgraph.chinacloudapi.cn"),
    ] {
        let moved = text
            .replace("main.iam.ad.ext.azure.com", portal)
            .replace("graph.microsoft.com/", &format!("{graph}/"));
        let recorded = examined(&serde_json::from_str(&moved).unwrap());
        assert!(recorded.recording.clouds.contains(&cloud), "{:?}", recorded.recording.clouds);
        assert_eq!(otherwise(&recorded), ["portal-audience", "graph-audience"], "{cloud}");
    }
    let elsewhere = text
        .replace("main.iam.ad.ext.azure.com", "main.iam.example")
        .replace("graph.microsoft.com/", "graph.example/");
    assert_eq!(examined(&serde_json::from_str(&elsewhere).unwrap()).recording.looked_at, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_requests_are_folded_and_counted() {
    let mut file = visit(Seed::Fresh, &[], CHROMIUM).await;
    let mut entry = file["log"]["entries"][4].clone();
    let entries = file["log"]["entries"].as_array_mut().unwrap();
    for (method, url) in [
        ("GET", "https://main.iam.ad.ext.azure.com/api/PasswordReset/GetNewSetting?who=ada"),
        ("GET", "https://main.iam.ad.ext.azure.com/api/PasswordReset/GetNewSetting?who=grace"),
        ("POST", "https://main.iam.ad.ext.azure.com/api/Users/ada@contoso.com/x"),
        ("POST", "https://main.iam.ad.ext.azure.com/api/ContosoUsers/AdaAdmin"),
        ("GET", "https://graph.microsoft.com/beta/users/ada/authentication/methods"),
        (
            "GET",
            "https://graph.microsoft.com/beta/users/ada/registrationDetails/11111111-2222-3333-4444-555555555555",
        ),
        ("GET", "https://management.azure.com/subscriptions/ada"),
    ] {
        entry["request"]["url"] = url.into();
        entry["request"]["method"] = method.into();
        entries.push(entry.clone());
    }
    let recorded = examined(&file);
    let unknown: Vec<_> = recorded
        .evidence
        .unknown_requests
        .iter()
        .map(|request| {
            format!("{} {} {} {:?}", request.method, request.path, request.times, request.statuses)
        })
        .collect();
    assert_eq!(
        unknown,
        [
            "GET /api/PasswordReset/GetNewSetting 2 [200]",
            "POST /api/Users/{}/{} 1 [200]",
            "POST /api/{}/{} 1 [200]",
            "GET /users/{}/registrationDetails/{} 1 [200]",
        ]
    );
}

/// What this tool sends to the admin centre, and what it writes to Graph, is in the list: a new request takes its belief.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_every_request_this_tool_makes_of_the_portal_and_every_write() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let _ = scene.run(&["doctor", "--probe"]).code(0);
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let _ = scene.run(&["verify"]).code(0);
    let mut count = 0;
    for request in sandbox.take_requests() {
        let path = request.target.split('?').next().unwrap();
        let mut segments = path.split('/').skip(1).map(str::to_owned);
        let root = segments.next().unwrap();
        let surface = if root == "api" { Surface::Portal } else { Surface::Graph };
        if root.is_empty() || (surface == Surface::Graph && request.method == "GET") {
            continue;
        }
        let path: Vec<String> = segments.collect();
        let is_known = Endpoint::at(surface, &path).any(|endpoint| endpoint.method == request.method);
        assert!(is_known, "{} {}", request.method, request.target);
        count += 1;
    }
    assert!(count > 5, "{count}");
}

/// `doctor --probe` goes by the same list.
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_says_what_it_saw_of_each_belief_by_its_code() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = Scene::against(&sandbox);
    let shown = scene.run(&["doctor", "--probe", "--format", "json"]).code(0);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    let beliefs = document["beliefs"].as_array().unwrap();
    let of = |code: &str| beliefs.iter().find(|belief| belief["code"] == code).unwrap_or(&Value::Null);
    for code in
        ["portal-audience", "policy-read", "policy-group-name", "policy.enablementType", "method.state"]
    {
        assert_eq!(of(code)["verdict"], "as expected", "{code}");
    }
    assert_eq!(of("policy-write"), &Value::Null);
    let known = sspr::evidence::beliefs();
    let observations = document["observations"].as_array().unwrap();
    let codes: Vec<&str> = observations.iter().filter_map(|seen| seen["belief"].as_str()).collect();
    assert!(
        codes.len() >= 5 && codes.iter().all(|code| known.iter().any(|belief| belief.code == *code)),
        "{codes:?}"
    );
    sandbox.fail(r#"GET /api/PasswordReset/OnPremises body={"enablementForTenant":"no"}"#.parse().unwrap());
    let shown = scene.run(&["doctor", "--probe"]).code(0);
    assert!(shown.stdout.contains("The service is otherwise than sspr believes"), "{shown}");
    assert!(shown.stdout.contains("writeback.enablementForTenant"), "{shown}");
}
