//! Settings that live on other objects than the password reset policy.

use sspr::sandbox::{Seed, TenantState};

use crate::common::{Bench, spec};

const SPEC: &str = "version: 1\nmethods:\n  required: 1\nwriteback:\n  enabled: true\n  unlock: true\nadministrators:\n  allow_sspr: false\n";

#[tokio::test]
async fn each_object_gets_its_own_partial_write_and_the_policy_comes_last() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    bench.apply(&spec(SPEC)).await.unwrap();
    let writes: Vec<_> = bench
        .take_writes()
        .into_iter()
        .map(|write| {
            let fields = write.body.matches("\":").count();
            (write.method, write.target, if fields > 5 { "whole".to_owned() } else { write.body })
        })
        .collect();
    let expected = [
        ("PATCH", "/v1.0/policies/authorizationPolicy", r#"{"allowedToUseSSPR":false}"#),
        ("PUT", "/api/PasswordReset/OnPremisesPasswordResetPolicies", r#"{"enablementForTenant":true}"#),
        ("PUT", "/api/PasswordReset/OnPremisesPasswordResetPolicies", r#"{"accountUnlockEnabled":true}"#),
        ("PUT", "/api/PasswordReset/PasswordResetPolicies", "whole"),
    ];
    assert_eq!(writes, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    assert!(bench.plan(&spec(SPEC)).await.changes.is_empty());
}

#[tokio::test]
async fn what_the_spec_does_not_manage_is_not_even_read() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    bench.plan(&spec("version: 1\nnotifications:\n  users: true\n")).await;
    for request in bench.take_requests() {
        assert!(!request.target.contains("authorizationPolicy"), "{}", request.target);
        assert!(!request.target.contains("OnPremises"), "{}", request.target);
    }
}

#[tokio::test]
async fn what_someone_else_moved_stops_the_plan_before_its_first_write() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    let plan = bench.plan(&spec(SPEC)).await;
    // The last object to be written.
    bench.sandbox.edit(|tenant| tenant.policy["notifyUsersOnPasswordReset"] = false.into());
    let error = bench.apply_plan(&plan).await.unwrap_err();
    assert!(matches!(error, sspr::outcome::ApplyError::NothingWritten { .. }), "{error:?}");
    assert!(bench.take_writes().is_empty());
}
