//! Signing in by a code that is typed elsewhere.

use serde_json::json;

use super::machine;
use crate::common::{CLIENT, Scene, Shown};

fn log_in(scene: &Scene) -> Shown {
    scene.run(&[
        "login",
        "--device-code",
        "--store",
        "file",
        "--tenant",
        "contoso.onmicrosoft.com",
        "--client-id",
        CLIENT,
        "--pace",
        "1",
        "-vvv",
    ])
}

fn pending(error: &str) -> serde_json::Value {
    json!({"error": error, "error_description": "AADSTS70016: Pending.", "error_codes": [70016]})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_asked_until_someone_has_signed_in() {
    let (_sandbox, authority, scene) = machine().await;
    for error in ["authorization_pending", "slow_down", "authorization_pending"] {
        authority.answer("token", 400, &pending(error));
    }
    let shown = log_in(&scene).code(0);
    for said in ["open https://microsoft.example/devicelogin and type", "  ABCD-EFGH", "commonly blocks"] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    assert!(!shown.to_string().contains("Words that are not repeated"), "{shown}");
    assert_eq!(authority.asked("token").len(), 4);
    authority.assert_no_secret(&shown);
    let shown = scene.run(&["plan", "--graph-only", "-v"]).code(0);
    assert!(shown.stderr.contains("graph: signing in by browser"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_of_a_code_is_reported_and_nothing_is_kept() {
    for (error, said) in [
        ("authorization_declined", "the sign-in was declined"),
        ("expired_token", "the code was not used in time"),
        ("bad_verification_code", "the sign-in was refused"),
    ] {
        let (_sandbox, authority, scene) = machine().await;
        authority.answer("token", 400, &json!({"error": error, "error_description": "Words."}));
        let shown = log_in(&scene).code(77);
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
        assert!(shown.stderr.contains("sspr login --tenant"), "{shown}");
        authority.assert_nothing_kept(&scene);
        authority.assert_no_secret(&shown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_https_is_not_shown() {
    let (_sandbox, authority, scene) = machine().await;
    for (address, code) in [
        ("http://evil.example/", "ABC"),
        ("javascript:alert(1)", "ABC"),
        ("https://microsoft.example/", "run this instead"),
        ("https://microsoft.example/", "\u{1b}[2J"),
    ] {
        let body = json!({"device_code": "x", "user_code": code, "verification_uri": address});
        authority.answer("devicecode", 200, &body);
        let shown = log_in(&scene).code(77);
        assert!(shown.stderr.contains("a device code without a code or an https address"), "{shown}");
        assert!(!shown.to_string().contains(address) || address.starts_with("https"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_asked_for_again_and_not_for_ever() {
    let (_sandbox, authority, scene) = machine().await;
    authority.answer("token", 200, &json!("no object"));
    let shown = log_in(&scene).code(0);
    assert_eq!(authority.asked("token").len(), 2, "{shown}");
    for _ in 0..3 {
        authority.answer("token", 200, &json!("no object"));
    }
    let shown = log_in(&scene).code(77);
    assert!(shown.stderr.contains("an answer without a token"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_browser_can_be_opened_a_code_is_taken_and_it_is_said_why() {
    let (_sandbox, authority, scene) = machine().await;
    let args = ["login", "--store", "none", "--tenant", "contoso.onmicrosoft.com", "--client-id", CLIENT];
    let args = [&args[..], &["--pace", "1"]].concat();
    let shown = scene.run(&args).code(0);
    assert!(shown.stderr.contains("No browser can be opened here (there is no display)"), "{shown}");
    assert!(shown.stdout.contains("nothing: the next command is not signed in by this"), "{shown}");
    authority.assert_nothing_kept(&scene);
    let scene = scene.env("DISPLAY", ":0").env("SSH_CONNECTION", "1");
    let shown = scene.run(&args).code(0);
    assert!(shown.stderr.contains("No browser can be opened here (this is a session over SSH)"), "{shown}");
}
