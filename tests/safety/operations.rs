//! The laws of every kind of write, over HTTP: taking it back is exact, goes over no one's edit, and of what was there
//! already sends nothing.

use serde_json::{Value, json};
use sspr::app::write::BackTo;
use sspr::plan::{Operation, Plan, WriteStatus};
use sspr::sandbox::tenant::{Group, id};
use sspr::sandbox::{Seed, TenantState};

use crate::common::{Bench, spec};

/// A spec for each kind of write, and what someone else does to the object it writes.
struct Case {
    kind: &'static str,
    /// The tenants that have what it is about; each test begins with the first.
    seeds: &'static [Seed],
    spec: &'static str,
    edit: fn(&mut TenantState),
    /// The start of the finding that refuses the way back; `None` where it goes around the edit.
    refused: Option<&'static str>,
}

const CASES: [Case; 5] = [
    Case {
        kind: "an object is replaced whole",
        seeds: &Seed::ALL,
        spec: "version: 1\nnotifications: {users: false, admins: true}\n",
        edit: |tenant| tenant.policy["securityQuestions"] = json!(["theirs"]),
        refused: Some("Someone else changed securityQuestions in the password reset policy"),
    },
    Case {
        kind: "fields of an object are changed, apart",
        seeds: &Seed::ALL,
        spec: "version: 1\nwriteback: {enabled: true, unlock: true}\n",
        edit: |tenant| tenant.writeback["enablementForTenant"] = json!("theirs"),
        refused: Some("Someone else changed enablementForTenant in password writeback"),
    },
    Case {
        kind: "fields of an object are changed",
        seeds: &Seed::ALL,
        spec: "version: 1\nadministrators: {allow_sspr: false}\n",
        edit: |tenant| tenant.authorization["blockMsolPowerShell"] = json!("theirs"),
        refused: None,
    },
    Case {
        kind: "a method is changed",
        seeds: &Seed::ALL,
        spec: "version: 1\ngroup: SSPR-Pilot\nmethods: {allowed: [email, mobile_app_code]}\n",
        edit: |tenant| {
            let methods = tenant.methods["authenticationMethodConfigurations"].as_array_mut().unwrap();
            for method in methods.iter_mut().filter(|method| method["state"] == "enabled") {
                let list = method["includeTargets"].as_array_mut().unwrap();
                list.push(json!({"id": "theirs", "targetType": "group"}));
            }
        },
        refused: None,
    },
    Case {
        kind: "a ring comes into the pilot group",
        seeds: &[Seed::Rings],
        spec: "version: 1\nscope: none\ngroup: SSPR-Pilot\nrollout: {open: 1, rings: [{group: SSPR-Ring-IT}]}\n",
        edit: |tenant| {
            let pilot = tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap();
            pilot.members.push(id("theirs"));
        },
        refused: None,
    },
];

async fn applied(case: &Case, seed: Seed) -> Option<Bench> {
    let bench = Bench::start(TenantState::seeded(seed)).await;
    let outcome = bench.apply(&spec(case.spec)).await.unwrap();
    outcome.journal.map(|_| bench)
}

async fn planned_back(bench: &Bench) -> Plan {
    let plan = bench.plan_back(BackTo::Beginning).await.0;
    bench.take_requests();
    plan
}

#[tokio::test]
async fn applied_and_rolled_back_the_tenant_is_as_it_was() {
    for case in &CASES {
        let mut written = 0;
        for &seed in case.seeds {
            let Some(bench) = applied(case, seed).await else { continue };
            bench.apply_plan(&planned_back(&bench).await).await.unwrap();
            assert!(bench.sandbox.tenant() == TenantState::seeded(seed), "{} {seed:?}", case.kind);
            let again = planned_back(&bench).await;
            assert!(again.steps.is_empty(), "{} {seed:?}", case.kind);
            written += 1;
        }
        assert!(written > 0, "{} was never written", case.kind);
    }
}

#[tokio::test]
async fn somebody_elses_edit_is_kept_or_the_way_back_is_refused() {
    for case in &CASES {
        let bench = applied(case, case.seeds[0]).await.unwrap();
        bench.sandbox.edit(case.edit);
        let edited = bench.sandbox.tenant();
        let plan = planned_back(&bench).await;
        let finding = plan.findings.iter().find(|finding| finding.code == "changed-since");
        assert_eq!(plan.is_refused(), case.refused.is_some(), "{}: {:?}", case.kind, plan.findings);
        if let Some(refused) = case.refused {
            assert!(finding.unwrap().message.starts_with(refused), "{finding:?}");
            assert!(bench.sandbox.tenant() == edited, "{}", case.kind);
            continue;
        }
        bench.apply_plan(&plan).await.unwrap();
        let theirs = |tenant: &TenantState| {
            let all = json!([tenant.authorization, tenant.methods, tenant.groups]).to_string();
            all.matches("theirs").count() + all.matches(&id("theirs").to_string()).count()
        };
        let (now, pilot) = (bench.sandbox.tenant(), id("SSPR-Pilot").to_string());
        assert!(theirs(&edited) > 0 && theirs(&now) == theirs(&edited), "{}", case.kind);
        let is_in =
            |group: &Group| group.id == id("SSPR-Pilot") && group.members.contains(&id("SSPR-Ring-IT"));
        assert!(!now.methods.to_string().contains(&pilot) && !now.groups.iter().any(is_in), "{}", case.kind);
    }
}

#[tokio::test]
async fn what_was_so_already_is_never_rolled_back() {
    // Of a ring, Graph refuses to write what is so; `safety::rings` has that.
    for case in CASES.iter().filter(|case| case.seeds != [Seed::Rings]) {
        let bench = Bench::start(TenantState::seeded(case.seeds[0])).await;
        let mut plan = bench.plan(&spec(case.spec)).await;
        // A write of what is there, as a probe makes it.
        let so = |step: &Operation| Operation::between(step.actual().clone(), step.actual().clone());
        plan.steps = plan.steps.iter().take(1).map(so).collect();
        plan.changes.clear();
        bench.apply_plan(&plan).await.unwrap();
        assert_eq!(bench.take_writes().len(), 1, "{}", case.kind);
        let (back, recorded) = bench.plan_back(BackTo::Beginning).await;
        assert!(
            back.steps.is_empty() && recorded.past.iter().all(|write| write.status == WriteStatus::AlreadySo),
            "{}",
            case.kind
        );
        bench.sandbox.edit(case.edit);
        assert!(planned_back(&bench).await.steps.is_empty(), "{}", case.kind);
        assert_eq!(bench.take_writes(), [], "{}", case.kind);
    }
}
/// A write that stops the run leaves those after it as they were planned; the way back takes what landed alone.
#[tokio::test]
async fn what_was_not_reached_is_not_rolled_back() {
    let both = "version: 1\nnotifications: {admins: true}\nadministrators: {allow_sspr: false}\n";
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    bench.fail("PATCH / status=403");
    assert!(bench.apply(&spec(both)).await.is_err());
    bench.sandbox.heal();
    assert!(bench.sandbox.tenant() == TenantState::seeded(Seed::Fresh));
    let run = bench.state.load_history().unwrap().remove(0);
    let journal = std::fs::read_to_string(run.directory.join("journal.jsonl")).unwrap();
    let stopped: Value = serde_json::from_str(journal.lines().last().unwrap()).unwrap();
    assert_eq!((&stopped["event"], &stopped["sent"]), (&json!("stopped"), &json!(false)));
    assert_eq!(stopped["not_reached"], json!(["PasswordResetPolicies"]));
    assert!(planned_back(&bench).await.steps.is_empty());
}
