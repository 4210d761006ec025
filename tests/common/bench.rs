//! A sandbox with the production clients connected to it, in one process.

use std::time::Duration;

use sspr::app::observe::{SurfaceSelection, observe};
use sspr::app::write::{BackTo, Patience, RollbackInput, apply, observe_recorded_runs};
use sspr::app::{Clock, Session, Silent};
use sspr::client::{
    ClientConfig, Cloud, Credentials, Endpoints, KeptSignIns, RetryPolicy, TenantReader, TenantWriter,
    connect,
};
use sspr::outcome::ApplyError;
use sspr::outcome::Outcome;
use sspr::plan::{Overrides, Plan, PlanOptions, RollbackOptions, plan, plan_rollback};
use sspr::sandbox::{ReceivedRequest, Sandbox, TenantState};
use sspr::spec_file::Spec;
use sspr::stop::Stop;
use sspr::store::StateDir;

/// The day the tests take for today, so that dated findings stand still.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);
/// Its beginning.
pub const NOW: jiff::Timestamp = jiff::Timestamp::constant(1_795_305_600, 0);

pub struct Bench {
    pub sandbox: Sandbox,
    pub reader: TenantReader,
    pub writer: TenantWriter,
    pub state: StateDir,
    _directory: tempfile::TempDir,
}

/// As the program behaves, with milliseconds for seconds.
pub fn config() -> ClientConfig {
    let retry = RetryPolicy { first: Duration::from_millis(1), ..RetryPolicy::default() };
    ClientConfig { retry, ..ClientConfig::default() }
}

/// Returns a session with a sandbox at the time of the tests.
pub fn session((reader, writer): (TenantReader, TenantWriter), state: &StateDir, stop: Stop) -> Session {
    Session {
        reader,
        writer,
        state: state.clone(),
        kept: KeptSignIns::below(state.root(), None),
        stop,
        clock: Clock { fixed: Some(NOW), ..Clock::default() },
        pause_between_looks: Duration::from_millis(1),
        is_sandbox: true,
        snapshot: None,
    }
}

impl Bench {
    /// Serves a tenant on 127.0.0.1 and connects to it as the program does.
    pub async fn start(tenant: TenantState) -> Self {
        Self::start_with(tenant, config()).await
    }

    /// As [`Bench::start`], with another config of requests.
    pub async fn start_with(tenant: TenantState, config: ClientConfig) -> Self {
        let sandbox = Sandbox::start(tenant).await.unwrap();
        let endpoints = Endpoints::new(Cloud::Public, Some(&sandbox.root()), Some(&sandbox.root())).unwrap();
        let credentials =
            Credentials::ready(sandbox.graph_token().into(), sandbox.portal_token().into()).unwrap();
        let (reader, writer) = connect(&endpoints, credentials, &config).unwrap();
        let directory = super::folder();
        let state = StateDir::new(directory.path().to_owned());
        Self { sandbox, reader, writer, state, _directory: directory }
    }

    /// Returns a session with the tenant, for the use cases.
    pub fn session(&self) -> Session {
        session((self.reader.clone(), self.writer.clone()), &self.state, Stop::default())
    }

    pub async fn plan(&self, spec: &Spec) -> Plan {
        let tenant = observe(&self.reader, spec, SurfaceSelection::Both).await.unwrap().tenant;
        let overrides = Overrides {
            all_users: true,
            raising_required: true,
            lockout: true,
            early: true,
            max_people: None,
        };
        plan(spec, &tenant, PlanOptions { now: NOW, overrides })
    }

    pub async fn apply(&self, spec: &Spec) -> Result<Outcome, ApplyError> {
        let plan = self.plan(spec).await;
        self.apply_plan(&plan).await
    }

    pub async fn apply_plan(&self, plan: &Plan) -> Result<Outcome, ApplyError> {
        let patience = Patience { first: Duration::from_millis(1), total: Duration::from_millis(200) };
        apply(plan, (&self.reader, &self.writer), &self.state, patience, &Silent).await
    }

    /// Plans a way back from what runs on record wrote.
    pub async fn plan_back(&self, back_to: BackTo<'_>) -> (Plan, RollbackInput) {
        let cleanup = Spec::cleanup(None);
        let recorded = observe_recorded_runs(&self.reader, &self.state, &cleanup, back_to).await.unwrap();
        let options = RollbackOptions {
            command: "rollback",
            now: NOW,
            back_to: recorded.back_to.clone(),
            overwrites_changes: false,
            is_unchecked: recorded.is_unchecked,
            touched: None,
        };
        (plan_rollback(&recorded.organization, &recorded.past, &recorded.actual, options), recorded)
    }

    /// Lets something go wrong from now on: `METHOD PATH FAULT [CALLS]`.
    pub fn fail(&self, rule: &str) {
        self.sandbox.fail(rule.parse().unwrap());
    }

    /// Returns the requests since the last call that change something.
    pub fn take_writes(&self) -> Vec<ReceivedRequest> {
        self.take_requests().into_iter().filter(|request| request.method != "GET").collect()
    }

    /// Returns the requests since the last call. Fails the test where one met no route.
    pub fn take_requests(&self) -> Vec<ReceivedRequest> {
        let requests = self.sandbox.take_requests();
        for request in &requests {
            assert!(request.is_known, "the sandbox has no route for {} {}", request.method, request.target);
        }
        requests
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.take_requests();
        }
    }
}
