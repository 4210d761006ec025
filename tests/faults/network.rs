//! What lies between: proxies, certificate roots, and a network that is not there.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use crate::common::Scene;

/// Nothing listens there, and it is https: the way goes over a proxy where one is set.
const NOBODY: &str = "https://127.0.0.1:1";

fn scene() -> Scene {
    Scene::new()
        .env("SSPR_GRAPH_URL", NOBODY)
        .env("SSPR_PORTAL_URL", NOBODY)
        .env("SSPR_GRAPH_TOKEN", "e30.e30.x")
        .env("SSPR_PORTAL_TOKEN", "e30.e30.x")
}

/// A proxy that tells what it was asked, and lets no one through.
fn proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let (tell, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut bytes = [0; 1024];
            let count = stream.read(&mut bytes).unwrap_or(0);
            let request = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let _ =
                stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
            if tell.send(request).is_err() {
                return;
            }
        }
    });
    (root, asked)
}

#[test]
fn the_way_goes_over_the_proxy_unless_the_host_is_excepted() {
    let (root, asked) = proxy();
    let shown = scene().env("HTTPS_PROXY", &root).run(&["cleanup", "--yes", "--pace", "1"]).code(1);
    assert!(shown.stderr.contains("check the network and the proxy (HTTPS_PROXY, NO_PROXY)"), "{shown}");
    let request = asked.try_recv().unwrap();
    assert!(request.starts_with("CONNECT 127.0.0.1:1 HTTP/1.1"), "{request}");
    // What a proxy may know is the name of the host.
    assert!(!request.contains("e30") && !request.to_lowercase().contains("bearer"), "{request}");
    let (root, asked) = proxy();
    let around = scene().env("HTTPS_PROXY", &root).env("NO_PROXY", "127.0.0.1");
    let shown = around.run(&["cleanup", "--yes", "--pace", "1"]).code(1);
    assert!(shown.stderr.contains("127.0.0.1:1 cannot be reached: it refuses the connection"), "{shown}");
    assert!(asked.try_recv().is_err(), "the proxy was asked all the same");
}

#[test]
fn a_network_that_is_not_there_is_one_line_and_one_thing_to_try() {
    for command in [&["plan"][..], &["apply", "--yes"], &["people"], &["report"], &["verify"]] {
        let shown = scene().example("pilot.yaml").run(&[command, &["--pace", "1"]].concat()).code(1);
        let said = "127.0.0.1:1 cannot be reached: it refuses the connection";
        let lines: Vec<&str> = shown.stderr.lines().collect();
        assert_eq!(lines[0].trim_start(), format!("WARN {said}; trying for a while"), "{command:?}\n{shown}");
        assert_eq!(lines[1], format!("error: {said}"), "{command:?}\n{shown}");
        let hint = "hint: check the network and the proxy (HTTPS_PROXY, NO_PROXY), and the host in SSPR_";
        assert!(lines.len() == 3 && lines[2].starts_with(hint), "{command:?}\n{shown}");
    }
    let scene = scene().env("SSPR_GRAPH_URL", "https://nonexistent.invalid");
    let shown = scene.run(&["doctor", "--pace", "1"]);
    assert!(
        shown.stdout.contains("nonexistent.invalid cannot be reached: its name cannot be resolved\n"),
        "{shown}"
    );
    // What support asks for.
    let shown = scene.run(&["cleanup", "--yes", "--pace", "1", "-v"]).code(1);
    for said in ["/v1.0/organization (attempt 5) got no answer (client-request-id", "caused by: dns error"] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    let shown = scene.run(&["cleanup", "--yes", "--pace", "1", "--format", "json"]).code(1);
    assert!(shown.stdout.contains("got no answer") && shown.stdout.contains("dns error"), "{shown}");
}

/// Elsewhere the system's own store is asked, whatever the variable says.
#[cfg(target_os = "linux")]
#[test]
fn invalid_certificate_roots_are_reported_with_what_to_do() {
    for file in ["roots.pem", "missing.pem"] {
        let scene = scene().file("roots.pem", "no certificates").env("SSL_CERT_FILE", file);
        let shown = scene.run(&["cleanup", "--yes"]).code(1);
        assert!(shown.stderr.contains("sspr could not set up an HTTP client on this machine"), "{shown}");
        assert!(shown.stderr.contains("it must name a PEM file with them"), "{shown}");
    }
}
