//! `sspr login` from the command line to the end, against an authority of our own over TLS.
//!
//! Only on Linux can the program be told to trust a certificate for one run (`SSL_CERT_FILE`).

mod browser;
mod by_code;
mod chromium;
mod kept;
mod keyring;
mod refusals;
mod road;

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Authority, Browser, Login, Scene};

/// A tenant, its authority, and a machine at which no one is signed in to anything.
async fn machine() -> (Sandbox, Authority, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let authority = Authority::start(&sandbox).await;
    let scene = authority.scene(Scene::new().example("pilot.yaml"));
    let empty = scene.path().join("bin");
    std::fs::create_dir(&empty).unwrap();
    let scene = scene.env("PATH", &empty.display().to_string());
    let scene = scene.env("SSPR_GRAPH_URL", &sandbox.root()).env("SSPR_PORTAL_URL", &sandbox.root());
    (sandbox, authority, scene)
}

/// Puts a program on the machine's PATH.
fn program(scene: &Scene, name: &str, script: &str) {
    let path = scene.path().join("bin").join(name);
    crate::common::executable(&path, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n"));
}

/// Signs the Azure CLI in, as far as the admin centre goes.
fn sign_azure_cli_in(scene: &Scene, sandbox: &Sandbox) {
    sign_azure_cli_in_as(scene, [sandbox.portal_token(), ""]);
}

/// Signs the Azure CLI in, with its tokens for the admin centre and for Graph; an empty one is refused.
fn sign_azure_cli_in_as(scene: &Scene, [portal, graph]: [&str; 2]) {
    let script = format!(
        r#"echo "$*" >> "{folder}/az.calls"
case "$*" in
  *74658136-14ec-4630-ad9b-26e160ff0fc6/.default*) token="{portal}" ;;
  *https://graph.microsoft.com/.default*) token="{graph}" ;;
esac
[ -n "$token" ] || {{ echo "ERROR: unexpected: $*" >&2; exit 2; }}
echo "{{\"accessToken\": \"$token\", \"expiresOn\": \"2090-01-02 03:04:05.000000\", \"expires_on\": 3786912245, \"subscription\": \"s\", \"tenant\": \"t\", \"tokenType\": \"Bearer\"}}""#,
        folder = scene.path().display(),
    );
    program(scene, "az", &script);
}

const LOGIN: [&str; 8] = [
    "login",
    "--no-browser",
    "--store",
    "file",
    "--tenant",
    "contoso.onmicrosoft.com",
    "--client-id",
    crate::common::CLIENT,
];

/// Signs in to the end, and keeps the sign-in in a file.
async fn log_in(authority: &Authority, scene: &Scene) {
    let mut login = Login::start(scene, &LOGIN);
    let address = login.address();
    let (status, page) = Browser::trusting(authority).sign_in(&address).await;
    assert_eq!(status, 200, "{page}");
    let _ = login.finish().code(0);
}
