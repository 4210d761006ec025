//! `sspr doctor --har` and `sspr sandbox har`, as they are typed.

use serde_json::Value;

use crate::common::Scene;

#[test]
fn a_file_of_the_sandbox_is_as_expected_and_needs_no_sign_in() {
    let scene = Scene::new();
    for browser in ["chromium", "firefox"] {
        let shown = scene.run(&["sandbox", "har", "--browser", browser, "--out", "it.har"]).code(0);
        assert!(shown.stdout.contains("Next: sspr doctor --har it.har"), "{shown}");
        let shown = scene.run(&["doctor", "--har", "it.har"]).code(0);
        assert!(shown.stdout.contains(" 0 otherwise"), "{shown}");
        assert!(shown.stderr.is_empty(), "{shown}");
    }
    assert!(!scene.state_dir().join("sandbox").exists(), "the sandbox stays as it is");
}

#[test]
fn what_is_otherwise_ends_with_5_in_every_form() {
    let scene = Scene::new();
    let fault = "PUT /api/PasswordReset/PasswordResetPolicies landed-then-body=false";
    let _ = scene.run(&["sandbox", "har", "--fault", fault]).code(0);
    let shown = scene.run(&["doctor", "--har", "portal.har"]).code(5);
    assert!(shown.stdout.contains("policy-write-answer") && shown.stdout.contains("seen: false"), "{shown}");
    let shown = scene.run(&["doctor", "--har", "portal.har", "--format", "markdown"]).code(5);
    assert!(shown.stdout.contains("Seen otherwise"), "{shown}");
    let args = ["doctor", "--har", "portal.har", "--format", "json", "--report", "report.json"];
    let shown = scene.run(&args).code(5);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&document["format"], &document["otherwise"]), (&"sspr.evidence/1".into(), &1.into()));
    assert!(document.get("sandbox").is_none());
    // The report is that document, and the same each time.
    let report = || std::fs::read_to_string(scene.path().join("report.json")).unwrap();
    let first = report();
    let saved: Value = serde_json::from_str(&first).unwrap();
    for part in
        ["format", "recording", "as_expected", "otherwise", "not_seen", "new_fields", "unknown_requests"]
    {
        assert_eq!(saved[part], document[part], "{part}");
    }
    assert_eq!(saved["beliefs"].as_array().unwrap().len(), document["beliefs"].as_array().unwrap().len());
    let _ = scene.run(&args).code(5);
    assert_eq!(report(), first);
}

#[test]
fn a_damaged_file_shows_what_was_read_and_fails() {
    let scene = Scene::new();
    let _ = scene.run(&["sandbox", "har"]).code(0);
    let text = std::fs::read_to_string(scene.path().join("portal.har")).unwrap();
    let scene = scene.file("cut.har", &text[..text.len() / 2]);
    let shown = scene.run(&["doctor", "--har", "cut.har"]).code(1);
    assert!(
        shown.stdout.contains("Only that much was read: the file ends in the middle of its JSON."),
        "{shown}"
    );
    assert!(shown.stdout.contains("policy-read"), "{shown}");
    assert!(shown.stderr.contains("cut.har was read in part, up to "), "{shown}");
    assert!(shown.stderr.contains("hint: save it from the browser again"), "{shown}");
    let shown = scene.run(&["doctor", "--har", "cut.har", "--format", "json"]).code(1);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["recording"]["problem"], "the file ends in the middle of its JSON");
    let shown = scene.run(&["doctor", "--har", "missing.har"]).code(1);
    assert!(shown.stderr.contains("there is no file missing.har"), "{shown}");
    let shown = scene.run(&["doctor", "--har", "."]).code(1);
    assert!(shown.stdout.is_empty() && shown.stderr.starts_with("error: . is a folder\n"), "{shown}");
}

#[test]
fn the_file_is_not_written_over_and_goes_with_nothing_that_signs_in() {
    let scene = Scene::new().file("portal.har", "{}");
    let shown = scene.run(&["doctor", "--har", "portal.har", "--report", "portal.har"]).code(64);
    assert!(shown.stderr.contains("--report would write over portal.har"), "{shown}");
    let _ = scene.run(&["doctor", "--har", "portal.har", "--probe"]).code(64);
    let _ = scene.run(&["doctor", "pilot.yaml", "--har", "portal.har"]).code(64);
}
