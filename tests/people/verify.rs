//! One user as a tester, and their reset seen in the audit log while it is waited for.

use std::time::Duration;

use jiff::Timestamp;
use sspr::app::observe::{SurfaceSelection, WatchEnd, find, inspect_user, watch};
use sspr::client::{ClientConfig, Pace};
use sspr::outcome::NoSuchUser;
use sspr::people::ResetStage;
use sspr::plan::ResetPolicy;
use sspr::sandbox::{Seed, TenantState};
use sspr::stop::{Stop, StopReason};

use crate::common::{Bench, config, spec};

const PILOT: &str = include_str!("../../examples/pilot.yaml");

async fn bench() -> Bench {
    let reports = Pace { requests: 100, per: Duration::from_millis(1000) };
    let bench =
        Bench::start_with(TenantState::seeded(Seed::Fresh), ClientConfig { reports, ..config() }).await;
    bench.sandbox.limit_reports(1000, Duration::from_millis(900));
    bench
}

async fn ending(
    bench: &Bench,
    user: &str,
    act: impl FnOnce(),
    total: Duration,
) -> (WatchEnd, Vec<ResetStage>) {
    let id = sspr::sandbox::tenant::id(user);
    let since = Timestamp::now();
    let (steps, mut act) = (std::cell::RefCell::new(Vec::new()), Some(act));
    let mut on_progress = |_: &sspr::client::AuditEvent, step| steps.borrow_mut().push(step);
    let (graph, stop) = (&bench.reader.graph, Stop::default());
    let watching = watch(graph, &stop, id.into(), since, (Duration::from_millis(5), total), &mut on_progress);
    tokio::pin!(watching);
    // One look at an empty log first: what comes is seen because it is waited for.
    let ending = loop {
        tokio::select! {
            ending = &mut watching => break ending.unwrap(),
            () = tokio::task::yield_now(), if act.is_some() => {
                if bench.sandbox.take_requests().iter().any(|request| request.target.contains("directoryAudits")) {
                    act.take().unwrap()();
                }
            }
        }
    };
    let steps = steps.borrow().clone();
    (ending, steps)
}

#[tokio::test]
async fn a_reset_made_while_it_is_waited_for_is_seen() {
    let bench = bench().await;
    let user = "ada@contoso.onmicrosoft.com";
    let act = || {
        bench.sandbox.register(user, &["email", "mobilePhone"]).unwrap();
        bench.sandbox.reset_password("bola").unwrap();
        bench.sandbox.reset_password(user).unwrap();
    };
    let (ending, steps) = ending(&bench, "ada", act, Duration::from_secs(30)).await;
    assert_eq!(ending, WatchEnd::Reset);
    // Both spellings of the progress, and nothing of Bola's.
    assert_eq!(
        steps,
        [ResetStage::Registered, ResetStage::UnderWay, ResetStage::UnderWay, ResetStage::Reset]
    );
}

#[tokio::test]
async fn a_blocked_attempt_ends_the_watch_and_silence_runs_out_of_time() {
    let bench = bench().await;
    let act = || bench.sandbox.reset_password("chen").unwrap();
    assert_eq!(ending(&bench, "chen", act, Duration::from_secs(30)).await.0, WatchEnd::Blocked);
    let silent = ending(&bench, "bola", || (), Duration::from_millis(50)).await;
    assert_eq!(silent.0, WatchEnd::OutOfTime(None));
}

#[tokio::test]
async fn stopping_a_watch_waits_for_no_reading() {
    let config = config();
    let stop = config.stop.clone();
    let bench = Bench::start_with(TenantState::seeded(Seed::Fresh), config).await;
    let (id, an_hour) = (sspr::sandbox::tenant::id("ada"), Duration::from_secs(3600));
    let mut on_progress = |_: &sspr::client::AuditEvent, _| {};
    let times = (an_hour, 2 * an_hour);
    let watching = watch(&bench.reader.graph, &stop, id.into(), Timestamp::now(), times, &mut on_progress);
    tokio::pin!(watching);
    // The first look is over once it is on record; then there is an hour's pause.
    loop {
        tokio::select! {
            ending = &mut watching => panic!("{ending:?}"),
            () = tokio::task::yield_now() => {}
        }
        if !bench.take_requests().is_empty() {
            break;
        }
    }
    stop.ask(StopReason::Interrupted);
    let told = watching.await.unwrap_err().to_string();
    assert!(told.contains("interrupted by Ctrl-C"), "{told}");
}

#[tokio::test]
async fn the_way_into_the_group_is_reported() {
    let bench = bench().await;
    let spec = spec(PILOT);
    let place = find(&bench.reader, &spec, SurfaceSelection::Both).await.unwrap();
    let rule = || ResetPolicy::rule(&spec, &place.tenant, true);
    let look = async |user: &str| inspect_user(&bench.reader.graph, &place, rule(), user).await.unwrap();
    let through = look("hana@contoso.onmicrosoft.com").await.unwrap();
    assert_eq!(through.path, Some(vec!["SSPR-Pilot-Branch".to_owned()]));
    assert_eq!(look("ada@contoso.onmicrosoft.com").await.unwrap().path, Some(vec![]));
    assert_eq!(look("ivo@contoso.onmicrosoft.com").await.unwrap().path, None);
    assert_eq!(look("nobody@contoso.onmicrosoft.com").await.unwrap_err(), NoSuchUser::default());
    let admin = look("dana@contoso.onmicrosoft.com").await.unwrap();
    assert_eq!(admin.row.is_administrator, Some(true));
}

#[tokio::test]
async fn a_user_is_found_by_what_is_before_the_at_sign_where_it_means_one_alone() {
    let bench = bench().await;
    let spec = spec(PILOT);
    let place = find(&bench.reader, &spec, SurfaceSelection::Both).await.unwrap();
    let rule = || ResetPolicy::rule(&spec, &place.tenant, true);
    let look = async |user: &str| inspect_user(&bench.reader.graph, &place, rule(), user).await.unwrap();
    for (asked, meant) in
        [("hana", "hana"), ("HANA", "hana"), ("emil_fabrikam.com#EXT#", "emil_fabrikam.com#EXT#")]
    {
        let found = look(asked).await.unwrap();
        assert_eq!(found.row.person.name(), format!("{meant}@contoso.onmicrosoft.com"));
    }
    let near = |names: &[&str], is_ambiguous| NoSuchUser {
        near: names.iter().map(|name| format!("{name}@contoso.onmicrosoft.com")).collect(),
        is_ambiguous,
    };
    assert_eq!(look("ha").await.unwrap_err(), near(&["hana"], false));
    assert_eq!(look("emil").await.unwrap_err(), near(&["emil_fabrikam.com#EXT#"], false));
    assert_eq!(look("no'body").await.unwrap_err(), near(&[], false));
    // As in a tenant with two domains.
    bench.sandbox.edit(|tenant| tenant.users[1].alias = "hana@fabrikam.com".to_owned());
    assert_eq!(look("hana").await.unwrap_err(), near(&["hana", "hana@fabrikam.com"], true));
}
