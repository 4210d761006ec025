//! The rings of a roll-out: what is written, what is never touched, and what rolling back leaves.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use sspr::app::write::BackTo;
use sspr::plan::{Kept, WriteStatus, undo_writes};
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::Spec;
use uuid::Uuid;

use crate::common::{Bench, spec};

const RINGS: [&str; 4] = ["SSPR-Ring-IT", "SSPR-Ring-Office", "SSPR-Ring-Plants", "SSPR-Ring-All"];

fn rollout(open: usize) -> Spec {
    let rings: String = RINGS.iter().map(|name| format!("    - group: {name}\n")).collect();
    spec(&format!("version: 1\ngroup: SSPR-Pilot\nrollout:\n  open: {open}\n  rings:\n{rings}"))
}

async fn bench() -> Bench {
    Bench::start(TenantState::seeded(Seed::Rings)).await
}

fn pilot(tenant: &TenantState) -> Vec<Uuid> {
    tenant.group(id("SSPR-Pilot")).unwrap().members.clone()
}

/// Returns the writes since the last call, as `POST` and `DELETE` of a path.
fn written(bench: &Bench) -> Vec<String> {
    bench.take_writes().iter().map(|request| format!("{} {}", request.method, request.target)).collect()
}

#[tokio::test]
async fn rings_come_in_before_the_scope_opens_and_go_out_after_it_closes() {
    let bench = bench().await;
    bench.apply(&rollout(2)).await.unwrap();
    let group = id("SSPR-Pilot");
    let add = format!("POST /v1.0/groups/{group}/members/$ref");
    let put = "PUT /api/PasswordReset/PasswordResetPolicies".to_owned();
    assert_eq!(written(&bench), [&add, &add, &put].map(String::as_str));
    assert_eq!(pilot(&bench.sandbox.tenant()), [id("ada"), id(RINGS[0]), id(RINGS[1])]);
    let closed = spec(&format!(
        "version: 1\nscope: none\ngroup: SSPR-Pilot\nrollout: {{open: 1, rings: [{{group: {}}}, {{group: {}}}]}}\n",
        RINGS[0], RINGS[1]
    ));
    bench.apply(&closed).await.unwrap();
    let remove = format!("DELETE /v1.0/groups/{group}/members/{}/$ref", id(RINGS[1]));
    assert_eq!(written(&bench), [put, remove]);
    assert_eq!(pilot(&bench.sandbox.tenant()), [id("ada"), id(RINGS[0])]);
}

#[tokio::test]
async fn applied_and_rolled_back_the_tenant_is_as_it_was_and_one_run_takes_back_one_ring() {
    let bench = bench().await;
    for open in 1..=4 {
        bench.apply(&rollout(open)).await.unwrap();
    }
    let whole = bench.sandbox.tenant();
    let (back, _) = bench.plan_back(BackTo::LastRun).await;
    assert_eq!(back.changes.len(), 1);
    bench.apply_plan(&back).await.unwrap();
    let mut one_less = whole.clone();
    one_less.groups.iter_mut().for_each(|group| group.members.retain(|member| *member != id(RINGS[3])));
    assert!(bench.sandbox.tenant() == one_less);
    let (back, _) = bench.plan_back(BackTo::Beginning).await;
    bench.apply_plan(&back).await.unwrap();
    assert!(bench.sandbox.tenant() == TenantState::seeded(Seed::Rings));
}

/// A rollback of a closing opens the ring again, before the policy that lets it in.
#[tokio::test]
async fn what_is_brought_back_in_comes_before_the_policy() {
    let bench = bench().await;
    bench.apply(&rollout(1)).await.unwrap();
    let closed = spec(
        "version: 1\nscope: none\ngroup: SSPR-Pilot\nrollout: {open: 0, rings: [{group: SSPR-Ring-IT}]}\n",
    );
    bench.apply(&closed).await.unwrap();
    bench.take_requests();
    let (back, _) = bench.plan_back(BackTo::LastRun).await;
    bench.apply_plan(&back).await.unwrap();
    let methods: Vec<String> = bench.take_writes().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["POST", "PUT"]);
}

#[tokio::test]
async fn a_ring_that_someone_else_took_out_has_nothing_left_to_roll_back() {
    let bench = bench().await;
    bench.apply(&rollout(1)).await.unwrap();
    bench.take_requests();
    bench.sandbox.edit(|tenant| {
        let pilot = tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap();
        pilot.members = vec![id("ada"), id("theirs")];
    });
    let (planned, recorded) = bench.plan_back(BackTo::Beginning).await;
    let (back, statuses) = undo_writes(&recorded.past, &recorded.actual);
    assert!(back.iter().all(|step| !step.label().contains("Ring")));
    assert!(statuses.contains(&WriteStatus::Kept(Kept::NothingLeft)), "{statuses:?}");
    bench.apply_plan(&planned).await.unwrap();
    let written = bench.take_writes();
    assert!(!written.is_empty() && written.iter().all(|request| request.method == "PUT"), "{written:?}");
    assert_eq!(pilot(&bench.sandbox.tenant()), [id("ada"), id("theirs")]);
}

#[tokio::test]
async fn what_was_so_already_sends_nothing() {
    let bench = bench().await;
    bench.sandbox.edit(|tenant| {
        let pilot = tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap();
        pilot.members.push(id(RINGS[0]));
    });
    let only_rings = spec(
        "version: 1\nscope: none\ngroup: SSPR-Pilot\nrollout: {open: 1, rings: [{group: SSPR-Ring-IT}]}\n",
    );
    let plan = bench.plan(&only_rings).await;
    assert_eq!(plan.changes, []);
    bench.apply_plan(&plan).await.unwrap();
    assert_eq!(bench.take_writes(), []);
}

/// Our own write lands and is answered 400: reading shows it.
#[tokio::test]
async fn an_answer_that_it_exists_already_is_success_if_reading_shows_it() {
    let bench = bench().await;
    bench.sandbox.fail("POST / landed-then-status=400 1".parse().unwrap());
    bench.apply(&rollout(1)).await.unwrap();
    assert!(pilot(&bench.sandbox.tenant()).contains(&id(RINGS[0])));
    let posts = bench.take_writes().iter().filter(|request| request.method == "POST").count();
    assert_eq!(posts, 1);
}

fn nest(tenant: &mut TenantState, is_in: bool) {
    let pilot = tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap();
    pilot.members.retain(|member| *member != id(RINGS[0]));
    pilot.members.extend(is_in.then(|| id(RINGS[0])));
}

/// Lets someone else nest the first ring, or take it out, right after a look at it: the first is the plan's, the second the
/// one before the write, and the third reads back.
fn while_looked_at(bench: &Bench, look: u32, is_in: bool) {
    let rule = format!("GET {}/memberOf slow=0 {look}", id(RINGS[0]));
    bench.sandbox.fail_and_edit(rule.parse().unwrap(), move |tenant: &mut TenantState| nest(tenant, is_in));
}

fn journal(bench: &Bench) -> String {
    let run = bench.state.load_history().unwrap().pop().unwrap();
    std::fs::read_to_string(run.directory.join("journal.jsonl")).unwrap()
}

async fn roll_back(bench: &Bench) -> Vec<String> {
    bench.sandbox.heal();
    bench.take_requests();
    let (back, _) = bench.plan_back(BackTo::LastRun).await;
    bench.apply_plan(&back).await.unwrap();
    written(bench)
}

/// In Graph's own words, where the directory shows it late: it is waited for, not asked for again, and not taken back.
#[tokio::test]
async fn a_ring_that_someone_else_nested_meanwhile_is_waited_for_and_stays_theirs() {
    let bench = bench().await;
    while_looked_at(&bench, 2, true);
    bench.fail(&format!("GET {}/memberOf stale 3-4", id(RINGS[0])));
    let outcome = bench.apply(&rollout(1)).await.unwrap();
    assert!(outcome.applied.iter().all(|change| change.key != "rollout.rings"), "{:?}", outcome.applied);
    assert_eq!(written(&bench).iter().filter(|write| write.starts_with("POST")).count(), 1);
    let said =
        "One or more added object references already exist for the following modified properties: 'members'.";
    let journal = journal(&bench);
    assert!(journal.contains(said) && journal.contains("\"already so\""), "{journal}");
    assert_eq!(journal.matches("\"verified\"").count(), 1, "the policy alone: {journal}");
    assert_eq!(roll_back(&bench).await, ["PUT /api/PasswordReset/PasswordResetPolicies"]);
    assert_eq!(pilot(&bench.sandbox.tenant()), [id("ada"), id(RINGS[0])]);
}

/// Graph answers the removal of what is no member with 404.
#[tokio::test]
async fn a_ring_that_someone_else_took_out_meanwhile_does_not_come_back() {
    let bench = bench().await;
    bench.apply(&rollout(1)).await.unwrap();
    bench.take_requests();
    while_looked_at(&bench, 2, false);
    let outcome = bench.apply(&rollout(0)).await.unwrap();
    assert_eq!(outcome.applied, []);
    assert_eq!(written(&bench).len(), 1);
    assert!(journal(&bench).contains("\"already so\""), "{}", journal(&bench));
    assert!(bench.state.load_history().unwrap().pop().unwrap().wrote == sspr::store::Wrote::Nothing);
    // The run before is the last one that wrote anything; what it nested is gone already.
    assert_eq!(roll_back(&bench).await, ["PUT /api/PasswordReset/PasswordResetPolicies"]);
    assert_eq!(pilot(&bench.sandbox.tenant()), [id("ada")]);
}

/// Refused for now, and then it is there: no request of ours can have done that.
#[tokio::test]
async fn a_ring_that_someone_else_nested_while_the_service_asked_to_wait_stays_theirs() {
    let bench = bench().await;
    bench.fail("POST / throttle=0 1");
    while_looked_at(&bench, 3, true);
    bench.apply(&rollout(1)).await.unwrap();
    assert_eq!(roll_back(&bench).await, ["PUT /api/PasswordReset/PasswordResetPolicies"]);
    assert!(pilot(&bench.sandbox.tenant()).contains(&id(RINGS[0])));
}

/// Whose work it is cannot be known: the request whose answer was lost may have done it, so it is taken back.
#[tokio::test]
async fn a_ring_that_is_there_after_an_answer_was_lost_counts_as_ours() {
    for fault in ["reset", "status=500", "unavailable=0"] {
        let bench = bench().await;
        bench.fail(&format!("POST / {fault} 1"));
        while_looked_at(&bench, 3, true);
        bench.apply(&rollout(1)).await.unwrap();
        let back = roll_back(&bench).await;
        assert!(back.iter().any(|write| write.starts_with("DELETE")), "{fault}: {back:?}");
        assert_eq!(pilot(&bench.sandbox.tenant()), [id("ada")], "{fault}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_reading() {
    for (fault, sent) in
        [("landed-then-reset", 1), ("reset", 2), ("landed-then-status=500", 1), ("status=500", 2)]
    {
        let bench = bench().await;
        bench.fail(&format!("POST / {fault} 1"));
        bench.apply(&rollout(1)).await.unwrap();
        let posts = bench.take_writes().iter().filter(|request| request.method == "POST").count();
        assert_eq!(posts, sent, "{fault}");
        bench.fail(&format!("DELETE / {fault} 1"));
        bench.apply(&rollout(0)).await.unwrap();
        let deletes = bench.take_writes().iter().filter(|request| request.method == "DELETE").count();
        assert_eq!(deletes, sent, "{fault}");
        assert_eq!(pilot(&bench.sandbox.tenant()), [id("ada")], "{fault}");
        assert!(bench.sandbox.tenant().group(id(RINGS[0])).is_some(), "{fault}: the group itself is gone");
    }
}

#[tokio::test]
async fn a_late_index_delays_no_proof() {
    let bench = bench().await;
    bench.fail("GET transitiveMembers stale 2-");
    bench.fail("GET microsoft.graph.group stale 2-");
    for (open, members) in [(1, 2), (2, 3), (1, 2)] {
        bench.apply(&rollout(open)).await.unwrap();
        assert_eq!(pilot(&bench.sandbox.tenant()).len(), members);
    }
}

/// Whatever is opened and closed, by whom ever it was nested before: only rings move, and only in the pilot group.
#[test]
fn no_member_outside_the_rings_ever_changes() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let others = ["ada", "ivo", "Sales", "Contractors", "SSPR-Pilot-Branch"];
    let steps = prop::collection::vec((0_usize..=4, any::<bool>()), 1..4);
    let strategy = (
        prop::sample::subsequence(others.to_vec(), 0..=5),
        prop::sample::subsequence(RINGS.to_vec(), 0..=4),
        steps,
    );
    TestRunner::new(config)
        .run(&strategy, |(others, nested, steps)| {
            runtime.block_on(async {
                let mut tenant = TenantState::seeded(Seed::Rings);
                let pilot_group = tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap();
                pilot_group.members = others.iter().chain(&nested).map(|name| id(name)).collect();
                let bench = Bench::start(tenant.clone()).await;
                for (open, goes_back) in steps {
                    bench.apply(&rollout(open)).await.unwrap();
                    let now = bench.sandbox.tenant();
                    for ring in RINGS.iter().enumerate() {
                        let is_in = pilot(&now).contains(&id(ring.1));
                        assert_eq!(is_in, ring.0 < open, "{ring:?}");
                    }
                    if goes_back {
                        let (back, _) = bench.plan_back(BackTo::LastRun).await;
                        bench.apply_plan(&back).await.unwrap();
                    }
                    let now = bench.sandbox.tenant();
                    let is_ring = |member: &Uuid| RINGS.iter().any(|name| id(name) == *member);
                    let without = |tenant: &TenantState| {
                        let mut groups = tenant.groups.clone();
                        groups.iter_mut().filter(|group| group.name == "SSPR-Pilot").for_each(|group| {
                            group.members.retain(|member| !is_ring(member));
                        });
                        groups
                    };
                    assert!(without(&now) == without(&tenant) && now.users == tenant.users);
                }
                for request in bench.take_writes() {
                    assert!(
                        request.method != "DELETE" || request.target.ends_with("/$ref"),
                        "{}",
                        request.target
                    );
                }
            });
            Ok(())
        })
        .unwrap();
}

/// A journal says when the plan was made, which is when a ring counts as opened, and which guards were lifted.
#[tokio::test]
async fn a_journal_records_when_and_what_was_lifted() {
    let bench = bench().await;
    let early = spec(
        "version: 1\ngroup: SSPR-Pilot\nrollout:\n  open: 2\n  rings: [{group: SSPR-Ring-IT}, {group: SSPR-Ring-Office, after: {days: 7}}]\n",
    );
    bench.apply(&early).await.unwrap();
    let run = bench.state.load_history().unwrap().remove(0);
    let journal = std::fs::read_to_string(run.directory.join("journal.jsonl")).unwrap();
    let started: Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    assert_eq!(started["made"], crate::common::NOW.to_string());
    assert!(started["lifted"].as_array().unwrap().iter().any(|code| code == "ring-too-early"), "{started}");
    assert_eq!(run.made, Some(crate::common::NOW));
}
