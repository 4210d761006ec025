//! Sign-ins that must not be kept, and what is said of them.

use serde_json::{Value, json};

use super::{LOGIN, log_in, machine, program, sign_azure_cli_in};
use crate::common::{Authority, Browser, CLIENT, Login, Scene, Shown};

/// Signs in as far as that goes, and returns the last page and what was shown.
async fn attempt(authority: &Authority, scene: &Scene) -> (String, Shown) {
    let mut login = Login::start(scene, &[&LOGIN[..], &["-vvv"]].concat());
    let address = login.address();
    let (_, page) = Browser::trusting(authority).sign_in(&address).await;
    (page, login.finish())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_answer_is_refused_and_nothing_is_kept() {
    let (_sandbox, authority, scene) = machine().await;
    let foreign = "11111111-2222-4333-8444-555555555555";
    let claims = [("tid", json!(foreign)), ("iss", json!(format!("{}/{foreign}/v2.0", authority.root)))];
    authority.ledger().id_claims = claims.map(|(name, value)| (name.to_owned(), value)).into();
    let (page, shown) = attempt(&authority, &scene).await;
    let shown = shown.code(3);
    assert!(page.contains("did not take this sign-in"), "{page}");
    assert!(shown.stderr.contains("was asked for; nothing was kept"), "{shown}");
    authority.assert_nothing_kept(&scene);
    authority.assert_no_secret(&shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_than_the_admin_centres_is_refused_and_nothing_is_kept() {
    let (sandbox, authority, scene) = machine().await;
    sign_azure_cli_in(&scene, &sandbox);
    let claims = [
        ("oid", json!("11111111-2222-4333-8444-555555555555")),
        ("preferred_username", json!("eve@contoso.onmicrosoft.com")),
    ];
    authority.ledger().id_claims = claims.map(|(name, value)| (name.to_owned(), value)).into();
    let (page, shown) = attempt(&authority, &scene).await;
    let shown = shown.code(3);
    assert!(page.contains("did not take this sign-in"), "{page}");
    let said = "eve@contoso.onmicrosoft.com signed in, and the admin centre's sign-in is \
                sandbox.admin@contoso.onmicrosoft.com's; nothing was kept";
    assert!(shown.stderr.contains(said), "{shown}");
    authority.assert_nothing_kept(&scene);
    authority.assert_no_secret(&shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_that_is_not_this_sign_ins_is_refused_and_nothing_is_kept() {
    for (name, value, said) in [
        ("nonce", json!("another"), "another sign-in's"),
        ("aud", json!("another"), "for another client"),
        ("exp", json!(1000), "has expired"),
        ("iss", json!("https://evil.example/x/v2.0"), "another issuer"),
        ("tid", Value::Null, "names no tenant"),
        ("oid", Value::Null, "names no person"),
    ] {
        let (_sandbox, authority, scene) = machine().await;
        authority.ledger().id_claims = [(name.to_owned(), value)].into();
        let (page, shown) = attempt(&authority, &scene).await;
        let shown = shown.code(77);
        assert!(page.contains("did not take this sign-in"), "{page}");
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
        assert!(!shown.stderr.contains("check the network"), "{shown}");
        authority.assert_nothing_kept(&scene);
        authority.assert_no_secret(&shown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_of_entras_says_what_it_means_and_what_to_type() {
    for (code, meaning, next) in [
        (65001, "no one has consented", "/v2.0/adminconsent?client_id="),
        (90094, "no one has consented", "/v2.0/adminconsent?client_id="),
        (65002, "no consent changes that", "--client-id ID"),
        (65004, "consent was declined", "sspr login --tenant"),
        (50105, "not assigned", "Enterprise applications"),
        (700016, "no such application in this tenant", "az ad app show --id"),
        (7000218, "no public client flow", "--is-fallback-public-client true"),
        (50011, "lacks the redirect", "--public-client-redirect-uris http://localhost"),
        (500113, "lacks the redirect", "--public-client-redirect-uris http://localhost"),
        (53003, "Conditional Access policy blocks", "Sign-in logs > Conditional Access"),
        (53000, "managed or compliant device", "on a device the organisation manages"),
        (50076, "second factor", "sspr login --tenant"),
        (50079, "second factor", "sspr login --tenant"),
        (70043, "too old", "sspr login --tenant"),
        (700082, "too old", "sspr login --tenant"),
        (50173, "revoked", "sspr login --tenant"),
        (700007, "another client's", "sspr logout --tenant"),
        (50020, "another organisation", "sspr login --tenant"),
        (700025, "a public client, which has no secret", "AZURE_CLIENT_ID"),
        (70016, "no one has finished the sign-in", "run the command again"),
        (123456, "the authority does not take this sign-in", "sspr login --tenant"),
    ] {
        let (_sandbox, authority, scene) = machine().await;
        authority.refuse("token", "invalid_grant", code);
        let (page, shown) = attempt(&authority, &scene).await;
        let shown = shown.code(77);
        assert!(page.contains("did not take this sign-in"), "{page}");
        for said in [&format!("AADSTS{code}"), meaning, next, "not signed in; nothing was kept"] {
            assert!(shown.stderr.contains(said), "{code}: {said}\n{shown}");
        }
        assert!(!shown.stderr.contains("az login"), "{code}\n{shown}");
        authority.assert_nothing_kept(&scene);
        authority.assert_no_secret(&shown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_says_in_the_browser_ends_the_sign_in_with_a_next_step() {
    let (_sandbox, authority, scene) = machine().await;
    let browser = Browser::trusting(&authority);
    let mut login = Login::start(&scene, &LOGIN);
    let address = login.address();
    let (action, fields) = browser.open(&address).await;
    let state = fields.into_iter().find(|(name, _)| name == "state").unwrap();
    let error = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let said = "AADSTS65004: User declined.\r\n<script>\u{1b}[2J";
    let form = [error("error", "access_denied"), error("error_description", said), state];
    let (_, page) = browser.post(&action, &form).await;
    assert!(page.contains("did not take this sign-in") && !page.contains("script"), "{page}");
    let shown = login.finish().code(77);
    assert!(shown.stderr.contains("consent was declined") && !shown.stderr.contains('\u{1b}'), "{shown}");
    authority.assert_nothing_kept(&scene);
    assert!(authority.asked("token").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_authority_is_not_believed_and_its_words_show_no_secret() {
    for (status, body, said) in [
        (200, json!("text"), "an answer without a token"),
        (200, json!({"access_token": ""}), "an answer without a token"),
        (200, json!({"access_token": "e30.e30.x"}), "does not say who signed in"),
        (200, json!({"access_token": "x".repeat(1024 * 1024)}), "longer than 1 MiB"),
        (500, json!("oops"), "answered 500"),
        (302, json!({}), "the sign-in was refused"),
    ] {
        let (_sandbox, authority, scene) = machine().await;
        authority.answer("token", status, &body);
        let (_, shown) = attempt(&authority, &scene).await;
        let shown = shown.code(77);
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
        assert_eq!(authority.asked("token").len(), 1, "a code is sent once");
        authority.assert_nothing_kept(&scene);
    }
    // One that repeats what it was sent.
    let (_sandbox, authority, scene) = machine().await;
    let mut login = Login::start(&scene, &[&LOGIN[..], &["-vvv"]].concat());
    let address = login.address();
    let browser = Browser::trusting(&authority);
    let (action, fields) = browser.open(&address).await;
    let code = &fields.iter().find(|(name, _)| name == "code").unwrap().1;
    let said = format!("Bad code {code} and {}", &code[4..30]);
    authority.answer("token", 400, &json!({"error": code, "error_description": said}));
    browser.post(&action, &fields).await;
    let shown = login.finish().code(77);
    authority.assert_no_secret(&shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_named_or_named_wrongly_is_reported_before_anybody_signs_in() {
    let (_sandbox, authority, scene) = machine().await;
    for (args, code, said) in [
        (&["login", "--store", "file"][..], 64, "no tenant is named"),
        (
            &["login", "--store", "file", "--tenant", "common", "--client-id", CLIENT],
            64,
            "names no single tenant",
        ),
        (&["login", "--store", "file", "--tenant", "organizations"], 64, "names no single tenant"),
        (
            &["login", "--store", "file", "--tenant", "../x.y", "--client-id", CLIENT],
            64,
            "names no single tenant",
        ),
        (&["login", "--store", "file", "--tenant", "contoso.onmicrosoft.com"], 64, "no client is known"),
        (
            &["login", "--store", "file", "--tenant", "fabrikam.com", "--client-id", CLIENT],
            77,
            "no such tenant",
        ),
        (&["login", "--client-id", "graph"], 64, "neither an application's id nor `graph-cli`"),
        (&["login", "--tenant", "organizations"], 64, "names no single tenant"),
        // The client first: where there is none, no place to keep a sign-in helps.
        (&["login", "--tenant", "contoso.onmicrosoft.com"], 64, "no client is known"),
        (
            &["login", "--tenant", "contoso.onmicrosoft.com", "--client-id", CLIENT],
            3,
            "no keyring that sspr can use",
        ),
    ] {
        let shown = scene.run(args).code(code);
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    assert!(authority.asked("authorize").is_empty() && authority.asked("devicecode").is_empty());
    let scene = scene.env("AZURE_AUTHORITY_HOST", "http://127.0.0.1:1");
    let shown = scene.run(&LOGIN).code(77);
    assert!(
        shown.stderr.contains("AZURE_AUTHORITY_HOST is not an https address: http://127.0.0.1:1"),
        "{shown}"
    );
    assert!(shown.stderr.contains("hint: unset AZURE_AUTHORITY_HOST"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_that_everyone_shares_is_taken_by_its_word_alone_and_its_cost_is_reported() {
    let (_sandbox, authority, scene) = machine().await;
    let args =
        ["login", "--store", "file", "--no-browser", "--tenant", "contoso.onmicrosoft.com", "--client-id"];
    let mut login = Login::start(&scene, &[&args[..], &["graph-cli"]].concat());
    let address = login.address();
    Browser::trusting(&authority).sign_in(&address).await;
    let shown = login.finish().code(77);
    let told = shown.stderr.find("one client for everything that uses it").unwrap();
    assert!(told < shown.stderr.find("Sign in in the browser").unwrap(), "{shown}");
    let asked = authority.asked("authorize").remove(0);
    assert_eq!(asked["client_id"], "14d82eec-204b-4c2f-b7e8-296a70dab67e");
    assert!(asked["scope"].contains("https://graph.microsoft.com/Policy.ReadWrite.AuthenticationMethod"));
    assert!(!asked["scope"].contains(".default"), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_fails_leaves_the_one_that_is_kept() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let claims = [("oid", json!("11111111-2222-4333-8444-555555555555"))];
    let before = authority.ledger().refresh.clone();
    authority.ledger().id_claims = claims.map(|(name, value)| (name.to_owned(), value)).into();
    program(&scene, "az", "echo \"Please run 'az login' to setup account.\" >&2; exit 1");
    authority.refuse("token", "invalid_grant", 53003);
    let (_, shown) = attempt(&authority, &scene).await;
    let shown = shown.code(77);
    assert!(shown.stderr.contains("The admin centre's sign-in gives no token"), "{shown}");
    assert_eq!(authority.ledger().refresh, before);
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
}

/// What takes the token's place is known before someone signs in for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_token_is_reported_before_anybody_signs_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_sandbox, authority, scene) = machine().await;
    let folder = scene.state_dir().join("sign-in");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    for store in ["file", "keyring"] {
        let args = ["login", "--store", store, "--tenant", "contoso.onmicrosoft.com", "--client-id", CLIENT];
        let shown = scene.run(&args).code(3);
        for said in ["could not keep a sign-in here", "other users can read it", "chmod 700"] {
            assert!(shown.stderr.contains(said), "{said}\n{shown}");
        }
    }
    assert!(authority.asked("devicecode").is_empty());
    // A file in the folder's place.
    std::fs::remove_dir(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    let shown = scene.run(&LOGIN).code(3);
    assert!(shown.stderr.contains("it is not a folder"), "{shown}");
    let shown = scene.run(&["logout"]).code(1);
    assert!(shown.stderr.contains("could not be forgotten") && shown.stderr.contains("hint: "), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_before_a_kept_sign_in_is_told() {
    let (sandbox, authority, scene) = machine().await;
    let scene = scene.env("SSPR_GRAPH_TOKEN", sandbox.graph_token());
    let (_, shown) = attempt(&authority, &scene).await;
    let shown = shown.code(0);
    assert!(shown.stdout.contains("  comes first   token, which the environment is set up for"), "{shown}");
    let scene = scene.env("SSPR_GRAPH_TOKEN", "");
    let (_, shown) = attempt(&authority, &scene).await;
    assert!(!shown.code(0).stdout.contains("comes first"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_no_run_can_use_is_told_once() {
    let (_sandbox, _authority, scene) = machine().await;
    let folder = scene.state_dir().join("sign-in");
    std::fs::create_dir_all(&folder).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&folder, private).unwrap();
    std::fs::write(folder.join(format!("{}.json", uuid::Uuid::new_v4())), "{").unwrap();
    // Nobody comes to sign in.
    let shown = scene.run(&[&LOGIN[..], &["--timeout", "2"]].concat());
    assert_eq!(shown.stderr.matches("a kept sign-in is not used").count(), 1, "{shown}");
}
