//! A fleet of pretend tenants, and the engine run on it as the program runs it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use sspr::app::fleet::{
    FleetContext, FleetEvent, FleetObserver, FleetRequest, OpenTenant, TenantLimits, TenantRequest, fleet,
};
use sspr::app::{Always, Clock, Confirm, Session, Writing};
use sspr::client::{ClientConfig, Cloud, Connections, Credentials, Endpoints, connect};
use sspr::error::{Exit, Failure};
use sspr::outcome::fleet::{FleetRun, FleetVerb, TenantResult, TenantRow};
use sspr::plan::{Overrides, Reviewed};
use sspr::sandbox::Sandbox;
use sspr::spec_file::fleet::{Fleet, FleetTenant, load};
use sspr::stop::Stop;
use sspr::store::{FleetRecords, StateDir};

use crate::common::{NOW, config, folder, session};

const LONG: Duration = Duration::from_secs(600);

/// A fleet file, its tenants, and where its runs are recorded.
pub struct Tenants {
    pub sandbox: Arc<Sandbox>,
    pub fleet: Fleet,
    pub state: StateDir,
    /// Asked to end a run.
    pub stop: Stop,
    /// What is said in place of opening a tenant, by name.
    pub locked: BTreeMap<String, Trouble>,
    connections: Connections,
    _folder: tempfile::TempDir,
}

/// What may happen where a tenant is opened.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// No one is signed in.
    NotSignedIn,
    /// The tokens are another tenant's.
    OtherTenant,
    /// An error of our own.
    Panics,
    /// Signing in never ends, and does not listen.
    Hangs,
}

/// Opens the pretend tenants.
struct Opener {
    sandbox: Arc<Sandbox>,
    state: StateDir,
    connections: Connections,
    locked: BTreeMap<String, Trouble>,
}

impl OpenTenant for Opener {
    async fn open(&self, tenant: &FleetTenant, stop: Stop) -> Result<Session, Failure> {
        let mut name = tenant.tenant.clone();
        match self.locked.get(&name) {
            None => {}
            Some(Trouble::OtherTenant) => name = "elsewhere.example".to_owned(),
            Some(Trouble::Panics) => panic!("no door to {name}"),
            Some(Trouble::Hangs) => std::future::pending().await,
            Some(Trouble::NotSignedIn) => {
                let error = anyhow::anyhow!("not signed in to {name}");
                return Err(Failure::new(Exit::NotSignedIn, error, &format!("az login --tenant {name}")));
            }
        }
        let sandbox = self.sandbox.of(&name).unwrap().unwrap();
        let endpoints = Endpoints::new(Cloud::Public, Some(&sandbox.root()), Some(&sandbox.root())).unwrap();
        let tokens = (sandbox.graph_token().into(), sandbox.portal_token().into());
        let config = ClientConfig { stop: stop.clone(), connections: self.connections.clone(), ..config() };
        let credentials = Credentials::ready(tokens.0, tokens.1).unwrap();
        Ok(session(connect(&endpoints, credentials, &config)?, &self.state, stop))
    }
}

/// Returns a fleet file with what every tenant gets, and each tenant with what is its own.
pub fn file(waves: &[&str], spec: &str, tenants: &[(String, String)]) -> String {
    let tenants = tenants.iter().map(|(name, own)| format!("  - {{tenant: {name}, {own}}}\n"));
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "version: 1\nwaves: [{}]\nspec:\n{spec}tenants:\n{}",
        waves.join(", "),
        tenants.collect::<String>()
    )
}

/// Returns the keys of the pilot that the README shows.
pub fn pilot() -> String {
    let lines = include_str!("../../examples/pilot.yaml").lines();
    lines.filter(|line| !line.starts_with('#') && !line.starts_with("version")).collect::<Vec<_>>().join("\n")
}

impl Tenants {
    /// Serves the tenants of a fleet file, each in the state a pilot finds it in.
    pub async fn start(file: &str) -> Self {
        let fleet =
            load("fleet.yaml", file.as_bytes()).unwrap_or_else(|error| panic!("{}", error.render(false)));
        let mut names: Vec<String> = fleet.tenants().iter().map(|tenant| tenant.tenant.clone()).collect();
        names.push("elsewhere.example".to_owned());
        let (folder, sandbox) = (folder(), Sandbox::start_many(&names).await.unwrap());
        for name in &names {
            // Several runs in ten seconds would meet the limit.
            sandbox.of(name).unwrap().unwrap().limit_reports(usize::MAX, Duration::ZERO);
        }
        Self {
            sandbox: Arc::new(sandbox),
            fleet,
            state: StateDir::new(folder.path().to_owned()),
            stop: Stop::default(),
            locked: BTreeMap::new(),
            connections: Connections::default(),
            _folder: folder,
        }
    }

    /// As [`Tenants::start`], with so many tenants in these waves, one after the other.
    pub async fn in_waves(waves: &[(&str, usize)]) -> Self {
        let of_wave = |(wave, many): &(&str, usize)| std::iter::repeat_n(format!("wave: {wave}"), *many);
        let own: Vec<String> = waves.iter().flat_map(of_wave).collect();
        let tenants: Vec<(String, String)> = (1..).map(name).zip(own).collect();
        let names: Vec<&str> = waves.iter().map(|(wave, _)| *wave).collect();
        Self::start(&file(&names, &pilot(), &tenants)).await
    }

    /// Returns a pretend tenant by its number.
    pub fn tenant(&self, number: usize) -> Sandbox {
        self.sandbox.of(&name(number)).unwrap().unwrap()
    }

    pub fn request(&self, verb: FleetVerb) -> FleetRequest<'_> {
        FleetRequest {
            each: TenantRequest {
                verb,
                is_graph_only: false,
                allows_unread: false,
                is_detailed: false,
                overrides: Overrides { max_people: Some(1000), ..Overrides::default() },
                writing: Writing { wait: Duration::from_secs(5), prove: None, shows_names: true },
            },
            fleet: &self.fleet,
            tenants: self.fleet.tenants().iter().collect(),
            shard: None,
            reviewed: None,
            parallel: 8,
            max_failures: None,
            gate: None,
            limits: TenantLimits { time: LONG, grace_to_read: LONG, grace_to_write: LONG },
        }
    }

    pub async fn run(&self, request: FleetRequest<'_>) -> FleetRun {
        self.run_with(request, &Log::default(), &Always).await.unwrap()
    }

    pub async fn run_with(
        &self,
        request: FleetRequest<'_>,
        observer: &impl FleetObserver,
        confirm: &impl Confirm,
    ) -> Result<FleetRun, Failure> {
        let (opener, records) = (Arc::new(self.opener()), self.records(request.each.verb));
        let context = FleetContext {
            records: &records,
            stop: &self.stop,
            clock: Clock { fixed: Some(NOW), ..Clock::default() },
            is_sandbox: true,
        };
        fleet(opener, request, context, observer, confirm).await
    }

    /// Opens a tenant as a run does.
    pub async fn open(&self, tenant: &FleetTenant, stop: Stop) -> Result<Session, Failure> {
        self.opener().open(tenant, stop).await
    }

    fn opener(&self) -> Opener {
        Opener {
            sandbox: Arc::clone(&self.sandbox),
            state: self.state.clone(),
            connections: self.connections.clone(),
            locked: self.locked.clone(),
        }
    }

    /// Returns where the runs of a command are recorded.
    pub fn records(&self, verb: FleetVerb) -> FleetRecords {
        self.state.fleet_records(Path::new("/fleet.yaml"), verb)
    }

    /// Returns the tenants that the last run of a command left.
    pub fn left(&self, verb: FleetVerb) -> Vec<&FleetTenant> {
        let names: Vec<&str> = self.fleet.tenants().iter().map(|tenant| &*tenant.tenant).collect();
        let last = self.records(verb).last_results(&names).unwrap().unwrap();
        let is_left = |tenant: &&FleetTenant| !last[&tenant.tenant.to_lowercase()].is_fine();
        self.fleet.tenants().iter().filter(is_left).collect()
    }

    /// Returns the plans of all tenants, as if they had been reviewed.
    pub async fn reviewed(&self) -> BTreeMap<String, Result<Reviewed, Failure>> {
        let log = Log { keeps_plans: true, ..Log::default() };
        self.run_with(self.request(FleetVerb::Plan), &log, &Always).await.unwrap();
        let plans = log.plans.into_inner().into_iter();
        plans.map(|(name, plan)| (name, Ok(Reviewed::parse(plan.as_bytes()).unwrap()))).collect()
    }
}

/// Returns the name of a tenant by its number.
pub fn name(number: usize) -> String {
    format!("tenant-{number:04}.example")
}

/// Returns what became of each tenant.
pub fn results(run: &FleetRun) -> Vec<TenantResult> {
    run.rows.iter().map(|row| row.result).collect()
}

/// Writes down what it is told.
#[derive(Default)]
pub struct Log {
    pub lines: RefCell<Vec<String>>,
    /// Whether plans are kept.
    pub keeps_plans: bool,
    pub plans: RefCell<Vec<(String, String)>>,
    /// Asked once a tenant of this name has ended.
    pub stops: Option<(String, Stop)>,
}

impl Log {
    fn ended(&self, row: &TenantRow, is_pending: bool) -> String {
        let stops = self.stops.as_ref().filter(|(name, _)| *name == row.tenant && !is_pending);
        if let Some((_, stop)) = stops {
            stop.ask(sspr::stop::StopReason::Interrupted);
        }
        let result = if is_pending { "planned" } else { row.result.as_str() };
        format!("{} {result}", row.tenant)
    }
}

impl FleetObserver for Log {
    fn on(&self, event: FleetEvent<'_>) -> Result<()> {
        let line = match event {
            FleetEvent::Reading { tenants } => format!("reading {tenants}"),
            FleetEvent::Planned { tenant, plan } => {
                if self.keeps_plans {
                    self.plans.borrow_mut().push((tenant.tenant.clone(), sspr::render::json::plan(plan)));
                }
                return Ok(());
            }
            FleetEvent::Ended { row, is_pending } => self.ended(row, is_pending),
            FleetEvent::Asking(run) => format!("asking about {}", run.rows.len()),
            FleetEvent::Writing => "writing".to_owned(),
            FleetEvent::Wave { wave, tenants } => format!("wave {wave} {tenants}"),
            FleetEvent::Gate { wave, tenants } => format!("gate {wave} {tenants}"),
            FleetEvent::Notice(notice) => notice.to_owned(),
        };
        self.lines.borrow_mut().push(line);
        Ok(())
    }
}
