//! A host that speaks TLS, as Microsoft's do: what is agreed on in the handshake, and when connections are opened.
//!
//! Only on Linux can the program be told to trust a certificate for one run (`SSL_CERT_FILE`).

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, Version};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use sspr::sandbox::{Sandbox, Seed, TenantState};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

use crate::common::Scene;

/// For 127.0.0.1, until 2120, signed by itself with the key below.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBPTCB8KADAgECAgEBMAUGAytlcDAUMRIwEAYDVQQDDAlzc3ByIHRlc3QwIBcN
MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCXNzcHIg
dGVzdDAqMAUGAytlcAMhAOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs
o2UwYzAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDATBgNVHSUEDDAKBggr
BgEFBQcDATAPBgNVHREECDAGhwR/AAABMB0GA1UdDgQWBBRMXs5AI6A0HuKs/8xN
FxVKhU8C5TAFBgMrZXADQQD6aDXVpB507q/28XsM/SmxV3+JHrHaqQ0hpHxZCoV5
WS0R5ybBUWMnUyAuoJWLewR9BO6GtnEgiXSw4eN5nEQD
-----END CERTIFICATE-----
";

/// Another one's, who signed nothing here: a machine that has only this trusts no one it meets.
const ANOTHER_ROOT: &str = "-----BEGIN CERTIFICATE-----
MIIBRDCB96ADAgECAhRO6vup6U94F274aFj0a03VHPHcEzAFBgMrZXAwFzEVMBMG
A1UEAwwMYW5vdGhlciByb290MCAXDTI2MTEyNTIxMTgwMVoYDzIxMjUwNjE5MjEx
ODAxWjAXMRUwEwYDVQQDDAxhbm90aGVyIHJvb3QwKjAFBgMrZXADIQC3tkMx0ERz
UqarP81VD4dXyYeBVwc5AtoaB2I+5xi33qNTMFEwHQYDVR0OBBYEFN7O/BL2joW5
0frVZyUO+yWQAaIiMB8GA1UdIwQYMBaAFN7O/BL2joW50frVZyUO+yWQAaIiMA8G
A1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAy7M8qYjSNxslttSDysa/Vv5EaOsf4k9x
ZS2mgmG7913Epr6Bin3Kbvl7ENl11ob/w94IWRvOht9GevRmhLclAA==
-----END CERTIFICATE-----
";

/// An Ed25519 key in PKCS #8, made of a number anybody knows: no secret.
fn key() -> PrivateKeyDer<'static> {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    PrivatePkcs8KeyDer::from([&head[..], &[7; 32]].concat()).into()
}

/// The first round of a plan that keeps to Graph: organisation, group, methods, roles held and eligible, licences,
/// writeback, the report.
const FIRST_ROUND: usize = 8;

/// What arrived, and on which connection.
#[derive(Clone, Debug)]
struct Arrived {
    connection: usize,
    version: Version,
    method: Method,
    has_token: bool,
}

/// Takes connections and counts them.
struct Door {
    tcp: TcpListener,
    tls: TlsAcceptor,
    count: usize,
}

#[derive(Clone, Copy)]
struct Connection(usize);

impl Listener for Door {
    type Io = TlsStream<TcpStream>;
    type Addr = usize;

    async fn accept(&mut self) -> (Self::Io, usize) {
        loop {
            let Ok((stream, _)) = self.tcp.accept().await else { continue };
            if let Ok(stream) = self.tls.accept(stream).await {
                self.count += 1;
                return (stream, self.count);
            }
        }
    }

    fn local_addr(&self) -> io::Result<usize> {
        Ok(0)
    }
}

impl Connected<IncomingStream<'_, Door>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A host in front of a sandbox, which offers `protocols`. It answers no request before the whole first round is
/// there, and makes the file `met` when someone came without a token.
async fn host(sandbox: &Sandbox, protocols: &[&str], met: PathBuf) -> (String, Arc<Mutex<Vec<Arrived>>>) {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key()).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("https://{}", tcp.local_addr().unwrap());
    let door = Door { tcp, tls: TlsAcceptor::from(Arc::new(config)), count: 0 };
    let all: Arc<Mutex<Vec<Arrived>>> = Arc::default();
    let (there, _) = watch::channel(0);
    let (kept, inner) = (Arc::clone(&all), sandbox.root());
    let answer = async move |ConnectInfo(Connection(connection)): ConnectInfo<Connection>,
                             request: Request| {
        let has_token = request.headers().contains_key("authorization");
        let (version, method) = (request.version(), request.method().clone());
        kept.lock().unwrap().push(Arrived { connection, version, method, has_token });
        if !has_token {
            std::fs::write(&met, "").unwrap();
            return Response::new(Body::empty());
        }
        there.send_modify(|count| *count += 1);
        there.subscribe().wait_for(|count| *count >= FIRST_ROUND).await.unwrap();
        pass_on(&inner, request).await
    };
    let service = Router::new().fallback(answer).into_make_service_with_connect_info::<Connection>();
    tokio::spawn(async move { axum::serve(door, service).await });
    (root, all)
}

async fn pass_on(root: &str, request: Request) -> Response {
    let client = crate::common::http();
    let wanted = ["authorization", "consistencylevel"];
    let headers = request.headers().iter().filter(|(name, _)| wanted.contains(&name.as_str()));
    let headers: HeaderMap = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
    let answer = client.get(format!("{root}{}", request.uri().path_and_query().unwrap())).headers(headers);
    let answer = answer.send().await.unwrap();
    let response = Response::builder().status(answer.status()).header("content-type", "application/json");
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

/// Plans against a host that offers `protocols`, signed in by the Azure CLI: its stand-in has no token to give before
/// the host was met without one.
async fn plan(protocols: &[&str]) -> Vec<Arrived> {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::new().example("pilot.yaml").file("root.pem", CERTIFICATE);
    let (met, az) = (scene.path().join("met"), scene.path().join("az"));
    let answer = format!(
        r#"{{"accessToken": "{}", "expiresOn": "2090-01-02 03:04:05.000000", "expires_on": 3786912245, "subscription": "s", "tenant": "t", "tokenType": "Bearer"}}"#,
        sandbox.graph_token()
    );
    let wait = r#"for turn in $(seq 500); do [ -e "$MET" ] && { echo "$ANSWER"; exit 0; }; sleep 0.02; done; exit 1"#;
    crate::common::executable(&az, format!("#!/bin/sh\n{wait}\n"));
    let (root, arrived) = host(&sandbox, protocols, met.clone()).await;
    let scene = scene
        .env("PATH", &format!("{}:/usr/bin:/bin", az.parent().unwrap().display()))
        .env("MET", &met.display().to_string())
        .env("ANSWER", &answer)
        .env("SSL_CERT_FILE", "root.pem")
        .env("SSPR_GRAPH_URL", &root);
    let shown = scene.run(&["plan", "--graph-only"]).code(0);
    assert!(shown.stdout.contains("SSPR-Pilot"), "{shown}");
    arrived.lock().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_opened_before_the_token_is_there_and_http_2_carries_everything_over_it() {
    let arrived = plan(&["h2", "http/1.1"]).await;
    let (first, others) = arrived.split_first().unwrap();
    assert_eq!((&first.method, first.has_token), (&Method::HEAD, false));
    assert!(others.len() >= FIRST_ROUND && others.iter().all(|request| request.has_token), "{arrived:?}");
    let is_shared = |request: &Arrived| (request.connection, request.version) == (1, Version::HTTP_2);
    assert!(arrived.iter().all(is_shared), "{arrived:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_http_2_is_asked_over_several_connections() {
    let arrived = plan(&["http/1.1"]).await;
    assert!(arrived.iter().all(|request| request.version == Version::HTTP_11), "{arrived:?}");
    let connections: BTreeSet<usize> = arrived.iter().map(|request| request.connection).collect();
    assert!(connections.len() >= FIRST_ROUND, "{arrived:?}");
}

/// A host that takes TLS connections and counts them, and answers every request with 401 and these words of Entra.
async fn login(refusal: &'static str) -> (String, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key()).unwrap();
    let (tcp, tls) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), TlsAcceptor::from(Arc::new(config)));
    let root = format!("https://{}", tcp.local_addr().unwrap());
    let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let (came, asked) = (Arc::clone(&connections), Arc::clone(&requests));
    tokio::spawn(async move {
        while let Ok((stream, _)) = tcp.accept().await {
            came.fetch_add(1, Ordering::Relaxed);
            let (tls, asked) = (tls.clone(), Arc::clone(&asked));
            tokio::spawn(async move {
                let Ok(mut stream) = tls.accept(stream).await else { return };
                let mut bytes = [0; 8192];
                while matches!(stream.read(&mut bytes).await, Ok(1..)) {
                    asked.fetch_add(1, Ordering::Relaxed);
                    let length = refusal.len();
                    let answer =
                        format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: {length}\r\n\r\n{refusal}");
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (root, connections, requests)
}

const WRONG_SECRET: &str = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret.","error_codes":[7000215]}"#;

/// Commands that read much at once.
const COMMANDS: [&[&str]; 5] = [
    &["plan", "--graph-only"],
    &["apply", "--graph-only", "--yes"],
    &["people"],
    &["report"],
    &["verify", "--graph-only", "--user", "ada@contoso.onmicrosoft.com"],
];

async fn signing_in(root: &str, trusted: &str) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene =
        Scene::new().example("pilot.yaml").file("trusted.pem", trusted).env("SSL_CERT_FILE", "trusted.pem");
    let scene = scene.env("SSPR_GRAPH_URL", &sandbox.root()).env("SSPR_PORTAL_URL", &sandbox.root());
    let scene = scene.env("SSPR_PORTAL_TOKEN", sandbox.portal_token()).env("AZURE_AUTHORITY_HOST", root);
    let scene = scene.env("AZURE_TENANT_ID", "contoso.com").env("AZURE_CLIENT_ID", "client");
    (sandbox, scene.env("AZURE_CLIENT_SECRET", "hunter2"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_fails_is_tried_once_and_reported_once() {
    for command in COMMANDS {
        let (root, connections, requests) = login(WRONG_SECRET).await;
        let (_sandbox, scene) = signing_in(&root, CERTIFICATE).await;
        let shown = scene.run(command).code(77);
        assert_eq!(requests.load(Ordering::Relaxed), 1, "{command:?}\n{shown}");
        assert_eq!(connections.load(Ordering::Relaxed), 1, "{command:?}\n{shown}");
        assert_eq!(shown.stderr.matches("AADSTS7000215").count(), 1, "{command:?}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_login_host_is_reported_at_once_with_a_hint() {
    for command in COMMANDS {
        let (root, connections, _) = login(WRONG_SECRET).await;
        let (_sandbox, scene) = signing_in(&root, ANOTHER_ROOT).await;
        let shown = scene.run(command).code(77);
        assert_eq!(connections.load(Ordering::Relaxed), 1, "{command:?}\n{shown}");
        assert_eq!(shown.stderr.matches("UnknownIssuer").count(), 1, "{command:?}\n{shown}");
        for said in ["no token from 127.0.0.1", "the proxy's CA", "SSL_CERT_FILE"] {
            assert!(shown.stderr.contains(said), "{said}\n{shown}");
        }
        assert!(!shown.stderr.contains("az login"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_service_host_is_reported_at_once_with_a_hint() {
    let (root, _, requests) = login(WRONG_SECRET).await;
    let scene = Scene::new().example("pilot.yaml").file("trusted.pem", ANOTHER_ROOT);
    let scene = scene.env("SSL_CERT_FILE", "trusted.pem").env("SSPR_GRAPH_URL", &root);
    let scene = scene.env("SSPR_GRAPH_TOKEN", "e30.e30.x").env("SSPR_PORTAL_TOKEN", "e30.e30.x");
    let shown = scene.env("SSPR_PORTAL_URL", &root).run(&["plan"]).code(1);
    assert!(shown.stderr.contains("UnknownIssuer") && shown.stderr.contains("the proxy's CA"), "{shown}");
    assert!(!shown.stderr.contains("sent again"), "{shown}");
    assert_eq!(requests.load(Ordering::Relaxed), 0, "no token goes to a host nobody vouches for");
}
