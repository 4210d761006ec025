//! Signing in with a browser on this machine.

use serde_json::{Value, json};

use super::{LOGIN, log_in, machine, sign_azure_cli_in};
use crate::common::{Browser, CLIENT, Login};

#[tokio::test(flavor = "multi_thread")]
async fn someone_signs_in_once_and_the_next_command_is_signed_in() {
    let (sandbox, authority, scene) = machine().await;
    sign_azure_cli_in(&scene, &sandbox);
    let mut login = Login::start(&scene, &[&LOGIN[..], &["-vvv"]].concat());
    let address = login.address();
    let (status, page) = Browser::trusting(&authority).sign_in(&address).await;
    assert!(status == 200 && page.contains("Signed in to sspr"), "{page}");
    let shown = login.finish().code(0);
    for said in [
        "as sandbox.admin@contoso.onmicrosoft.com",
        "Organization.Read.All Policy.ReadWrite.AuthenticationMethod",
        "in a file that only you can read",
        "admin centre  the same account",
        "Next: sspr plan",
    ] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    authority.assert_no_secret(&shown);
    for secret in &authority.ledger().secrets {
        assert!(!page.contains(secret.as_str()), "{page}");
    }
    // The account of the Azure CLI is the one that is meant.
    let asked = authority.asked("authorize").remove(0);
    assert_eq!(asked["login_hint"], "sandbox.admin@contoso.onmicrosoft.com");
    assert_eq!(asked["scope"], "openid profile offline_access https://graph.microsoft.com/.default");
    assert!(!asked.contains_key("prompt") && asked["client_id"] == CLIENT, "{asked:?}");
    assert_eq!(asked["claims"], r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#);
    // The next command takes it by itself, and the admin centre goes on being the Azure CLI's.
    let shown = scene.run(&["plan", "-vvv"]).code(0);
    assert!(shown.stderr.contains("graph: signing in by browser (skipped token: "), "{shown}");
    assert!(shown.stderr.contains("portal: signing in by azure-cli"), "{shown}");
    authority.assert_no_secret(&shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_sign_in_needs_no_client_and_the_tenant_of_the_spec_is_taken() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let spec = std::fs::read_to_string(scene.path().join("pilot.yaml")).unwrap();
    let scene = scene.file("pilot.yaml", format!("{spec}\ntenant: contoso.onmicrosoft.com\n"));
    let mut login = Login::start(&scene, &["login", "--no-browser", "--store", "file", "--format", "json"]);
    let address = login.address();
    Browser::trusting(&authority).sign_in(&address).await;
    let shown = login.finish().code(0);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&document["client"], &document["kept"]), (&json!(CLIENT), &json!("file")));
    assert_eq!(document["is_admin_centres_account"], json!(null), "no one is signed in to the Azure CLI");
    let asked = authority.asked("authorize");
    assert_eq!(asked[1]["prompt"], "select_account");
    authority.assert_no_secret(&shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_in_the_address_bar_is_refused_and_the_sign_in_waited_for() {
    let (_sandbox, authority, scene) = machine().await;
    let browser = Browser::trusting(&authority);
    let mut login = Login::start(&scene, &LOGIN);
    let address = login.address();
    authority.ledger().answers_in_query = true;
    let (back, _) = browser.open(&address).await;
    assert!(back.starts_with("http://localhost:") && back.contains("code="), "{back}");
    let (status, page) = browser.get(&back).await;
    assert!(status == 400 && page.contains("takes no code from an address"), "{page}");
    let told = login.line(" WARN");
    assert!(told.contains("a code came in the address bar, and was not used"), "{told}");
    assert!(authority.asked("token").is_empty());
    authority.ledger().answers_in_query = false;
    browser.sign_in(&address).await;
    let shown = login.finish().code(0);
    assert_eq!(authority.asked("token").len(), 1);
    authority.assert_no_secret(&shown);
}

/// What someone has who caught the answer on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_worth_nothing_without_the_verifier() {
    let (_sandbox, authority, scene) = machine().await;
    let browser = Browser::trusting(&authority);
    let mut login = Login::start(&scene, &LOGIN);
    let address = login.address();
    let (redirect, fields) = browser.open(&address).await;
    let code = fields.iter().find(|(name, _)| name == "code").unwrap().1.clone();
    let address: url::Url = address.parse().unwrap();
    // All that was in the address is known to them.
    let challenge = address.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1.into_owned();
    let token = format!("{}/{}/oauth2/v2.0/token", authority.root, authority.ledger().tenant.clone());
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", &code),
        ("redirect_uri", &redirect),
        ("code_verifier", &challenge),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (status, said) = browser.post(&token, &form).await;
    assert!(status == 400 && said.contains("AADSTS501481"), "{said}");
    // The code is spent by that, and the sign-in says so.
    browser.post(&redirect, &fields).await;
    let shown = login.finish().code(77);
    assert!(shown.stderr.contains("already redeemed"), "{shown}");
    authority.assert_nothing_kept(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_another_sign_in_changes_nothing() {
    let (_sandbox, authority, scene) = machine().await;
    let browser = Browser::trusting(&authority);
    let mut login = Login::start(&scene, &LOGIN);
    let address = login.address();
    let (action, fields) = browser.open(&address).await;
    let with = |name: &str, value: &str| {
        let other = |(known, own): &(String, String)| {
            (known.clone(), if known == name { value.to_owned() } else { own.clone() })
        };
        fields.iter().map(other).collect::<Vec<_>>()
    };
    let (status, _) = browser.post(&action, &with("state", "another")).await;
    assert_eq!(status, 400);
    assert!(login.line(" WARN").contains("another state"));
    let error = [("error".to_owned(), "access_denied".to_owned()), ("state".to_owned(), "x".to_owned())];
    assert_eq!(browser.post(&action, &error).await.0, 400);
    assert_eq!(browser.get(&format!("{action}/favicon.ico")).await.0, 404);
    assert!(authority.asked("token").is_empty());
    assert_eq!(browser.post(&action, &fields).await.0, 200);
    let _ = login.finish().code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_one_who_comes_to_the_listener_keeps_the_sign_in_away() {
    let (_sandbox, authority, scene) = machine().await;
    let mut login = Login::start(&scene, &LOGIN);
    let address = login.address();
    let redirect: url::Url = address.parse().unwrap();
    let redirect = redirect.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    let port: u16 = redirect.rsplit(':').next().unwrap().parse().unwrap();
    // Connections that say nothing, or half of something, and stay.
    let mut held = Vec::new();
    for said in
        [&b""[..], b"POST / HT", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nco"]
    {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        std::io::Write::write_all(&mut stream, said).unwrap();
        held.push(stream);
    }
    let (status, _) = Browser::trusting(&authority).sign_in(&address).await;
    assert_eq!(status, 200);
    let _ = login.finish().code(0);
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_never_comes_back_is_not_waited_for_for_ever() {
    let (_sandbox, authority, scene) = machine().await;
    let shown = scene.run(&[&LOGIN[..], &["--sign-in-limit", "50"]].concat()).code(77);
    assert!(shown.stderr.contains("browser gave no token within 0.05 s"), "{shown}");
    authority.assert_nothing_kept(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_or_the_time_of_the_run_ends_the_wait() {
    let (_sandbox, authority, scene) = machine().await;
    let mut login = Login::start(&scene, &LOGIN);
    let _ = login.address();
    login.signal(rustix::process::Signal::TERM);
    let shown = login.finish().code(1);
    let said = "interrupted by SIGTERM; no one was signed in, and nothing was kept";
    assert!(shown.stderr.contains(said), "{shown}");
    let shown = scene.run(&[&LOGIN[..], &["--timeout", "1"]].concat()).code(1);
    assert!(shown.stderr.contains("no one was signed in, and nothing was kept"), "{shown}");
    authority.assert_nothing_kept(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_never_answers_is_not_waited_for_for_ever() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    authority.ledger().silent = Some("token");
    let shown = scene.run(&["plan", "--graph-only", "--sign-in-limit", "200"]).code(77);
    assert!(shown.stderr.contains("browser gave no token within 0.2 s"), "{shown}");
    assert_eq!(authority.asked("token").len(), 2);
    // The sign-in that is kept is as good as before.
    authority.ledger().silent = None;
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
}
