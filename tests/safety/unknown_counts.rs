//! A guard whose count is unknown holds, until it is lifted in words.

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\n";

fn hidden() -> TenantState {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap().is_membership_hidden = true;
    tenant
}

async fn met(tenant: TenantState, fault: &str) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(tenant).await.unwrap();
    if !fault.is_empty() {
        sandbox.fail(fault.parse().unwrap());
    }
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    (sandbox, scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_unknown_size_exceeds_every_limit() {
    for (tenant, fault, why) in [
        (hidden(), "", "it hides its members (Member.Read.Hidden)"),
        (TenantState::seeded(Seed::Fresh), "GET /transitiveMembers status=404", "did not list or count"),
        (TenantState::seeded(Seed::Fresh), "GET /transitiveMembers status=403", "did not list or count"),
    ] {
        let (sandbox, scene) = met(tenant, fault).await;
        for limit in [&[][..], &["--max-people", "1000000"]] {
            let shown = scene.run(&[&["plan"], limit].concat()).code(3);
            assert!(shown.stdout.contains("\nErrors\n  count-unknown  "), "{shown}");
            assert!(shown.stdout.contains(why) && shown.stdout.contains("--max-people any"), "{shown}");
            assert!(!shown.stdout.contains("group-empty"), "{shown}");
            let shown = scene.run(&[&["apply", "--yes"], limit].concat()).code(3);
            assert!(shown.stderr.contains("the plan has 1 error"), "{shown}");
        }
        assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
        let shown = scene.run(&["apply", "--yes", "--max-people", "any"]).code(0);
        assert!(shown.stdout.contains("\nWarnings\n  count-unknown  "), "{shown}");
        // The limit is about whom a change lets in; nothing changes any more.
        let shown = scene.run(&["plan"]).code(0);
        assert!(!shown.stdout.contains("count-unknown"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_of_a_group_that_hides_its_members_is_no_answer_about_people() {
    let (_sandbox, scene) = met(hidden(), "").await;
    for args in [&["people"][..], &["people", "--gate", "0%"], &["report"]] {
        let shown = scene.run(args).code(77);
        assert!(
            shown.stderr.contains("sspr cannot read the members of SSPR-Pilot: the group hides them"),
            "{shown}"
        );
        assert!(shown.stderr.contains("Member.Read.Hidden"), "{shown}");
    }
    let shown = scene.run(&["verify", "--user", "ada@contoso.onmicrosoft.com"]).code(5);
    assert!(shown.stdout.contains("? Group               unknown whether in SSPR-Pilot"), "{shown}");
}

#[test]
fn the_limit_is_a_number_or_any() {
    let scene = Scene::new().file("pilot.yaml", SPEC);
    for limit in ["all", "-1", "1e3", ""] {
        let shown = scene.run(&["plan", "--sandbox", &format!("--max-people={limit}")]).code(64);
        assert!(shown.stderr.contains("not a number, nor `any`"), "{shown}");
    }
}

/// What people registered decides whether a method taken is one someone needs.
#[tokio::test(flavor = "multi_thread")]
async fn a_method_is_not_removed_while_registrations_are_unknown() {
    const TAKES_PHONES: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  allowed: [email, office_phone]\n";
    let (sandbox, scene) = met(TenantState::seeded(Seed::PreMigration), "").await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let scene = scene.file("pilot.yaml", TAKES_PHONES);
    sandbox.fail("GET /v1.0/reports status=403".parse().unwrap());
    let _ = sandbox.take_requests();
    let shown = scene.run(&["apply", "--yes"]).code(3);
    assert!(
        shown.stderr.contains("error    lockout-unknown: ") || shown.stdout.contains("lockout-unknown"),
        "{shown}"
    );
    assert!(shown.to_string().contains("could not read all their registrations"), "{shown}");
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
    let _ = scene.run(&["apply", "--yes", "--allow-stranding"]).code(0);
}
