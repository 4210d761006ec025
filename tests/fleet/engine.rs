//! A run over many tenants: every one has a row, and what goes wrong in one is its own.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Result;
use sspr::app::fleet::{FleetEvent, FleetObserver, FleetRequest, MaxFailures, TenantLimits};
use sspr::app::{Always, Confirm, Never};
use sspr::outcome::fleet::{FleetVerb, TenantResult};
use sspr::outcome::{Question, Refusal};
use sspr::render::{question, text};
use sspr::stop::{Stop, StopReason};

use super::bench::{Log, Tenants, Trouble, name, results};

use TenantResult::{
    Changes, Done, Drift, Failed, Matches, NoChanges, NotSignedIn, NotTried, PartWay, Refused, Unknown,
};

/// What a tenant that hangs may take; long enough for one that does not, on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn every_tenant_is_planned_before_the_first_is_written_and_waves_come_in_their_order() {
    let tenants = Tenants::in_waves(&[("canary", 2), ("rest", 3)]).await;
    let planned = tenants.run(tenants.request(FleetVerb::Plan)).await;
    assert_eq!((results(&planned), planned.exit), (vec![Changes; 5], 0));
    assert_eq!(
        (planned.rows[4].changes, planned.rows[4].people, planned.rows[4].ready_after),
        (Some(8), Some(8), Some(2))
    );

    let log = Log::default();
    let applied = tenants.run_with(tenants.request(FleetVerb::Apply), &log, &Always).await.unwrap();
    assert_eq!((results(&applied), applied.exit, applied.stopped.clone()), (vec![Done; 5], 0, None));
    assert!(applied.rows.iter().all(|row| row.run.is_some() && row.changes == Some(8)), "{applied:#?}");
    let lines = log.lines.into_inner();
    let at = |line: &str| {
        lines.iter().position(|known| known == line).unwrap_or_else(|| panic!("{line}: {lines:#?}"))
    };
    assert_eq!((at("reading 5"), at("writing"), at("wave canary 2")), (0, 6, 7));
    // One at a time, in the order of the file.
    assert_eq!(
        (at("tenant-0001.example done"), at("tenant-0002.example done"), at("wave rest 3")),
        (8, 9, 10)
    );
    assert_eq!(lines.len(), 14, "{lines:#?}");

    let verified = tenants.run(tenants.request(FleetVerb::Verify)).await;
    assert_eq!((results(&verified), verified.exit), (vec![Matches; 5], 0));
    let again = tenants.run(tenants.request(FleetVerb::Apply)).await;
    assert_eq!((results(&again), again.exit), (vec![NoChanges; 5], 0));
    tenants.tenant(2).edit(|tenant| tenant.policy["numberOfAuthenticationMethodsRequired"] = 2.into());
    let verified = tenants.run(tenants.request(FleetVerb::Verify)).await;
    assert_eq!((results(&verified)[1], verified.exit), (Drift, 5));
    assert_eq!(verified.rows[1].why.as_deref(), Some("methods.required"));
    let ended = tenants.run(tenants.request(FleetVerb::Cleanup)).await;
    assert_eq!((results(&ended), ended.exit), (vec![Done; 5], 0));
    assert!((1..=5).all(|number| tenants.tenant(number).tenant().policy["enablementType"] == 0));
}

#[tokio::test]
async fn what_cannot_be_planned_is_left_out_and_stops_no_other() {
    let mut tenants = Tenants::in_waves(&[("canary", 1), ("rest", 7)]).await;
    let troubles =
        [(2, Trouble::NotSignedIn), (3, Trouble::OtherTenant), (4, Trouble::Panics), (5, Trouble::Hangs)];
    tenants.locked = troubles.map(|(number, trouble)| (name(number), trouble)).into();
    tenants.tenant(6).fail("GET /v1.0/groups hang".parse().unwrap());
    tenants.tenant(7).fail("GET /api/PasswordReset status=500".parse().unwrap());
    let limited = |verb| FleetRequest {
        limits: TenantLimits {
            time: LIMIT,
            grace_to_read: Duration::from_millis(200),
            grace_to_write: Duration::from_secs(600),
        },
        ..tenants.request(verb)
    };
    let run = tenants.run(limited(FleetVerb::Apply)).await;
    let expected = [Done, NotSignedIn, Refused, Failed, Failed, Failed, Failed, Done];
    assert_eq!((results(&run), run.exit), (expected.to_vec(), 1), "{run:#?}");
    let why = |number: usize| run.rows[number - 1].why.clone().unwrap_or_default();
    assert_eq!(run.rows[1].next.as_deref(), Some("az login --tenant tenant-0002.example"));
    assert!(why(3).starts_with("you are signed in to"), "{}", why(3));
    assert_eq!(why(4), "an error of sspr's own: no door to tenant-0004.example; nothing was changed");
    assert_eq!(why(5), "it did not end when it was asked to stop; nothing was changed");
    assert!(why(6).starts_with("the time limit of 5 s is over; nothing was changed"), "{}", why(6));
    assert!(why(7).contains("500"), "{}", why(7));
    assert_eq!(run.stopped, None);

    // What is left is taken up, and nothing else.
    let left: Vec<String> =
        tenants.left(FleetVerb::Apply).iter().map(|tenant| tenant.tenant.clone()).collect();
    assert_eq!(left, (2..=7).map(name).collect::<Vec<_>>());
    tenants.locked.clear();
    tenants.tenant(6).heal();
    tenants.tenant(7).heal();
    let request =
        FleetRequest { tenants: tenants.left(FleetVerb::Apply), ..tenants.request(FleetVerb::Apply) };
    let run = tenants.run(request).await;
    assert_eq!((results(&run), run.exit), (vec![Done; 6], 0), "{run:#?}");
    assert!(tenants.left(FleetVerb::Apply).is_empty());
}

#[tokio::test]
async fn a_write_that_fails_ends_the_run_and_what_was_not_begun_says_so() {
    let tenants = Tenants::in_waves(&[("canary", 3), ("rest", 2)]).await;
    tenants.tenant(2).fail("PUT /api/PasswordReset status=400".parse().unwrap());
    let run = tenants.run(tenants.request(FleetVerb::Apply)).await;
    // Its methods were written before the policy was refused.
    assert_eq!((results(&run), run.exit), (vec![Done, PartWay, NotTried, NotTried, NotTried], 4), "{run:#?}");
    let stopped = "1 failed in the wave canary, and --max-failures allows 0";
    assert_eq!((run.stopped.as_deref(), run.rows[3].why.as_deref()), (Some(stopped), Some(stopped)));
    assert!(run.rows[1].why.as_deref().unwrap().contains("written: SMS"), "{run:#?}");
    assert!(run.rows[1].run.is_some() && run.rows[1].journal.is_some());
    for number in 3..=5 {
        assert!(tenants.tenant(number).take_requests().iter().all(|request| request.method == "GET"));
    }
    tenants.tenant(2).heal();
    let request =
        FleetRequest { tenants: tenants.left(FleetVerb::Apply), ..tenants.request(FleetVerb::Apply) };
    let run = tenants.run(request).await;
    assert_eq!((results(&run), run.exit), (vec![Done; 4], 0), "{run:#?}");
    assert_eq!(run.rows[0].place, 2, "the place in the file stays");
}

#[tokio::test]
async fn a_wave_in_which_everyone_failed_is_the_last_unless_any_number_may() {
    let mut tenants = Tenants::in_waves(&[("canary", 1), ("rest", 1)]).await;
    tenants.locked = [(name(1), Trouble::NotSignedIn)].into();
    let run = tenants.run(tenants.request(FleetVerb::Apply)).await;
    assert_eq!((results(&run), run.exit), (vec![NotSignedIn, NotTried], 77));
    assert_eq!(run.stopped.as_deref(), Some("every tenant of the wave canary failed"));
    let any = FleetRequest { max_failures: Some(MaxFailures::All), ..tenants.request(FleetVerb::Apply) };
    let run = tenants.run(any).await;
    assert_eq!((results(&run), run.exit), (vec![NotSignedIn, Done], 77));
}

#[tokio::test]
async fn too_many_that_cannot_be_planned_are_told_before_anything_is_written() {
    let mut tenants = Tenants::in_waves(&[("canary", 4)]).await;
    tenants.locked = [(name(1), Trouble::NotSignedIn), (name(2), Trouble::OtherTenant)].into();
    let most = |most: &str| FleetRequest {
        max_failures: Some(most.parse().unwrap()),
        ..tenants.request(FleetVerb::Apply)
    };
    let run = tenants.run(most("25%")).await;
    assert_eq!((results(&run), run.exit), (vec![NotSignedIn, Refused, NotTried, NotTried], 77));
    assert_eq!(run.stopped.as_deref(), Some("2 failed, and --max-failures allows 25%"));
    let run = tenants.run(most("2")).await;
    assert_eq!(results(&run), [NotSignedIn, Refused, Done, Done]);
}

#[tokio::test]
async fn the_next_wave_waits_until_the_one_before_holds_its_adoption() {
    let tenants = Tenants::in_waves(&[("canary", 2), ("rest", 1)]).await;
    let gated = |gate| FleetRequest { gate: Some(gate), ..tenants.request(FleetVerb::Apply) };
    let run = tenants.run(gated(80.0)).await;
    assert_eq!((results(&run), run.exit), (vec![Done, Done, NotTried], 5), "{run:#?}");
    let why = "4 of 8 are ready in the wave canary (50 %), and --gate asks for 90 %";
    let run = tenants.run(gated(90.0)).await;
    assert_eq!((results(&run), run.stopped.as_deref()), (vec![NoChanges, NoChanges, NotTried], Some(why)));
    // Of whom it is unknown whether they are ready holds it too.
    tenants.tenant(2).fail("GET /v1.0/reports status=403".parse().unwrap());
    let run = tenants.run(gated(1.0)).await;
    assert_eq!((results(&run)[2], run.exit), (NotTried, 5), "{run:#?}");
    tenants.tenant(2).heal();
    let log = Log::default();
    let run = tenants.run_with(gated(50.0), &log, &Always).await.unwrap();
    assert_eq!((results(&run), run.exit), (vec![NoChanges, NoChanges, Done], 0), "{run:#?}");
    assert!(log.lines.borrow().contains(&"gate canary 2".to_owned()), "{log:#?}", log = log.lines);
}

#[tokio::test]
async fn the_status_of_every_tenant_is_a_row_and_so_is_what_keeps_it_unknown() {
    let mut tenants = Tenants::in_waves(&[("canary", 1), ("rest", 3)]).await;
    tenants.locked = [(name(2), Trouble::NotSignedIn)].into();
    let first =
        FleetRequest { tenants: vec![&tenants.fleet.tenants()[0]], ..tenants.request(FleetVerb::Apply) };
    assert_eq!(results(&tenants.run(first).await), [Done]);
    tenants.tenant(4).fail("GET /api/PasswordReset status=403".parse().unwrap());
    let run = tenants.run(tenants.request(FleetVerb::Status)).await;
    assert_eq!((results(&run), run.exit), (vec![Matches, NotSignedIn, Drift, NotSignedIn], 77), "{run:#?}");
    let row = &run.rows[0];
    assert_eq!((row.scope.as_deref(), row.people, row.changes), (Some("selected"), Some(8), Some(0)));
    assert_eq!(run.rows[2].scope.as_deref(), Some("none"));
    assert_eq!((run.rows[3].scope.as_deref(), run.rows[3].people), (None, Some(8)));
    assert!(run.rows[3].why.as_deref().unwrap().contains("403"), "{run:#?}");
}

/// Answers with one word, and remembers what was asked.
struct Says(&'static str, RefCell<String>);

impl Confirm for Says {
    async fn confirm(&self, question: Question<'_>) -> Result<(), Refusal> {
        let shown = question::text(&question, &text::Layout::default());
        *self.1.borrow_mut() = anstream::adapter::strip_str(&shown).to_string();
        if question.takes(self.0) { Ok(()) } else { Err(Refusal::NotConfirmed) }
    }
}

#[tokio::test]
async fn one_question_is_asked_about_the_whole_and_takes_the_number_of_tenants() {
    let mut tenants = Tenants::in_waves(&[("canary", 1), ("rest", 2)]).await;
    tenants.locked = [(name(2), Trouble::NotSignedIn)].into();
    for answer in ["y", "yes", "3", "", "two"] {
        let says = Says(answer, RefCell::default());
        let run = tenants.run_with(tenants.request(FleetVerb::Apply), &Log::default(), &says).await.unwrap();
        assert_eq!((results(&run), run.exit), (vec![NotTried, NotSignedIn, NotTried], 77), "{answer}");
        assert_eq!(run.stopped.as_deref(), Some("not confirmed"));
        assert_eq!(
            says.1.into_inner(),
            "16 changes in 2 of 3 tenants (sandbox).\n\
             The wave canary (1 tenant) is written first, one tenant at a time.\n\
             ! In 2 tenants something reaches beyond the pilot.\n\
             Type 2 to apply, anything else stops: "
        );
    }
    let run = tenants.run_with(tenants.request(FleetVerb::Apply), &Log::default(), &Never).await.unwrap();
    let why = "cannot ask for confirmation: there is no terminal; pass --yes to go on without confirmation";
    assert_eq!((run.rows[0].why.as_deref(), run.rows[0].exit), (Some(why), 3));
    let says = Says("2", RefCell::default());
    let run = tenants.run_with(tenants.request(FleetVerb::Apply), &Log::default(), &says).await.unwrap();
    assert_eq!(results(&run), [Done, NotSignedIn, Done]);
    // Where there is nothing to write, nobody is asked.
    let says = Says("", RefCell::default());
    let request =
        FleetRequest { tenants: vec![&tenants.fleet.tenants()[0]], ..tenants.request(FleetVerb::Apply) };
    let run = tenants.run_with(request, &Log::default(), &says).await.unwrap();
    assert_eq!((results(&run), says.1.into_inner().as_str()), (vec![NoChanges], ""));
}

#[tokio::test]
async fn a_run_that_is_stopped_begins_nothing_more_and_leaves_the_rest_to_be_taken_up() {
    let mut tenants = Tenants::in_waves(&[("canary", 2), ("rest", 2)]).await;
    let log = Log { stops: Some((name(1), tenants.stop.clone())), ..Log::default() };
    let run = tenants.run_with(tenants.request(FleetVerb::Apply), &log, &Always).await.unwrap();
    assert_eq!((results(&run), run.exit), (vec![Done, NotTried, NotTried, NotTried], 1), "{run:#?}");
    assert_eq!(run.stopped.as_deref(), Some("interrupted by Ctrl-C"));
    // Stopped while they are read, they were not tried either.
    let run = tenants.run(tenants.request(FleetVerb::Apply)).await;
    assert_eq!((results(&run), run.exit), (vec![NotTried; 4], 1));
    tenants.stop = Stop::default();
    tenants.tenant(3).fail("GET /api/PasswordReset hang".parse().unwrap());
    let whole = tenants.stop.clone();
    let request = FleetRequest { parallel: 1, ..tenants.request(FleetVerb::Plan) };
    let held_up = async {
        crate::common::until(|| tenants.tenant(3).is_held_up()).await;
        whole.ask(StopReason::Terminated);
    };
    let (run, ()) = tokio::join!(tenants.run(request), held_up);
    assert_eq!((results(&run), run.exit), (vec![NoChanges, Changes, NotTried, NotTried], 1), "{run:#?}");
    assert_eq!(run.rows[2].why.as_deref(), Some("interrupted by SIGTERM"));
}

#[tokio::test]
async fn a_reviewed_plan_is_done_or_refused_tenant_by_tenant() {
    let tenants = Tenants::in_waves(&[("canary", 2), ("rest", 2)]).await;
    let mut reviewed = tenants.reviewed().await;
    reviewed.remove(&name(3));
    tenants.tenant(2).edit(|tenant| tenant.policy["numberOfAuthenticationMethodsRequired"] = 1.into());
    tenants.tenant(4).edit(|tenant| tenant.policy["notifyUsersOnPasswordReset"] = false.into());
    let run =
        tenants.run(FleetRequest { reviewed: Some(reviewed), ..tenants.request(FleetVerb::Apply) }).await;
    // What is there already need not be written again; what is now also different was not reviewed.
    assert_eq!((results(&run), run.exit), (vec![Done, Done, Refused, Refused], 3), "{run:#?}");
    assert_eq!((run.rows[0].changes, run.rows[1].changes), (Some(8), Some(7)));
    assert_eq!(run.rows[2].why.as_deref(), Some("the folder of plans has none for tenant-0003.example"));
    let stale = "the plan is no longer what was reviewed: notifications.users is now also false → true";
    assert_eq!(run.rows[3].why.as_deref(), Some(stale));
}

#[tokio::test]
async fn a_tenant_that_moves_while_the_question_waits_is_refused() {
    struct Edits<'a>(&'a Tenants);
    impl Confirm for Edits<'_> {
        async fn confirm(&self, _: Question<'_>) -> Result<(), Refusal> {
            self.0.tenant(1).edit(|tenant| tenant.policy["notifyUsersOnPasswordReset"] = false.into());
            Ok(())
        }
    }
    let tenants = Tenants::in_waves(&[("canary", 2)]).await;
    let most =
        FleetRequest { max_failures: Some(MaxFailures::Count(1)), ..tenants.request(FleetVerb::Apply) };
    let run = tenants.run_with(most, &Log::default(), &Edits(&tenants)).await.unwrap();
    assert_eq!((results(&run), run.exit), (vec![Refused, Done], 3), "{run:#?}");
    assert!(tenants.tenant(1).take_requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn what_cannot_be_reported_is_not_written_anywhere() {
    struct Deaf;
    impl FleetObserver for Deaf {
        fn on(&self, event: FleetEvent<'_>) -> Result<()> {
            if matches!(event, FleetEvent::Writing) { anyhow::bail!("nobody reads this") } else { Ok(()) }
        }
    }
    let tenants = Tenants::in_waves(&[("canary", 1), ("rest", 1)]).await;
    let failure = tenants.run_with(tenants.request(FleetVerb::Apply), &Deaf, &Always).await.unwrap_err();
    assert_eq!(failure.to_string(), "nobody reads this");
    for number in [1, 2] {
        assert!(tenants.tenant(number).take_requests().iter().all(|request| request.method == "GET"));
    }
    // What a run that ended so left is not lost.
    assert_eq!(tenants.left(FleetVerb::Apply).len(), 2);
}

#[tokio::test]
async fn a_tenant_that_hangs_in_a_write_is_asked_to_stop_and_then_given_up_as_unknown() {
    let tenants = Tenants::in_waves(&[("canary", 1), ("rest", 2)]).await;
    tenants.tenant(2).fail("PUT /api/PasswordReset hang".parse().unwrap());
    let none = Duration::ZERO;
    let request = FleetRequest {
        limits: TenantLimits { time: LIMIT, grace_to_read: none, grace_to_write: none },
        ..tenants.request(FleetVerb::Apply)
    };
    let run = tenants.run(request).await;
    assert_eq!((results(&run), run.exit), (vec![Done, Unknown, Done], 4), "{run:#?}");
    let why = "it did not end when it was asked to stop; its journal says what was sent";
    assert_eq!((run.rows[1].why.as_deref(), run.rows[1].changes), (Some(why), None));
    assert_eq!(tenants.left(FleetVerb::Apply).len(), 1);
}
