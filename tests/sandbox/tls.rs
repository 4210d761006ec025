//! `sandbox serve --tls`, used as its own lines say: by this program, and by one under Microsoft's host names.
//!
//! Only on Linux can the program be told to trust a certificate for one run (`SSL_CERT_FILE`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Stdio};

use crate::common::Scene;

/// A sandbox in a process of its own, which ends with it.
struct Serving {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Serving {
    fn start(scene: &Scene) -> Self {
        Self::start_with(scene, &[])
    }

    fn start_with(scene: &Scene, more: &[&str]) -> Self {
        let mut command = scene.process(&[&["sandbox", "serve", "--tls"], more].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// Returns the environment it prints, a line each.
    fn environment(&mut self) -> Vec<(String, String)> {
        let mut read = || {
            let mut line = String::new();
            self.lines.read_line(&mut line).unwrap();
            let set = line.trim_end().strip_prefix("export ").unwrap_or_else(|| panic!("{line}"));
            let (name, value) = set.split_once('=').unwrap_or_else(|| panic!("{line}"));
            (name.to_owned(), value.to_owned())
        };
        let mut all = Vec::new();
        while all.last().is_none_or(|(name, _)| name != "NODE_EXTRA_CA_CERTS") {
            all.push(read());
        }
        all
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Each has an authority of its own, in a file of its own, for as long as it is served.
#[test]
fn two_sandboxes_of_one_folder_are_both_trusted() {
    let served = Scene::new();
    let mut both = [Serving::start(&served), Serving::start(&served)];
    let [one, other] = both.each_mut().map(Serving::environment);
    for environment in [&one, &other, &one] {
        let scene = Scene::new().example("pilot.yaml");
        let scene = environment.iter().fold(scene, |scene, (name, value)| scene.env(name, value));
        let _ = scene.run(&["plan"]).code(0);
    }
    let file = |environment: &[(String, String)]| {
        environment.iter().find(|(name, _)| name == "SSL_CERT_FILE").unwrap().1.clone()
    };
    let process = &mut both[0].process;
    rustix::process::kill_process(rustix::process::Pid::from_child(process), rustix::process::Signal::TERM)
        .unwrap();
    assert!(process.wait().unwrap().success());
    assert!(!std::fs::exists(file(&one)).unwrap());
    assert!(std::fs::exists(file(&other)).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_speaks_tls_is_used_as_its_lines_say() {
    let (served, scene) = (Scene::new(), Scene::new().example("pilot.yaml"));
    let mut serving = Serving::start(&served);
    let environment = serving.environment();
    let value = |name: &str| environment.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let root = value("SSPR_GRAPH_URL");
    assert!(root.starts_with("https://localhost:"), "{root}");
    assert_eq!(value("SSL_CERT_FILE"), value("NODE_EXTRA_CA_CERTS"));
    assert_eq!(value("SSL_CERT_FILE"), value("REQUESTS_CA_BUNDLE"));
    let pem = std::fs::read_to_string(value("SSL_CERT_FILE")).unwrap();
    assert_eq!(pem.matches("BEGIN").count(), 1, "{pem}");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    let scene = environment.iter().fold(scene, |scene, (name, value)| scene.env(name, value));
    let applied = scene.run(&["apply", "--yes"]).code(0);
    assert!(applied.stdout.contains("SSPR-Pilot"), "{applied}");
    let untrusted = scene.env("SSL_CERT_FILE", &empty_bundle(&served));
    assert_ne!(untrusted.run(&["plan"]).code, 0, "nobody has to trust it");

    // Microsoft's clients go to Microsoft's hosts, and get there by a hosts file or a proxy.
    let _has_cryptography = crate::common::http();
    let port = reqwest::Url::parse(&root).unwrap().port().unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes()).unwrap()])
        .resolve("graph.microsoft.com", std::net::SocketAddr::from(([127, 0, 0, 1], port)))
        .build()
        .unwrap();
    let target = format!("https://graph.microsoft.com:{port}/v1.0/users?$top=1");
    let answer = client.get(target).bearer_auth(value("SSPR_GRAPH_TOKEN")).send().await.unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let next = answer["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("https://graph.microsoft.com:{port}/v1.0/users?")), "{next}");
}

#[test]
fn an_application_signs_in_to_each_of_many_tenants_at_an_authority_of_the_sandboxes_own() {
    let served = Scene::new();
    let fault = "tenant-0003.example: POST /oauth2 error=400,AADSTS700016";
    let mut serving = Serving::start_with(&served, &["--tenants", "3", "--fault", fault]);
    let environment = serving.environment();
    assert!(!environment.iter().any(|(name, _)| name.ends_with("_TOKEN")), "{environment:?}");
    let plan = |tenant: &str, spec_tenant: &str| {
        let spec =
            format!("version: 1\ntenant: {spec_tenant}\ngroup: SSPR-Pilot\nmethods: {{allowed: [email]}}\n");
        let scene = Scene::new().file("pilot.yaml", spec).env("AZURE_TENANT_ID", tenant);
        let scene = environment.iter().fold(scene, |scene, (name, value)| scene.env(name, value));
        scene.run(&["plan", "--graph-only"])
    };
    for tenant in ["tenant-0001.example", "tenant-0002.example"] {
        let shown = plan(tenant, tenant).code(0);
        assert!(shown.stdout.contains(tenant), "{shown}");
    }
    let shown = plan("tenant-0002.example", "tenant-0001.example").code(3);
    assert!(shown.stderr.contains("but the spec is for tenant-0001.example"), "{shown}");
    let shown = plan("tenant-0003.example", "tenant-0003.example").code(77);
    assert!(shown.stderr.contains("there is no such application in this tenant"), "{shown}");
    assert_eq!(plan("nowhere.example", "nowhere.example").code, 77);
}

/// A bundle that trusts someone else.
fn empty_bundle(scene: &Scene) -> String {
    let path = scene.path().join("others.pem");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(include_bytes!("others.pem")).unwrap();
    path.display().to_string()
}
