//! Keeping a sign-in in the Secret Service, by the program that libsecret brings. The stand-in keeps a file for each
//! name, outside of sspr's records.

use super::{LOGIN, machine, program};
use crate::common::{Authority, Browser, Login, Scene, Shown};

/// Does as `secret-tool` does.
fn put_secret_tool(scene: &Scene) {
    let folder = scene.path().display();
    let script = format!(
        r#"echo "$*" >> "{folder}/calls"
case "$1" in
  store) shift; [ "$1" = --label ] || exit 2; shift 2; cat > "{folder}/secret.$4" ;;
  lookup) [ -e "{folder}/secret.$5" ] || exit 1; cat "{folder}/secret.$5" ;;
  clear) ls "{folder}"/*/sign-in >> "{folder}/at-clear"; rm -f "{folder}/secret.$5" ;;
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

/// Signs in, and keeps it in a place.
async fn log_in_to(store: &str, scene: &Scene, authority: &Authority) -> Shown {
    let mut args = LOGIN;
    args[3] = store;
    let mut login = Login::start(scene, &args);
    let address = login.address();
    Browser::trusting(authority).sign_in(&address).await;
    login.finish().code(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_place_has_the_new_token_before_the_old_one_is_forgotten() {
    let (_sandbox, authority, scene) = machine().await;
    put_secret_tool(&scene);
    let _ = log_in_to("keyring", &scene, &authority).await;
    let _ = log_in_to("file", &scene, &authority).await;
    let at_clear = std::fs::read_to_string(scene.path().join("at-clear")).unwrap();
    assert!(at_clear.contains(".token"), "{at_clear}");
    let files = std::fs::read_dir(scene.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(files.into_iter().all(|name| !name.to_string_lossy().starts_with("secret.")));
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_place_that_has_gone_does_not_keep_a_sign_in_from_being_kept() {
    let (_sandbox, authority, scene) = machine().await;
    put_secret_tool(&scene);
    let _ = log_in_to("keyring", &scene, &authority).await;
    std::fs::remove_file(scene.path().join("bin/secret-tool")).unwrap();
    let shown = log_in_to("file", &scene, &authority).await;
    let said = "the earlier sign-in's token could not be forgotten: this machine has no keyring";
    assert!(shown.stderr.contains(said), "{shown}");
    let _ = scene.run(&["plan", "--graph-only"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_record_that_is_refused_is_gone_after_logout() {
    let (_sandbox, authority, scene) = machine().await;
    put_secret_tool(&scene);
    let _ = log_in_to("keyring", &scene, &authority).await;
    let record = scene.state_dir().join("sign-in").join(format!("{}.json", authority.ledger().tenant));
    std::fs::set_permissions(&record, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let shown = scene.run(&["logout"]).code(0);
    assert!(shown.stdout.contains("Deleted "), "{shown}");
    let files = std::fs::read_dir(scene.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(files.into_iter().all(|name| !name.to_string_lossy().starts_with("secret.")), "{shown}");
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
