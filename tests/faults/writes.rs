//! Every way a write can go wrong: nothing is written twice blindly, and nothing is claimed that was not read back.

use sspr::client::ClientConfig;
use sspr::outcome::ApplyError;
use sspr::outcome::Outcome;
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::Spec;
use sspr::stop::{Stop, StopReason};

use crate::common::{Bench, config, spec, until};

const PUT: &str = "PUT /api/PasswordReset/PasswordResetPolicies";
const GET: &str = "GET /api/PasswordReset/PasswordResetPolicies";

fn pilot() -> Spec {
    spec(include_str!("../../examples/pilot.yaml"))
}

/// Applies the example under faults and returns what came of it and how often it wrote.
async fn apply_under(rules: &[&str]) -> (Bench, Result<Outcome, ApplyError>, usize) {
    let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
    for rule in rules {
        bench.fail(rule);
    }
    let applied = bench.apply(&pilot()).await;
    let writes = bench.take_writes().len();
    (bench, applied, writes)
}

async fn assert_matches(bench: &Bench) {
    bench.sandbox.heal();
    assert!(bench.plan(&pilot()).await.changes.is_empty());
}

#[tokio::test]
async fn a_write_that_landed_without_an_answer_is_not_sent_again() {
    for fault in ["landed-then-status=500", "landed-then-status=504", "landed-then-reset", "truncated"] {
        let (bench, applied, writes) = apply_under(&[&format!("{PUT} {fault}")]).await;
        assert!(applied.is_ok(), "{fault}");
        assert_eq!(writes, 1, "{fault}");
        assert_matches(&bench).await;
    }
}

#[tokio::test]
async fn a_write_that_did_not_land_is_read_back_and_then_sent_once_more() {
    for fault in ["status=500", "status=502", "status=408", "reset"] {
        let (bench, applied, writes) = apply_under(&[&format!("{PUT} {fault} 1")]).await;
        assert!(applied.is_ok(), "{fault}");
        assert_eq!(writes, 2, "{fault}");
        assert_matches(&bench).await;
    }
}

#[tokio::test]
async fn a_write_that_never_lands_is_sent_twice_and_then_reported() {
    for fault in ["status=500", "reset"] {
        let (bench, applied, writes) = apply_under(&[&format!("{PUT} {fault}")]).await;
        let error = applied.unwrap_err();
        assert!(matches!(error, ApplyError::PartWay { .. }), "{fault}: {error:?}");
        assert_eq!(writes, 2, "{fault}");
        assert_eq!(bench.sandbox.tenant(), TenantState::seeded(Seed::Configured), "{fault}");
    }
}

#[tokio::test]
async fn a_throttled_write_did_nothing_and_is_sent_again() {
    for fault in ["throttle", "throttle=0"] {
        let (bench, applied, writes) = apply_under(&[&format!("{PUT} {fault} 1-2")]).await;
        assert!(applied.is_ok(), "{fault}");
        assert_eq!(writes, 3, "{fault}");
        assert_matches(&bench).await;
    }
}

#[tokio::test]
async fn a_refused_write_changed_nothing_and_is_not_sent_again() {
    for fault in
        ["status=400", "status=401", "status=403", "status=409", "redirect=https://elsewhere.invalid/"]
    {
        let (bench, applied, writes) = apply_under(&[&format!("{PUT} {fault}")]).await;
        let error = applied.unwrap_err();
        assert!(matches!(error, ApplyError::NothingWritten { .. }), "{fault}: {error:?}");
        assert_eq!(writes, 1, "{fault}");
        assert_eq!(bench.sandbox.tenant(), TenantState::seeded(Seed::Configured), "{fault}");
    }
}

#[tokio::test]
async fn a_success_that_stored_nothing_is_not_believed() {
    for fault in ["lying-success", "html", "empty", "body=true", "body=false", "body=null"] {
        let (_bench, applied, writes) = apply_under(&[&format!("{PUT} {fault}")]).await;
        let error = applied.unwrap_err();
        assert!(matches!(error, ApplyError::PartWay { .. }), "{fault}: {error:?}");
        assert_eq!(writes, 1, "{fault}");
        let is_said = format!("{error:?}").contains("and not with `true`");
        assert_eq!(is_said, fault != "body=true", "{fault}: {error:?}");
    }
}

#[tokio::test]
async fn a_write_that_is_there_counts_whatever_was_answered() {
    for answer in ["false", "null", "{}"] {
        let (bench, applied, writes) = apply_under(&[&format!("{PUT} landed-then-body={answer}")]).await;
        assert!(applied.is_ok(), "{answer}");
        assert_eq!(writes, 1, "{answer}");
        assert_matches(&bench).await;
    }
}

#[tokio::test]
async fn stale_reads_after_the_write_are_read_again() {
    // The plan and the look right before the write are the first two.
    let (bench, applied, writes) = apply_under(&[&format!("{GET} stale 3-5")]).await;
    applied.unwrap();
    assert_eq!(writes, 1);
    assert_matches(&bench).await;
}

#[tokio::test]
async fn a_write_that_cannot_be_read_back_is_part_way() {
    let (_bench, applied, writes) = apply_under(&[&format!("{GET} status=403 3-")]).await;
    let error = applied.unwrap_err();
    let ApplyError::PartWay { journal, .. } = &error else { panic!("{error:?}") };
    assert_eq!(writes, 1);
    let journal = std::fs::read_to_string(journal).unwrap();
    for event in ["started", "writing", "written", "stopped"] {
        assert!(journal.contains(&format!(r#""event":"{event}""#)), "{journal}");
    }
}

#[tokio::test]
async fn being_asked_to_stop_lets_the_write_finish_and_begins_no_other() {
    let stop = Stop::default();
    let config = ClientConfig { stop: stop.clone(), ..config() };
    let bench = Bench::start_with(TenantState::seeded(Seed::Fresh), config).await;
    let plan = bench.plan(&pilot()).await;
    bench.fail("PATCH * slow=200");
    let asking = async {
        // The write is under way as soon as the sandbox holds it back.
        until(|| bench.sandbox.is_held_up()).await;
        stop.ask(StopReason::Interrupted);
    };
    let (applied, ()) = tokio::join!(bench.apply_plan(&plan), asking);
    let error = applied.unwrap_err();
    assert!(matches!(error, ApplyError::PartWay { .. }), "{error:?}");
    let writes = bench.take_writes();
    assert_eq!(writes.iter().map(|write| write.status).collect::<Vec<_>>(), [204]);
    assert_eq!(bench.sandbox.tenant().policy["enablementType"], 0, "the policy comes after the methods");
}

#[tokio::test]
async fn being_asked_to_stop_before_the_write_writes_nothing() {
    let stop = Stop::default();
    let config = ClientConfig { stop: stop.clone(), ..config() };
    let bench = Bench::start_with(TenantState::seeded(Seed::Fresh), config).await;
    let plan = bench.plan(&pilot()).await;
    stop.ask(StopReason::OutOfTime(std::time::Duration::from_secs(7)));
    let error = bench.apply_plan(&plan).await.unwrap_err();
    assert!(matches!(error, ApplyError::NothingWritten { .. }), "{error:?}");
    assert!(bench.take_writes().is_empty());
}
