//! Using a sign-in that is kept, renewing it, and forgetting it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{LOGIN, log_in, machine, sign_azure_cli_in, sign_azure_cli_in_as};
use crate::common::{Browser, CLIENT, Login, On, Scene, Terminal};

/// The file that holds the refresh token.
fn token_file(scene: &Scene) -> PathBuf {
    let folder = std::fs::read_dir(scene.state_dir().join("sign-in")).unwrap();
    let mut paths = folder.map(|entry| entry.unwrap().path());
    paths.find(|path| path.extension().is_some_and(|it| it == "token")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_takes_the_token_that_the_last_one_left() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    // Each is good for one run alone.
    let mut last = std::fs::read_to_string(token_file(&scene)).unwrap();
    for _ in 0..3 {
        let shown = scene.run(&["plan", "--graph-only"]).code(0);
        let next = std::fs::read_to_string(token_file(&scene)).unwrap();
        assert_ne!(next, last, "{shown}");
        assert_eq!(Some(&next), authority.ledger().refresh.as_ref());
        last = next;
        authority.assert_no_secret(&shown);
    }
    let asked = authority.asked("token");
    assert_eq!(asked[1]["grant_type"], "refresh_token");
    assert_eq!(asked[1]["claims"], r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_do_not_take_the_same_token() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let runs: Vec<Login<'_>> = (0..4).map(|_| Login::start(&scene, &["plan", "--graph-only"])).collect();
    for run in runs {
        let _ = run.finish().code(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_token_that_cannot_be_kept_leaves_the_last_one_and_the_run_goes_on() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let path = token_file(&scene);
    let before = std::fs::read_to_string(&path).unwrap();
    // Read, and not replaced.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    let shown = scene.run(&["plan", "--graph-only"]).code(0);
    assert_eq!(authority.asked("token").last().unwrap()["grant_type"], "refresh_token");
    for said in ["the renewed sign-in could not be kept, and the earlier one stays", "it is read-only"] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    authority.assert_no_secret(&shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_read_is_not_asked_with() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let path = token_file(&scene);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let shown = scene.run(&["plan", "--graph-only"]).code(77);
    assert!(shown.stderr.contains("it is no file"), "{shown}");
    assert_eq!(authority.asked("token").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_authority_is_asked_again_and_a_dead_sign_in_says_what_to_type() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    authority.answer(
        "token",
        503,
        &json!({"error": "temporarily_unavailable", "error_description": "Busy."}),
    );
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
    for (code, meaning) in
        [(700082, "too old"), (50173, "revoked"), (50076, "second factor"), (700007, "another client's")]
    {
        authority.refuse("token", "invalid_grant", code);
        let shown = scene.run(&["plan", "--graph-only", "-vvv"]).code(77);
        for said in ["graph: not signed in", meaning, "sspr log"] {
            assert!(shown.stderr.contains(said), "{said}\n{shown}");
        }
        assert!(!shown.stderr.contains("az login"), "{shown}");
        authority.assert_no_secret(&shown);
    }
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claims_challenge_is_answered_without_the_person_or_leads_to_a_new_sign_in() {
    // {"access_token":{"acrs":{"essential":true,"value":"c1"}}}
    const CHALLENGE: &str = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19";
    let wanted =
        json!({"access_token": {"acrs": {"essential": true, "value": "c1"}, "xms_cc": {"values": ["cp1"]}}});
    let claims = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let rule = format!("GET /v1.0/organization claims-challenge={CHALLENGE} 1");
    sandbox.fail(rule.parse().unwrap());
    let shown = scene.run(&["plan", "--graph-only"]).code(0);
    assert!(shown.stderr.contains("signing in again"), "{shown}");
    assert_eq!(claims(&authority.asked("token").last().unwrap()["claims"]), wanted);
    // Where it takes the person, the next sign-in asks for what the service asked for.
    sandbox.fail(rule.parse().unwrap());
    let (renewing, refused) = (
        authority.ledger().access.clone(),
        json!({
            "error": "interaction_required", "error_description": "AADSTS50076: Due to a change made by your administrator.",
            "suberror": "basic_action",
        }),
    );
    authority.answer("token", 200, &json!({"access_token": renewing, "token_type": "Bearer"}));
    authority.answer("token", 400, &refused);
    let shown = scene.run(&["plan", "--graph-only"]).code(77);
    assert!(
        shown.stderr.contains("second factor") && shown.stderr.contains("sspr login --tenant"),
        "{shown}"
    );
    let mut login = Login::start(&scene, &LOGIN);
    let address = login.address();
    Browser::trusting(&authority).sign_in(&address).await;
    let _ = login.finish().code(0);
    assert_eq!(claims(&authority.asked("authorize").last().unwrap()["claims"]), wanted);
    assert_eq!(claims(&authority.asked("token").last().unwrap()["claims"]), wanted);
    let mut login = Login::start(&scene, &LOGIN);
    let address = login.address();
    Browser::trusting(&authority).sign_in(&address).await;
    let _ = login.finish().code(0);
    assert_ne!(claims(&authority.asked("authorize").last().unwrap()["claims"]), wanted, "it was given");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_others_could_have_read_or_changed_is_not_used() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let path = token_file(&scene);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let shown = scene.run(&["plan", "--graph-only"]).code(77);
    assert!(shown.stderr.contains("others may read or write it"), "{shown}");
    assert_eq!(authority.asked("token").len(), 1, "it was not sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_sign_in_goes_to_no_other_authority() {
    let (sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let other = crate::common::Authority::start(&sandbox).await;
    let scene = other.scene(scene);
    let shown = scene.run(&["plan", "--graph-only", "--auth", "browser"]).code(77);
    assert!(shown.stderr.contains("the sign-in that is kept is for https://127.0.0.1:"), "{shown}");
    assert!(other.asked("token").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ways_of_ones_own_client_are_graphs_alone() {
    let (sandbox, authority, scene) = machine().await;
    let shown = scene.run(&["plan", "--graph-only", "--auth", "browser"]).code(77);
    assert!(shown.stderr.contains("no sign-in is kept; `sspr login` keeps one"), "{shown}");
    let scene = scene.env("SSPR_GRAPH_TOKEN", sandbox.graph_token());
    let shown = scene.run(&["plan", "--portal-auth", "browser"]).code(77);
    assert!(
        shown.stderr.contains("the admin centre takes the sign-in of Microsoft's own clients alone"),
        "{shown}"
    );
    sign_azure_cli_in(&scene, &sandbox);
    let scene = scene.env("SSPR_GRAPH_TOKEN", "");
    log_in(&authority, &scene).await;
    for way in ["browser", "device-code"] {
        let shown = scene.run(&["plan", "--auth", way, "-v"]).code(0);
        assert!(shown.stderr.contains(&format!("graph: signing in by {way}")), "{shown}");
        assert!(shown.stderr.contains("portal: signing in by azure-cli"), "{shown}");
    }
    // Ready tokens and applications come before it.
    let scene = scene.env("SSPR_GRAPH_TOKEN", sandbox.graph_token());
    let shown = scene.run(&["plan", "-v"]).code(0);
    assert!(!shown.stderr.contains("signing in by browser"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_can_be_signed_in_by_a_code_and_nothing_is_kept() {
    let (_sandbox, authority, scene) = machine().await;
    let scene =
        scene.env("AZURE_TENANT_ID", "contoso.onmicrosoft.com").env("SSPR_CLIENT_ID", crate::common::CLIENT);
    let args = ["plan", "--graph-only", "--graph-auth", "device-code", "--pace", "1"];
    // In a pipeline no one would see the code.
    let shown = scene.run(&args).code(77);
    assert!(shown.stderr.contains("is kept; `sspr login` keeps one"), "{shown}");
    assert!(authority.asked("devicecode").is_empty());
    let terminal = Terminal::run(&scene, &args, On::ALL, 200);
    let (seen, code) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("open https://microsoft.example/devicelogin and type ABCD-EFGH"), "{seen}");
    authority.assert_nothing_kept(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_is_signed_in_as_the_admin_centres_account_or_refused() {
    let (sandbox, authority, scene) = machine().await;
    sign_azure_cli_in(&scene, &sandbox);
    let scene = scene.env("AZURE_TENANT_ID", "contoso.onmicrosoft.com").env("SSPR_CLIENT_ID", CLIENT);
    let run = || async {
        let mut terminal = Terminal::run(&scene, &["plan", "--graph-auth", "browser"], On::ALL, 200);
        terminal.wait_for("&login_hint=sandbox.admin%40contoso.onmicrosoft.com");
        let seen = terminal.seen();
        let address = seen[seen.find("https://").unwrap()..].split_whitespace().next().unwrap().to_owned();
        Browser::trusting(&authority).sign_in(&address).await;
        terminal.end()
    };
    let (seen, code) = run().await;
    assert_eq!(code, 0, "{seen}");
    authority.ledger().access = someone_elses(sandbox.graph_token());
    sandbox.take_requests();
    let (seen, code) = run().await;
    assert_eq!(code, 3, "{seen}");
    assert!(seen.contains("eve@contoso.onmicrosoft.com is signed in to Microsoft Graph, and"), "{seen}");
    assert!(sandbox.take_requests().is_empty(), "nothing is asked for");
}

/// Returns a token with another person in it.
fn someone_elses(token: &str) -> String {
    use azure_core::base64::{decode_url_safe, encode_url_safe};
    let mut claims: Value =
        serde_json::from_slice(&decode_url_safe(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    claims["oid"] = json!("11111111-2222-4333-8444-555555555555");
    claims["upn"] = json!("eve@contoso.onmicrosoft.com");
    format!("e30.{}.x", encode_url_safe(claims.to_string()))
}

/// The sign-in is kept, and then someone else signs in to the Azure CLI.
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_sign_in_is_not_used_beside_somebody_elses_to_the_admin_centre() {
    let (sandbox, authority, scene) = machine().await;
    sign_azure_cli_in(&scene, &sandbox);
    log_in(&authority, &scene).await;
    let _ = scene.run(&["plan"]).code(0);
    let other = someone_elses(sandbox.portal_token());
    sign_azure_cli_in_as(&scene, [&other, ""]);
    sandbox.take_requests();
    for args in [&["plan"][..], &["apply", "--yes"], &["cleanup", "--yes"], &["verify"]] {
        let shown = scene.run(args).code(3);
        let said = "sandbox.admin@contoso.onmicrosoft.com is signed in to Microsoft Graph, and \
                    eve@contoso.onmicrosoft.com to the admin centre";
        assert!(shown.stderr.contains(said), "{args:?}\n{shown}");
    }
    assert!(sandbox.take_requests().is_empty(), "nothing is asked for");
    // Each half by itself is no one else's business, and the Azure CLI is not asked.
    std::fs::write(scene.path().join("az.calls"), "").unwrap();
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
    assert_eq!(std::fs::read_to_string(scene.path().join("az.calls")).unwrap(), "");
}

/// What a service asks for in the middle of a run is given where someone sits there.
#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_a_claims_challenge_is_answered_by_the_person() {
    // {"access_token":{"acrs":{"essential":true,"value":"c1"}}}
    const CHALLENGE: &str = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19";
    let (sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    sandbox.fail(format!("GET /v1.0/organization claims-challenge={CHALLENGE} 1").parse().unwrap());
    let renewing = authority.ledger().access.clone();
    authority.answer("token", 200, &json!({"access_token": renewing, "token_type": "Bearer"}));
    authority.refuse("token", "interaction_required", 50076);
    let args = ["plan", "--graph-only", "--auth", "browser"];
    let mut terminal = Terminal::run(&scene, &args, On::ALL, 200);
    terminal.wait_for("&prompt=select_account");
    let seen = terminal.seen();
    let address = seen[seen.find("https://127").unwrap()..].split_whitespace().next().unwrap().to_owned();
    Browser::trusting(&authority).sign_in(&address).await;
    let (seen, code) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    let asked = authority.asked("authorize").pop().unwrap();
    let claims: Value = serde_json::from_str(&asked["claims"]).unwrap();
    assert_eq!(claims["access_token"]["acrs"]["value"], "c1");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_one_run_can_be_signed_in_by_a_browser_and_nothing_is_kept() {
    let (_sandbox, authority, scene) = machine().await;
    let scene = scene.env("AZURE_TENANT_ID", "contoso.onmicrosoft.com").env("SSPR_CLIENT_ID", CLIENT);
    let args = ["plan", "--graph-only", "--graph-auth", "browser"];
    let mut terminal = Terminal::run(&scene, &args, On::ALL, 200);
    terminal.wait_for("&prompt=select_account");
    let seen = terminal.seen();
    let address = &seen[seen.find("https://").unwrap()..];
    let address = address.split_whitespace().next().unwrap().to_owned();
    let (status, _) = Browser::trusting(&authority).sign_in(&address).await;
    assert_eq!(status, 200);
    let (seen, code) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("SSPR-Pilot"), "{seen}");
    authority.assert_nothing_kept(&scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_sign_ins_the_specs_tenant_decides() {
    let (_sandbox, authority, scene) = machine().await;
    log_in(&authority, &scene).await;
    let folder = scene.state_dir().join("sign-in");
    let record = std::fs::read_to_string(
        token_file(&scene).with_file_name(format!("{}.json", authority.ledger().tenant)),
    );
    let mut record: Value = serde_json::from_str(&record.unwrap()).unwrap();
    assert!(record["names"].as_array().unwrap().len() > 1, "the tenant's domains are known: {record}");
    record["tenant"] = json!("11111111-2222-4333-8444-555555555555");
    record["names"] = json!(["fabrikam.com"]);
    crate::common::leave(&folder.join("11111111-2222-4333-8444-555555555555.json"), &record.to_string());
    let shown = scene.run(&["plan", "--graph-only", "-v"]).code(77);
    assert!(
        shown.stderr.contains("sign-ins to several tenants are kept (fabrikam.com, contoso.onmicrosoft.com)"),
        "{shown}"
    );
    let spec = std::fs::read_to_string(scene.path().join("pilot.yaml")).unwrap();
    let scene = scene.file("pilot.yaml", format!("{spec}\ntenant: contoso.onmicrosoft.com\n"));
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
    // What is set for every command gives way to what this one was given.
    let scene = scene.env("AZURE_TENANT_ID", "fabrikam.com");
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
    let shown = scene.run(&["logout"]).code(64);
    assert!(shown.stderr.contains("say which with --tenant"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_forgotten_and_what_that_cannot_do_is_said() {
    let (_sandbox, authority, scene) = machine().await;
    let shown = scene.run(&["logout"]).code(0);
    assert!(shown.stdout.contains("nothing to forget"), "{shown}");
    log_in(&authority, &scene).await;
    let path = token_file(&scene);
    let shown = scene.run(&["logout"]).code(0);
    for said in ["Forgot sandbox.admin@contoso.onmicrosoft.com's sign-in", "Revoke sessions"] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    assert!(!path.exists());
    authority.assert_nothing_kept(&scene);
    let shown = scene.run(&["plan", "--graph-only", "-v"]).code(77);
    assert!(shown.stderr.contains("browser: no sign-in is kept"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_run_could_use_any_more_is_forgotten_too() {
    type Damage = fn(&std::path::Path);
    let damages: [(&str, Damage); 4] = [
        ("emptied", |record| std::fs::write(record, "").unwrap()),
        ("open to others", |record| {
            std::fs::set_permissions(record, std::fs::Permissions::from_mode(0o640)).unwrap();
        }),
        ("gone", |record| std::fs::remove_file(record).unwrap()),
        ("made anew", |record| {
            let text = std::fs::read_to_string(record).unwrap();
            std::fs::write(record, text.replace("\"file\"", "null")).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let (_sandbox, authority, scene) = machine().await;
        log_in(&authority, &scene).await;
        let token = token_file(&scene);
        damage(&token.with_file_name(format!("{}.json", authority.ledger().tenant)));
        let shown = scene.run(&["logout"]).code(0);
        assert!(!token.exists(), "{name}\n{shown}");
        for said in [".token, which no run could use any more", "Revoke sessions"] {
            assert!(shown.stdout.contains(said), "{name}: {said}\n{shown}");
        }
        assert_eq!(shown.stdout.contains("delete the entries of sspr there"), name == "emptied", "{shown}");
        authority.assert_nothing_kept(&scene);
        let shown = scene.run(&["logout"]).code(0);
        assert!(shown.stdout.contains("nothing to forget"), "{name}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_needs_no_sign_in() {
    let (_sandbox, authority, scene) = machine().await;
    let shown = scene.run(&["login", "--sandbox"]).code(0);
    assert!(shown.stdout.contains("needs no sign-in"), "{shown}");
    let _ = scene.run(&["logout", "--sandbox"]).code(0);
    assert!(authority.asked("authorize").is_empty());
    authority.assert_nothing_kept(&scene);
}
