//! Two hundred tenants with a dozen kinds of trouble among them: a truthful table, and a rerun that takes up what is left.

use std::collections::BTreeMap;
use std::time::Duration;

use sspr::app::fleet::{FleetRequest, MaxFailures, TenantLimits, TenantRequest};
use sspr::app::{self, Always, ApplyFile, ApplyRequest, Silent};
use sspr::outcome::fleet::{FleetRun, FleetVerb, TenantResult, TenantRow};
use sspr::render::fleet::{json, page};
use sspr::render::markdown;
use sspr::sandbox::TenantState;
use sspr::spec_file::fleet::{Selection, Shard, load};
use sspr::stop::Stop;

use super::bench::{Tenants, Trouble, file, name, results};

use TenantResult::{Done, Failed, NoChanges, NotSignedIn, NotTried, PartWay, Refused, Unknown};

const MANY: usize = 200;
const WAVES: [&str; 3] = ["canary", "early", "rest"];
/// Little, so that two hundred of them are soon written.
const SPEC: &str = "group: SSPR-Pilot\nmethods: {required: 1}\nnotifications: {users: true}";

/// Returns the fleet file: two tenants in the first wave, ten in the second.
fn fleet_file(own: &BTreeMap<usize, &str>) -> String {
    let tenant = |number: usize| {
        let wave = WAVES[usize::from(number > 2) + usize::from(number > 12)];
        let own = own.get(&number).map(|own| format!(", spec: {own}")).unwrap_or_default();
        (name(number), format!("wave: {wave}{own}"))
    };
    file(&WAVES, SPEC, &(1..=MANY).map(tenant).collect::<Vec<_>>())
}

/// Lets a tenant be all that a pilot finds, one by one; returns what each of them comes to.
fn trouble(tenants: &mut Tenants) -> BTreeMap<usize, TenantResult> {
    let fail = |number: usize, rule: &str| tenants.tenant(number).fail(rule.parse().unwrap());
    // It is never answered, and the time of its tenant is over.
    fail(20, "GET /v1.0/groups hang");
    fail(30, "GET /v1.0/groups status=403");
    fail(40, "PUT /api/PasswordReset lying-success");
    // Both are as well as any other, only slower.
    fail(50, "GET /v1.0 throttle=0 1-2");
    fail(51, "PUT /api/PasswordReset landed-then-reset 1");
    fail(60, "GET /api/PasswordReset body={\"enablementType\":");
    fail(61, "GET /v1.0/groups truncated");
    // Someone edits it between the plan and the write.
    let moved = tenants.tenant(70);
    moved.fail_and_edit("GET /api/PasswordReset none 1".parse().unwrap(), |tenant| {
        tenant.policy["notifyUsersOnPasswordReset"] = false.into();
    });
    tenants.tenant(80).edit(|tenant| tenant.groups.retain(|group| group.name != "SSPR-Pilot"));
    fail(100, "PUT /api/PasswordReset status=403");
    tenants.locked = BTreeMap::from([
        (name(110), Trouble::OtherTenant),
        (name(120), Trouble::NotSignedIn),
        (name(130), Trouble::Panics),
    ]);
    BTreeMap::from([
        (20, Failed),
        (30, NotSignedIn),
        (40, PartWay),
        (60, Failed),
        (61, Failed),
        (70, Refused),
        (80, Refused),
        // It is open to everyone by its own spec, which a guard forbids.
        (90, Refused),
        (100, NotSignedIn),
        (110, Refused),
        (120, NotSignedIn),
        (130, Failed),
    ])
}

fn limited(request: FleetRequest<'_>) -> FleetRequest<'_> {
    let mut each = request.each;
    each.writing.wait = Duration::from_millis(200);
    FleetRequest {
        parallel: 16,
        max_failures: Some(MaxFailures::Percent(10)),
        limits: TenantLimits { time: Duration::from_secs(12), ..request.limits },
        each,
        ..request
    }
}

/// Returns everything of a tenant, with its own names and ids in place of those of any other.
fn plain(tenant: &TenantState) -> String {
    let mut text = serde_json::to_string(tenant).unwrap();
    let ids = tenant.groups.iter().map(|group| group.id).chain(tenant.users.iter().map(|user| user.id));
    for (at, id) in ids.chain([tenant.tenant_id]).enumerate() {
        text = text.replace(&id.to_string(), &format!("id-{at}"));
    }
    text.replace(&tenant.domains[0], "domain").replace(&tenant.tenant_name, "name")
}

/// Returns a tenant's state after `apply` on it alone.
async fn alone(file: &str) -> String {
    let tenants = Tenants::start(file).await;
    let tenant = &tenants.fleet.tenants()[0];
    let session = tenants.open(tenant, Stop::default()).await.unwrap();
    let file = ApplyFile { spec: tenant.spec.clone(), reviewed: None };
    let TenantRequest { overrides, writing, .. } = tenants.request(FleetVerb::Apply).each;
    let request = ApplyRequest { file: &file, is_graph_only: false, overrides, writing };
    app::apply(&session, request, &Silent, &Always).await.unwrap();
    plain(&tenants.tenant(1).tenant())
}

fn row(run: &FleetRun, number: usize) -> &TenantRow {
    run.rows.iter().find(|row| row.place == number).unwrap()
}

#[test]
fn an_override_that_makes_an_invalid_spec_is_told_with_its_tenant_before_any_request() {
    let file = fleet_file(&BTreeMap::from([(95, "{methods: {required: 7}}")]));
    let refused = load("fleet.yaml", file.as_bytes()).unwrap_err().render(false);
    assert!(refused.contains("tenant-0095.example") && refused.contains('7'), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_tenants_with_a_dozen_troubles_end_with_a_truthful_table_and_a_rerun() {
    let file = fleet_file(&BTreeMap::from([(90, "{group: null, scope: all}")]));
    let mut tenants = Tenants::start(&file).await;
    let expected = trouble(&mut tenants);
    let run = tenants.run(limited(tenants.request(FleetVerb::Apply))).await;
    assert_eq!((run.rows.len(), run.exit, &run.stopped), (MANY, 4, &None), "{:?}", run.counts());
    for (at, row) in run.rows.iter().enumerate() {
        let result = expected.get(&(at + 1)).copied().unwrap_or(Done);
        assert_eq!((row.place, row.result), (at + 1, result), "{row:#?}");
        assert_eq!(row.result == Done, row.exit == 0 && row.run.is_some(), "{row:#?}");
        assert!(row.why.is_some() || row.result == Done, "{row:#?}");
    }
    // What went wrong nowhere is as if it had been alone.
    let as_alone = alone(&file).await;
    for number in (1..=MANY).filter(|number| !expected.contains_key(number)) {
        assert_eq!(plain(&tenants.tenant(number).tenant()), as_alone, "{number}");
    }
    // What was refused or failed before a write is as it was.
    for number in [30, 60, 61, 90, 110, 120, 130] {
        let untouched = TenantState::named(&name(number), sspr::sandbox::Seed::default());
        assert_eq!(plain(&tenants.tenant(number).tenant()), plain(&untouched), "{number}");
    }
    assert!(markdown::render(&page(&run)).len() < 65_536);
    assert_eq!(FleetRun::parse(json(&run).as_bytes()).as_ref(), Ok(&run));

    // All of them are healed, and only they are taken up.
    let left: Vec<usize> =
        tenants.left(FleetVerb::Apply).iter().map(|tenant| number(&tenant.tenant)).collect();
    assert_eq!(left, expected.keys().copied().collect::<Vec<_>>());
    tenants.locked.clear();
    for number in &left {
        tenants.tenant(*number).heal();
        tenants.sandbox.of(&name(*number)).unwrap().unwrap().edit(|tenant| {
            if tenant.groups.iter().all(|group| group.name != "SSPR-Pilot") {
                *tenant = TenantState::named(&name(80), sspr::sandbox::Seed::default());
            }
        });
    }
    let mut again = limited(tenants.request(FleetVerb::Apply));
    again.tenants = tenants.left(FleetVerb::Apply);
    again.each.overrides.all_users = true;
    let run = tenants.run(again).await;
    assert_eq!((results(&run), run.exit), (vec![Done; expected.len()], 0), "{run:#?}");
    assert!(tenants.left(FleetVerb::Apply).is_empty());
    assert_eq!(row(&run, 120).place, 120);
}

fn number(tenant: &str) -> usize {
    tenant["tenant-".len()..tenant.find('.').unwrap()].parse().unwrap()
}

#[tokio::test]
async fn shards_together_are_one_run() {
    let mut tenants = Tenants::in_waves(&[("canary", 4), ("rest", 20)]).await;
    tenants.locked = BTreeMap::from([(name(7), Trouble::NotSignedIn)]);
    let whole = tenants.run(tenants.request(FleetVerb::Plan)).await;
    let mut rows = Vec::new();
    for shard in Shard::all(4) {
        let selection = Selection { shard: Some(shard), ..Selection::default() };
        let mut request = tenants.request(FleetVerb::Plan);
        (request.tenants, request.shard) =
            (tenants.fleet.select(&selection).unwrap(), Some(shard.to_string()));
        let run = tenants.run(request).await;
        assert_eq!((run.shard.clone(), run.fleet.tenants), (Some(shard.to_string()), 24));
        rows.extend(FleetRun::parse(json(&run).as_bytes()).unwrap().rows);
    }
    rows.sort_by_key(|row| row.place);
    assert_eq!(rows, whole.rows);
}

#[tokio::test]
async fn a_run_that_is_killed_tells_what_it_did_what_is_unknown_and_what_it_never_tried() {
    let tenants = Tenants::in_waves(&[("canary", 2), ("early", 2), ("rest", 2)]).await;
    tenants.tenant(3).fail("PUT /api/PasswordReset landed-then-hang 1".parse().unwrap());
    tenants.tenant(4).fail("PATCH /v1.0/policies hang 1".parse().unwrap());
    {
        let killed = tenants.run(tenants.request(FleetVerb::Apply));
        let both_hang =
            crate::common::until(|| tenants.tenant(3).is_held_up() && tenants.tenant(4).is_held_up());
        tokio::select! {
            run = killed => panic!("it ended: {run:#?}"),
            () = both_hang => {}
        }
    }
    let names: Vec<String> = (1..=6).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let last = tenants.records(FleetVerb::Apply).last_results(&names).unwrap().unwrap();
    let results_of: Vec<TenantResult> = names.iter().map(|name| last[*name]).collect();
    assert_eq!(results_of, [Done, Done, Unknown, Unknown, NotTried, NotTried]);
    for number in [3, 4] {
        tenants.tenant(number).heal();
    }
    let mut again = tenants.request(FleetVerb::Apply);
    again.tenants = tenants.left(FleetVerb::Apply);
    let run = tenants.run(again).await;
    // The write whose answer never came had landed.
    assert_eq!((results(&run), run.exit), (vec![NoChanges, Done, Done, Done], 0), "{run:#?}");
}
