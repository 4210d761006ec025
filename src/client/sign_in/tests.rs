//! Signing in against an authority on this machine, through the seam that only tests have.

use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::token_source::patience;
use super::*;

const SECRET: &str = "hunter2-the-secret";
const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"e30.e30.first"}"#;

/// Answers requests in turn, the last answer for ever, and keeps what was asked.
struct Authority {
    root: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Authority {
    async fn answering(answers: &'static [(u16, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut answers = answers.iter();
            let mut answer = answers.next().unwrap();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                kept.lock().unwrap().push(request);
                let (status, body) = answer;
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                answer = answers.next().unwrap_or(answer);
            }
        });
        Self { root, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn sign_in(&self, graph: Auth, variables: &[(&str, &str)]) -> SignIn {
        let usual = [
            ("AZURE_TENANT_ID", "contoso.com"),
            ("AZURE_CLIENT_ID", "client"),
            ("AZURE_CLIENT_SECRET", SECRET),
        ];
        let variables =
            usual.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).into()));
        SignIn {
            graph: Some(graph),
            environment: Environment::new(variables.collect(), Vec::new()),
            stand_in: Some(self.root.clone()),
            ..SignIn::default()
        }
    }
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut some = [0; 4096];
        let count = stream.read(&mut some).await.unwrap();
        bytes.extend_from_slice(&some[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = text.split_once("\r\n\r\n").map(|(head, body)| (head.to_ascii_lowercase(), body.len()));
        let length = |head: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
            line.trim().parse::<usize>().ok()
        };
        match body {
            Some((head, have)) if have >= length(&head).unwrap_or(0) => return text,
            _ if count == 0 => return text,
            _ => {}
        }
    }
}

async fn graph_token(sign_in: SignIn) -> Result<HeaderValue, SignInError> {
    Credentials::choose(sign_in).unwrap().graph.header(Surface::Graph).await
}

#[tokio::test]
async fn a_wrong_secret_is_one_sentence_with_the_next_command_and_without_the_secret() {
    let authority = Authority::answering(&[(
        401,
        r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid \"client\" secret provided.\r\nTrace ID: t","error_codes":[7000215]}"#,
    )])
    .await;
    let error = graph_token(authority.sign_in(Auth::ClientSecret, &[])).await.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.hints(Surface::Graph));
    assert!(error.to_string().starts_with("client-secret: the client secret is wrong: "), "{error}");
    assert!(shown.contains("AADSTS7000215") && shown.contains("Trace ID: t"), "{shown}");
    assert!(shown.contains("az ad app credential reset --id client"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
    assert_eq!(authority.asked().len(), 1);
}

#[tokio::test]
async fn a_captive_portal_in_place_of_the_authority_is_reported() {
    let authority = Authority::answering(&[(511, "<html>sign in to the network</html>")]).await;
    let error = graph_token(authority.sign_in(Auth::ClientSecret, &[])).await.unwrap_err();
    assert!(error.to_string().contains("captive portal"), "{error}");
}

#[tokio::test]
async fn a_token_is_fetched_once_and_anew_when_it_was_refused() {
    const SECOND: &str = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"e30.e30.second"}"#;
    let authority = Authority::answering(&[(200, TOKEN), (200, SECOND)]).await;
    let credentials = Credentials::choose(authority.sign_in(Auth::ClientSecret, &[])).unwrap();
    let source = &credentials.graph;
    let (one, other) = tokio::join!(source.header(Surface::Graph), source.header(Surface::Graph));
    let first = one.unwrap();
    assert_eq!(first, other.unwrap());
    assert_eq!(first, "Bearer e30.e30.first");
    assert!(first.is_sensitive());
    assert_eq!(authority.asked().len(), 1);
    assert!(source.renew(&first, None).await);
    assert_eq!(source.header(Surface::Graph).await.unwrap(), "Bearer e30.e30.second");
    let asked = &authority.asked()[0];
    assert!(asked.starts_with("POST /contoso.com/oauth2/v2.0/token"), "{asked}");
    assert!(asked.contains("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"), "{asked}");
}

#[tokio::test]
async fn a_workflow_of_github_signs_in_with_its_own_token() {
    let authority =
        Authority::answering(&[(200, r#"{"count":1,"value":"work.flow.token"}"#), (200, TOKEN)]).await;
    let url = format!("{}/oidc?run=1", auth_transport::STAND_IN);
    let sign_in = authority.sign_in(
        Auth::WorkloadIdentity,
        &[("ACTIONS_ID_TOKEN_REQUEST_URL", &url), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job-token")],
    );
    assert_eq!(graph_token(sign_in).await.unwrap(), "Bearer e30.e30.first");
    let asked = authority.asked();
    assert!(
        asked[0].starts_with("GET /oidc?run=1&audience=api%3A%2F%2FAzureADTokenExchange"),
        "{}",
        asked[0]
    );
    assert!(asked[0].contains("authorization: Bearer job-token"), "{}", asked[0]);
    assert!(asked[1].contains("client_assertion=work.flow.token"), "{}", asked[1]);
}

#[tokio::test]
async fn a_workflow_that_gets_no_token_says_so() {
    let authority = Authority::answering(&[(403, "no permission")]).await;
    let url = format!("{}/oidc", auth_transport::STAND_IN);
    let sign_in = authority.sign_in(
        Auth::WorkloadIdentity,
        &[("ACTIONS_ID_TOKEN_REQUEST_URL", &url), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job-token")],
    );
    let error = graph_token(sign_in).await.unwrap_err().to_string();
    assert!(error.contains("GitHub gave no token") && error.contains("no permission"), "{error}");
    assert!(!error.contains("job-token"), "{error}");
}

#[tokio::test]
async fn an_authority_in_clear_text_is_refused_before_anything_is_sent() {
    let authority = Authority::answering(&[(200, TOKEN)]).await;
    let host = authority.root.clone();
    let mut sign_in = authority.sign_in(Auth::ClientSecret, &[("AZURE_AUTHORITY_HOST", &host)]);
    sign_in.stand_in = None;
    let error = graph_token(sign_in).await.unwrap_err();
    assert!(matches!(error, SignInError::Unusable { .. }), "{error}");
    assert!(authority.asked().is_empty());
}

#[tokio::test]
async fn an_applications_token_is_not_sent_to_the_admin_centre() {
    let token = format!(
        "e30.{}.x",
        azure_core::base64::encode_url_safe(r#"{"idtyp":"app","roles":["R"],"appid":"me"}"#)
    );
    let credentials = Credentials::ready(token.clone().into(), token.into()).unwrap();
    assert!(credentials.graph.header(Surface::Graph).await.is_ok());
    let error = credentials.portal.header(Surface::Portal).await.unwrap_err();
    assert!(matches!(error, SignInError::Application { .. }), "{error}");
}

#[tokio::test]
async fn a_cloud_without_a_known_audience_says_so() {
    let environment = Environment::new(Default::default(), vec!["az".to_owned()]);
    let sign_in = SignIn { cloud: Cloud::China, environment, ..SignIn::default() };
    let error = Credentials::choose(sign_in).unwrap().portal.header(Surface::Portal).await.unwrap_err();
    assert!(error.to_string().contains("china"), "{error}");
}

#[tokio::test]
async fn an_authority_that_says_nothing_is_waited_for_so_long_and_no_longer() {
    for auth in Auth::ALL {
        let seconds = if auth.is_application() { 15 } else { 45 };
        assert_eq!(patience(auth), Duration::from_secs(seconds), "{auth}");
    }
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority =
        Authority { root: format!("http://{}", silent.local_addr().unwrap()), asked: Arc::default() };
    let mut sign_in = authority.sign_in(Auth::ClientSecret, &[]);
    sign_in.patience = Some(Duration::from_millis(20));
    let error = graph_token(sign_in).await.unwrap_err();
    assert!(matches!(error, SignInError::TooSlow { auth: Auth::ClientSecret, .. }), "{error}");
    assert!(error.hints(Surface::Graph)[0].contains("HTTPS_PROXY"), "{:?}", error.hints(Surface::Graph));
}

#[tokio::test]
async fn where_no_token_can_be_asked_for_no_other_way_is_suggested() {
    let sign_in = SignIn { cloud: Cloud::China, ..SignIn::default() };
    let error = Credentials::choose(sign_in).unwrap().portal.header(Surface::Portal).await.unwrap_err();
    assert!(matches!(error, SignInError::NoAudience { .. }), "{error}");
}

#[tokio::test]
async fn a_failed_sign_in_is_asked_for_once_and_every_caller_hears_why() {
    let authority = Authority::answering(&[(
        400,
        r#"{"error":"x","error_description":"AADSTS700016: none such","error_codes":[700016]}"#,
    )])
    .await;
    let credentials = Credentials::choose(authority.sign_in(Auth::ClientSecret, &[])).unwrap();
    let source = &credentials.graph;
    let (one, other) = tokio::join!(source.header(Surface::Graph), source.header(Surface::Graph));
    let later = source.claims(Surface::Graph).await;
    for error in [one.unwrap_err(), other.unwrap_err(), later.unwrap_err()] {
        assert!(error.to_string().contains("AADSTS700016"), "{error}");
    }
    assert_eq!(authority.asked().len(), 1);
}

#[tokio::test]
async fn an_authority_that_is_not_there_is_asked_once() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let authority = Authority { root, asked: Arc::default() };
    let error = graph_token(authority.sign_in(Auth::ClientSecret, &[])).await.unwrap_err();
    let SignInError::NoAnswer { host, .. } = &error else { panic!("{error:?}") };
    assert_eq!(host, "sign-in.invalid");
    assert!(error.hints(Surface::Graph)[0].contains("HTTPS_PROXY"), "{error}");
}

#[tokio::test]
async fn an_answer_without_end_is_no_token() {
    let long: &'static str = String::leak("x".repeat(1024 * 1024 + 1));
    let answers: &'static [(u16, &'static str)] = Vec::leak(vec![(200, long)]);
    let authority = Authority::answering(answers).await;
    let error = graph_token(authority.sign_in(Auth::ClientSecret, &[])).await.unwrap_err();
    assert!(error.to_string().contains("longer than 1 MiB"), "{error}");
    assert_eq!(authority.asked().len(), 1);
}

#[tokio::test]
async fn a_job_of_github_without_an_id_token_names_what_it_lacks() {
    let application =
        [("AZURE_TENANT_ID", "contoso.com"), ("AZURE_CLIENT_ID", "client"), ("GITHUB_ACTIONS", "true")];
    for graph in [None, Some(Auth::WorkloadIdentity)] {
        let variables = application.map(|(name, value)| (name.to_owned(), value.into()));
        let environment = Environment::new(variables.into(), Vec::new());
        let error = graph_token(SignIn { graph, environment, ..SignIn::default() }).await.unwrap_err();
        assert!(
            error.to_string().contains("workload-identity: the job lacks `permissions: id-token: write`"),
            "{error}"
        );
        assert!(error.hints(Surface::Graph)[0].starts_with("add `permissions: id-token: write`"), "{error}");
    }
}

fn fleet_with(variables: &[(&str, &str)], programs: &[&str], folder: Option<&str>) -> Environment {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let programs = programs.iter().map(|name| (*name).to_owned()).collect();
    let config = folder.map(|folder| AzureConfig { folder: folder.into(), is_there: false });
    Environment::new(variables, programs).of_fleet("fabrikam.example", config)
}

#[tokio::test]
async fn the_tenants_of_a_fleet_have_the_same_application_and_each_its_own_authority() {
    let authority = Authority::answering(&[(200, TOKEN)]).await;
    let mut sign_in = authority.sign_in(Auth::ClientSecret, &[]);
    for tenant in ["fabrikam.example", "11111111-1111-5111-8111-111111111111"] {
        sign_in.environment = sign_in.environment.clone().of_fleet(tenant, None);
        assert!(graph_token(sign_in.clone()).await.is_ok());
        let asked = authority.asked();
        let asked = asked.last().unwrap();
        assert!(asked.starts_with(&format!("POST /{tenant}/oauth2/v2.0/token")), "{asked}");
        assert!(asked.contains("client_id=client"), "{asked}");
    }
}

#[tokio::test]
async fn a_tenant_of_a_fleet_that_no_one_is_signed_in_to_is_told_the_one_command_for_it() {
    let asked = |graph, environment| SignIn { graph, environment, ..SignIn::default() };
    let login = match cfg!(windows) {
        true => "run `$env:AZURE_CONFIG_DIR = '/az/fabrikam.example'; az login --tenant fabrikam.example`",
        false => "run `AZURE_CONFIG_DIR=/az/fabrikam.example az login --tenant fabrikam.example`",
    };
    let folder = Some("/az/fabrikam.example");
    // Named or found, on both surfaces; the one account that the other program has is nobody's here.
    for graph in [None, Some(Auth::AzureCli)] {
        let sign_in = SignIn { portal: graph, ..asked(graph, fleet_with(&[], &["az", "azd"], folder)) };
        let credentials = Credentials::choose(sign_in).unwrap();
        for (source, surface) in
            [(&credentials.graph, Surface::Graph), (credentials.portal.as_ref(), Surface::Portal)]
        {
            let error = source.header(surface).await.unwrap_err();
            assert!(error.to_string().contains("azure-cli: no folder /az/fabrikam.example"), "{error}");
            assert!(error.hints(surface)[0].starts_with(login), "{:?}", error.hints(surface));
        }
    }
    let error = graph_token(asked(Some(Auth::Browser), fleet_with(&[], &[], None))).await.unwrap_err();
    assert_eq!(error.hints(Surface::Graph), ["run `sspr login --tenant fabrikam.example`"]);
}
