//! Every way a read can go wrong: what passes is waited for, what does not is told.

use std::time::Duration;

use sspr::client::{ClientConfig, ClientError, RetryPolicy};
use sspr::sandbox::{Sandbox, Seed, TenantState};
use sspr::stop::{Stop, StopReason};

use crate::common::{Bench, config, spec};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";

/// Faults that pass, met once.
const PASSING: [&str; 11] = [
    "status=408",
    "status=500",
    "status=502",
    "status=503",
    "status=504",
    "throttle",
    "throttle=0",
    "throttle=Wed,_21_Oct_2015_07:28:00_GMT",
    "reset",
    "truncated",
    "garbled",
];

async fn fresh() -> Bench {
    Bench::start(TenantState::seeded(Seed::Fresh)).await
}

#[tokio::test]
async fn what_passes_is_asked_for_again_and_costs_one_request() {
    for fault in PASSING {
        for path in [POLICY, "/v1.0/organization", "/v1.0/groups"] {
            let bench = fresh().await;
            let spec = spec(include_str!("../../examples/pilot.yaml"));
            bench.plan(&spec).await;
            let usual = bench.take_requests().len();
            bench.fail(&format!("GET {path} {fault} 1"));
            assert!(!bench.plan(&spec).await.changes.is_empty());
            assert_eq!(bench.take_requests().len(), usual + 1, "{fault} on {path}");
        }
    }
}

#[tokio::test]
async fn what_does_not_pass_is_given_up_with_what_came() {
    for (fault, said, requests) in [
        ("status=500", "500 Internal Server Error", 5),
        ("reset", "got no answer", 5),
        ("truncated", "broke off", 5),
        ("empty", "came an empty body", 5),
        ("throttle=3600", "asks to wait 3600 s", 1),
        ("status=404", "404 Not Found", 1),
        ("status=501", "501 Not Implemented", 1),
        ("html", "an HTML page; came `<!DOCTYPE html>", 1),
        ("error-in-success", "a success that carries an error; came `{\"ClassName\"", 1),
        ("wrong-type", "not JSON but text/plain; charset=utf-8; came `maintenance until Monday`", 1),
        ("redirect=https://elsewhere.invalid/?secret=1", "points to elsewhere.invalid", 1),
    ] {
        let bench = fresh().await;
        bench.fail(&format!("* {POLICY} {fault}"));
        let error = bench.reader.portal.fetch_policy().await.unwrap_err().to_string();
        assert!(
            error.starts_with("portal: GET http://127.0.0.1") && error.contains(said),
            "{fault}: {error}"
        );
        assert!(error.contains("client-request-id") && !error.contains("secret"), "{fault}: {error}");
        assert_eq!(bench.take_requests().len(), requests, "{fault}");
    }
}

#[tokio::test]
async fn every_attempt_has_a_request_id_of_its_own() {
    let bench = fresh().await;
    bench.fail(&format!("* {POLICY} status=503"));
    let first = bench.reader.portal.fetch_policy().await.unwrap_err().to_string();
    let second = bench.reader.portal.fetch_policy().await.unwrap_err().to_string();
    assert!(first.contains("(attempt 5)") && first != second, "{first}");
}

#[tokio::test]
async fn a_next_page_on_another_host_is_refused_before_a_byte_is_sent() {
    let bench = fresh().await;
    let elsewhere = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    bench.fail(&format!("GET /v1.0/groups next-link={}/v1.0/groups?$skiptoken=x", elsewhere.root()));
    let error = bench.reader.graph.fetch_groups_named("SSPR-Pilot").await.unwrap_err();
    assert!(matches!(error, ClientError::ForeignLink { .. }), "{error}");
    assert!(elsewhere.take_requests().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let bench = fresh().await;
    let elsewhere = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    bench.fail(&format!("* * redirect={}{POLICY}", elsewhere.root()));
    assert!(bench.reader.portal.fetch_policy().await.is_err());
    assert!(elsewhere.take_requests().is_empty());
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up_and_asked_for_again() {
    let retry = RetryPolicy { attempts: 2, ..config().retry };
    let config = ClientConfig { retry, request_timeout: Duration::from_millis(300), ..config() };
    let bench = Bench::start_with(TenantState::seeded(Seed::Fresh), config).await;
    bench.fail(&format!("GET {POLICY} hang"));
    let error = bench.reader.portal.fetch_policy().await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn being_asked_to_stop_breaks_off_a_read_at_once() {
    for rule in ["hang", "throttle=100", "slow=60000"] {
        let stop = Stop::default();
        let bench = Bench::start_with(
            TenantState::seeded(Seed::Fresh),
            ClientConfig { stop: stop.clone(), ..config() },
        )
        .await;
        bench.fail(&format!("GET {POLICY} {rule}"));
        let reading = bench.reader.portal.fetch_policy();
        let asking = async {
            tokio::task::yield_now().await;
            stop.ask(StopReason::Interrupted);
        };
        let (read, ()) = tokio::join!(reading, asking);
        let error = read.unwrap_err();
        assert!(matches!(error, ClientError::Stopped { .. }), "{rule}: {error}");
        assert!(error.to_string().contains("interrupted by Ctrl-C"), "{error}");
    }
}
