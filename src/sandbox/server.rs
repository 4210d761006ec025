//! The server: routes, sign-in, persistence, and a record of what was asked.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::audit::{AuditLog, Initiator};
use super::faults::{Faults, Rule, stand_in_the_way};
use super::limit::Limit;
use super::line::{Lines, Scissors};
use super::sign_in::Tokens;
use super::token::Holder;
use super::wire::{Distance, Wire, travel};
use super::world::{Seed, World};
use super::{graph, graph_policies, people, portal, sign_in};

/// A running sandbox. It stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    shared: Shared,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

/// One request the sandbox answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Body, as sent.
    pub body: String,
    /// Status of the answer; 0 where none was given.
    pub status: u16,
    /// Whether the sandbox has such a route; a test that meets none of them must fail.
    pub is_known: bool,
}

/// State shared by all requests.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    inner: Arc<Inner>,
}

struct Inner {
    world: Mutex<World>,
    /// Apart from the world: what was done is no part of what is there.
    audits: Mutex<AuditLog>,
    file: Option<PathBuf>,
    tokens: Tokens,
    faults: Mutex<Faults>,
    recorded: Option<Mutex<Vec<Recorded>>>,
    reports: Mutex<Limit>,
    wire: Wire,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("file", &self.file).finish_non_exhaustive()
    }
}

/// The sandbox's file, told apart from other versions by its format.
#[derive(Serialize, Deserialize)]
struct Saved {
    format: String,
    world: World,
    #[serde(default)]
    audits: AuditLog,
}

const FORMAT: &str = "sspr.sandbox/1";

impl Sandbox {
    /// Serves a world on a free port of this machine and keeps a record of every request: for tests.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(world: World) -> io::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::serve(address, (world, AuditLog::default()), None, Some(Mutex::default())).await
    }

    /// Serves the world kept in `file`, or a fresh one where there is no such file, and saves every change.
    ///
    /// # Errors
    /// The port could not be bound, or the file is not a sandbox this version knows.
    pub async fn open(address: SocketAddr, file: PathBuf) -> io::Result<Self> {
        let fresh = || (World::seeded(Seed::default()), AuditLog::default());
        Self::serve(address, load(&file)?.unwrap_or_else(fresh), Some(file), None).await
    }

    /// Puts a seed's world, and so many generated people, into `file`, in place of whatever was there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn reset(file: &Path, seed: Seed, people: u64) -> io::Result<()> {
        let world = World::seeded(seed);
        let world = if people == 0 { world } else { world.with_crowd(people) };
        save(file, &world, &AuditLog::default())
    }

    async fn serve(
        address: SocketAddr,
        (world, audits): (World, AuditLog),
        file: Option<PathBuf>,
        recorded: Option<Mutex<Vec<Recorded>>>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let tokens = Tokens::mint(world.tenant_id);
        let inner = Inner {
            world: Mutex::new(world),
            audits: Mutex::new(audits),
            file,
            tokens,
            faults: Mutex::default(),
            recorded,
            reports: Mutex::default(),
            wire: Wire::default(),
        };
        let shared = Shared { inner: Arc::new(inner) };
        let routes = routes(shared.clone()).into_make_service_with_connect_info::<Scissors>();
        let serving = tokio::spawn(async move {
            // Ends with the task; there is no one to tell of an accept that failed.
            let _ = axum::serve(Lines(listener), routes).await;
        });
        Ok(Self { shared, address, serving })
    }

    /// Returns the root of both surfaces.
    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the token the Graph routes take.
    pub fn graph_token(&self) -> &str {
        &self.shared.inner.tokens.graph[0]
    }

    /// Returns the token the admin-centre routes take.
    pub fn portal_token(&self) -> &str {
        &self.shared.inner.tokens.portal[0]
    }

    /// Returns an application's token, which the Graph routes take and the admin-centre routes refuse.
    pub fn application_token(&self) -> &str {
        &self.shared.inner.tokens.application
    }

    /// Returns the tokens for Graph and for the admin centre that are taken once the first have expired.
    pub fn renewed_tokens(&self) -> (&str, &str) {
        let tokens = &self.shared.inner.tokens;
        (&tokens.graph[1], &tokens.portal[1])
    }

    /// Lets something go wrong from now on.
    pub fn fail(&self, rule: Rule) {
        self.shared.faults().add(rule);
    }

    /// Lets nothing go wrong any more, except what already has.
    pub fn heal(&self) {
        self.shared.faults().clear();
    }

    /// Returns whether a request is being kept waiting by [`super::Fault::Slow`].
    pub fn is_held_up(&self) -> bool {
        self.shared.faults().held_up > 0
    }

    /// Returns the world as it is now.
    pub fn world(&self) -> World {
        self.shared.world().clone()
    }

    /// Changes the world behind the client's back, as someone in the portal would.
    pub fn edit(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.shared.world());
    }

    /// Changes the world as [`Sandbox::edit`] does, and lets the audit log tell who did.
    pub fn edit_as(&self, person: &str, change: impl FnOnce(&mut World)) {
        let mut world = self.shared.world();
        let before = world.clone();
        change(&mut world);
        self.shared.audits().note(&before, &world, &Initiator::person(person));
    }

    /// Changes how the audit log behaves from now on.
    pub fn audit(&self, change: impl FnOnce(&mut AuditLog)) {
        change(&mut self.shared.audits());
    }

    /// Sets how many report and audit requests are answered in what time; Graph's limit is 5 in 10 seconds.
    pub fn limit_reports(&self, requests: usize, per: std::time::Duration) {
        *self.shared.reports() = Limit::new(requests, per);
    }

    /// Lets every answer travel as far as this. The first call counts.
    pub fn set_distance(&self, distance: Distance) {
        self.shared.wire().set_distance(distance);
    }

    /// Logs every request to a new file, one JSON object a line: what was asked, the status, the bytes of the
    /// answer, and from when to when (microseconds since the log began).
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn log_to(&self, path: &Path) -> io::Result<()> {
        self.shared.wire().log_to(path)
    }

    /// Changes the world as [`Sandbox::edit`] does, and saves it.
    ///
    /// # Errors
    /// The state cannot be saved.
    pub(super) fn change(&self, change: impl FnOnce(&mut World)) -> io::Result<()> {
        self.shared.write(change)
    }

    /// Returns every request since the last call, in the order they were answered.
    pub fn take_requests(&self) -> Vec<Recorded> {
        let recorded = self.shared.inner.recorded.as_ref();
        recorded.map(|recorded| std::mem::take(&mut *lock(recorded))).unwrap_or_default()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    pub(super) fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.inner.faults)
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.inner.world)
    }

    /// Takes up what another process did to the same file, such as `sspr sandbox act`. A file that cannot be
    /// read now leaves the world as it is.
    pub(super) fn refresh(&self) {
        if let Some(Ok(Some((world, audits)))) = self.inner.file.as_deref().map(load) {
            *self.world() = world;
            *self.audits() = audits;
        }
    }

    /// The way to every client.
    pub(super) fn wire(&self) -> &Wire {
        &self.inner.wire
    }

    /// The limit that the report and audit endpoints share.
    pub(super) fn reports(&self) -> MutexGuard<'_, Limit> {
        lock(&self.inner.reports)
    }

    pub(super) fn audits(&self) -> MutexGuard<'_, AuditLog> {
        lock(&self.inner.audits)
    }

    /// Returns the audit log's rows about policies, as one look shows them.
    pub(super) fn look_at_audits(&self) -> Vec<serde_json::Value> {
        let (world, mut audits) = (self.world(), self.audits());
        let is_late = audits.is_late();
        let rows = audits.look();
        if let (true, Some(file)) = (is_late, &self.inner.file) {
            // A look that is not counted is one more to wait for.
            let _ = save(file, &world, &audits);
        }
        rows
    }

    /// Changes the world and saves it before anyone is told.
    pub(super) fn write(&self, change: impl FnOnce(&mut World)) -> io::Result<()> {
        self.write_as(None, change)
    }

    /// As [`Shared::write`]; the audit log tells who changed which policy.
    pub(super) fn write_as(&self, holder: Option<Holder>, change: impl FnOnce(&mut World)) -> io::Result<()> {
        let (mut world, mut audits) = (self.world(), self.audits());
        let (mut changed, mut told) = (world.clone(), audits.clone());
        change(&mut changed);
        if let Some(holder) = holder {
            told.note(&world, &changed, &Initiator::of(holder));
        }
        if let Some(file) = &self.inner.file {
            save(file, &changed, &told)?;
        }
        (*world, *audits) = (changed, told);
        Ok(())
    }
}

/// A panic in one request must not make the state unreadable to the next.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn routes(shared: Shared) -> Router {
    let graph = Router::new()
        .route("/organization", get(graph::organization))
        .route("/groups", get(graph::groups))
        .route("/groups/{id}", get(graph::group))
        .route(
            "/policies/authorizationPolicy",
            get(graph_policies::authorization).patch(graph_policies::patch_authorization),
        )
        .route("/policies/authenticationMethodsPolicy", get(graph_policies::methods))
        .route(
            "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{id}",
            get(graph_policies::method).patch(graph_policies::patch_method),
        )
        .route("/groups/{id}/transitiveMemberOf", get(graph::groups_around))
        .merge(people::routes(&shared))
        .fallback(unknown_graph)
        .layer(middleware::from_fn_with_state(shared.clone(), sign_in::graph));
    let portal = Router::new()
        .route("/PasswordReset/PasswordResetPolicies", get(portal::get_policy).put(portal::put_policy))
        .route(
            "/PasswordReset/OnPremisesPasswordResetPolicies",
            get(portal::get_writeback).put(portal::put_writeback),
        )
        .fallback(unknown_portal)
        .layer(middleware::from_fn_with_state(shared.clone(), sign_in::portal));
    Router::new()
        .nest("/v1.0", graph)
        .nest("/api", portal)
        .fallback(unknown_graph)
        .layer(middleware::from_fn_with_state(shared.clone(), stand_in_the_way))
        .layer(middleware::from_fn_with_state(shared.clone(), record))
        .layer(middleware::from_fn_with_state(shared.clone(), travel))
        .with_state(shared)
}

/// Marks an answer as "there is no such route", for the record.
#[derive(Clone)]
struct Unknown;

async fn unknown_graph(request: Request) -> Response {
    let message = format!("Resource not found for the segment '{}'.", request.uri().path());
    let mut response = graph::error(StatusCode::NOT_FOUND, "BadRequest", &message);
    response.extensions_mut().insert(Unknown);
    response
}

async fn unknown_portal() -> Response {
    let mut response = portal::error(StatusCode::NOT_FOUND, "No HTTP resource was found.");
    response.extensions_mut().insert(Unknown);
    response
}

async fn record(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let Some(recorded) = &shared.inner.recorded else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let method = parts.method.to_string();
    let target = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let bytes = axum::body::to_bytes(body, 4 * 1024 * 1024).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let unanswered = Recorded { method, target, body, status: 0, is_known: true };
    let mut asked = Asked { recorded, request: Some(unanswered) };
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if let Some(request) = &mut asked.request {
        request.status = response.status().as_u16();
        request.is_known = response.extensions().get::<Unknown>().is_none();
    }
    response
}

/// Records a request when it is over, one that was given up waiting for as well.
struct Asked<'a> {
    recorded: &'a Mutex<Vec<Recorded>>,
    request: Option<Recorded>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        lock(self.recorded).extend(self.request.take());
    }
}

fn load(file: &Path) -> io::Result<Option<(World, AuditLog)>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match serde_json::from_str::<Saved>(&text) {
        Ok(saved) if saved.format == FORMAT => Ok(Some((saved.world, saved.audits))),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "{} is not a sandbox of this version; `sspr sandbox reset` makes a new one",
                file.display()
            ),
        )),
    }
}

fn save(file: &Path, world: &World, audits: &AuditLog) -> io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut whole = tempfile::NamedTempFile::new_in(directory)?;
    let saved = Saved { format: FORMAT.to_owned(), world: world.clone(), audits: audits.clone() };
    whole.write_all(serde_json::to_string_pretty(&saved)?.as_bytes())?;
    whole.persist(file).map_err(|error| error.error)?;
    Ok(())
}
