//! Opens the tenant that the flags and the environment mean.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;

use super::Global;
use super::environment::{
    Interactivity, check_roots, environment, lock_dir, sandbox_dir, state_dir, variable,
};
use super::login_settings::{client_id, kept_sign_ins};
use super::sign_in_flags::AuthName;
use crate::app::{Clock, Session};
use crate::client::{
    self, Asks, Auth, ClientConfig, Cloud, Connections, Credentials, EndpointError, Endpoints, KeptSignIns,
    PortalSupport, SignIn, SignInError,
};
use crate::error::{Exit, Failure};
use crate::sandbox::Sandbox;
use crate::stop::Stop;
use crate::store::{SharedLocks, StateDir};

/// An open tenant, and what it is served by.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) tenant: Session,
    /// Kept alive for as long as it is talked to.
    pub(super) _sandbox: Option<Sandbox>,
}

/// Opens the tenant the flags and the environment mean. Sends nothing yet.
/// `tenant` is the one a spec names: of several sign-ins that are kept, its own is used.
/// With `is_graph_only` the admin centre's sign-in is asked nothing.
pub(super) async fn open(
    global: &Global,
    tenant: Option<&str>,
    is_graph_only: bool,
) -> Result<Opened, Failure> {
    if global.sandbox {
        return open_sandbox(global).await;
    }
    let mut sign_in = sign_in(global, tenant)?;
    sign_in.is_graph_only = is_graph_only;
    open_tenant(global, sign_in)
}

/// Opens the built-in pretend tenant.
pub(super) async fn open_sandbox(global: &Global) -> Result<Opened, Failure> {
    let state = sandbox_dir()?;
    let sandbox =
        Sandbox::open(SocketAddr::from(([127, 0, 0, 1], 0)), state.join("tenant.json"), false).await;
    let sandbox = sandbox.context("the sandbox could not be started")?;
    let base = Base::on_sandbox(global, &sandbox)?;
    let tenant = base.session(tokens_of(&sandbox)?, &global.stop)?;
    Ok(Opened { tenant, _sandbox: Some(sandbox) })
}

/// Opens the tenant that someone signs in to.
pub(super) fn open_tenant(global: &Global, sign_in: SignIn) -> Result<Opened, Failure> {
    let base = Base::new(global)?;
    let credentials = Credentials::choose(sign_in).map_err(not_a_token)?;
    Ok(Opened { tenant: base.session(credentials, &global.stop)?, _sandbox: None })
}

/// Returns what opens a pretend tenant.
pub(super) fn tokens_of(sandbox: &Sandbox) -> Result<Credentials, Failure> {
    let ready = Credentials::ready(sandbox.graph_token().into(), sandbox.portal_token().into());
    Ok(ready.map_err(anyhow::Error::from)?)
}

/// What sessions are opened on, whoever signs in: hosts, connections, and where records are kept.
#[derive(Clone, Debug)]
pub(super) struct Base {
    endpoints: Endpoints,
    pace: Option<Duration>,
    /// Shared by the sessions.
    connections: Connections,
    state: StateDir,
    kept: KeptSignIns,
    pub(super) clock: Clock,
    is_sandbox: bool,
}

impl Base {
    /// Looks at the flags and the environment. Sends nothing.
    pub(super) fn new(global: &Global) -> Result<Self, Failure> {
        let (graph, portal) = (variable("SSPR_GRAPH_URL")?, variable("SSPR_PORTAL_URL")?);
        let cloud = global.cloud.cloud();
        let endpoints =
            Endpoints::new(cloud, graph.as_deref(), portal.as_deref()).map_err(not_an_endpoint)?;
        if cloud.portal_support() != PortalSupport::Seen {
            tracing::warn!("portal: no published tool uses this API in the cloud `{}`", cloud.as_str());
        }
        check_roots()?;
        let state = state_dir()?;
        let kept = KeptSignIns::below(&state, client_id()?);
        let mut state = looked_at(state);
        if let Some(folder) = lock_dir() {
            let portal = endpoints.portal.host_str().unwrap_or_default();
            let port = endpoints.portal.port_or_known_default().unwrap_or_default();
            state = state.with_shared_locks(SharedLocks::new(folder, portal, port));
        }
        Ok(Self::of(global, endpoints, state, kept))
    }

    /// As [`Base::new`], on the sandbox of this process. It lives in the state directory, whose own lock is all there is
    /// to it, and signs no one in.
    pub(super) fn on_sandbox(global: &Global, sandbox: &Sandbox) -> Result<Self, Failure> {
        let root = sandbox.root();
        let endpoints = Endpoints::new(Cloud::Public, Some(&root), Some(&root)).map_err(not_an_endpoint)?;
        let state = sandbox_dir()?;
        let kept = KeptSignIns::below(&state, None);
        Ok(Self { is_sandbox: true, ..Self::of(global, endpoints, looked_at(state), kept) })
    }

    pub(super) fn kept(&self) -> &KeptSignIns {
        &self.kept
    }

    fn of(global: &Global, endpoints: Endpoints, state: StateDir, kept: KeptSignIns) -> Self {
        Self {
            endpoints,
            pace: global.pace.map(Duration::from_millis),
            connections: Connections::default(),
            state,
            kept,
            clock: clock(global),
            is_sandbox: false,
        }
    }

    /// Opens a session; its pace is its own, and it stops when `stop` is asked. Sends nothing yet.
    ///
    /// # Errors
    /// No certificate roots are to be had.
    pub(super) fn session(&self, credentials: Credentials, stop: &Stop) -> Result<Session, Failure> {
        let connections = self.connections.clone();
        let mut config = ClientConfig { stop: stop.clone(), connections, ..ClientConfig::default() };
        if let Some(pace) = self.pace {
            config.retry.first = pace;
            config.reports.per = pace;
        }
        let (reader, writer) = client::connect(&self.endpoints, credentials, &config)?;
        Ok(Session {
            reader,
            writer,
            state: self.state.clone(),
            kept: self.kept.clone(),
            stop: config.stop,
            clock: self.clock,
            pause_between_looks: self.pace.unwrap_or(Duration::from_secs(10)),
            is_sandbox: self.is_sandbox,
            snapshot: None,
        })
    }
}

/// Returns the clock a run goes by: the pretend tenant has one of its own.
pub(super) fn clock(global: &Global) -> Clock {
    clock_of(global, global.sandbox)
}

pub(super) fn clock_of(global: &Global, is_sandbox: bool) -> Clock {
    let file = if is_sandbox { sandbox_dir().ok() } else { None };
    let ahead = file.and_then(|folder| Sandbox::ahead_in(&folder.join("tenant.json"))).unwrap_or_default();
    Clock { ahead, ..global.clock() }
}

/// Returns what the flags and the environment say about who signs in.
pub(super) fn sign_in(global: &Global, tenant: Option<&str>) -> Result<SignIn, Failure> {
    let mut sign_in = ways(global)?;
    let kept = kept_sign_ins()?;
    // What a command is given says more than what is set for all of them.
    let named =
        tenant.map(str::to_owned).map_or_else(|| variable("AZURE_TENANT_ID"), |name| Ok(Some(name)))?;
    let found = kept.pick(named.as_deref(), &sign_in.authority());
    let interactivity = Interactivity::detect();
    // Elsewhere no one would see what to do, and it would be waited for.
    if sign_in.graph.is_some_and(Auth::is_own_client) && interactivity.has_terminal {
        let client = kept.client_of(named.as_deref().unwrap_or_default());
        let opens_browser = interactivity.no_browser.is_none();
        sign_in.asks = Some(Asks { tenant: named, client, opens_browser });
    }
    sign_in.environment = sign_in.environment.with_kept(found).with_named(tenant.map(str::to_owned));
    sign_in.kept = Some(kept);
    Ok(sign_in)
}

/// Returns the ways to sign in that the flags name, and what the environment has for them, whichever tenant it is.
pub(super) fn ways(global: &Global) -> Result<SignIn, Failure> {
    let graph = global.graph_auth.unwrap_or(global.auth).auth();
    // A client of the tenant's own opens Graph alone; the other half takes what it would take anyway.
    let both = global.auth.auth().filter(|auth| !auth.is_own_client());
    let portal = global.portal_auth.map_or(both, AuthName::auth);
    let mut sign_in = SignIn::new(global.cloud.cloud(), (graph, portal), environment()?);
    sign_in.patience = global.sign_in_limit.map(Duration::from_millis);
    if let Some(pace) = global.pace {
        sign_in.second = Duration::from_millis(pace);
    }
    Ok(sign_in)
}

pub(super) fn not_a_token(error: SignInError) -> Failure {
    Failure::new(
        Exit::NotSignedIn,
        error.into(),
        "set SSPR_GRAPH_TOKEN and SSPR_PORTAL_TOKEN to the bare token, without quotes or `Bearer`, or unset them",
    )
}

/// Opens the state directory the flags and the environment mean, without a tenant.
pub(super) fn open_state(global: &Global) -> Result<StateDir, Failure> {
    Ok(looked_at(if global.sandbox { sandbox_dir()? } else { state_dir()? }))
}

/// Says where others may take records out of a state directory: what they put in is refused, each on its own.
pub(super) fn looked_at(path: PathBuf) -> StateDir {
    let state = StateDir::new(path);
    if let Some(why) = state.problem() {
        tracing::warn!("the state directory {}: {why}", state.root().display());
    }
    state
}

pub(super) fn not_an_endpoint(error: EndpointError) -> Failure {
    Failure::new(Exit::Usage, error.into(), "unset the variable to use Microsoft's public cloud")
}
