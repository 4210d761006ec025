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
        ("nobody@contoso.com", "✗ User  there is no user nobody@contoso.com in this tenant"),
        ("farid@contoso.onmicrosoft.com", "✗ Account             the account is disabled"),
        ("ivo@contoso.onmicrosoft.com", "✗ Group               not a member of SSPR-Pilot"),
        (
            "ivo@contoso.onmicrosoft.com",
            "? Administrator role  a role that Microsoft's list of administrators lacks, or not active: Reports Reader",
        ),
        ("hana@contoso.onmicrosoft.com", "? Registered methods  no row in the registration report"),
        (
            "chen@contoso.onmicrosoft.com",
            "? Registered methods  not enough methods yet, by the report (up to 36 hours late): no methods",
        ),
        (
            "bola@contoso.onmicrosoft.com",
            "? Password writeback  the account is synchronised: a reset needs password writeback",
        ),
        (
            "emil_fabrikam.com#EXT#@contoso.onmicrosoft.com",
            "✗ Guest               guests reset their password in their home tenant",
        ),
    ] {
        let shown = scene.run(&["verify", "--user", user]).code(5);
        assert!(shown.stdout.contains(said), "{user}: {said}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_test_is_told_why_and_not_to_register_and_reset() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    for user in &mut tenant.users {
        user.mobile_phone = (user.alias == "chen").then(|| "+1 5555550100".to_owned());
    }
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let others = "sspr people pilot.yaml --only ready";
    for (user, why, next) in [
        ("dana", "Microsoft's own policy applies to administrators, not the spec", "choose someone else: "),
        (
            "emil_fabrikam.com#EXT#",
            "guests reset their password in their home tenant",
            "choose someone else: ",
        ),
        ("farid", "the account is disabled", "enable the account, or choose someone else: "),
        (
            "grace",
            "they have no licence that covers password reset",
            "assign them a licence, or choose someone else: ",
        ),
        ("ivo", "they are not in SSPR-Pilot", "add them to the group, or choose someone else: "),
    ] {
        let shown = scene.run(&["verify", "--user", user]).code(5);
        let said = format!("\n{user}@contoso.onmicrosoft.com cannot test this pilot: {why}.\n");
        assert!(shown.stdout.contains(&said), "{said}\n{shown}");
        assert!(shown.stdout.ends_with(&format!("\nNext: {next}{others}\n")), "{shown}");
        assert!(!shown.stdout.contains("aka.ms"), "{shown}");
    }
    let shown = scene.run(&["verify", "--user", "chen"]).code(0);
    let said = "cannot test this pilot: their numbers and addresses are only in the directory, and none is registered that is enough.\n";
    assert!(shown.stdout.contains(said), "{shown}");
    let next = "\nNext: have them register at https://aka.ms/ssprsetup, or register a method for them, then \
                sspr verify pilot.yaml --user chen@contoso.onmicrosoft.com --watch\n";
    assert!(shown.stdout.ends_with(next) && !shown.stdout.contains("1. register"), "{shown}");
    // For whom nothing can come of it, nothing is waited for.
    let _ = scene.run(&["verify", "--user", "farid", "--watch"]).code(5);
    // Who can test is told how, but not before password reset is on for them.
    let shown = scene.run(&["verify", "--user", "ada"]).code(0);
    assert!(
        shown.stdout.contains("  1. sign out, then reset the password at https://aka.ms/sspr\n"),
        "{shown}"
    );
    let _ = scene.run(&["cleanup", "--yes"]).code(0);
    let shown = scene.run(&["verify", "--user", "ada"]).code(5);
    assert!(
        shown.stdout.contains("ada@contoso.onmicrosoft.com can test once pilot.yaml is applied.\n"),
        "{shown}"
    );
    assert!(!shown.stdout.contains("aka.ms"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_means_no_one_or_several_is_told_with_those_that_are_near() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    sandbox.edit(|tenant| tenant.users[8].alias = "hana@fabrikam.com".to_owned());
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    for (user, said) in [
        ("gr", "✗ User  there is no user gr in this tenant; did you mean grace@contoso.onmicrosoft.com?"),
        (
            "hana",
            "✗ User  several users are called hana: hana@contoso.onmicrosoft.com, hana@fabrikam.com@contoso.onmicrosoft.com",
        ),
    ] {
        let shown = scene.run(&["verify", "--user", user, "--watch"]).code(5);
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writeback_that_takes_another_role_is_unknown_and_hides_nothing_else() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let spec = "version: 1\nnotifications:\n  users: true\nwriteback:\n  enabled: true\n";
    let scene = Scene::against(&sandbox).file("pilot.yaml", spec);
    sandbox.fail("GET /OnPremisesPasswordResetPolicies status=403".parse().unwrap());
    let shown = scene.run(&["verify"]).code(77);
    for said in [
        "Contoso matches pilot.yaml\n",
        "? Write back passwords to the on-premises directory  not readable with this sign-in (Global Administrator; ",
        "✓ 1 setting matches\n",
    ] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    assert!(shown.stderr.contains("hint: to check everything else, pass --except writeback"), "{shown}");
    let shown = scene.run(&["verify", "--except", "writeback"]).code(0);
    assert!(!shown.stdout.contains('?'), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_change_is_told_where_the_audit_log_shows_it() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.edit_as("ivo@contoso.com", |tenant| tenant.policy["notifyUsersOnPasswordReset"] = false.into());
    let said = "\nLast change to password reset: @@TIME@@ UTC";
    let shown = scene.run(&["verify"]).code(5);
    assert!(shown.stdout.contains(&format!("{said} by ivo@contoso.com\n")), "{shown}");
    let shown = scene.run(&["verify", "--format", "markdown"]).code(5);
    assert!(
        shown.stdout.contains("Last change to password reset: ") && !shown.stdout.contains("ivo"),
        "{shown}"
    );
    sandbox.fail("GET /auditLogs status=403".parse().unwrap());
    let shown = scene.run(&["verify"]).code(5);
    assert!(shown.stdout.contains("Last change to password reset: unknown (AuditLog.Read.All; "), "{shown}");
    assert!(shown.stdout.contains("in 1 setting"), "{shown}");
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
