//! No token, secret or anything shaped like one leaves the process, on success or on any failure.

use std::fs;
use std::path::Path;

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

const COMMANDS: [&[&str]; 13] = [
    &["plan", "--out", "plan.json"],
    &["apply", "--yes", "--wait", "0"],
    &["doctor", "--probe"],
    &["people", "--no-registration"],
    &["people", "--format", "csv"],
    &["verify"],
    &["verify", "--user", "ada@contoso.onmicrosoft.com"],
    &["rollback", "--yes", "--wait", "0"],
    &["cleanup", "--restore", "--yes", "--wait", "0"],
    &["cleanup", "--yes", "--wait", "0"],
    &["history"],
    &["validate"],
    &["plan", "--format", "json"],
];

const FAULTS: [&str; 10] = [
    "* /nothing reset",
    "* / status=500",
    "* / status=401",
    "* / html",
    "* / redirect=https://elsewhere.invalid/",
    "* / reset",
    "* / tells-token=403",
    "* / tells-token=500",
    "PUT / lying-success",
    "GET /v1.0/groups garbled",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_said_or_saved() {
    for fault in FAULTS {
        let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
        sandbox.fail(fault.parse().unwrap());
        let scene =
            Scene::against(&sandbox).example("pilot.yaml").env("AZURE_CLIENT_SECRET", "hunter2-secret");
        let secrets = [sandbox.graph_token(), sandbox.portal_token(), "hunter2-secret"];
        for command in COMMANDS {
            let args = [command, &["-vvv", "--pace", "1"]].concat();
            assert_silent(&scene, &args, &secrets);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_sign_in_says_none_of_its_secrets() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let key = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5IGJ1dCBhIHNlY3JldA==\n-----END PRIVATE KEY-----\n";
    let scene = Scene::against(&sandbox)
        .example("pilot.yaml")
        .env("AZURE_TENANT_ID", "contoso.com")
        .env("AZURE_CLIENT_ID", "client")
        .env("AZURE_CLIENT_SECRET", "hunter2-secret")
        .env("AZURE_CLIENT_CERTIFICATE_PATH", "key.pem")
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", "https://127.0.0.1:1/oidc?secret=hunter2-secret")
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hunter2-secret")
        // Nothing listens there.
        .env("AZURE_AUTHORITY_HOST", "https://127.0.0.1:1");
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(scene.path().join("key.pem"), format!("{certificate}{key}")).unwrap();
    // Together, because each is tried a few times before it is given up.
    std::thread::scope(|scope| {
        for way in ["client-secret", "client-certificate", "workload-identity"] {
            let (scene, sandbox) = (&scene, &sandbox);
            scope.spawn(move || {
                let args = ["plan", "--graph-auth", way, "-vvv"];
                let secrets = ["hunter2-secret", "bm90IGEga2V5", sandbox.portal_token()];
                let said = assert_silent(scene, &args, &secrets);
                assert!(said.contains("graph: not signed in") && said.contains(way), "{said}");
            });
        }
    });
}

/// Runs a command and looks through everything it said and left behind.
fn assert_silent(scene: &Scene, args: &[&str], secrets: &[&str]) -> String {
    let output = scene.command(args).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let check = |text: &str, what: &str| {
        for secret in secrets {
            assert!(!text.contains(secret), "a secret in {what} of {args:?}");
        }
        assert!(!text.contains("eyJ"), "something shaped like a token in {what} of {args:?}:\n{text}");
        assert!(!text.contains("Bearer "), "a header in {what} of {args:?}:\n{text}");
    };
    check(&said, "the output");
    for entry in fs::read_dir(scene.path()).unwrap() {
        let path = entry.unwrap().path();
        // What the test put there itself.
        if !path.ends_with("key.pem") {
            look_through(&path, &check);
        }
    }
    said
}

fn look_through(path: &Path, check: &impl Fn(&str, &str)) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            look_through(&entry.unwrap().path(), check);
        }
        return;
    }
    // A lock that is held, or a file being replaced, has nothing to read.
    if let Ok(bytes) = fs::read(path) {
        check(&String::from_utf8_lossy(&bytes), &path.display().to_string());
    }
}
