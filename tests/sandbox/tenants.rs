//! Many tenants behind one host: each is reached by its own tokens alone, and has its own state and troubles.

use reqwest::StatusCode;
use serde_json::Value;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, folder, http};

/// An application that no tenant has.
const OTHER: &str = "8a9a3c9f-2b6f-5f0a-8f4e-000000000000";

async fn many(tenants: usize) -> Sandbox {
    Sandbox::start_many(&TenantState::numbered(tenants)).await.unwrap()
}

fn of(sandbox: &Sandbox, number: usize) -> Sandbox {
    sandbox.of(&format!("tenant-{number:04}.example")).unwrap().unwrap()
}

async fn get(sandbox: &Sandbox, path: &str, token: &str) -> (StatusCode, Value) {
    let asked = http().get(format!("{}{path}", sandbox.root())).bearer_auth(token);
    let answer =
        asked.header("x-ms-client-request-id", uuid::Uuid::new_v4().to_string()).send().await.unwrap();
    (answer.status(), json(answer).await)
}

async fn json(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
}

/// Asks a tenant's authority for a token.
async fn token(sandbox: &Sandbox, tenant: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let asked = http().post(format!("{}/{tenant}/oauth2/v2.0/token", sandbox.root())).body(form);
    let answer = asked.send().await.unwrap();
    (answer.status(), json(answer).await)
}

#[tokio::test]
async fn a_token_reaches_its_own_tenant_on_both_surfaces_and_no_other() {
    let sandbox = many(2).await;
    let (one, other) = (of(&sandbox, 1), of(&sandbox, 2));
    assert_eq!(one.root(), other.root());
    for tenant in [&one, &other] {
        let (_, body) = get(tenant, "/v1.0/organization", tenant.graph_token()).await;
        let (state, row) = (tenant.tenant(), &body["value"][0]);
        assert_eq!(row["id"], state.tenant_id.to_string());
        assert_eq!(row["verifiedDomains"][0]["name"], state.domains[0].as_str());
    }
    one.edit(|tenant| tenant.policy["enablementType"] = 2.into());
    let path = "/api/PasswordReset/PasswordResetPolicies";
    let enablement =
        async |tenant: &Sandbox| get(tenant, path, tenant.portal_token()).await.1["enablementType"].as_u64();
    assert_eq!((enablement(&one).await, enablement(&other).await), (Some(2), Some(0)));
    // The first tokens of a tenant that was made again, and those of one that is not there.
    let elsewhere = many(1).await;
    for token in [of(&elsewhere, 1).graph_token(), "opaque", ""] {
        assert_eq!(get(&one, "/v1.0/organization", token).await.0, StatusCode::UNAUTHORIZED);
    }
    assert!(sandbox.of("tenant-0003.example").unwrap().is_none());
}

#[tokio::test]
async fn what_goes_wrong_in_one_tenant_goes_wrong_in_no_other() {
    let sandbox = many(3).await;
    let [one, other, late] = [1, 2, 3].map(|number| of(&sandbox, number));
    one.fail("GET /v1.0/groups status=403".parse().unwrap());
    let status = async |tenant: &Sandbox| get(tenant, "/v1.0/groups", tenant.graph_token()).await.0;
    assert_eq!(status(&one).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&other).await, StatusCode::OK);
    sandbox.fail_everywhere("GET /v1.0/groups status=503 1".parse().unwrap());
    for tenant in [&other, &late] {
        assert_eq!(status(tenant).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(tenant).await, StatusCode::OK);
    }
    assert_eq!(one.take_requests().len(), 1);
    assert_eq!(late.take_requests().len(), 2);
}

#[tokio::test]
async fn each_is_kept_in_a_file_of_its_own_once_it_changes() {
    let folder = folder();
    let open = async || {
        let names = [TenantState::numbered(2), vec![Seed::DOMAIN.to_owned()]].concat();
        let address = ([127, 0, 0, 1], 0).into();
        Sandbox::open_many(address, folder.path().to_owned(), &names, false).await.unwrap()
    };
    let sandbox = open().await;
    of(&sandbox, 2).register("chen", &["mobilePhone"]).unwrap();
    let contoso = sandbox.of(Seed::DOMAIN).unwrap().unwrap();
    contoso.register("chen", &["email"]).unwrap();
    drop((sandbox, contoso));
    let id = TenantState::id_of("tenant-0002.example");
    let files: Vec<_> = std::fs::read_dir(folder.path().join("tenants")).unwrap().flatten().collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].file_name().to_str(), Some(format!("{id}.json").as_str()));
    let again = open().await;
    let methods = |tenant: &Sandbox| {
        let users = tenant.tenant().users;
        users.into_iter().find(|user| user.alias == "chen").unwrap().methods
    };
    assert_eq!(methods(&of(&again, 2)), ["mobilePhone"]);
    assert_eq!(methods(&of(&again, 1)), [""; 0]);
    // The one that every command without a fleet has.
    let alone = Sandbox::open(([127, 0, 0, 1], 0).into(), folder.path().join("tenant.json"), false).await;
    assert_eq!(methods(&alone.unwrap()), ["email"]);
    std::fs::write(folder.path().join("tenants").join(format!("{id}.json")), "{}").unwrap();
    let broken = open().await.of("tenant-0002.example").unwrap_err();
    assert!(broken.to_string().contains("is not a sandbox of this version"), "{broken}");
}

#[tokio::test]
async fn an_application_and_a_person_get_tokens_in_every_tenant() {
    let sandbox = many(2).await;
    let two = of(&sandbox, 2);
    let id = two.tenant().tenant_id.to_string();
    let client = sspr::sandbox::application_id().to_string();
    let with = |secret: &'static str, scope: &'static str| {
        [("grant_type", "client_credentials"), ("client_secret", secret), ("scope", scope)]
    };
    let graph = "https://graph.microsoft.com/.default";
    for tenant in ["tenant-0002.example", &id] {
        let form = [&with("sandbox", graph)[..], &[("client_id", &client)]].concat();
        let (status, answer) = token(&sandbox, tenant, &form).await;
        assert_eq!(
            (status, answer["access_token"].as_str()),
            (StatusCode::OK, Some(two.application_token()))
        );
    }
    // The admin centre takes no application's.
    let form =
        [&with("sandbox", "74658136-14ec-4630-ad9b-26e160ff0fc6/.default")[..], &[("client_id", &client)]];
    let (_, answer) = token(&sandbox, &id, &form.concat()).await;
    let path = "/api/PasswordReset/PasswordResetPolicies";
    let refused = get(&two, path, answer["access_token"].as_str().unwrap()).await;
    assert_eq!(refused.0, StatusCode::UNAUTHORIZED);
    let person = [("grant_type", "refresh_token"), ("refresh_token", "sandbox"), ("scope", graph)];
    let (_, answer) = token(&sandbox, &id, &person).await;
    assert_eq!(answer["access_token"], two.graph_token());
    for (tenant, form, code) in [
        ("nowhere.example", [&with("sandbox", graph)[..], &[("client_id", &client)]].concat(), 90002),
        ("tenant-0001.example", [&with("other", graph)[..], &[("client_id", &client)]].concat(), 7000215),
        ("tenant-0001.example", [&with("sandbox", graph)[..], &[("client_id", OTHER)]].concat(), 700016),
        ("tenant-0001.example", vec![("grant_type", "refresh_token"), ("refresh_token", "x")], 9002313),
    ] {
        let (status, answer) = token(&sandbox, tenant, &form).await;
        assert!(status.is_client_error(), "{answer}");
        assert_eq!(answer["error_codes"][0], code, "{answer}");
        assert!(answer["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")));
    }
    let configuration = "/tenant-0002.example/v2.0/.well-known/openid-configuration";
    let answer = json(http().get(format!("{}{configuration}", sandbox.root())).send().await.unwrap()).await;
    assert!(answer["issuer"].as_str().unwrap().contains(&id), "{answer}");
    // What goes wrong there is one tenant's too.
    two.fail("POST /oauth2 error=400,AADSTS700016".parse().unwrap());
    assert_eq!(token(&sandbox, &id, &person).await.1["error_codes"][0], 700016);
    assert_eq!(token(&sandbox, "tenant-0001.example", &person).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_acts_in_one_of_many_and_they_all_start_over() {
    let scene = Scene::new();
    let ask = ["sandbox", "act", "register", "--user", "chen"];
    let shown = scene.run(&[&ask[..], &["--tenant", "tenant-0002.example"]].concat()).code(0);
    assert!(shown.stdout.starts_with("chen registered a mobile phone"), "{shown}");
    let folder = scene.state_dir().join("sandbox");
    let methods = async |number: usize| {
        let names = TenantState::numbered(2);
        let sandbox = Sandbox::open_many(([127, 0, 0, 1], 0).into(), folder.clone(), &names, false).await;
        let users = of(&sandbox.unwrap(), number).tenant().users;
        users.into_iter().find(|user| user.alias == "chen").unwrap().methods.len()
    };
    assert_eq!((methods(1).await, methods(2).await), (0, 2));
    assert!(!folder.join("tenant.json").exists());
    let shown = scene.run(&["sandbox", "reset"]).code(0);
    assert!(shown.stdout.contains("starts over: fresh. Those of fleets do too."), "{shown}");
    let shown = scene.run(&["sandbox", "reset", "--format", "json"]).code(0);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["tenants_deleted"], 0);
    assert_eq!(methods(2).await, 0);
}

#[test]
fn a_fault_of_a_tenant_that_is_not_there_is_refused() {
    let fault = "tenant-0003.example: * / hang";
    let shown = Scene::new().run(&["sandbox", "serve", "--tenants", "2", "--fault", fault]).code(64);
    assert!(shown.stderr.contains("the sandbox has no tenant `tenant-0003.example`"), "{shown}");
}
