//! Keeping a sign-in in the Secret Service, by the program that libsecret brings. The stand-in keeps a file for each
//! name, outside of sspr's records.

use super::{LOGIN, machine, program};
use crate::common::{Browser, Login, Scene};

/// Does as `secret-tool` does.
fn put_secret_tool(scene: &Scene) {
    let folder = scene.path().display();
    let script = format!(
        r#"echo "$*" >> "{folder}/calls"
case "$1" in
  store) shift; [ "$1" = --label ] || exit 2; shift 2; cat > "{folder}/secret.$4" ;;
  lookup) [ -e "{folder}/secret.$5" ] || exit 1; cat "{folder}/secret.$5" ;;
  clear) rm -f "{folder}/secret.$5" ;;
  *) exit 2 ;;
esac"#
    );
    program(scene, "secret-tool", &script);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_kept_in_the_keyring_and_is_no_ones_argument() {
    let (_sandbox, authority, scene) = machine().await;
    put_secret_tool(&scene);
    let args: Vec<&str> = LOGIN.into_iter().filter(|arg| !["--store", "file"].contains(arg)).collect();
    let mut login = Login::start(&scene, &args);
    let address = login.address();
    Browser::trusting(&authority).sign_in(&address).await;
    let shown = login.finish().code(0);
    assert!(shown.stdout.contains("in the system's keyring"), "{shown}");
    for _ in 0..2 {
        let shown = scene.run(&["plan", "--graph-only", "-vvv"]).code(0);
        authority.assert_no_secret(&shown);
    }
    let calls = std::fs::read_to_string(scene.path().join("calls")).unwrap();
    for secret in &authority.ledger().secrets {
        assert!(!calls.contains(secret.as_str()), "{calls}");
    }
    let folder = std::fs::read_dir(scene.state_dir().join("sign-in")).unwrap();
    for path in folder.map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("-secret"), "{}\n{text}", path.display());
    }
    let shown = scene.run(&["logout"]).code(0);
    assert!(shown.stdout.contains("gone from the system's keyring"), "{shown}");
    let files = std::fs::read_dir(scene.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(files.into_iter().all(|name| !name.to_string_lossy().starts_with("secret.")));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Secret Service and secret-tool; .ci/log-in runs it"]
async fn a_token_is_kept_in_a_real_keyring() {
    let (_sandbox, authority, scene) = machine().await;
    let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap();
    let scene = scene.env("PATH", "/usr/bin:/bin").env("DBUS_SESSION_BUS_ADDRESS", &bus);
    let args: Vec<&str> = LOGIN.into_iter().filter(|arg| !["--store", "file"].contains(arg)).collect();
    let mut login = Login::start(&scene, &args);
    let address = login.address();
    Browser::trusting(&authority).sign_in(&address).await;
    let _ = login.finish().code(0);
    for _ in 0..2 {
        let _ = scene.run(&["plan", "--graph-only"]).code(0);
    }
    let _ = scene.run(&["logout"]).code(0);
    let shown = scene.run(&["plan", "--graph-only", "--auth", "browser"]).code(77);
    assert!(shown.stderr.contains("no sign-in is kept"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_no_one_is_asked_to_sign_in_and_the_other_places_are_named() {
    let (_sandbox, authority, scene) = machine().await;
    let args = ["login", "--tenant", "contoso.onmicrosoft.com", "--client-id", crate::common::CLIENT];
    for (script, said) in [
        (None, "`secret-tool` is not on PATH"),
        (
            Some("echo 'secret-tool: Cannot autolaunch D-Bus without X11 $DISPLAY' >&2; exit 1"),
            "Cannot autolaunch D-Bus",
        ),
    ] {
        if let Some(script) = script {
            program(&scene, "secret-tool", script);
        }
        let shown = scene.run(&args).code(3);
        for said in [said, "--store file", "--store none", "could not keep a sign-in here"] {
            assert!(shown.stderr.contains(said), "{said}\n{shown}");
        }
    }
    assert!(authority.asked("authorize").is_empty());
    authority.assert_nothing_kept(&scene);
}
