//! `--snapshot-out`: what a file shows of the tenant's settings, kept.

use serde_json::{Value, json};
use sspr::app::snapshot_recording;
use sspr::error::Failure;
use sspr::sandbox::Seed;
use sspr::stop::Stop;
use sspr::tenant::{Reading, Snapshot, Surface};

use super::{CHROMIUM, FIREFOX, edit, visit};
use crate::common::Scene;

const POLICY: &str = "/PasswordReset/PasswordResetPolicies";

fn snapshot(file: &Value) -> Result<Snapshot, Failure> {
    snapshot_recording(file.to_string().as_bytes(), "portal.har", &Stop::default()).1
}

fn portal<'a>(snapshot: &'a Snapshot, path: &str) -> &'a Value {
    match snapshot.reading(Surface::Portal, path) {
        Some(Reading::Answer(answer)) => answer,
        other => panic!("{path}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_is_kept_as_it_was_read_last() {
    for how in [CHROMIUM, FIREFOX] {
        let file = visit(Seed::Configured, &[], how).await;
        let kept = snapshot(&file).unwrap();
        assert_eq!(kept.organization.display_name, "Contoso");
        let policy = portal(&kept, "/api/PasswordReset/PasswordResetPolicies");
        // The visit turned it to the other side, and every field rides along, the unknown ones too.
        assert_eq!(policy["notifyOnAdminPasswordReset"], false);
        assert_eq!(policy["futurePolicyRevision"].to_string(), "9007199254740993");
        assert_eq!(policy["securityQuestions"][1]["questionText"], "初めて飼ったペットの名前は？ 🐕");
        let writeback = portal(&kept, "/api/PasswordReset/OnPremisesPasswordResetPolicies");
        assert_eq!(writeback["accountUnlockEnabled"], true);
        assert_eq!(Snapshot::parse(kept.text().as_bytes()), Ok(kept.clone()));
        assert_eq!(snapshot(&file).unwrap().text(), kept.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_show_enough_is_refused() {
    let file = visit(Seed::Fresh, &[], CHROMIUM).await;
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut file = file.clone();
        change(&mut file);
        snapshot(&file).unwrap_err().to_string()
    };
    let entries = |file: &mut Value, keep: &dyn Fn(&Value) -> bool| {
        file["log"]["entries"].as_array_mut().unwrap().retain(|entry| keep(&entry["request"]));
    };
    let is_policy = |request: &Value| request["url"].as_str().unwrap().contains(POLICY);
    for (change, said) in [
        (
            &|file: &mut Value| entries(file, &|request| !is_policy(request)) as _,
            "does not show the password reset policy",
        ),
        (
            &|file: &mut Value| {
                let all = file["log"]["entries"].as_array_mut().unwrap();
                let put = all.iter().position(|entry| entry["request"]["method"] == "PUT").unwrap();
                all.remove(put + 1);
            },
            "does not show the password reset policy after it was saved last",
        ),
        (
            &|file: &mut Value| {
                entries(file, &|request| !request["url"].as_str().unwrap().contains("$batch"))
            },
            "does not show which tenant it is of",
        ),
        (
            &|file: &mut Value| {
                edit(file, "GET", POLICY, |entry| entry["startedDateTime"] = json!("yesterday"))
            },
            "does not show when it was made",
        ),
        (
            &|file: &mut Value| {
                edit(file, "GET", POLICY, |entry| {
                    let claims = json!({"aud": "x", "tid": "11111111-2222-3333-4444-555555555555"});
                    let token =
                        format!("Bearer e30.{}.x", azure_core::base64::encode_url_safe(claims.to_string()));
                    entry["request"]["headers"]
                        .as_array_mut()
                        .unwrap()
                        .push(json!({"name": "Authorization", "value": token}));
                });
            },
            "shows more than one tenant",
        ),
    ] as [(&dyn Fn(&mut Value), &str); 5]
    {
        assert_eq!(refused(change), format!("--snapshot-out: the file {said}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_file_but_the_settings_is_kept() {
    let mut file = visit(Seed::Fresh, &[], FIREFOX).await;
    for entry in file["log"]["entries"].as_array_mut().unwrap() {
        entry["comment"] = "Canary".into();
        entry["request"]["cookies"] = json!([{"name": "Canary", "value": "Canary"}]);
        for side in ["request", "response"] {
            let headers = entry[side]["headers"].as_array_mut().unwrap();
            headers.push(json!({"name": "X-Canary", "value": "Canary"}));
        }
        let url = entry["request"]["url"].as_str().unwrap().to_owned();
        if !["/PasswordReset/", "$batch", "authenticationMethodsPolicy"].iter().any(|kept| url.contains(kept))
        {
            entry["response"]["content"]["text"] = "{\"displayName\": \"Canary\"}".into();
        }
    }
    file["log"]["pages"][0]["title"] = "Canary".into();
    let kept = snapshot(&file).unwrap().text();
    for never in ["anary", "eyJ", "sandbox.admin"] {
        assert!(!kept.contains(never), "{never}\n{kept}");
    }
}

#[test]
fn it_is_written_for_its_owner_and_named_in_no_report() {
    let scene = Scene::new();
    let _ = scene.run(&["sandbox", "har"]).code(0);
    let args = ["doctor", "--har", "portal.har", "--snapshot-out", "s.json", "--report", "r.json"];
    let shown = scene.run(&args).code(0);
    assert!(shown.stderr.contains("Next: sspr plan --portal-against s.json"), "{shown}");
    let kept = std::fs::read(scene.path().join("s.json")).unwrap();
    assert!(Snapshot::parse(&kept).unwrap().is_sandbox);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&scene.path().join("s.json").metadata().unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
    let report = std::fs::read_to_string(scene.path().join("r.json")).unwrap();
    assert!(!report.contains("Contoso") && report.contains("\"sandbox\": true"), "{report}");
    let scene = scene.file("cut.har", "{\"log\": {\"entries\": [");
    let shown = scene.run(&["doctor", "--har", "cut.har", "--snapshot-out", "none.json"]).code(1);
    assert!(!scene.path().join("none.json").exists(), "{shown}");
    let _ = scene.run(&["doctor", "--snapshot-out", "none.json"]).code(64);
}
