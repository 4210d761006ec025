//! Nothing about people leaves another tenant than the one that is meant, and nothing is asked of it but who it is.

use sspr::client::ClientConfig;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, config, spec};
use crate::wire::Served;

/// Every command that reads a tenant and takes a spec.
const COMMANDS: [&[&str]; 11] = [
    &["plan"],
    &["plan", "--graph-only"],
    &["apply", "--yes"],
    &["verify"],
    &["verify", "--user", "ada@contoso.onmicrosoft.com"],
    &["people"],
    &["report"],
    &["cleanup", "--yes"],
    &["cleanup", "--restore", "--yes"],
    &["rollback", "--yes", "--spec", "pilot.yaml"],
    &["doctor", "--probe"],
];

const OTHER: &str = "11111111-1111-5111-8111-111111111111";

fn for_tenant(tenant: &str) -> String {
    format!(
        "version: 1\ntenant: {tenant}\n{}",
        include_str!("../../examples/pilot.yaml").replace("version: 1\n", "")
    )
}

async fn sandbox() -> Sandbox {
    Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap()
}

/// The requests for something of the tenant, in the order they arrived.
fn asked(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.take_requests().into_iter().filter(|request| request.target != "/");
    requests.map(|request| request.target.split('?').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_by_its_id_is_refused_before_any_request() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox).file("pilot.yaml", for_tenant(OTHER));
    for command in COMMANDS {
        let shown = scene.run(command).code(3);
        assert!(shown.stderr.contains(&format!("but the spec is for {OTHER}")), "{command:?}\n{shown}");
        let mut asked = asked(&sandbox);
        // The doctor looks at hosts and sign-ins before the tenant, and at nothing of it then.
        asked.retain(|target| !target.is_empty());
        assert_eq!(asked, [""; 0], "{command:?}");
    }
    let shown = scene.run(&["doctor"]).code(5);
    assert!(shown.stdout.contains(&format!("but the spec is for {OTHER}")), "{shown}");
    assert_eq!(asked(&sandbox), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_by_its_domain_is_asked_who_it_is_and_nothing_else() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox).file("pilot.yaml", for_tenant("fabrikam.example"));
    for command in COMMANDS {
        let shown = scene.run(command).code(3);
        assert!(shown.stderr.contains("but the spec is for fabrikam.example"), "{command:?}\n{shown}");
        let asked = asked(&sandbox);
        assert!(asked.iter().all(|target| target == "/v1.0/organization"), "{command:?}: {asked:?}");
    }
    assert_eq!(scene.run(&["doctor"]).code, 5);
    assert!(asked(&sandbox).iter().all(|target| target == "/v1.0/organization"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_organisation_cannot_be_read_nothing_else_is() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox).file("pilot.yaml", for_tenant(&sandbox.tenant().domains[0]));
    for fault in ["status=403", "null-list"] {
        sandbox.fail(format!("GET /v1.0/organization {fault}").parse().unwrap());
        for command in COMMANDS.iter().chain([&["doctor"][..]].iter()) {
            let shown = scene.run(command);
            assert_ne!(shown.code, 0, "{command:?}\n{shown}");
            let asked = asked(&sandbox);
            assert!(asked.iter().all(|target| target == "/v1.0/organization"), "{command:?}: {asked:?}");
        }
        let shown = scene.run(&["doctor"]).code(5);
        assert!(shown.stdout.contains("fails    tenant"), "{shown}");
        let _ = asked(&sandbox);
        sandbox.heal();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_meant_tenant_costs_a_round_more_by_domain_and_none_by_id() {
    let sandbox = sandbox().await;
    let tenant = sandbox.tenant();
    let (id, domain) = (tenant.tenant_id.to_string().to_uppercase(), tenant.domains[0].to_uppercase());
    let usual = {
        let scene = Scene::against(&sandbox).example("pilot.yaml");
        let _ = scene.run(&["plan"]).code(0);
        asked(&sandbox).len()
    };
    let scene = Scene::against(&sandbox).file("pilot.yaml", for_tenant(&id));
    let _ = scene.run(&["plan"]).code(0);
    assert_eq!(asked(&sandbox).len(), usual);
    let scene = Scene::against(&sandbox).file("pilot.yaml", for_tenant(&domain));
    let _ = scene.run(&["plan"]).code(0);
    let asked = asked(&sandbox);
    assert_eq!((asked.len(), asked[0].as_str()), (usual, "/v1.0/organization"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_are_refused_before_any_request() {
    let graph = sandbox().await;
    let mut other = TenantState::seeded(Seed::Fresh);
    other.tenant_id = OTHER.parse().unwrap();
    let portal = Sandbox::start(other).await.unwrap();
    let scene = Scene::against(&graph)
        .env("SSPR_PORTAL_URL", &portal.root())
        .env("SSPR_PORTAL_TOKEN", portal.portal_token())
        .example("pilot.yaml");
    for command in [&["plan"][..], &["apply", "--yes"], &["import"], &["report"], &["cleanup", "--yes"]] {
        let shown = scene.run(command).code(3);
        assert!(shown.stderr.contains(&format!("portal to {OTHER}")), "{command:?}\n{shown}");
    }
    assert_eq!(asked(&graph), [""; 0]);
    assert_eq!(asked(&portal), [""; 0]);
}

#[tokio::test]
async fn a_token_without_a_tenant_has_the_organisation_asked_first_and_alone() {
    let answer = |_: &str, _: &str| {
        let id = "84841066-274d-4ec0-a5c1-276be684bdd3";
        format!(r#"{{"value": [{{"id": "{id}", "displayName": "Contoso", "verifiedDomains": null}}]}}"#)
    };
    for tenant in [OTHER, "fabrikam.example"] {
        let served = Served::answering(ClientConfig { ..config() }, answer).await;
        let spec = spec(&for_tenant(tenant));
        let refused =
            sspr::app::observe::observe(&served.reader, &spec, sspr::app::observe::SurfaceSelection::Both)
                .await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("(domains unknown)"), "{refused}");
        assert!(served.the_request().line.starts_with("GET /v1.0/organization?"), "{refused}");
    }
}
