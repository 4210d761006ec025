//! `--prove`: the line of the audit log that tells of each write, or the plain word that there is none yet.

use serde_json::Value;
use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown, assert_shown};

const SPEC: &str = "version: 1\nnotifications:\n  admins: true\nadministrators:\n  allow_sspr: false\n";

async fn scene() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    (sandbox, scene)
}

fn prove(scene: &Scene, args: &[&str]) -> Shown {
    scene.run(&[&["apply", "--yes", "--pace", "1"], args].concat())
}

fn looks(sandbox: &Sandbox) -> usize {
    let requests = sandbox.take_requests();
    requests.iter().filter(|request| request.target.starts_with("/v1.0/auditLogs")).count()
}

fn events(scene: &Scene, event: &str) -> Vec<Value> {
    let output = scene.command(&["history", "--format", "json"]).output().unwrap();
    let history: Value = serde_json::from_slice(&output.stdout).unwrap();
    let directory = history["runs"][0]["directory"].as_str().unwrap();
    let journal = std::fs::read_to_string(std::path::Path::new(directory).join("journal.jsonl")).unwrap();
    let records = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["event"] == event).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_that_prove_the_writes_are_shown_and_kept() {
    let (sandbox, scene) = scene().await;
    sandbox.audit(|log| log.lag = 2);
    let shown = prove(&scene, &["--prove"]);
    assert_shown!(
        shown,
        str![[r#"
Plan for pilot.yaml: Contoso (contoso.onmicrosoft.com)
  2 changes, 1 of them reaches beyond the pilot
  0 warnings, 3 notes, 0 accepted; 0 settings already match, 12 are not managed

Password reset > Notifications                                            portal
  ~ Notify all admins when other admins reset their password  No → Yes

Password reset > Administrators                                            graph
  ~ Administrators may reset their own password  Yes → No  ! every administrator

3 notes: --explain shows them

  ✓ Authorization policy   Administrators may reset their own password: No
  ✓ Password reset policy  Notify all admins when other admins reset their password: Yes

Record:   @@STATE@@/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@
Way back: sspr rollback @@RUN@@
Audit:    Update authorization policy of authorizationPolicy by sandbox.admin@contoso.onmicrosoft.com at @@TIME@@ UTC
          (id Policy_000000; found by name and time)
Audit:    Update SSPR Settings of PasswordResetPolicies by sandbox.admin@contoso.onmicrosoft.com at @@TIME@@ UTC
          (id Policy_000001; found by name, target and time)

Applied 2 changes; Contoso matches pilot.yaml, and the audit log shows it.
Next: no one can reset while password reset is None; set `group:` in the spec to turn it on
------- stderr -------
Written and read back. Waiting up to 300 s for the audit log, which is 5 to 10 minutes late. Ctrl-C stops waiting.
[exit status: 0]

"#]]
    );
    assert_eq!(looks(&sandbox), 4, "one before the write, and three until the log shows it");
    let ids: Vec<Value> = events(&scene, "proved").iter().map(|event| event["audit"]["id"].clone()).collect();
    assert_eq!(ids, ["Policy_000000", "Policy_000001"]);
    assert_shown!(
        scene.run(&["history"]),
        str![[r#"
@@TIME@@ UTC  @@RUN@@  done, in effect: 2 changes from pilot.yaml, by sandbox.admin@contoso.onmicrosoft.com
  tenant 204a15ea-fa2c-550c-86c1-f84caa53d849
  audit log: Policy_000000, Policy_000001
  @@STATE@@/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@
[exit status: 0]

"#]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_does_not_come_in_time_is_said_and_the_run_is_done_all_the_same() {
    let (sandbox, scene) = scene().await;
    sandbox.audit(|log| log.lag = 1000);
    assert_shown!(
        prove(&scene, &["--prove=0"]),
        str![[r#"
Plan for pilot.yaml: Contoso (contoso.onmicrosoft.com)
  2 changes, 1 of them reaches beyond the pilot
  0 warnings, 3 notes, 0 accepted; 0 settings already match, 12 are not managed

Password reset > Notifications                                            portal
  ~ Notify all admins when other admins reset their password  No → Yes

Password reset > Administrators                                            graph
  ~ Administrators may reset their own password  Yes → No  ! every administrator

3 notes: --explain shows them

  ✓ Authorization policy   Administrators may reset their own password: No
  ✓ Password reset policy  Notify all admins when other admins reset their password: Yes

Record:   @@STATE@@/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@
Way back: sspr rollback @@RUN@@
Audit:    nothing yet of authorizationPolicy
Audit:    nothing yet of PasswordResetPolicies

Applied 2 changes; Contoso matches pilot.yaml. Not proved: the audit log did not show it within 0 s; it is often later.
Next: no one can reset while password reset is None; set `group:` in the spec to turn it on
------- stderr -------
Written and read back. Waiting up to 0 s for the audit log, which is 5 to 10 minutes late. Ctrl-C stops waiting.
[exit status: 5]

"#]]
    );
    assert_eq!(sandbox.tenant().policy["notifyOnAdminPasswordReset"], true);
    assert_eq!(events(&scene, "unproved").len(), 2);
    let history = scene.run(&["history"]).code(0);
    assert!(history.stdout.contains("  done, in effect: 2 changes"), "{history}");
    let _ = scene.run(&["rollback", "--yes"]).code(0);
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Fresh));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_record_of_one_run_proves_no_other() {
    let (sandbox, scene) = scene().await;
    let _ = prove(&scene, &["--prove"]).code(0);
    sandbox.audit(|log| log.lag = 1000);
    let back = scene.run(&["rollback", "--yes", "--prove=0"]).code(5);
    assert_eq!(back.stdout.matches("Audit:  nothing yet of ").count(), 2, "{back}");
}

/// The log has the service's time; by its own, such a machine would look days beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_whose_clock_is_wrong_finds_the_proof_at_the_services_time() {
    for hours in [30 * 24, -2] {
        let (sandbox, scene) = scene().await;
        let ahead = jiff::SignedDuration::from_hours(hours);
        sandbox.audit(|log| log.ahead = ahead);
        let output = prove(&scene, &["--prove=0", "--format", "json"]).code(0);
        let outcome: Value = serde_json::from_str(&output.stdout).unwrap();
        let at = outcome["audit"]["writes"][0]["event"]["at"].as_str().unwrap();
        let off = jiff::Timestamp::now() + ahead - at.parse::<jiff::Timestamp>().unwrap();
        assert!(off.get_seconds().abs() < 600, "{hours}: {at}");
        // Nor is this tool taken for the last editor, or someone else not found.
        sandbox.edit(|tenant| tenant.policy["securityQuestions"] = "theirs".into());
        let refused = scene.run(&["rollback", "--yes"]).code(3);
        assert!(!refused.stdout.contains("Last editor in the audit log"), "{hours}: {refused}");
        sandbox.edit_as("mallory@contoso.com", |tenant| tenant.policy["securityQuestions"] = "new".into());
        let refused = scene.run(&["rollback", "--yes"]).code(3);
        assert!(
            refused.stdout.contains("Last editor in the audit log: mallory@contoso.com at "),
            "{hours}: {refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_under_an_unknown_name_is_found_by_what_it_was_done_to() {
    let (sandbox, scene) = scene().await;
    sandbox.audit(|log| log.settings_activity = "Rename of the \u{1b}[2J day".to_owned());
    let output = prove(&scene, &["--prove", "--format", "json"]).code(0);
    let outcome: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(outcome["audit"]["proved"], true, "{outcome}");
    let writes = outcome["audit"]["writes"].as_array().unwrap();
    let portal = writes.iter().find(|write| write["resource"] == "PasswordResetPolicies").unwrap();
    assert_eq!(portal["event"]["matched"], "target and time; its name is not one sspr knows");
    assert_eq!(portal["event"]["by"], "sandbox.admin@contoso.onmicrosoft.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_read_is_found_out_before_anything_is_written() {
    let (sandbox, scene) = scene().await;
    sandbox.fail("GET /v1.0/auditLogs status=403".parse().unwrap());
    let shown = prove(&scene, &["--prove"]).code(77);
    assert!(shown.stderr.contains("could not read the audit log"), "{shown}");
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Fresh));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_fails_after_the_write_leaves_the_write_done_and_unproved() {
    for fault in ["status=403 2-", "status=500 2-", "html 2-"] {
        let (sandbox, scene) = scene().await;
        sandbox.fail(format!("GET /v1.0/auditLogs {fault}").parse().unwrap());
        let shown = prove(&scene, &["--prove=0"]).code(5);
        assert!(
            shown.stdout.contains("Applied 2 changes") && shown.stdout.contains("Not proved: graph: "),
            "{shown}"
        );
        assert_eq!(sandbox.tenant().policy["notifyOnAdminPasswordReset"], true, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_someone_else_did_at_the_same_time_proves_nothing() {
    let (sandbox, scene) = scene().await;
    sandbox
        .edit_as("mallory@contoso.com", |tenant| tenant.policy["notifyOnAdminPasswordReset"] = true.into());
    sandbox
        .edit_as("mallory@contoso.com", |tenant| tenant.policy["notifyOnAdminPasswordReset"] = false.into());
    sandbox.audit(|log| log.lag = 1000);
    let shown = prove(&scene, &["--prove=0"]).code(5);
    assert!(shown.stdout.contains("nothing yet of PasswordResetPolicies"), "{shown}");
}

/// The log of a public repository is public.
#[tokio::test(flavor = "multi_thread")]
async fn who_it_was_is_not_said_where_github_reads() {
    let (sandbox, scene) = scene().await;
    let shown = prove(&scene, &["--prove", "--format", "github"]).code(0);
    assert!(shown.stdout.contains("Update SSPR Settings of PasswordResetPolicies at"), "{shown}");
    sandbox.edit_as("mallory@contoso.com", |tenant| tenant.policy["securityQuestions"] = "theirs".into());
    for args in [&["history", "--format", "github"][..], &["rollback", "--yes", "--format", "github"]] {
        let after = scene.run(args);
        for said in [&shown, &after] {
            let said = said.to_string();
            assert!(!said.contains("sandbox.admin") && !said.contains("mallory"), "{args:?} {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_changes_there_is_nothing_to_prove() {
    let (sandbox, scene) = scene().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.take_requests();
    let _ = prove(&scene, &["--prove"]).code(0);
    assert_eq!(looks(&sandbox), 0);
}
