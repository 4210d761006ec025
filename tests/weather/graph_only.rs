//! The half that an application can do, and the words for the other.

use sspr::sandbox::{Sandbox, Seed, World};

use crate::common::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn an_application_plans_and_applies_graphs_half_and_says_what_is_left_to_click() {
    let mut world = World::seeded(Seed::Fresh);
    world.methods["policyMigrationState"] = "migrationComplete".into();
    let sandbox = Sandbox::start(world).await.unwrap();
    let scene = Scene::against(&sandbox)
        .example("pilot.yaml")
        .env("SSPR_GRAPH_TOKEN", sandbox.application_token())
        .env("SSPR_PORTAL_TOKEN", "");
    let policy = sandbox.world().policy;
    let shown = scene.run(&["plan"]).code(77);
    assert!(shown.stderr.contains("portal: not signed in"), "{shown}");
    let shown = scene.run(&["plan", "--graph-only"]).code(0);
    for said in [
        "what it holds is unknown",
        "Self service password reset enabled: Selected  [portal: scope]",
        "Select group: SSPR-Pilot (",
        "Number of methods required to reset: 1  [portal: methods.required]",
        "Require users to register when signing in: Yes",
    ] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    assert!(!shown.stdout.contains("Methods available to users: Email"), "{shown}");
    let shown = scene.run(&["apply", "--graph-only", "--yes"]).code(0);
    assert!(shown.stdout.contains("Graph's half of the tenant matches pilot.yaml"), "{shown}");
    assert!(shown.stdout.contains("[portal: scope]"), "{shown}");
    assert_eq!(sandbox.world().policy, policy);
    let requests = sandbox.take_requests();
    assert!(requests.iter().all(|request| request.target.starts_with("/v1.0/")), "{requests:?}");
    assert!(requests.iter().any(|request| request.method == "PATCH"), "{requests:?}");
    let shown = scene.run(&["plan", "--graph-only", "--detailed-exitcode"]).code(0);
    assert!(shown.stdout.contains("[portal: scope]"), "{shown}");
}
