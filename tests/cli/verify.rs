//! What `verify` says of a user who is to test, and of a reset that does not come.

use sspr::sandbox::tenant::{RoleGrant, User};
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn verify_says_of_each_user_why_they_are_no_tester() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    let user = |tenant: &mut TenantState, alias: &str, change: fn(&mut User)| {
        change(tenant.users.iter_mut().find(|user| user.alias == alias).unwrap());
    };
    user(&mut tenant, "bola", |user| user.is_synced = true);
    user(&mut tenant, "ivo", |user| {
        let reports_reader = uuid::Uuid::from_u128(0x4a5d8f65_41da_4de4_8968_e035b65339cf);
        user.roles = vec![RoleGrant::active(reports_reader)];
    });
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    for (user, said) in [
        ("nobody@contoso.com", "no       user: there is no user nobody@contoso.com in this tenant"),
        ("farid@contoso.onmicrosoft.com", "no       account: the account is disabled"),
        ("ivo@contoso.onmicrosoft.com", "no       member: not a member of SSPR-Pilot"),
        (
            "ivo@contoso.onmicrosoft.com",
            "ordinary-user: a role outside the two-gate list, or not active: Reports Reader",
        ),
        ("hana@contoso.onmicrosoft.com", "registered: no row in the registration report"),
        (
            "chen@contoso.onmicrosoft.com",
            "registered: not enough methods yet, by the report (up to 36 hours late): no methods",
        ),
        (
            "bola@contoso.onmicrosoft.com",
            "writeback: the account is synchronised: a reset needs password writeback",
        ),
        (
            "emil_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            "no       guest: guests reset their password in their home tenant",
        ),
    ] {
        let shown = scene.run(&["verify", "--user", user]).code(5);
        assert!(shown.stdout.contains(said), "{user}: {said}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_cannot_be_looked_up_hides_no_difference() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    sandbox.fail("GET /v1.0/users status=403".parse().unwrap());
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    for (format, said) in [
        ("markdown", "### sspr verify: 8 differences from pilot.yaml"),
        ("github", "::error file=pilot.yaml,line=5,col=8,title=group::"),
    ] {
        let user = "ada@contoso.onmicrosoft.com";
        let shown = scene.run(&["verify", "--user", user, "--format", format]).code(77);
        assert!(shown.stdout.contains(said), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_sees_no_reset_says_how_far_the_user_came() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let watch = |user: &str, limit: &str, format: &str| {
        let user = format!("{user}@contoso.onmicrosoft.com");
        let args =
            ["verify", "--user", &user, "--watch", "--pace", "100", "--watch-for", limit, "--format", format];
        scene.run(&args).code(5)
    };
    let shown = watch("ada", "0", "text");
    assert!(shown.stdout.contains("time ran out before the audit log showed anything"), "{shown}");
    for (act, limit, format, said) in [
        ("register", "1", "text", "the furthest the user came: registered security info"),
        ("reset", "60", "markdown", "the service blocked the user: too few methods registered"),
    ] {
        let shown = std::thread::scope(|threads| {
            let watching = threads.spawn(|| watch("chen", limit, format));
            while !watching.is_finished() {
                match act {
                    "register" => sandbox.register("chen", &[]).unwrap(),
                    _ => sandbox.reset_password("chen").unwrap(),
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            watching.join().unwrap()
        });
        assert!(shown.stdout.contains(said), "{shown}");
        assert!(format == "text" || shown.stdout.contains("Audit log"), "{shown}");
    }
}
