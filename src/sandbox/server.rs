//! Starts and serves a sandbox, and changes, inspects and injects faults into it.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::http;
use super::shared::{Latency, Limit, Log, ReceivedRequest, Rule, Shared, Tenants, load, save};
use super::tenant::{AuditLog, Initiator, Seed, TenantState};

/// A running sandbox, and the one of its tenants that is meant. It stops when the last such is dropped.
#[derive(Debug)]
pub struct Sandbox {
    pub(super) shared: Shared,
    tenants: Tenants,
    served: Arc<http::Served>,
}

impl Sandbox {
    /// Serves a tenant on a free port of this machine and keeps a record of every request: for tests.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start(tenant: TenantState) -> io::Result<Self> {
        let tenants = Tenants::one(Shared::new(tenant, AuditLog::default(), None));
        Self::serve(SocketAddr::from(([127, 0, 0, 1], 0)), tenants, false).await
    }

    /// As [`Sandbox::start`], with many tenants behind one host, told apart by their tokens; [`Sandbox::of`] is one of
    /// them. A tenant's name is a domain or its id. Each is made when it is first asked for.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start_many(names: &[String]) -> io::Result<Self> {
        Self::serve(SocketAddr::from(([127, 0, 0, 1], 0)), Tenants::many(names, None), false).await
    }

    /// Serves the tenant kept in `file`, or a fresh one where there is no such file, and saves every change. Over TLS
    /// with a certificate for this machine and for Microsoft's hosts, signed by [`Sandbox::authority`].
    ///
    /// # Errors
    /// The port could not be bound, no certificate can be made, or the file is not a sandbox this version knows.
    pub async fn open(address: SocketAddr, file: PathBuf, speaks_tls: bool) -> io::Result<Self> {
        let fresh = || (TenantState::seeded(Seed::default()), AuditLog::default());
        let (tenant, audits) = load(&file)?.unwrap_or_else(fresh);
        let tenants = Tenants::one(Shared::new(tenant, audits, Some(file)));
        Self::serve(address, tenants, speaks_tls).await
    }

    /// As [`Sandbox::open`], with many tenants as [`Sandbox::start_many`] has: each in a file of its own below `folder`,
    /// once it changes. The one that goes by [`Seed::DOMAIN`] is that of `tenant.json`.
    ///
    /// # Errors
    /// The port could not be bound; no certificate can be made.
    pub async fn open_many(
        address: SocketAddr,
        folder: PathBuf,
        names: &[String],
        speaks_tls: bool,
    ) -> io::Result<Self> {
        Self::serve(address, Tenants::many(names, Some(folder)), speaks_tls).await
    }

    async fn serve(address: SocketAddr, tenants: Tenants, speaks_tls: bool) -> io::Result<Self> {
        let served = http::serve(address, tenants.clone(), speaks_tls).await?;
        Ok(Self { shared: tenants.first().clone(), tenants, served: Arc::new(served) })
    }

    /// Returns the tenant that goes by a name, of the same sandbox; `None` where it has none such.
    ///
    /// # Errors
    /// Its file is not a sandbox this version knows.
    pub fn of(&self, tenant: &str) -> io::Result<Option<Self>> {
        let found = self.tenants.named(tenant)?;
        Ok(found.map(|shared| Self {
            shared,
            tenants: self.tenants.clone(),
            served: Arc::clone(&self.served),
        }))
    }

    /// Deletes what is kept of the tenants of [`Sandbox::open_many`] in `folder`, but for that of `tenant.json`. Returns
    /// how many there were.
    ///
    /// # Errors
    /// A file cannot be deleted.
    pub fn forget_many(folder: &Path) -> io::Result<usize> {
        let folder = folder.join("tenants");
        let many = match std::fs::read_dir(&folder) {
            Ok(entries) => entries.count(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        std::fs::remove_dir_all(&folder)?;
        Ok(many)
    }

    /// Puts a seed's tenant, and so many generated people, into `file`, in place of whatever was there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn reset(file: &Path, seed: Seed, people: u64) -> io::Result<()> {
        let tenant = TenantState::seeded(seed);
        let tenant = if people == 0 { tenant } else { tenant.with_generated_users(people) };
        save(file, &tenant, &AuditLog::default())
    }

    /// Returns the port it is served on.
    pub fn port(&self) -> u16 {
        self.served.address.port()
    }

    /// Returns the root of both surfaces: over TLS by name, as certificates are asked for.
    pub fn root(&self) -> String {
        match self.served.authority {
            Some(_) => format!("https://localhost:{}", self.served.address.port()),
            None => format!("http://{}", self.served.address),
        }
    }

    /// Returns the certificate of the authority to trust, as PEM, where the sandbox speaks TLS. A new one at every
    /// start; its key is gone, so that nothing else can be signed by it.
    pub fn authority(&self) -> Option<&str> {
        self.served.authority.as_deref()
    }

    /// Returns the token the Graph routes take.
    pub fn graph_token(&self) -> &str {
        &self.shared.tokens().graph[0]
    }

    /// Returns the token the admin-centre routes take.
    pub fn portal_token(&self) -> &str {
        &self.shared.tokens().portal[0]
    }

    /// Returns an application's token, which the Graph routes take and the admin-centre routes refuse.
    pub fn application_token(&self) -> &str {
        &self.shared.tokens().application
    }

    /// Returns a person's token for Graph as the Azure CLI gets it: with the scopes Microsoft gave that program.
    pub fn azure_cli_token(&self) -> &str {
        &self.shared.tokens().azure_cli
    }

    /// Returns a new person's token for Graph with these permissions alone, blanks between.
    pub fn graph_token_with(&self, permissions: &str) -> String {
        self.shared.tokens().give(permissions)
    }

    /// Returns the tokens for Graph and for the admin centre that are taken once the first have expired.
    pub fn renewed_tokens(&self) -> (&str, &str) {
        let tokens = &self.shared.tokens();
        (&tokens.graph[1], &tokens.portal[1])
    }

    /// Lets something go wrong in every tenant from now on.
    pub fn fail_everywhere(&self, rule: Rule) {
        self.tenants.fail(rule);
    }

    /// Lets something go wrong from now on.
    pub fn fail(&self, rule: Rule) {
        self.shared.faults().add(rule, None);
    }

    /// As [`Sandbox::fail`], and changes the tenant as [`Sandbox::edit`] does at every request the rule meets: after
    /// what the request does, and before its client can look again. With the fault `none` the edit alone.
    pub fn fail_and_edit(&self, rule: Rule, edit: impl Fn(&mut TenantState) + Send + Sync + 'static) {
        self.shared.faults().add(rule, Some(Arc::new(edit)));
    }

    /// Lets nothing go wrong any more, except what already has.
    pub fn heal(&self) {
        self.shared.faults().clear();
    }

    /// Returns whether a request is being kept waiting by the fault `slow`.
    pub fn is_held_up(&self) -> bool {
        self.shared.faults().held_up > 0
    }

    /// Returns the tenant as it is now.
    pub fn tenant(&self) -> TenantState {
        self.shared.tenant().clone()
    }

    /// Changes the tenant behind the client's back, as someone in the portal would.
    pub fn edit(&self, change: impl FnOnce(&mut TenantState)) {
        change(&mut self.shared.tenant());
    }

    /// Changes the tenant as [`Sandbox::edit`] does, and lets the audit log tell who did.
    pub fn edit_as(&self, person: &str, change: impl FnOnce(&mut TenantState)) {
        let mut tenant = self.shared.tenant();
        let before = tenant.clone();
        change(&mut tenant);
        self.shared.audits().note(&before, &tenant, &Initiator::person(person));
    }

    /// Changes how the audit log behaves from now on.
    pub fn audit(&self, change: impl FnOnce(&mut AuditLog)) {
        change(&mut self.shared.audits());
    }

    /// Sets how many report and audit requests are answered in what time; Graph's limit is 5 in 10 seconds.
    pub fn limit_reports(&self, requests: usize, per: Duration) {
        *self.shared.reports() = Limit::new(requests, per);
    }

    /// Sets how late every answer comes. The first call counts.
    pub fn set_latency(&self, latency: Latency) {
        let _ = self.tenants.traffic().latency.set(latency);
    }

    /// Logs every request to a new file, one JSON object a line: what was asked, the status, the bytes of the
    /// answer, and from when to when (microseconds since the log began).
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn log_to(&self, path: &Path) -> io::Result<()> {
        let _ = self.tenants.traffic().log.set(Log::start(path)?);
        Ok(())
    }

    /// Returns every request since the last call, in the order they were answered.
    pub fn take_requests(&self) -> Vec<ReceivedRequest> {
        self.shared.record().map(|mut record| std::mem::take(&mut *record)).unwrap_or_default()
    }
}
