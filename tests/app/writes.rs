//! What a write does to everything around it.

use serde_json::{Value, json};
use sspr::app::observe::SurfaceSelection;
use sspr::outcome::ApplyError;
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::Spec;

use crate::common::{Bench, spec};

#[tokio::test]
async fn unknown_fields_survive_apply_and_cleanup() {
    let mut tenant = TenantState::seeded(Seed::Configured);
    let unseen: Value = serde_json::from_str(
        r#"{"big": 123456789012345678901234567890, "exact": 1.10, "small": 1e-400, "list": [[1, 2], [], [null]],
            "text": "初めて飼ったペットの名前は？ 🐕\u0000\u202e"}"#,
    )
    .unwrap();
    for (name, value) in unseen.as_object().unwrap() {
        tenant.policy[name] = value.clone();
    }
    let bench = Bench::start(tenant).await;
    bench.apply(&spec(include_str!("../../examples/pilot.yaml"))).await.unwrap();
    bench.apply(&Spec::cleanup(None)).await.unwrap();
    let after = bench.sandbox.tenant().policy;
    for (name, value) in unseen.as_object().unwrap() {
        assert_eq!(after[name].to_string(), value.to_string(), "{name}");
    }
    let questions = &TenantState::seeded(Seed::Configured).policy["securityQuestions"];
    assert_eq!(&after["securityQuestions"], questions);
    // The switch is off, and the address is still there for the day it is turned on again.
    assert_eq!(after["customizeHelpdeskLink"], json!(false));
    assert_eq!(after["customHelpdeskEmailOrUrl"], json!("https://help.contoso.com/passwörd"));
}

#[tokio::test]
async fn the_write_is_the_whole_object_with_the_managed_fields_laid_over() {
    let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
    bench.apply(&spec("version: 1\nregistration:\n  reconfirm_days: 30\n")).await.unwrap();
    let [write] = &bench.take_writes()[..] else { panic!("one write") };
    assert_eq!(
        (write.method.as_str(), write.target.as_str()),
        ("PUT", "/api/PasswordReset/PasswordResetPolicies")
    );
    let sent: Value = serde_json::from_str(&write.body).unwrap();
    let mut expected = TenantState::seeded(Seed::Configured).policy;
    expected["registrationReconfirmIntevalInDays"] = json!(30);
    expected["passwordResetEnabledGroupName"] = json!("SSPR-Pilot-Branch");
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_tenant_that_moved_since_the_plan_is_not_written() {
    let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
    let plan = bench.plan(&spec("version: 1\nnotifications:\n  admins: false\n")).await;
    bench.sandbox.edit(|tenant| tenant.policy["securityQuestions"] = json!([]));
    bench.take_requests();
    let error = bench.apply_plan(&plan).await.unwrap_err();
    let ApplyError::NothingWritten { source } = error else { panic!("{error}") };
    assert_eq!(
        source.to_string(),
        "PasswordResetPolicies changed since the plan was made: securityQuestions"
    );
    assert_eq!(bench.take_writes(), []);
}

#[tokio::test]
async fn who_moved_the_tenant_is_named_where_the_audit_log_shows_and_refused_all_the_same() {
    for (fault, named) in [
        (None, true),
        (Some("GET /v1.0/auditLogs status=403"), false),
        (Some("GET /v1.0/auditLogs html"), false),
    ] {
        let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
        let plan = bench.plan(&spec("version: 1\nnotifications:\n  admins: false\n")).await;
        // An earlier change by someone else, to another object, is not it.
        bench
            .sandbox
            .edit_as("eve@contoso.com", |tenant| tenant.authorization["blockMsolPowerShell"] = json!(true));
        bench
            .sandbox
            .edit_as("mallory@contoso.com\u{1b}[2J", |tenant| tenant.policy["securityQuestions"] = json!([]));
        if let Some(fault) = fault {
            bench.fail(fault);
        }
        bench.take_requests();
        let error = bench.apply_plan(&plan).await.unwrap_err();
        let ApplyError::NothingWritten { source } = error else { panic!("{error}") };
        let said = source.to_string();
        assert!(
            said.starts_with("PasswordResetPolicies changed since the plan was made: securityQuestions"),
            "{said}"
        );
        assert_eq!(
            said.contains("; last editor in the audit log: mallory@contoso.com\\u{1b}[2J at 20"),
            named,
            "{said}"
        );
        let requests = bench.take_requests();
        assert!(requests.iter().all(|request| request.method == "GET"));
        let looks = requests.iter().filter(|request| request.target.starts_with("/v1.0/auditLogs"));
        assert_eq!(looks.count(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_object_that_is_not_the_tenants_default_is_never_written() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.policy["objectId"] = json!("another");
    let bench = Bench::start(tenant).await;
    let error = sspr::app::observe::observe(&bench.reader, &Spec::cleanup(None), SurfaceSelection::Both)
        .await
        .unwrap_err();
    assert!(format!("{error:#}").contains("objectId"), "{error:#}");
}

#[tokio::test]
async fn a_setting_the_tenant_does_not_tell_is_refused_and_not_defaulted() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.policy.as_object_mut().unwrap().remove("notifyOnAdminPasswordReset");
    let bench = Bench::start(tenant).await;
    let plan = bench.plan(&spec("version: 1\nnotifications:\n  admins: true\n  users: false\n")).await;
    assert!(plan.is_refused());
    assert_eq!(plan.findings[0].code, "setting-unreadable");
    assert_eq!(
        plan.changes.iter().map(|change| change.key.as_str()).collect::<Vec<_>>(),
        ["notifications.users"]
    );
}

#[tokio::test]
async fn the_baseline_is_on_disk_before_the_write_and_only_its_owner_can_read_it() {
    let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
    let outcome = bench.apply(&spec("version: 1\nnotifications:\n  admins: false\n")).await.unwrap();
    let path = outcome.baseline.unwrap();
    let baseline: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mut stored = baseline["objects"]["PasswordResetPolicies"].clone();
    stored["passwordResetEnabledGroupName"] = json!("");
    assert_eq!(stored, TenantState::seeded(Seed::Configured).policy);
    let journal = std::fs::read_to_string(outcome.journal.unwrap()).unwrap();
    let events: Vec<String> = journal
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(events, ["started", "writing", "written", "verified", "finished"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = std::path::Path::new(&path);
        assert_eq!((mode(path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_written_stops_before_the_write() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    let plan = bench.plan(&spec("version: 1\nnotifications:\n  admins: true\n")).await;
    // A file where the tenant's directory should be.
    std::fs::write(bench.state.root().join(plan.tenant_id.to_string()), "in the way").unwrap();
    let error = bench.apply_plan(&plan).await.unwrap_err();
    assert!(matches!(error, ApplyError::NothingWritten { .. }), "{error}");
    assert_eq!(bench.take_writes(), []);
}

/// The counts sit beside the questions; what is asked never replaces what was written there by others.
#[tokio::test]
async fn counts_of_questions_are_written_and_the_questions_stay() {
    let mut tenant = TenantState::seeded(Seed::Configured);
    tenant.policy["numberOfQuestionsToRegister"] = json!(3);
    tenant.policy["numberOfQuestionsToReset"] = json!(3);
    let questions = tenant.policy["securityQuestions"].clone();
    let bench = Bench::start(tenant).await;
    let asks_more = spec("version: 1\nmethods:\n  security_questions:\n    reset: 5\n");
    let plan = bench.plan(&asks_more).await;
    let finding = plan.findings.iter().find(|finding| finding.code == "questions-not-registered").unwrap();
    assert_eq!(finding.key, "methods.security_questions.reset");
    assert!(
        finding.message.starts_with("A reset asks 5 security questions")
            && finding.message.ends_with("only 3")
    );

    let both = spec("version: 1\nmethods:\n  security_questions:\n    register: 5\n    reset: 4\n");
    let plan = bench.plan(&both).await;
    assert!(plan.findings.iter().all(|finding| finding.code != "questions-not-registered"));
    bench.apply(&both).await.unwrap();
    let policy = bench.sandbox.tenant().policy;
    assert_eq!(
        (&policy["numberOfQuestionsToRegister"], &policy["numberOfQuestionsToReset"]),
        (&json!(5), &json!(4))
    );
    assert_eq!(policy["securityQuestions"], questions);
}

/// The last look at the next object is taken while the write before it is read back; where that takes long, the
/// look is too old.
#[tokio::test]
async fn each_write_follows_a_look_at_its_object_that_is_not_from_before_a_wait() {
    let both = spec("version: 1\nnotifications:\n  admins: true\nadministrators:\n  allow_sspr: false\n");
    for (is_late, looks) in [(false, 1), (true, 2)] {
        let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
        let plan = bench.plan(&both).await;
        bench.take_requests();
        if is_late {
            // The look before the write, and then the first one after it.
            bench.fail("GET /v1.0/policies/authorizationPolicy stale 2");
        }
        bench.apply_plan(&plan).await.unwrap();
        let requests = bench.take_requests();
        let at = |method: &str| requests.iter().position(|request| request.method == method).unwrap();
        let between = &requests[at("PATCH")..at("PUT")];
        let seen = between.iter().filter(|request| request.target.contains("PasswordResetPolicies")).count();
        assert_eq!(seen, looks, "{between:?}");
    }
}

#[tokio::test]
async fn a_part_way_apply_names_journal_and_baseline() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    bench.fail("PUT / lying-success");
    let error = bench.apply(&spec("version: 1\nnotifications:\n  admins: true\n")).await.unwrap_err();
    let ApplyError::PartWay { journal, baseline, .. } = &error else { panic!("{error}") };
    assert_eq!(
        error.hints(),
        [
            "run `sspr plan` to see what is left, then `sspr apply` again".to_owned(),
            "or run `sspr rollback` to undo what was written".to_owned(),
            format!("the journal says what was sent: {journal}"),
            format!("the state before is in {baseline}"),
        ]
    );
    assert!(std::path::Path::new(journal).is_file() && std::path::Path::new(baseline).is_file());
}
