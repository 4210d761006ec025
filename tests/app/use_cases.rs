//! The use cases without a command line: a whole pilot, and many tenants side by side.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Result;
use sspr::app::{
    self, Always, ApplyFile, ApplyRequest, CleanupRequest, Confirm, Event, Never, Observer, PeopleRequest,
    PlanRequest, ReportRequest, RollbackRequest, Session, Silent, VerifyRequest, Writing, write::BackTo,
};
use sspr::client::{ClientConfig, Cloud, Connections, Credentials, Endpoints, Pace, connect};
use sspr::error::Exit;
use sspr::outcome::applied::NamedRun;
use sspr::outcome::{Applied, Question, Refusal};
use sspr::plan::Overrides;
use sspr::render::{apply, question, text};
use sspr::sandbox::{Sandbox, Seed, TenantState};
use sspr::stop::{Stop, StopReason};
use sspr::store::StateDir;

use crate::common::{config, session, spec};

const PILOT: &str = include_str!("../../examples/pilot.yaml");

/// Returns what a screen says at the end.
fn said(applied: &Applied) -> String {
    let closing = text::line(&apply::document(applied).closing, &text::Layout::default());
    anstream::adapter::strip_str(&closing).to_string()
}

/// Writes down the kind of everything it is told.
#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Observer for Log {
    fn on(&self, event: Event<'_>) -> Result<()> {
        let line = match event {
            Event::Began(what) => what.to_owned(),
            Event::Planned { plan, is_asked } => format!("{} changes, asked: {is_asked}", plan.changes.len()),
            Event::Setup(report) => format!("{} parts", report.rows.len()),
            Event::SignIn(_) => "sign in".to_owned(),
            Event::Writing => "writing".to_owned(),
            Event::Written => "written".to_owned(),
            Event::Notice(notice) => notice.to_owned(),
            Event::Members { group, .. } => group.display_name.clone(),
            Event::Checked(found) => format!("{} checks", found.checks.len()),
            Event::Sent(operation) => format!("sent {}", operation.label()),
            Event::Landed { operation, .. } => format!("landed {}", operation.label()),
            Event::Row(_) | Event::Progress(_) | Event::Compared(_) | Event::Seen(_) => return Ok(()),
        };
        self.0.borrow_mut().push(line);
        Ok(())
    }
}

/// Answers with one word, and remembers what was asked.
struct Says(&'static str, RefCell<Vec<String>>);

impl Confirm for Says {
    async fn confirm(&self, question: Question<'_>) -> Result<(), Refusal> {
        self.1.borrow_mut().push(question::text(&question, &text::Layout::default()));
        if question.takes(self.0) { Ok(()) } else { Err(Refusal::NotConfirmed) }
    }
}

/// A tenant of its own, and a session with it.
struct Tenant {
    sandbox: Sandbox,
    session: Session,
    _state: tempfile::TempDir,
}

async fn tenant(connections: &Connections, stop: Stop) -> Tenant {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let endpoints = Endpoints::new(Cloud::Public, Some(&sandbox.root()), Some(&sandbox.root())).unwrap();
    let credentials =
        Credentials::ready(sandbox.graph_token().into(), sandbox.portal_token().into()).unwrap();
    let reports = Pace { requests: 500, per: Duration::from_secs(1) };
    sandbox.limit_reports(500, Duration::from_millis(900));
    let config = ClientConfig { stop: stop.clone(), connections: connections.clone(), reports, ..config() };
    let both = connect(&endpoints, credentials, &config).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let session = session(both, &StateDir::new(folder.path().to_owned()), stop);
    Tenant { sandbox, session, _state: folder }
}

fn writing() -> Writing {
    Writing { wait: Duration::from_secs(5), prove: None, shows_names: true }
}

fn file() -> ApplyFile {
    ApplyFile { spec: spec(PILOT), reviewed: None }
}

fn request(file: &ApplyFile) -> ApplyRequest<'_> {
    let overrides = Overrides { max_people: Some(1000), ..Overrides::default() };
    ApplyRequest { file, is_graph_only: false, overrides, writing: writing() }
}

#[tokio::test]
async fn a_whole_pilot_goes_through_the_use_cases_alone() {
    let Tenant { session, .. } = &tenant(&Connections::default(), Stop::default()).await;
    let (log, file) = (Log::default(), file());
    let spec = &file.spec;
    let overrides = request(&file).overrides;
    let planned =
        app::plan(session, PlanRequest { spec, is_graph_only: false, overrides }, &log).await.unwrap();
    assert_eq!(app::plan_exit(&planned, true), Exit::ChangesPending);

    let refused = app::apply(session, request(&file), &log, &Never).await.unwrap_err();
    assert_eq!(
        (refused.exit, refused.to_string().as_str()),
        (Exit::Refused, "cannot ask for confirmation: there is no terminal")
    );
    let no = Says("no", RefCell::default());
    assert_eq!(app::apply(session, request(&file), &log, &no).await.unwrap_err().exit, Exit::Refused);
    let asked = no.1.into_inner();
    let asked = anstream::adapter::strip_str(&asked[0]).to_string();
    let expected = "8 changes for SSPR-Pilot (8 people) in Contoso (contoso.onmicrosoft.com, sandbox), 5 warnings.\n\
                    ! \"Office phones\" reaches everyone who has Voice call.\n\
                    Type contoso.onmicrosoft.com to apply, anything else stops: ";
    assert_eq!(asked, expected);

    let yes = Says("contoso.onmicrosoft.com", RefCell::default());
    let applied = app::apply(session, request(&file), &log, &yes).await.unwrap();
    assert_eq!(applied.outcome.applied.len(), planned.changes.len());
    assert_eq!(said(&applied), "Applied 8 changes; Contoso matches pilot.yaml.\n");
    assert!(applied.is_proved() && applied.plan.is_sandbox);

    let verify = VerifyRequest { spec, is_graph_only: false, allows_unread: false, user: None, watch: None };
    assert_eq!(app::verify(session, verify, &log).await.unwrap().exit, Exit::Done);
    let people = PeopleRequest { spec, is_graph_only: false, wants_report: true, gate: Some(80.0) };
    let people = app::people(session, people, &log).await.unwrap();
    assert_eq!((people.survey.summary.members, people.exit()), (8, Exit::ConditionUnmet));
    let report =
        app::report(session, ReportRequest { spec, is_graph_only: false, days: 3 }, &log).await.unwrap();
    assert_eq!((report.group.as_str(), report.days.len() >= 3), ("SSPR-Pilot", true));
    let imported = app::import(session, false, &log).await.unwrap();
    assert!(imported.text.contains("SSPR-Pilot"), "{}", imported.text);

    let cleanup = CleanupRequest { guard: None, restore: None, writing: writing() };
    let cleaned = app::cleanup(session, cleanup, &log, &Always).await.unwrap();
    assert_eq!(said(&cleaned), "Applied 1 change; password reset is None for Contoso.\n");
    let back = |back_to| RollbackRequest {
        guard: None,
        command: "rollback",
        back_to,
        overwrites_changes: false,
        writing: writing(),
    };
    let back = app::rollback(session, back(BackTo::LastRun), &log, &Always).await.unwrap();
    let standing: Vec<&NamedRun> = back.after.standing.iter().collect();
    assert_eq!((standing.len(), standing[0].command, back.notices.len()), (1, "apply", 1));
    assert_eq!(app::verify(session, verify, &log).await.unwrap().exit, Exit::Done);
    let runs = app::history(&session.state, true).unwrap();
    assert_eq!(runs.iter().map(|run| run.standing).collect::<Vec<_>>(), ["stands", "taken back", "way back"]);

    let log = log.0.into_inner();
    let written = log.iter().filter(|line| *line == "written").count();
    assert_eq!(written, 3, "{log:#?}");
    let asked = log.iter().position(|line| line == "8 changes, asked: true").unwrap();
    assert!(asked < log.iter().position(|line| line == "writing").unwrap());
}

#[tokio::test]
async fn what_the_observer_cannot_take_is_not_written() {
    struct Deaf;
    impl Observer for Deaf {
        fn on(&self, event: Event<'_>) -> Result<()> {
            if matches!(event, Event::Writing) { anyhow::bail!("nobody reads this") } else { Ok(()) }
        }
    }
    let Tenant { session, sandbox, .. } = &tenant(&Connections::default(), Stop::default()).await;
    let failure = app::apply(session, request(&file()), &Deaf, &Always).await.unwrap_err();
    assert_eq!((failure.exit, failure.to_string().as_str()), (Exit::Failed, "nobody reads this"));
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn fifty_tenants_live_side_by_side_and_one_that_is_stopped_stops_no_other() {
    // Fewer in flight than tenants: they take turns.
    let (connections, whole) = (Connections::new(4), Stop::default());
    let mut tenants = Vec::new();
    for _ in 0..50 {
        tenants.push(tenant(&connections, whole.part()).await);
    }
    tenants[7].session.stop.ask(StopReason::Interrupted);
    let mut running = tokio::task::JoinSet::new();
    for (at, tenant) in tenants.iter().enumerate() {
        let session = tenant.session.clone();
        running.spawn(async move { (at, app::apply(&session, request(&file()), &Silent, &Always).await) });
    }
    while let Some(done) = running.join_next().await {
        match done.unwrap() {
            (at, Ok(applied)) => assert_eq!((at == 7, applied.outcome.applied.len()), (false, 8)),
            (at, Err(failure)) => assert_eq!((at, failure.exit), (7, Exit::Failed), "{failure}"),
        }
    }
    let records = |tenant: &Tenant| app::history(&tenant.session.state, true).unwrap().len();
    assert_eq!(tenants.iter().map(records).sum::<usize>(), 49, "each has records of its own");

    whole.ask(StopReason::Terminated);
    let spec = &file().spec;
    for tenant in [&tenants[0], &tenants[49]] {
        let plan = PlanRequest { spec, is_graph_only: false, overrides: Overrides::default() };
        assert_eq!(app::plan(&tenant.session, plan, &Silent).await.unwrap_err().exit, Exit::Failed);
    }
}
