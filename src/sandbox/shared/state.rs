//! The state that all requests share: read, changed, and saved.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::faults::Faults;
use super::limit::Limit;
use super::saved::{load, save};
use super::tokens::{Principal, Tokens};
use super::traffic::ReceivedRequest;
use crate::sandbox::tenant::{AuditLog, PolicyChange, TenantState};

#[derive(Clone, Debug)]
pub(crate) struct Shared {
    inner: Arc<Inner>,
}

struct Inner {
    tenant: Mutex<TenantState>,
    /// Apart from the tenant: what was done is no part of what is there.
    audits: Mutex<AuditLog>,
    file: Option<PathBuf>,
    tokens: Tokens,
    faults: Mutex<Faults>,
    recorded: Option<Mutex<Vec<ReceivedRequest>>>,
    reports: Mutex<Limit>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Shared {
    /// Holds a tenant, and saves every change to a file; without one, keeps a record of every request.
    pub(crate) fn new(tenant: TenantState, audits: AuditLog, file: Option<PathBuf>) -> Self {
        let inner = Inner {
            tokens: Tokens::mint(tenant.tenant_id),
            tenant: Mutex::new(tenant),
            audits: Mutex::new(audits),
            faults: Mutex::default(),
            recorded: file.is_none().then(Mutex::default),
            file,
            reports: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.inner.faults)
    }

    /// The tenant as it is now, and no other request's until it is given back.
    pub(crate) fn tenant(&self) -> MutexGuard<'_, TenantState> {
        lock(&self.inner.tenant)
    }

    pub(crate) fn audits(&self) -> MutexGuard<'_, AuditLog> {
        lock(&self.inner.audits)
    }

    /// The requests answered, where they are recorded.
    pub(crate) fn record(&self) -> Option<MutexGuard<'_, Vec<ReceivedRequest>>> {
        self.inner.recorded.as_ref().map(lock)
    }

    /// The limit that the report and audit endpoints share.
    pub(crate) fn reports(&self) -> MutexGuard<'_, Limit> {
        lock(&self.inner.reports)
    }

    /// Takes up what another process did to the same file, such as `sspr sandbox act`. A file that cannot be
    /// read now leaves the tenant as it is.
    pub(crate) fn refresh(&self) {
        if let Some(Ok(Some((tenant, audits)))) = self.inner.file.as_deref().map(load) {
            *self.tenant() = tenant;
            *self.audits() = audits;
        }
    }

    /// Returns the audit log's lines about policies, as one look shows them, each with its number.
    pub(crate) fn look_at_audits(&self) -> Vec<(usize, PolicyChange)> {
        let (tenant, mut audits) = (self.tenant(), self.audits());
        let is_late = audits.is_late();
        let lines = audits.read();
        if let (true, Some(file)) = (is_late, &self.inner.file) {
            // A look that is not counted is one more to wait for.
            let _ = save(file, &tenant, &audits);
        }
        lines
    }

    /// Changes the tenant and saves it before anyone is told; the audit log tells which policy the principal changed.
    ///
    /// # Errors
    /// The state cannot be saved; the tenant and the log are as they were.
    pub(crate) fn write_as(
        &self,
        principal: Option<Principal>,
        change: impl FnOnce(&mut TenantState),
    ) -> io::Result<()> {
        let (mut tenant, mut audits) = (self.tenant(), self.audits());
        let (mut changed, mut message) = (tenant.clone(), audits.clone());
        change(&mut changed);
        if let Some(principal) = principal {
            message.note(&tenant, &changed, &principal.initiator());
        }
        if let Some(file) = &self.inner.file {
            save(file, &changed, &message)?;
        }
        (*tenant, *audits) = (changed, message);
        Ok(())
    }
}

/// A panic in one request must not make the state unreadable to the next.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
