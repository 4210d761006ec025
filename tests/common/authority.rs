//! A stand-in for Entra's sign-in: an authority over TLS on this machine, and a browser that a person sits at.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{RawForm, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::serve::Listener;
use base64ish::{decode, encode};
use serde_json::{Value, json};
use sspr::sandbox::Sandbox;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;
use url::form_urlencoded;

use super::{Scene, Shown};

/// The registration that the tests' tenant has.
pub const CLIENT: &str = "5a5a5a5a-0000-5000-8000-000000000001";

/// Base64 of URLs, as the program itself has it.
mod base64ish {
    pub(super) use azure_core::base64::{decode_url_safe as decode, encode_url_safe as encode};
}

/// An authority. It knows one tenant, one person and one client.
pub struct Authority {
    pub root: String,
    /// What a machine has to trust to believe it.
    pub certificate: String,
    state: Arc<Mutex<Ledger>>,
}

/// What it was asked, what it gave out, and how it is to behave.
pub struct Ledger {
    pub tenant: String,
    pub person: String,
    pub account: String,
    /// The client that it knows.
    pub client: String,
    /// The token for Graph that it gives out.
    pub access: String,
    /// Claims that the next ID tokens have in place of their own.
    pub id_claims: BTreeMap<String, Value>,
    /// Whether codes come back in the address instead of a form.
    pub answers_in_query: bool,
    /// Whether each answer has a new refresh token, and the one before is refused from then on.
    pub rotates: bool,
    /// Whether the page to sign in at clicks its button itself.
    pub clicks: bool,
    /// The endpoint that takes requests and answers none.
    pub silent: Option<&'static str>,
    /// Answers to the next requests of an endpoint, before its own.
    pub next: BTreeMap<&'static str, VecDeque<(u16, String)>>,
    /// What each endpoint was asked, in order.
    pub asked: Vec<(String, BTreeMap<String, String>)>,
    /// Everything secret that it gave out or was shown.
    pub secrets: Vec<String>,
    /// The refresh token that is good.
    pub refresh: Option<String>,
    codes: BTreeMap<String, BTreeMap<String, String>>,
    count: u32,
}

impl Authority {
    /// Starts an authority for a sandbox's tenant and administrator.
    pub async fn start(sandbox: &Sandbox) -> Self {
        let claims = sandbox.graph_token().split('.').nth(1).and_then(|part| decode(part).ok()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let text = |name: &str| claims[name].as_str().unwrap().to_owned();
        let ledger = Ledger {
            tenant: text("tid"),
            person: text("oid"),
            account: text("upn"),
            client: CLIENT.to_owned(),
            access: sandbox.graph_token().to_owned(),
            id_claims: BTreeMap::new(),
            answers_in_query: false,
            rotates: true,
            clicks: false,
            silent: None,
            next: BTreeMap::new(),
            asked: Vec::new(),
            secrets: Vec::new(),
            refresh: None,
            codes: BTreeMap::new(),
            count: 0,
        };
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("https://{}", tcp.local_addr().unwrap());
        let state = Arc::new(Mutex::new(ledger));
        let router = Router::new().fallback(serve).with_state((root.clone(), Arc::clone(&state)));
        let door = Door::open(tcp, TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(async move { axum::serve(door, router).await });
        Self { root, certificate: made.cert.pem(), state }
    }

    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.state.lock().unwrap()
    }

    /// Answers the next request of an endpoint like this.
    pub fn answer(&self, endpoint: &'static str, status: u16, body: &Value) {
        self.ledger().next.entry(endpoint).or_default().push_back((status, body.to_string()));
    }

    /// Answers the next request of an endpoint with one of Entra's errors.
    pub fn refuse(&self, endpoint: &'static str, error: &str, code: u32) {
        let said = format!("AADSTS{code}: Words of \"Entra\".\r\nTrace ID: 1 Timestamp: 2");
        let body = json!({"error": error, "error_description": said, "error_codes": [code]});
        self.answer(endpoint, 400, &body);
    }

    /// Returns what an endpoint was asked.
    pub fn asked(&self, endpoint: &str) -> Vec<BTreeMap<String, String>> {
        let ledger = self.ledger();
        let of = ledger.asked.iter().filter(|(name, _)| name == endpoint);
        of.map(|(_, fields)| fields.clone()).collect()
    }

    /// Points a scene at this authority, with the tenant's registration and a file to keep tokens in.
    pub fn scene(&self, scene: Scene) -> Scene {
        scene
            .file("root.pem", &self.certificate)
            .env("SSL_CERT_FILE", "root.pem")
            .env("AZURE_AUTHORITY_HOST", &self.root)
    }

    /// Asserts that nothing of a sign-in is kept, and that nothing that was shown has a secret in it.
    #[track_caller]
    pub fn assert_nothing_kept(&self, scene: &Scene) {
        let folder = scene.state_dir().join("sign-in");
        let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in names.filter(|path| path.extension().is_none_or(|it| it != "lock")) {
            let kept = std::fs::read_to_string(&path).unwrap();
            assert!(kept.contains("\"store\": null"), "{}\n{kept}", path.display());
        }
    }

    /// Asserts that no code, token, verifier or device code, nor a part of one, was shown.
    #[track_caller]
    pub fn assert_no_secret(&self, shown: &Shown) {
        let text = shown.to_string();
        let secrets = &self.ledger().secrets;
        assert!(!secrets.is_empty(), "{text}");
        for secret in secrets {
            let parts = (0..secret.len().saturating_sub(16)).map(|at| &secret[at..at + 16]);
            for part in parts {
                assert!(!text.contains(part), "{part} of {secret}\n{text}");
            }
        }
    }
}

type Shared = (String, Arc<Mutex<Ledger>>);

async fn serve(State((root, state)): State<Shared>, RawQuery(query): RawQuery, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let is_post = request.method() == "POST";
    let form = match is_post {
        true => <RawForm as axum::extract::FromRequest<()>>::from_request(request, &()).await.map(|it| it.0),
        false => Ok(query.unwrap_or_default().into()),
    };
    let fields: BTreeMap<String, String> =
        form_urlencoded::parse(&form.unwrap_or_default()).into_owned().collect();
    let endpoint = path.rsplit('/').next().unwrap_or_default().to_owned();
    let is_silent = {
        let mut ledger = state.lock().unwrap();
        let is_silent = ledger.silent == Some(&endpoint);
        if is_silent {
            ledger.asked.push((endpoint.clone(), fields.clone()));
        }
        is_silent
    };
    if is_silent {
        return std::future::pending().await;
    }
    let mut ledger = state.lock().unwrap();
    for name in ["code", "code_verifier", "refresh_token", "device_code"] {
        ledger.secrets.extend(fields.get(name).cloned());
    }
    ledger.asked.push((endpoint.clone(), fields.clone()));
    if let Some((status, body)) = ledger.next.get_mut(endpoint.as_str()).and_then(VecDeque::pop_front) {
        return answer(status, "application/json", body);
    }
    let is_tenant = path.starts_with(&format!("/{}/", ledger.tenant)) || path.starts_with("/contoso.");
    match (is_tenant, endpoint.as_str()) {
        (true, "openid-configuration") => {
            let issuer = format!("{root}/{}/v2.0", ledger.tenant);
            answer(200, "application/json", json!({"issuer": issuer}).to_string())
        }
        (true, "authorize") => ledger.authorize(&fields),
        (true, "devicecode") => {
            let code = ledger.secret("device");
            let body = json!({
                "device_code": code, "user_code": "ABCD-EFGH", "verification_uri": "https://microsoft.example/devicelogin",
                "expires_in": 900, "interval": 1, "message": "Words that are not repeated",
            });
            answer(200, "application/json", body.to_string())
        }
        (true, "token") if is_post => ledger.token(&root, &fields),
        _ => {
            let said = "AADSTS90002: Tenant not found.";
            let body = json!({"error": "invalid_tenant", "error_description": said, "error_codes": [90002]});
            answer(400, "application/json", body.to_string())
        }
    }
}

fn answer(status: u16, kind: &str, body: String) -> Response {
    let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    response.header("content-type", kind).body(Body::from(body)).unwrap()
}

fn refusal(error: &str, code: u32, said: &str) -> Response {
    let said = format!("AADSTS{code}: {said}");
    let body = json!({"error": error, "error_description": said, "error_codes": [code]});
    answer(400, "application/json", body.to_string())
}

impl Ledger {
    fn secret(&mut self, kind: &str) -> String {
        self.count += 1;
        let secret = format!("{kind}-{}-{}-secret", self.count, "k9Xq2LmZ7".repeat(4));
        self.secrets.push(secret.clone());
        secret
    }

    /// The page a person signs in at: a form that brings the code back.
    fn authorize(&mut self, fields: &BTreeMap<String, String>) -> Response {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        assert_eq!(field("response_type"), "code");
        assert_eq!(field("response_mode"), "form_post");
        assert_eq!(field("code_challenge_method"), "S256");
        let code = self.secret("code");
        self.codes.insert(code.clone(), fields.clone());
        let (redirect, state) = (field("redirect_uri"), field("state"));
        if self.answers_in_query {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("code", code.as_str()), ("state", &state)])
                .finish();
            let mut response = answer(302, "text/plain", String::new());
            let location = format!("{redirect}/?{query}").parse().unwrap();
            response.headers_mut().insert("location", location);
            return response;
        }
        let click =
            if self.clicks { "<script>document.querySelector('button').click()</script>" } else { "" };
        let page = format!(
            "<!doctype html><title>Sign in</title><form method=post action=\"{redirect}\">\
             <input type=hidden name=code value=\"{code}\"><input type=hidden name=state value=\"{state}\">\
             <button>Yes</button></form>{click}"
        );
        answer(200, "text/html", page)
    }

    fn token(&mut self, root: &str, fields: &BTreeMap<String, String>) -> Response {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        if field("client_id") != self.client {
            return refusal("unauthorized_client", 700016, "Application not found in the directory.");
        }
        let nonce = match field("grant_type").as_str() {
            "authorization_code" => {
                let Some(asked) = self.codes.remove(&field("code")) else {
                    return refusal("invalid_grant", 54005, "The code was already redeemed.");
                };
                let digest = ring::digest::digest(&ring::digest::SHA256, field("code_verifier").as_bytes());
                if asked["code_challenge"] != encode(digest) || asked["redirect_uri"] != field("redirect_uri")
                {
                    return refusal("invalid_grant", 501481, "The code verifier does not match.");
                }
                Some(asked["nonce"].clone())
            }
            "refresh_token" if self.refresh == Some(field("refresh_token")) => None,
            "refresh_token" => return refusal("invalid_grant", 70043, "The refresh token has expired."),
            "urn:ietf:params:oauth:grant-type:device_code" => None,
            _ => return refusal("unsupported_grant_type", 70003, "No such grant."),
        };
        if self.rotates || self.refresh.is_none() {
            self.refresh = Some(self.secret("refresh"));
        }
        let mut id = json!({
            "aud": self.client, "iss": format!("{root}/{}/v2.0", self.tenant), "exp": 4_000_000_000_u64, "nonce": nonce,
            "tid": self.tenant, "oid": self.person, "preferred_username": self.account,
        });
        for (name, value) in &self.id_claims {
            id[name] = value.clone();
        }
        let id = format!("e30.{}.", encode(id.to_string()));
        self.secrets.extend([id.clone(), self.access.clone()]);
        let scope = "openid profile https://graph.microsoft.com/Organization.Read.All \
                     https://graph.microsoft.com/Policy.ReadWrite.AuthenticationMethod";
        let body = json!({
            "token_type": "Bearer", "expires_in": 3600, "scope": scope, "access_token": self.access,
            "refresh_token": self.refresh, "id_token": id,
        });
        answer(200, "application/json", body.to_string())
    }
}

/// Takes connections; one that says nothing keeps no other waiting.
struct Door(mpsc::Receiver<TlsStream<TcpStream>>);

impl Door {
    fn open(tcp: TcpListener, tls: TlsAcceptor) -> Self {
        let (sender, streams) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((stream, _)) = tcp.accept().await {
                let (tls, sender) = (tls.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = tls.accept(stream).await {
                        let _ = sender.send(stream).await;
                    }
                });
            }
        });
        Self(streams)
    }
}

impl Listener for Door {
    type Io = TlsStream<TcpStream>;
    type Addr = ();

    async fn accept(&mut self) -> (Self::Io, ()) {
        match self.0.recv().await {
            Some(stream) => (stream, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A browser at which someone signs in and clicks.
pub struct Browser {
    http: reqwest::Client,
}

impl Browser {
    pub fn trusting(authority: &Authority) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let root = reqwest::Certificate::from_pem(authority.certificate.as_bytes()).unwrap();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([root]);
        Self { http: http.redirect(reqwest::redirect::Policy::none()).build().unwrap() }
    }

    /// Opens the page to sign in at, and returns where its form goes and what is in it.
    pub async fn open(&self, address: &str) -> (String, Vec<(String, String)>) {
        let response = self.http.get(address).send().await.unwrap();
        if let Some(location) = response.headers().get("location") {
            return (location.to_str().unwrap().to_owned(), Vec::new());
        }
        let page = response.text().await.unwrap();
        let after = |text: &str, mark: &str| {
            text.split_once(mark)
                .unwrap_or_else(|| panic!("{mark}: {text}"))
                .1
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        };
        let fields = page.split("<input ").skip(1).map(|input| {
            (after(input, "name=").split(' ').next().unwrap().to_owned(), after(input, "value=\""))
        });
        (after(&page, "action=\""), fields.collect())
    }

    /// Sends a form, and returns what the page says.
    pub async fn post(&self, address: &str, fields: &[(String, String)]) -> (u16, String) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let sending = self.http.post(address).header("content-type", "application/x-www-form-urlencoded");
        let response = sending.body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Goes to an address, and returns what the page says.
    pub async fn get(&self, address: &str) -> (u16, String) {
        let response = self.http.get(address).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Signs in, and returns the last page.
    pub async fn sign_in(&self, address: &str) -> (u16, String) {
        let (action, fields) = self.open(address).await;
        self.post(&action, &fields).await
    }
}

/// The program while someone signs in.
pub struct Login<'a> {
    scene: &'a Scene,
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl<'a> Login<'a> {
    pub fn start(scene: &'a Scene, args: &[&str]) -> Self {
        let mut command = scene.process(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { scene, child, stderr, said: String::new() }
    }

    /// Returns the address that is printed.
    pub fn address(&mut self) -> String {
        self.line("  https://")
    }

    /// Reads on to a line that begins like this, and returns it.
    pub fn line(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.stderr.read_line(&mut line).unwrap() > 0, "{start} was not said:\n{}", self.said);
            self.said.push_str(&line);
            if line.starts_with(start) {
                return line.trim().to_owned();
            }
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Shown {
        let mut stdout = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut self.said).unwrap();
        let status = self.child.wait().unwrap();
        self.scene.shown(&std::process::Output { status, stdout, stderr: self.said.into_bytes() })
    }
}
