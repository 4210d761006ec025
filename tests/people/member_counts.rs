//! What plan and apply say about the people: every count right, names kept out of what is saved.

use sspr::app::observe::SurfaceSelection;
use sspr::sandbox::tenant::{Group, Licence, RoleGrant, id};
use sspr::sandbox::{Seed, TenantState};
use sspr::tenant::MemberCounts;
use uuid::Uuid;

use crate::common::{Bench, spec};

const HELPDESK: Uuid = Uuid::from_u128(0x729827e3_9c14_49f7_bb1b_9608f156bbb8);
const SECURITY_READER: Uuid = Uuid::from_u128(0x5d6b6bb7_de71_4623_b4af_96380a352509);
const PILOT: &str = include_str!("../../examples/pilot.yaml");

async fn people(bench: &Bench) -> MemberCounts {
    sspr::app::observe::observe(&bench.reader, &spec(PILOT), SurfaceSelection::Both)
        .await
        .unwrap()
        .tenant
        .people
}

fn group(name: &str, members: Vec<Uuid>, roles: Vec<RoleGrant>) -> Group {
    Group {
        id: id(name),
        name: name.to_owned(),
        is_security: true,
        members,
        generated: Vec::new(),
        is_membership_hidden: false,
        roles,
        kind: sspr::sandbox::tenant::GroupKind::Assigned,
    }
}

#[tokio::test]
async fn the_pilot_of_the_sandbox_is_counted_as_it_is() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    let people = people(&bench).await;
    assert_eq!(people.members, Some(8));
    assert_eq!((people.admins.count, people.admins.first.len()), (Some(1), 1));
    assert_eq!((people.guests.count, people.disabled.count), (Some(1), Some(1)));
    // Emil, a guest, and Grace.
    assert_eq!(people.unlicensed.count, Some(2));
    assert_eq!(
        (people.other_roles.count, people.eligible.count, people.synced.count),
        (Some(0), Some(0), Some(0))
    );
    assert_eq!(people.is_tenant_licensed, Some(true));
    assert_eq!(people.unread, [""; 0]);
}

#[tokio::test]
async fn an_administrator_only_through_a_role_assignable_group_is_found() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.users.iter_mut().for_each(|user| user.roles.clear());
    tenant.groups.push(group("Collector", vec![id("chen"), id("ivo")], vec![RoleGrant::active(HELPDESK)]));
    tenant.groups.push(group("Readers", vec![id("ada")], vec![RoleGrant::active(SECURITY_READER)]));
    tenant.groups.push(group("Sometimes", vec![id("bola")], vec![RoleGrant::eligible(HELPDESK)]));
    let bench = Bench::start(tenant.clone()).await;
    let small = people(&bench).await;
    assert_eq!(small.admins.first, ["chen@contoso.onmicrosoft.com"]);
    assert_eq!(small.other_roles.first, ["ada@contoso.onmicrosoft.com"]);
    assert_eq!(small.eligible.first, ["bola@contoso.onmicrosoft.com"]);
    // The same people among thousands, where no one reads the whole group for a plan.
    let bench = Bench::start(tenant.with_generated_users(3000)).await;
    let large = people(&bench).await;
    assert_eq!(large.admins.count, Some(1 + 3));
    assert_eq!(large.other_roles, small.other_roles);
    assert_eq!(large.eligible, small.eligible);
}

#[tokio::test]
async fn a_large_group_is_counted_by_the_service_and_every_count_is_right() {
    let mut tenant = TenantState::seeded(Seed::Fresh).with_generated_users(4321);
    tenant.is_hybrid = true;
    let (mut guests, mut disabled, mut unlicensed, mut synced) = (1, 1, 2, 0);
    for i in 0..4321 {
        let person = tenant.generated.person(i);
        guests += u64::from(person.is_guest);
        disabled += u64::from(!person.is_enabled);
        synced += u64::from(person.is_synced);
        let is_covered = match person.licence {
            Licence::P1 | Licence::P2 => true,
            Licence::BusinessStandard => !person.is_synced,
            Licence::None | Licence::P1Suspended => false,
        };
        unlicensed += u64::from(!is_covered);
    }
    let bench = Bench::start(tenant).await;
    let people = people(&bench).await;
    assert_eq!(people.members, Some(4321 + 8));
    assert_eq!(people.guests.count, Some(guests));
    assert_eq!(people.disabled.count, Some(disabled));
    assert_eq!(people.unlicensed.count, Some(unlicensed));
    assert_eq!(people.synced.count, Some(synced));
    assert_eq!(people.admins.count, Some(1 + 5));
    assert_eq!(people.writeback, Some(false));
    let requests = bench.take_requests();
    assert!(requests.len() < 20, "{}", requests.len());
    assert!(requests.iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn what_the_sign_in_may_not_read_is_unknown_and_said() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    let roles = "/v1.0/roleManagement/directory";
    for path in [
        &format!("{roles}/roleAssignments"),
        &format!("{roles}/roleEligibilityScheduleInstances"),
        "/v1.0/directory/onPremisesSynchronization",
    ] {
        bench.sandbox.fail(format!("GET {path} status=403").parse().unwrap());
    }
    let plan = bench.plan(&spec(PILOT)).await;
    assert_eq!((plan.people.members, plan.people.admins, plan.people.guests), (Some(8), None, Some(1)));
    let finding = plan.findings.iter().find(|finding| finding.code == "people-unknown").unwrap();
    assert!(finding.message.contains("RoleManagement.Read.Directory"), "{}", finding.message);
    assert!(plan.findings.iter().all(|finding| finding.code != "admin-in-group"));
}

#[tokio::test]
async fn numbers_in_the_directory_alone_are_told_of_those_whom_a_registered_method_makes_ready() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    let found = async |code: &str| {
        let plan = bench.plan(&spec(PILOT)).await;
        let finding = plan.findings.into_iter().find(|finding| finding.code == code);
        (finding.map(|finding| finding.message), plan.names.get(code).cloned())
    };
    assert_eq!(found("directory-only").await, (None, None));
    bench.sandbox.edit(|tenant| {
        for user in &mut tenant.users {
            user.business_phones = vec!["+1 5555550100".to_owned()];
            user.other_mails = vec![String::new()];
        }
    });
    // Of the others two are ready, four are no matter of methods, and of one the report has no row.
    let said =
        "1 member with numbers or addresses in the directory alone, announced not to count from 2026-11-09";
    let chen = vec!["chen@contoso.onmicrosoft.com".to_owned()];
    assert_eq!(found("directory-only").await, (Some(said.to_owned()), Some(chen)));
    // What they registered is unknown, and so is what they lack.
    bench.fail("GET /userRegistrationDetails status=403");
    assert_eq!(found("directory-only").await, (None, None));
}

#[tokio::test]
async fn names_are_shown_and_never_saved() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    bench.sandbox.edit(|tenant| tenant.users[3].alias = "dana\u{1b}[31m<b>".to_owned());
    let plan = bench.plan(&spec(PILOT)).await;
    let document = sspr::render::plan::document(&plan);
    let (shown, saved) = (
        sspr::render::text::render(&document, &sspr::render::text::Layout::default()),
        sspr::render::json::plan(&plan),
    );
    assert!(shown.contains(r"dana\u{1b}[31m<b>@contoso.onmicrosoft.com"), "{shown}");
    // Hexadecimal digits can spell "ada".
    let saved: String = saved.lines().filter(|line| !line.contains("\"sha256:")).collect();
    for user in &bench.sandbox.tenant().users {
        assert!(!saved.contains(user.alias.as_str()) && !saved.contains(&user.name), "{saved}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_understand_the_lookups_leaves_the_roles_unknown() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh).with_generated_users(3000)).await;
    // The first page is answered; what is asked of it afterwards is not.
    bench.fail("GET /transitiveMembers status=400 2-99");
    let plan = bench.plan(&spec(PILOT)).await;
    assert_eq!((plan.people.members, plan.people.admins), (Some(3008), None));
    let finding = plan.findings.iter().find(|finding| finding.code == "people-unknown").unwrap();
    assert!(finding.message.contains("which members hold a role"), "{}", finding.message);
}

#[tokio::test]
async fn a_service_that_cannot_sort_is_counted_all_the_same() {
    let bench = Bench::start(TenantState::seeded(Seed::Fresh)).await;
    bench.fail("GET /transitiveMembers status=400 1");
    let people = people(&bench).await;
    assert_eq!((people.members, people.admins.count), (Some(8), Some(1)));
}

#[tokio::test]
async fn methods_the_spec_leaves_alone_are_those_the_tenant_honours() {
    use sspr::tenant::Method;
    let unmanaged = spec("version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n");
    for seed in [Seed::PreMigration, Seed::MidMigration, Seed::Migrated, Seed::NullState] {
        let bench = Bench::start(TenantState::seeded(seed)).await;
        // Only a toggle allows the mobile phone, only Graph's policy e-mail.
        bench.sandbox.edit(|tenant| {
            for method in Method::ALL {
                tenant.policy[method.field()] = (method == Method::MobilePhone).into();
            }
        });
        let place =
            sspr::app::observe::find(&bench.reader, &unmanaged, SurfaceSelection::Both).await.unwrap();
        let rule = sspr::plan::ResetPolicy::rule(&unmanaged, &place.tenant, true);
        let allowed = rule.allowed.unwrap();
        let (legacy, graph) = (Method::MobilePhone, Method::Email);
        let has = (allowed.contains(&legacy), allowed.contains(&graph));
        let (expected, is_migrated) = match seed {
            Seed::PreMigration => ((true, false), false),
            Seed::MidMigration => ((true, true), false),
            _ => ((false, true), true),
        };
        assert_eq!((has, rule.is_migrated), (expected, Some(is_migrated)), "{seed:?}");
    }
}

#[tokio::test]
async fn the_impact_is_known_though_the_spec_leaves_methods_alone() {
    use sspr::tenant::Surface;
    let unmanaged = spec("version: 1\ngroup: SSPR-Pilot\n");
    for seed in [Seed::PreMigration, Seed::MidMigration, Seed::Migrated, Seed::Fresh] {
        let bench = Bench::start(TenantState::seeded(seed)).await;
        bench.sandbox.edit(|tenant| tenant.policy["enablementType"] = 0.into());
        let plan = bench.plan(&unmanaged).await;
        let reach = plan.findings.iter().find(|finding| finding.code == "reach").unwrap();
        assert!(!reach.message.contains("unknown number"), "{seed:?} {}", reach.message);
        assert!(reach.message.contains("Ready to reset: 0 people today"), "{seed:?} {}", reach.message);
        // It is looked at, and no one's to write or to compare.
        assert!(plan.changes.iter().all(|change| change.surface == Surface::Portal), "{:?}", plan.changes);
        let baseline = plan.baseline;
        bench.sandbox.edit(|tenant| {
            tenant.methods["authenticationMethodConfigurations"][0]["state"] = "enabled".into()
        });
        assert_eq!(bench.plan(&unmanaged).await.baseline, baseline, "{seed:?}");
    }
}
