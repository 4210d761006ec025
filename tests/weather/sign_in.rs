//! Who is signed in, and what happens when that is not enough.

use sspr::sandbox::{Sandbox, Seed, World};

use crate::common::{Scene, Shown};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_the_other_surface_is_exit_77_and_names_the_surface() {
    let sandbox = Sandbox::start(World::seeded(Seed::Fresh)).await.unwrap();
    for (variable, token, surface) in [
        ("SSPR_PORTAL_TOKEN", sandbox.graph_token(), "portal: "),
        ("SSPR_GRAPH_TOKEN", sandbox.portal_token(), "graph: "),
    ] {
        let scene = Scene::against(&sandbox).example("pilot.yaml").env(variable, token);
        let shown: Shown = scene.run(&["plan"]).code(77);
        assert!(shown.stderr.contains(surface), "{shown}");
    }
}
