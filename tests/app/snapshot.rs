//! A plan against a snapshot is the plan against the tenant it was taken from.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use sspr::app::observe::{SurfaceSelection, fetch_inventory, find, observe};
use sspr::app::{
    self, PeopleRequest, PlanRequest, ReportRequest, Session, Silent, SnapshotFile, SnapshotRequest,
    VerifyReport, VerifyRequest, open_snapshot,
};
use sspr::client::{ClientConfig, Cloud, Credentials, Endpoints, Pace, connect, connect_snapshot};
use sspr::error::{Exit, Failure};
use sspr::outcome::pilot_report::{Report, Trend};
use sspr::plan::{Overrides, Plan, PlanOptions};
use sspr::render::text::{self, Layout};
use sspr::render::{self, json as documents};
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::Spec;
use sspr::tenant::Snapshot;

use super::laws::{any_spec, any_state, runtime};
use crate::common::{Bench, NOW, config, spec};

const PILOT: &str = "version: 1\ngroup: SSPR-Pilot\nmethods: {required: 1, allowed: [email, mobile_phone]}\n";
const ROLLOUT: &str = "version: 1\ngroup: SSPR-Pilot\nrollout:\n  open: 2\n  rings:\n    - group: SSPR-Ring-IT\n    \
    - group: SSPR-Ring-Office\n      after: {ready: 80%, days: 7, resets: 1}\n    - group: SSPR-Ring-Plants\n";

async fn bench(tenant: TenantState) -> Bench {
    let reports = Pace { requests: 500, per: Duration::from_secs(1) };
    let bench = Bench::start_with(tenant, ClientConfig { reports, ..config() }).await;
    bench.sandbox.limit_reports(usize::MAX, Duration::ZERO);
    bench
}

/// A session with a snapshot's text, in the place of a tenant.
fn against(text: &str, live: &Session) -> Session {
    let file = SnapshotFile { path: "s.json", bytes: text.as_bytes(), max_age: None, is_portal_only: false };
    let (snapshot, mark) = open_snapshot(file, None, |_| live.clock).unwrap();
    let endpoints = Endpoints::new(Cloud::Public, None, None).unwrap();
    let (reader, writer) = connect_snapshot(snapshot, &endpoints, &config()).unwrap();
    Session { reader, writer, snapshot: Some(mark), ..live.clone() }
}

async fn take(live: &Session, spec: &Spec, with_people: bool) -> Result<Snapshot, Failure> {
    let request = SnapshotRequest { spec: Some(spec), is_graph_only: false, with_people };
    app::snapshot(live, request, &Silent).await
}

async fn plan(session: &Session, spec: &Spec, is_graph_only: bool) -> Result<Plan, Failure> {
    let overrides = Overrides { max_people: Some(1000), ..Overrides::default() };
    app::plan(session, PlanRequest { spec, is_graph_only, overrides }, &Silent).await
}

/// Every form of a plan, without the mark that says what it was read from.
fn forms(plan: Plan) -> [String; 3] {
    let plan = Plan { snapshot: None, ..plan };
    let document = render::plan::document(&plan);
    let whole = Layout { is_whole: true, ..Layout::default() };
    [documents::plan(&plan), text::render(&document, &whole), render::markdown::render(&document)]
}

async fn assert_same(bench: &Bench, spec: &Spec) {
    let live = bench.session();
    let wanted = plan(&live, spec, false).await.unwrap();
    for with_people in [false, true] {
        let snapshot = take(&live, spec, with_people).await.unwrap();
        bench.sandbox.take_requests();
        let read = against(&snapshot.text(), &live);
        let planned = plan(&read, spec, false).await.unwrap();
        assert!(bench.sandbox.take_requests().is_empty(), "a snapshot was asked, and the tenant was too");
        let wanted = if with_people { wanted.clone() } else { wanted.clone().without_names() };
        let planned = if with_people { planned } else { planned.without_names() };
        for (planned, wanted) in forms(planned).into_iter().zip(forms(wanted)) {
            assert_eq!(planned, wanted, "with people: {with_people}");
        }
        let half = plan(&read, spec, true).await.unwrap();
        assert_eq!(
            documents::plan(&Plan { snapshot: None, ..half }),
            documents::plan(&plan(&live, spec, true).await.unwrap())
        );
    }
}

#[tokio::test]
async fn a_plan_of_every_seed_is_the_same_from_a_snapshot() {
    for seed in Seed::ALL {
        let bench = bench(TenantState::seeded(seed)).await;
        assert_same(&bench, &spec(PILOT)).await;
        assert_same(
            &bench,
            &spec(
                "version: 1\nscope: all\nadministrators: {allow_sspr: false}\nwriteback: {enabled: true}\n",
            ),
        )
        .await;
    }
}

#[tokio::test]
async fn a_group_of_many_pages_is_counted_in_a_snapshot_as_the_service_counts_it() {
    let bench = bench(TenantState::seeded(Seed::Fresh).with_generated_users(2_500)).await;
    assert_same(&bench, &spec(PILOT)).await;
}

#[tokio::test]
async fn a_roll_out_is_the_same_with_people_and_its_people_are_unknown_without() {
    let bench = bench(TenantState::seeded(Seed::Rings)).await;
    let (live, spec) = (bench.session(), spec(ROLLOUT));
    let wanted = plan(&live, &spec, false).await.unwrap();
    let with = against(&take(&live, &spec, true).await.unwrap().text(), &live);
    let planned = plan(&with, &spec, false).await.unwrap();
    assert_eq!(forms(planned), forms(wanted));
    let without = against(&take(&live, &spec, false).await.unwrap().text(), &live);
    let planned = plan(&without, &spec, false).await.unwrap();
    assert!(planned.is_refused(), "a gate that nobody can judge holds");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_of_any_tenant_is_the_same_from_a_snapshot(
        spec in any_spec(),
        state in any_state(),
        seed in 0..Seed::ALL.len(),
        has_people: bool,
        has_report: bool,
        flips: [u8; 12],
        closed in proptest::sample::subsequence(CLOSABLE.to_vec(), 0..4),
    ) {
        let seeded = TenantState::seeded(Seed::ALL[seed]);
        // Whose people, groups and methods; and anyone's policy.
        let mut tenant = TenantState { policy: state.policy, ..seeded };
        for (user, flips) in tenant.users.iter_mut().zip(flips.into_iter().cycle()) {
            user.is_enabled ^= flips & 1 != 0;
            user.is_guest ^= flips & 2 != 0;
            user.is_synced ^= flips & 4 != 0;
            user.is_reported ^= flips & 8 != 0;
            user.methods.retain(|_| flips & 16 == 0);
        }
        if !has_people {
            tenant.groups.iter_mut().for_each(|group| group.members.clear());
        }
        runtime().block_on(async {
            let bench = bench(tenant).await;
            if !has_report {
                bench.fail("GET /v1.0/reports status=403");
            }
            for path in closed {
                bench.fail(&format!("GET {path} status=403"));
            }
            let live = bench.session();
            if plan(&live, &spec, false).await.is_ok() {
                assert_same(&bench, &spec).await;
            }
        });
    }
}

/// What a sign-in may be refused, and a plan goes on without or ends alike.
const CLOSABLE: [&str; 6] = [
    "/v1.0/subscribedSkus",
    "/v1.0/directory/onPremisesSynchronization",
    "/v1.0/roleManagement/directory/roleAssignments",
    "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances",
    "/v1.0/policies/authorizationPolicy",
    "/api/PasswordReset/OnPremisesPasswordResetPolicies",
];

#[tokio::test]
async fn the_same_tenant_gives_the_same_bytes_and_no_row_of_anyone_unless_asked() {
    for seed in [Seed::Fresh, Seed::Rings] {
        let tenant = TenantState::seeded(seed);
        let (one, two) = (bench(tenant.clone()).await, bench(tenant.clone()).await);
        let spec = spec(if seed == Seed::Rings { ROLLOUT } else { PILOT });
        for with_people in [false, true] {
            let text = take(&one.session(), &spec, with_people).await.unwrap().text();
            assert_eq!(text, take(&two.session(), &spec, with_people).await.unwrap().text());
            let named: Vec<String> = tenant
                .users
                .iter()
                .flat_map(|user| [user.id.to_string(), user.name.clone(), format!("{}@", user.alias)])
                .filter(|name| text.to_lowercase().contains(&name.to_lowercase()))
                .collect();
            assert_eq!(named.is_empty(), !with_people, "{named:?}");
            assert!(!text.contains("+47") && !text.contains("555"), "no number of anyone is kept");
        }
    }
}

#[tokio::test]
async fn people_and_testers_are_read_from_a_snapshot_with_people_alone() {
    let bench = bench(TenantState::seeded(Seed::Fresh)).await;
    let (live, spec) = (bench.session(), spec(PILOT));
    let request = PeopleRequest { spec: &spec, is_graph_only: false, wants_report: true, gate: None };
    let verified = |user| VerifyRequest {
        spec: &spec,
        is_graph_only: false,
        allows_unread: false,
        user: Some(user),
        watch: None,
    };
    let with = against(&take(&live, &spec, true).await.unwrap().text(), &live);
    let wanted = app::people(&live, request, &Silent).await.unwrap();
    let found = app::people(&with, request, &Silent).await.unwrap();
    assert_eq!(format!("{:?}", found.survey), format!("{:?}", wanted.survey));
    let user = "ada@contoso.onmicrosoft.com";
    let wanted = app::verify(&live, verified(user), &Silent).await.unwrap();
    let found = app::verify(&with, verified(user), &Silent).await.unwrap();
    let said = |report: &VerifyReport| -> Vec<String> {
        report
            .found
            .checks
            .iter()
            .map(|check| format!("{} {:?} {}", check.name, check.ok, check.message))
            .collect()
    };
    // By which groups somebody is in the pilot group is asked for each person.
    let wanted_checks = said(&wanted).join("\n").replace("directly in SSPR-Pilot", "in SSPR-Pilot");
    assert_eq!(said(&found).join("\n"), wanted_checks);
    assert_eq!(found.exit, wanted.exit);
    let stranger = app::verify(&with, verified("nobody@contoso.com"), &Silent).await.unwrap_err();
    assert_eq!(
        (stranger.exit, stranger.to_string().as_str()),
        (Exit::Refused, "the snapshot does not hold a user `nobody@contoso.com`")
    );

    let without = against(&take(&live, &spec, false).await.unwrap().text(), &live);
    for failure in [
        app::people(&without, request, &Silent).await.map(drop).unwrap_err(),
        app::verify(&without, verified(user), &Silent).await.map(drop).unwrap_err(),
    ] {
        assert_eq!(failure.exit, Exit::Refused);
        assert!(
            failure.to_string().starts_with("the snapshot was taken without people, and `sspr "),
            "{failure}"
        );
    }
}

/// What the service answered with no list is no list of nobody.
#[tokio::test]
async fn what_was_no_list_when_a_snapshot_was_taken_is_as_unknown_to_whoever_reads_it() {
    const LISTS: [&str; 3] = [
        "/v1.0/roleManagement/directory/roleAssignments",
        "/v1.0/reports/authenticationMethods/userRegistrationDetails",
        "/v1.0/auditLogs/directoryAudits",
    ];
    for list in LISTS {
        let bench = bench(TenantState::seeded(Seed::Fresh)).await;
        let (live, spec) = (bench.session(), spec(PILOT));
        bench.fail(&format!("GET {list} null-list"));
        let with = against(&take(&live, &spec, true).await.unwrap().text(), &live);
        let request = PeopleRequest { spec: &spec, is_graph_only: false, wants_report: true, gate: None };
        let wanted = app::people(&live, request, &Silent).await.unwrap();
        let found = app::people(&with, request, &Silent).await.unwrap();
        assert_eq!(format!("{:?}", found.survey), format!("{:?}", wanted.survey), "{list}");
        let request = ReportRequest { spec: &spec, is_graph_only: false, days: 30 };
        let found = app::report(&with, request, &Silent).await.unwrap();
        let wanted = app::report(&live, request, &Silent).await.unwrap();
        assert!(!wanted.unread.is_empty(), "{list}");
        assert_eq!(found.unread, wanted.unread, "{list}");
    }
}

#[tokio::test]
async fn a_report_keeps_no_count_of_a_snapshot_and_says_what_it_lacks() {
    let bench = bench(TenantState::seeded(Seed::Fresh)).await;
    let (live, spec) = (bench.session(), spec(PILOT));
    let request = ReportRequest { spec: &spec, is_graph_only: false, days: 30 };
    let without = against(&take(&live, &spec, false).await.unwrap().text(), &live);
    let report = app::report(&without, request, &Silent).await.unwrap();
    assert_eq!((report.summary.members, report.summary.ready), (8, 0));
    let lacks = report.unread.join("; ");
    assert!(lacks.contains("who the group's members are (the snapshot was taken without people)"), "{lacks}");
    assert!(lacks.contains("the audit log (the snapshot was taken without people)"), "{lacks}");
    let with = against(&take(&live, &spec, true).await.unwrap().text(), &live);
    let found = app::report(&with, request, &Silent).await.unwrap();
    assert!(!bench.state.root().exists() || bench.state.root().read_dir().unwrap().next().is_none());
    let wanted = app::report(&live, request, &Silent).await.unwrap();
    let shown = |report: Report| {
        let report = Report { snapshot: None, trend: Trend::default(), ..report };
        render::markdown::render(&render::report::document(&report))
    };
    assert_eq!(shown(found), shown(wanted));
}

#[tokio::test]
async fn what_a_snapshot_does_not_hold_is_refused_by_name() {
    let bench = bench(TenantState::seeded(Seed::Fresh)).await;
    let live = bench.session();
    let taken = take(&live, &spec(PILOT), false).await.unwrap();
    let read = against(&taken.text(), &live);
    let other = spec("version: 1\ngroup: Other-Group\nregistration: {required: true}\n");
    let failure = plan(&read, &other, false).await.unwrap_err();
    assert_eq!(failure.to_string(), "the snapshot does not hold a group called `Other-Group`");
    assert_eq!(failure.exit, Exit::Refused);
    assert_eq!(failure.hints, ["take a new snapshot that has it: sspr snapshot --out FILE"]);

    bench.fail("GET /api/PasswordReset/OnPremisesPasswordResetPolicies status=403");
    let closed = against(&take(&live, &spec(PILOT), false).await.unwrap().text(), &live);
    let writeback = spec("version: 1\nwriteback: {enabled: true}\n");
    let failure = plan(&closed, &writeback, false).await.unwrap_err();
    assert_eq!(failure.exit, Exit::NotSignedIn, "{failure}: closed then is closed now");

    let request = SnapshotRequest { spec: None, is_graph_only: true, with_people: false };
    let half = against(&app::snapshot(&live, request, &Silent).await.unwrap().text(), &live);
    let failure =
        plan(&half, &spec("version: 1\nregistration: {required: true}\n"), false).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Refused);
    assert!(failure.hints.iter().any(|hint| hint.contains("--graph-only")), "{:?}", failure.hints);
}

#[tokio::test]
async fn what_the_one_who_took_it_might_not_read_is_refused_and_what_is_good_to_know_is_as_unknown() {
    let bench = bench(TenantState::seeded(Seed::Fresh)).await;
    let token = bench.sandbox.graph_token_with("Organization.Read.All GroupMember.Read.All User.Read.All");
    let endpoints =
        Endpoints::new(Cloud::Public, Some(&bench.sandbox.root()), Some(&bench.sandbox.root())).unwrap();
    let credentials = Credentials::ready(token.into(), bench.sandbox.portal_token().into()).unwrap();
    let (reader, writer) = connect(&endpoints, credentials, &config()).unwrap();
    let live = Session { reader, writer, ..bench.session() };
    let open = spec("version: 1\ngroup: SSPR-Pilot\nregistration: {required: true}\n");
    let read = against(&take(&live, &open, true).await.unwrap().text(), &live);
    let (planned, wanted) =
        (plan(&read, &open, false).await.unwrap(), plan(&live, &open, false).await.unwrap());
    assert!(wanted.findings.iter().any(|finding| finding.code == "people-unknown"), "{:?}", wanted.findings);
    assert_eq!(forms(planned), forms(wanted));
    let failure = plan(&read, &spec(PILOT), false).await.unwrap_err();
    assert_eq!(
        (failure.exit, failure.to_string().as_str()),
        (
            Exit::Refused,
            "the sign-in that took the snapshot could not read the Authentication methods policy (Policy.Read.AuthenticationMethod)"
        )
    );
    bench.take_requests();
}

#[tokio::test]
async fn a_snapshot_can_never_be_written_to() {
    let bench = bench(TenantState::seeded(Seed::Fresh)).await;
    let live = bench.session();
    let read = against(&take(&live, &spec(PILOT), false).await.unwrap().text(), &live);
    let sent = read.writer.write_object(&sspr::tenant::Resource::Writeback, &json!({})).await;
    assert!(sent.unwrap_err().to_string().starts_with("the snapshot does not hold what is written"));
}

/// A value that no snapshot has in a place, of every kind.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null, 1, {"id": 1}, {"id": "00000000-0000-0000-0000-000000000000"}])),
        Just(json!({"value": [], "count": u64::MAX, "people": u64::MAX})),
    ]
}

/// Every place in a document, as JSON pointers.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    all.push(here.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| places(item, &format!("{here}/{at}"), all));
        }
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            places(field, &format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")), all);
        }),
        _ => {}
    }
}

/// Snapshots with and without people, and the place of everything in them.
fn whole() -> &'static [(Value, Vec<String>)] {
    static WHOLE: OnceLock<Vec<(Value, Vec<String>)>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let mut whole = Vec::new();
        for with_people in [false, true] {
            let text = runtime().block_on(async {
                let bench = bench(TenantState::seeded(Seed::Rings)).await;
                take(&bench.session(), &spec(ROLLOUT), with_people).await.unwrap().text()
            });
            let document = serde_json::from_str(&text).unwrap();
            let mut all = Vec::new();
            places(&document, "", &mut all);
            whole.push((document, all));
        }
        whole
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever somebody writes into a snapshot and seals again is refused or read, and is no panic.
    #[test]
    fn nothing_in_a_snapshot_ends_a_plan_otherwise_than_in_a_plan_or_an_error(
        with_people: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_value()), 1..4),
    ) {
        let (document, places) = &whole()[usize::from(with_people)];
        let mut document = document.clone();
        for (at, value) in changes {
            let place: &String = at.get(places);
            if let Some(place) = document.pointer_mut(place) {
                *place = value;
            }
        }
        if document.is_object() {
            document["digest"] = json!(sspr::digest::of_document(&document));
        }
        let Ok(snapshot) = Snapshot::parse(document.to_string().as_bytes()) else { return Ok(()) };
        prop_assert_eq!(Snapshot::parse(snapshot.text().as_bytes()), Ok(snapshot.clone()));
        let endpoints = Endpoints::new(Cloud::Public, None, None).unwrap();
        let (reader, _) = connect_snapshot(Arc::new(snapshot), &endpoints, &config()).unwrap();
        runtime().block_on(async {
            for spec in [spec(PILOT), spec(ROLLOUT)] {
                if let Ok(observed) = observe(&reader, &spec, SurfaceSelection::BestEffort).await {
                    let plan = sspr::plan::plan(&spec, &observed.tenant, PlanOptions::unguarded(NOW));
                    let _ = forms(plan);
                }
                let _ = find(&reader, &spec, SurfaceSelection::BestEffort).await;
            }
            let _ = fetch_inventory(&reader, true).await;
        });
    }
}
