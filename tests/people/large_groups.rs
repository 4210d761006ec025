//! Large groups of generated people with known answers, three levels deep with overlaps and a cycle: everyone once, every
//! row right, in few requests.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use sspr::app::observe::{SurfaceSelection, find, survey};
use sspr::app::{Event, Observer};
use sspr::client::{ClientConfig, Pace};
use sspr::outcome::Survey;
use sspr::people::{Count, Row, Summary};
use sspr::plan::ResetPolicy;
use sspr::sandbox::tenant::Licence;
use sspr::sandbox::{Seed, TenantState};

use crate::common::{Bench, config, spec};

const PILOT: &str = include_str!("../../examples/pilot.yaml");

#[derive(Default)]
struct Everyone {
    rows: RefCell<Vec<Row>>,
}

impl Observer for Everyone {
    fn on(&self, event: Event<'_>) -> Result<()> {
        if let Event::Row(row) = event {
            self.rows.borrow_mut().push(row.clone());
        }
        Ok(())
    }
}

/// Report requests at a pace that a test can wait for; the sandbox's limit is as much faster.
async fn bench(tenant: TenantState) -> Bench {
    let reports = Pace { requests: 500, per: Duration::from_millis(1000) };
    let bench = Bench::start_with(tenant, ClientConfig { reports, ..config() }).await;
    bench.sandbox.limit_reports(500, Duration::from_millis(900));
    bench
}

async fn read(bench: &Bench, wants_report: bool) -> (Survey, Vec<Row>) {
    let spec = spec(PILOT);
    let mut place = find(&bench.reader, &spec, SurfaceSelection::Both).await.unwrap();
    let (mut found, everyone) = (Survey::default(), Everyone::default());
    let rule = ResetPolicy::rule(&spec, &place.tenant, true);
    survey(&bench.reader.graph, &mut place, rule, wants_report, &everyone, &mut found).await.unwrap();
    (found, everyone.rows.into_inner())
}

fn certain(yes: u64) -> Count {
    Count { yes, unknown: 0 }
}

/// The answers, from the seed's own rules and none of the tool's code.
fn expected(tenant: &TenantState, size: u64) -> Summary {
    let by_hand = Summary {
        members: 8,
        admins: certain(1),
        guests: certain(1),
        disabled: certain(1),
        unlicensed: certain(2),
        // Ada, and Grace and Dana with a phone: the pilot takes one method, the tenant as seeded two.
        registered: certain(1),
        // Dana the administrator, Hana without a row.
        unknown: 2,
        ready: 2,
        locked_out: certain(0),
        directory_only: certain(0),
        // Chen, and Hana without a row.
        nudge: 2,
    };
    (0..size).fold(by_hand, |mut all, i| {
        let person = tenant.generated.person(i);
        let is_unlicensed = match person.licence {
            Licence::None | Licence::P1Suspended => true,
            Licence::BusinessStandard => person.is_synced,
            Licence::P1 | Licence::P2 => false,
        };
        let is_admin = !person.roles.is_empty();
        let has_row = person.is_enabled && person.is_reported;
        let is_no =
            !person.is_enabled || person.is_guest || is_unlicensed || (has_row && person.methods.is_empty());
        // No one says whether passwords are written back in this tenant.
        let is_unknown = !is_no && (is_admin || !has_row || person.is_synced);
        all.members += 1;
        all.admins.yes += u64::from(is_admin);
        all.guests.yes += u64::from(person.is_guest);
        all.disabled.yes += u64::from(!person.is_enabled);
        all.unlicensed.yes += u64::from(is_unlicensed);
        let usable = person.methods.iter().filter(|method| *method != "microsoftAuthenticatorPush").count();
        all.registered.yes += u64::from(has_row && usable >= 2);
        // Only their number is in the directory; of whom the report has no row no one knows.
        let is_left_out = !person.is_enabled || person.is_guest || is_unlicensed || is_admin;
        let has_number = person.mobile_phone.is_some() && !is_left_out;
        all.directory_only.yes += u64::from(has_number && has_row);
        all.directory_only.unknown += u64::from(has_number && !has_row);
        all.nudge += u64::from(!is_left_out && (!has_row || person.methods.is_empty()));
        all.unknown += u64::from(is_unknown);
        all.ready += u64::from(!is_no && !is_unknown);
        all
    })
}

#[tokio::test]
async fn everyone_is_met_once_and_every_count_is_right() {
    let size = 6000;
    let tenant = TenantState::seeded(Seed::Fresh).with_generated_users(size);
    let bench = bench(tenant.clone()).await;
    let (found, rows) = read(&bench, true).await;
    assert_eq!(found.summary, expected(&tenant, size));
    let ids: BTreeSet<_> = rows.iter().map(|row| row.person.id).collect();
    assert_eq!((ids.len(), rows.len()), (6008, 6008));
    assert_eq!(found.report_from.as_deref(), Some("2026-11-21T18:00:00Z"));
    // Seven pages hold them all; cutting may cost a few more, and not a multiple.
    let requests = bench.take_requests();
    let pages = requests.iter().filter(|request| request.target.contains("transitiveMembers")).count();
    assert!(pages <= 30, "{pages} pages");
    let bad: Vec<_> = requests.iter().filter(|request| request.status != 200).collect();
    assert!(bad.is_empty(), "{bad:?}");
}

#[tokio::test]
async fn without_the_report_who_is_ready_is_unknown_and_no_one_is_lost() {
    let bench = bench(TenantState::seeded(Seed::Fresh).with_generated_users(5000)).await;
    let (found, rows) = read(&bench, false).await;
    assert_eq!((found.summary.members, rows.len()), (5008, 5008));
    assert_eq!((found.summary.ready, found.summary.registered.yes), (0, 0));
    assert!(bench.take_requests().iter().all(|request| !request.target.contains("/reports/")));
}

#[tokio::test]
async fn a_service_that_cannot_cut_is_read_from_front_to_back() {
    let bench = bench(TenantState::seeded(Seed::Fresh).with_generated_users(2500)).await;
    // It refuses the question with an order in it, and takes the plain one.
    bench.sandbox.fail("GET /transitiveMembers status=400 1".parse().unwrap());
    let (found, rows) = read(&bench, false).await;
    assert_eq!((found.summary.members, rows.len()), (2508, 2508));
    // It sorts, and refuses to cut.
    bench.sandbox.heal();
    bench.sandbox.fail("GET /transitiveMembers status=400 2".parse().unwrap());
    let (found, rows) = read(&bench, false).await;
    assert_eq!((found.summary.members, rows.len()), (2508, 2508));
}

#[tokio::test]
async fn a_few_people_in_a_large_tenant_are_asked_for_one_by_one() {
    let mut tenant = TenantState::seeded(Seed::Fresh).with_generated_users(20_000);
    tenant.groups.iter_mut().for_each(|group| {
        if group.name == "SSPR-Pilot" {
            group.members.pop();
        }
    });
    let bench = bench(tenant).await;
    let (found, _) = read(&bench, true).await;
    let asked = bench.take_requests().iter().filter(|request| request.target.contains("/reports/")).count();
    assert_eq!(found.summary.members, 8);
    assert!(asked <= 14, "{asked} requests; the whole report has 21 pages");
}

#[tokio::test]
async fn someone_renamed_while_the_group_is_read_is_met_once() {
    let bench = bench(TenantState::seeded(Seed::Fresh).with_generated_users(4000)).await;
    let spec = spec(PILOT);
    let mut place = find(&bench.reader, &spec, SurfaceSelection::Both).await.unwrap();
    struct Renaming<'a>(&'a Bench, RefCell<Vec<uuid::Uuid>>);
    impl Observer for Renaming<'_> {
        fn on(&self, event: Event<'_>) -> Result<()> {
            let Event::Row(row) = event else { return Ok(()) };
            if row.person.name().starts_with("ada@") {
                self.0.sandbox.edit(|tenant| tenant.users[0].alias = "zzz".to_owned());
            }
            self.1.borrow_mut().push(row.person.id.guid());
            Ok(())
        }
    }
    let renaming = Renaming(&bench, RefCell::default());
    let rule = ResetPolicy::rule(&spec, &place.tenant, true);
    let mut found = Survey::default();
    survey(&bench.reader.graph, &mut place, rule, false, &renaming, &mut found).await.unwrap();
    let met = renaming.1.into_inner();
    let ids: BTreeSet<_> = met.iter().collect();
    assert_eq!((ids.len(), met.len()), (4008, 4008));
}
