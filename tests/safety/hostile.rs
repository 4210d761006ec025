//! Hostile input from the repository and from the tenant.

use std::io::ErrorKind;
use std::net::TcpListener;

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_spec_reaches_no_host_but_the_tenants() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let host = elsewhere.local_addr().unwrap();
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    for (group, helpdesk) in [
        ("SSPR-Pilot", format!("http://{host}/collect")),
        ("http://evil.example/../../me", "none".to_owned()),
        ("../../../etc/passwd", "none".to_owned()),
        ("$(id) `id` %PATH% ${HOME}", "none".to_owned()),
        ("@odata.nextLink", format!("x@{}.example", host.port())),
    ] {
        let spec = format!(
            "version: 1\ngroup: {}\ncustomization:\n  helpdesk: {helpdesk}\n",
            serde_json::json!(group)
        );
        let scene = Scene::against(&sandbox).file("pilot.yaml", &spec);
        let shown = scene.run(&["apply", "--yes"]);
        assert!([0, 3].contains(&shown.code), "{group}\n{shown}");
        assert!(!shown.to_string().contains("root:"), "{shown}");
    }
    assert_eq!(elsewhere.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "another host was called");
    assert!(
        sandbox.take_requests().iter().all(|request| request.is_known),
        "a request left the known routes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_text_in_a_plan() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.tenant_name = "\u{1b}]0;owned\u{7}\u{202e}osotnoC\r\nNo changes: the tenant matches".to_owned();
    tenant.groups[0].name = "\u{1b}[2J\u{1b}[HPilot\u{9b}31m".to_owned();
    tenant.domains[0] = "evil\u{1b}[8m.example".to_owned();
    let id = tenant.groups[0].id;
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", format!("version: 1\ngroup: {id}\n"));
    for args in [&["plan"][..], &["apply", "--yes"], &["cleanup", "--yes"], &["plan", "-vvv"]] {
        let shown = scene.run(args).code(0).to_string();
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}', '\r']), "{args:?}\n{shown:?}");
        assert!(!shown.lines().any(|line| line.starts_with("No changes: the tenant matches")), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_shown() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let tokens = [sandbox.graph_token(), sandbox.portal_token()];
    let check = |text: &str| {
        for token in tokens {
            let signature = token.rsplit('.').next().unwrap();
            assert!(!text.contains(token) && !text.contains(signature) && !text.contains("eyJ"), "{text}");
        }
    };
    for args in [
        &["plan", "-vvv"][..],
        &["apply", "-vvv"],
        &["apply", "--yes", "-vvv"],
        &["cleanup", "--yes", "-vvv"],
        &["history", "-vvv"],
    ] {
        check(&scene.run(args).to_string());
    }
    for fault in [
        "* / status=401",
        "* / status=500",
        "* / html",
        "* / reset",
        "PUT / landed-then-reset",
        "* / redirect=https://evil.example/",
    ] {
        sandbox.fail(fault.parse().unwrap());
        check(
            &scene
                .run(&["apply", "--yes", "-vvv", "--wait", "0", "--pace", "1", "--timeout", "2"])
                .to_string(),
        );
        sandbox.heal();
    }
    for entry in files_below(scene.path()) {
        check(&String::from_utf8_lossy(&std::fs::read(entry).unwrap()));
    }
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}
