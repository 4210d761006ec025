//! Markdown pages beyond the ordinary: what a pull request or a job's summary shows when something is odd.

use serde_json::json;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

const ADMINS: &str = "version: 1\nadministrators:\n  allow_sspr: false\n";

async fn start(seed: Seed) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    (sandbox, scene)
}

fn page(scene: &Scene, args: &[&str], code: i32) -> Shown {
    scene.run(&[args, &["--format", "markdown"]].concat()).code(code)
}

#[track_caller]
fn assert_has(shown: &Shown, said: &[&str]) {
    for said in said {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_what_the_audit_log_shows_or_why_it_does_not() {
    let (sandbox, scene) = start(Seed::Fresh).await;
    let scene = scene.file("pilot.yaml", ADMINS);
    sandbox.audit(|log| log.lag = 100);
    let shown = page(&scene, &["apply", "--yes", "--prove=0"], 5);
    assert_has(
        &shown,
        &["\nNot proved: the audit log did not show it", "\n- Audit: nothing yet of `authorizationPolicy`\n"],
    );
    sandbox.audit(|log| log.lag = 0);
    let scene = scene.file("pilot.yaml", ADMINS.replace("false", "true"));
    let shown = page(&scene, &["apply", "--yes", "--prove"], 0);
    assert_has(&shown, &["\n- Audit: `Update authorization policy` of `authorizationPolicy` at "]);
    let page = "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/PasswordResetMenuBlade/~/AdminPasswordResetPolicy";
    assert_has(&shown, &[&format!("[Password reset \\> Administrators]({page})")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_methods_that_come_and_go_and_fields_no_setting_says() {
    let (sandbox, scene) = start(Seed::Configured).await;
    let shown = page(&scene, &["apply", "--yes", "--allow-lockout"], 0);
    assert_has(&shown, &["<br>+ ", "<br>- "]);
    sandbox.edit(|tenant| tenant.policy["futureNested"] = json!("theirs"));
    let shown = page(&scene, &["rollback", "--yes", "--overwrite-changes"], 0);
    assert_has(&shown, &["| Other fields: `futureNested` |", "| `futureNested` |"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_what_could_not_be_read_of_people() {
    let (sandbox, scene) = start(Seed::Fresh).await;
    sandbox.fail("GET /roleManagement/directory/roleAssignments status=403".parse().unwrap());
    let shown = page(&scene, &["people"], 0);
    assert_has(&shown, &["Unknown, because it could not be read: ", "### sspr people: "]);
    let shown = page(&scene, &["doctor", "--probe"], 0);
    assert_has(&shown, &["Undocumented behaviour of the service"]);
}
