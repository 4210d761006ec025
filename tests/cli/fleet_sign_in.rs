//! Who signs in to each tenant of a fleet: every way there is, each tenant by itself, and never with another's token.

use std::path::Path;

use serde_json::Value;
use sspr::sandbox::{Sandbox, TenantState};

use crate::common::{Scene, Shown};

const SPEC: &str = "group: SSPR-Pilot, methods: {required: 2, allowed: [email, mobile_phone]}";

/// Returns the name of a tenant by its number.
fn name(number: usize) -> String {
    format!("tenant-{number:04}.example")
}

fn fleet_file(tenants: usize) -> String {
    let listed: String = (1..=tenants).map(|number| format!("  - tenant: {}\n", name(number))).collect();
    format!("version: 1\nspec: {{{SPEC}}}\ntenants:\n{listed}")
}

/// The row of a tenant, from a run that printed JSON.
fn row(shown: &Shown, number: usize) -> Value {
    let document: Value = serde_json::from_str(&shown.stdout).unwrap_or_else(|_| panic!("{shown}"));
    let rows = document["tenants"].as_array().unwrap();
    rows.iter()
        .find(|row| row["tenant"] == name(number).as_str())
        .unwrap_or_else(|| panic!("{shown}"))
        .clone()
}

fn assert_ends(shown: &Shown, number: usize, result: &str, why: &str) {
    let row = row(shown, number);
    assert_eq!(row["result"], result, "{row:#}\n{shown}");
    assert!(row["why"].as_str().unwrap_or_default().contains(why), "{row:#}\n{shown}");
}

fn of(sandbox: &Sandbox, number: usize) -> Sandbox {
    sandbox.of(&name(number)).unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_token_is_one_tenants() {
    let sandbox = Sandbox::start_many(&TenantState::numbered(2)).await.unwrap();
    let scene = Scene::against(&of(&sandbox, 1)).file("fleet.yaml", fleet_file(2));
    let shown = scene.run(&["fleet", "plan"]).code(64);
    let said = "error: SSPR_GRAPH_TOKEN is one tenant's token, and this fleet has 2 tenants\nhint: unset it;";
    assert!(shown.stderr.contains(said), "{shown}");
    assert!(of(&sandbox, 1).take_requests().is_empty());
    let shown = scene.run(&["fleet", "plan", "--tenant", &name(1), "--format", "json"]).code(0);
    assert_ends(&shown, 1, "changes", "");
    // Refused, the run leaves the plans of before.
    let _ = scene.run(&["fleet", "plan", "--tenant", &name(1), "--out", "plans"]).code(0);
    let _ = scene.run(&["fleet", "plan", "--out", "plans"]).code(64);
    assert!(scene.path().join("plans/fleet-plans.json").is_file());
    // It is not another's either.
    let shown = scene.run(&["fleet", "plan", "--tenant", &name(2), "--format", "json"]).code(3);
    assert_ends(&shown, 2, "refused", "the spec is for tenant-0002.example");
}

/// Answers as the Azure CLI does, with what the folder it is given has.
#[cfg(unix)]
const AZ: &str = r#"#!/bin/sh
case "$*" in *74658136*) surface=portal ;; *) surface=graph ;; esac
echo "$AZURE_CONFIG_DIR $*" >> "$CALLS"
[ -f "$AZURE_CONFIG_DIR/$surface" ] || { echo "ERROR: Please run 'az login' to setup account." >&2; exit 1; }
echo "{\"accessToken\": \"$(cat "$AZURE_CONFIG_DIR/$surface")\", \"expiresOn\": \"2090-01-02 03:04:05.000000\", \"expires_on\": 3786912245, \"subscription\": \"s\", \"tenant\": \"t\", \"tokenType\": \"Bearer\"}"
"#;

/// Puts the stand-in on a scene's PATH.
#[cfg(unix)]
fn with_azure_cli(scene: Scene) -> Scene {
    let folder = scene.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    crate::common::executable(folder.join("az"), AZ);
    let calls = scene.path().join("calls").display().to_string();
    let scene = scene.env("PATH", &format!("{}:/usr/bin:/bin", folder.display()));
    scene.env("CALLS", &calls).env("AZURE_CONFIG_DIR", "/nowhere")
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_azure_cli_has_a_folder_for_each_tenant_and_whose_account_is_missing_is_told_the_command() {
    let sandbox = Sandbox::start_many(&TenantState::numbered(6)).await.unwrap();
    let scene = Scene::new().file("fleet.yaml", fleet_file(6));
    let scene = scene.env("SSPR_GRAPH_URL", &sandbox.root()).env("SSPR_PORTAL_URL", &sandbox.root());
    let scene = with_azure_cli(scene);
    let path = |name: &str| scene.path().join(name);
    // The account of whom: of the tenant, of another, of another on one surface; none; no folder.
    for (number, graph, portal) in [(1, 1, 1), (2, 2, 2), (3, 1, 1), (4, 4, 1), (5, 0, 0)] {
        let folder = path("accounts").join(name(number));
        std::fs::create_dir_all(&folder).unwrap();
        let keep = |surface: &str, token: &str| std::fs::write(folder.join(surface), token).unwrap();
        if graph > 0 {
            keep("graph", of(&sandbox, graph).graph_token());
            keep("portal", of(&sandbox, portal).portal_token());
        }
    }
    let ask = ["fleet", "plan", "--azure-config-root", "accounts", "--format", "json"];
    let shown = scene.run(&ask).code(77);
    for number in [1, 2] {
        assert_ends(&shown, number, "changes", "");
    }
    assert_ends(&shown, 3, "refused", "the spec is for tenant-0003.example");
    assert_ends(&shown, 4, "refused", "portal to");
    for number in [5, 6] {
        assert_ends(&shown, number, "not-signed-in", "not signed in");
        let (row, name) = (row(&shown, number), name(number));
        let command = format!("AZURE_CONFIG_DIR=@@FOLDER@@/accounts/{name} az login --tenant {name}");
        assert!(row["next"].as_str().unwrap_or_default().contains(&command), "{row:#}");
    }
    // Each was asked for its own tenant in its own folder, and the one without was not asked at all.
    let calls = std::fs::read_to_string(path("calls")).unwrap();
    assert!(!calls.contains("/nowhere") && !calls.contains(&name(6)), "{calls}");
    for line in calls.lines() {
        let (folder, args) = line.split_once(' ').unwrap();
        let tenant = Path::new(folder).file_name().unwrap().to_str().unwrap();
        assert!(args.ends_with(&format!("--tenant {tenant}")), "{line}");
    }
    // Nobody's people were asked for with another's account.
    for number in [3, 4, 5, 6] {
        assert!(of(&sandbox, number).take_requests().is_empty(), "{number}");
    }
}

/// Only on Linux can the program be told to trust an authority for one run (`SSL_CERT_FILE`).
#[cfg(target_os = "linux")]
mod at_an_authority {
    use azure_core::base64::encode_url_safe;
    use sspr::client::{KeptSignIn, KeptSignIns, StoreKind};
    use sspr::sandbox::application_id;

    use super::*;
    use crate::common::CLIENT;

    /// An RSA key made for tests alone: no secret.
    const KEY: &str = include_str!("../../src/client/sign_in/test_key.pem");
    /// Something in the place of a certificate: only its digest is used.
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";

    /// A sandbox over TLS that signs in to its tenants, and a scene that trusts it.
    async fn served(tenants: usize) -> (Sandbox, Scene) {
        let scene = Scene::new().file("fleet.yaml", fleet_file(tenants));
        let names = TenantState::numbered(tenants);
        let folder = scene.path().join("served");
        let sandbox = Sandbox::open_many(([127, 0, 0, 1], 0).into(), folder, &names, true).await.unwrap();
        let authority = scene.path().join("authority.pem");
        std::fs::write(&authority, sandbox.authority().unwrap()).unwrap();
        let root = sandbox.root();
        let scene = scene.env("SSL_CERT_FILE", authority.to_str().unwrap());
        let scene = scene.env("SSPR_GRAPH_URL", &root).env("SSPR_PORTAL_URL", &root);
        (sandbox, scene.env("AZURE_AUTHORITY_HOST", &root).env("PATH", ""))
    }

    fn plan(scene: &Scene, more: &[&str]) -> Shown {
        scene.run(&[&["fleet", "plan", "--graph-only", "--format", "json"], more].concat())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_application_signs_in_to_each_tenant_by_secret_certificate_or_another_issuer() {
        let (sandbox, scene) = served(4).await;
        of(&sandbox, 2).fail("POST /oauth2 error=400,AADSTS700016".parse().unwrap());
        let other = of(&sandbox, 1).application_token().to_owned();
        let answer =
            format!("{{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"{other}\"}}");
        of(&sandbox, 3).fail(format!("POST /oauth2 body={answer}").parse().unwrap());
        // Wherever the application itself lives.
        let client = application_id().to_string();
        let scene = scene.env("AZURE_CLIENT_ID", &client).env("AZURE_TENANT_ID", "home.example");
        let scene = scene.file("certificate.pem", format!("{CERTIFICATE}{KEY}"));
        let certificate = scene.path().join("certificate.pem");
        let claims = r#"{"iss":"https://cluster.example","aud":"api://AzureADTokenExchange"}"#;
        let issued = format!("e30.{}.c2ln", encode_url_safe(claims));
        let scene = scene.file("issued", issued);
        let issued = scene.path().join("issued").display().to_string();
        let ways = [
            ("client-secret", "AZURE_CLIENT_SECRET", "sandbox"),
            ("client-certificate", "AZURE_CLIENT_CERTIFICATE_PATH", certificate.to_str().unwrap()),
            ("workload-identity", "AZURE_FEDERATED_TOKEN_FILE", &issued),
        ];
        let scene = ways.iter().fold(scene, |scene, (_, variable, value)| scene.env(variable, value));
        for (way, ..) in ways {
            let shown = plan(&scene, &["--auth", way]).code(77);
            for number in [1, 4] {
                assert_ends(&shown, number, "changes", "");
            }
            assert_ends(&shown, 2, "not-signed-in", "there is no such application in this tenant");
            let consent = format!("/tenant-0002.example/adminconsent?client_id={client}");
            assert!(row(&shown, 2)["next"].as_str().unwrap_or_default().contains(&consent), "{shown}");
            assert_ends(&shown, 3, "refused", "the spec is for tenant-0003.example");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_application_opens_graph_and_the_person_of_the_folder_the_admin_centre() {
        let (sandbox, scene) = served(2).await;
        let scene = with_azure_cli(scene);
        for number in [1, 2] {
            let folder = scene.path().join("accounts").join(name(number));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("portal"), of(&sandbox, number).portal_token()).unwrap();
        }
        let scene = scene.env("AZURE_CLIENT_ID", &application_id().to_string());
        let scene = scene.env("AZURE_CLIENT_SECRET", "sandbox");
        let shown =
            scene.run(&["fleet", "plan", "--azure-config-root", "accounts", "--format", "json"]).code(0);
        for number in [1, 2] {
            assert_ends(&shown, number, "changes", "");
        }
        let calls = std::fs::read_to_string(scene.path().join("calls")).unwrap();
        assert!(calls.lines().all(|line| line.contains("74658136")), "{calls}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_sign_in_that_is_kept_for_a_tenant_is_its_own_alone() {
        let (sandbox, scene) = served(3).await;
        let kept = KeptSignIns::below(&scene.state_dir(), None);
        for number in [1, 3] {
            let id = of(&sandbox, number).tenant().tenant_id.into();
            let known = KeptSignIn::new(id, vec![name(number)], &sandbox.root(), CLIENT);
            kept.keep(known, StoreKind::File, &"sandbox".into()).await.unwrap();
        }
        // Named, or found by itself.
        for way in [&["--auth", "browser"][..], &[]] {
            let shown = plan(&scene, way).code(77);
            for number in [1, 3] {
                assert_ends(&shown, number, "changes", "");
            }
            assert_ends(&shown, 2, "not-signed-in", "not signed in");
        }
        let shown = plan(&scene, &["--auth", "browser"]);
        assert_eq!(row(&shown, 2)["next"], "run `sspr login --tenant tenant-0002.example`", "{shown}");
    }
}
