//! The tenants behind one host: found by a token or a name, and made when they are first asked for.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use uuid::Uuid;

use super::faults::Rule;
use super::saved::load;
use super::state::{Shared, lock};
use super::tokens::tenant_of;
use super::traffic::Traffic;
use crate::sandbox::tenant::{AuditLog, Seed, TenantState};

#[derive(Clone)]
pub(crate) struct Tenants {
    inner: Arc<Inner>,
}

struct Inner {
    /// Whom a request is for that names none of many: no one's, which refuses it. Of one tenant, that one.
    first: Shared,
    /// The names of the many by their ids; none where there is one tenant.
    names: HashMap<Uuid, String>,
    folder: Option<PathBuf>,
    made: Mutex<HashMap<Uuid, Shared>>,
    /// What goes wrong in every tenant.
    rules: Mutex<Vec<Rule>>,
    traffic: Arc<Traffic>,
}

impl std::fmt::Debug for Tenants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenants").field("many", &self.inner.names.len()).finish_non_exhaustive()
    }
}

impl Tenants {
    pub(crate) fn one(shared: Shared) -> Self {
        Self::new(shared, HashMap::new(), None)
    }

    /// Takes the names of many; each is saved to a file of its own below the folder, where there is one, once it changes.
    pub(crate) fn many(names: &[String], folder: Option<PathBuf>) -> Self {
        let names = names.iter().map(|name| (TenantState::id_of(name), name.clone())).collect();
        let no_one = Shared::new(TenantState::seeded(Seed::Fresh), AuditLog::default(), None);
        Self::new(no_one, names, folder)
    }

    fn new(first: Shared, names: HashMap<Uuid, String>, folder: Option<PathBuf>) -> Self {
        let (made, rules, traffic) = (Mutex::default(), Mutex::default(), Arc::default());
        Self { inner: Arc::new(Inner { first, names, folder, made, rules, traffic }) }
    }

    pub(crate) fn first(&self) -> &Shared {
        &self.inner.first
    }

    pub(crate) fn traffic(&self) -> &Arc<Traffic> {
        &self.inner.traffic
    }

    /// Returns the tenant that a token says it is for.
    ///
    /// # Errors
    /// Its file is not a sandbox this version knows.
    pub(crate) fn of_token(&self, token: Option<&str>) -> io::Result<Shared> {
        if self.inner.names.is_empty() {
            return Ok(self.inner.first.clone());
        }
        let found = token.and_then(tenant_of).map(|id| self.with_id(id)).transpose()?;
        Ok(found.flatten().unwrap_or_else(|| self.inner.first.clone()))
    }

    /// Returns the tenant that goes by a name: a domain of it, or its id.
    ///
    /// # Errors
    /// Its file is not a sandbox this version knows.
    pub(crate) fn named(&self, name: &str) -> io::Result<Option<Shared>> {
        if self.inner.names.is_empty() {
            let only = self.inner.first.tenant();
            let is_its = only.tenant_id.to_string().eq_ignore_ascii_case(name)
                || only.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name));
            return Ok(is_its.then(|| self.inner.first.clone()));
        }
        self.with_id(TenantState::id_of(name))
    }

    /// Lets something go wrong in every tenant from now on.
    pub(crate) fn fail(&self, rule: Rule) {
        let made = lock(&self.inner.made);
        for shared in made.values().chain([&self.inner.first]) {
            shared.faults().add(rule.clone(), None);
        }
        lock(&self.inner.rules).push(rule);
    }

    fn with_id(&self, id: Uuid) -> io::Result<Option<Shared>> {
        let Some(name) = self.inner.names.get(&id) else { return Ok(None) };
        let mut made = lock(&self.inner.made);
        if let Some(shared) = made.get(&id) {
            return Ok(Some(shared.clone()));
        }
        let file = self.inner.folder.as_deref().map(|folder| file_in(folder, name));
        let kept = file.as_deref().map(load).transpose()?.flatten();
        let fresh = || (TenantState::named(name, Seed::Fresh), AuditLog::default());
        let (tenant, audits) = kept.unwrap_or_else(fresh);
        let shared = Shared::new(tenant, audits, file);
        for rule in lock(&self.inner.rules).iter() {
            shared.faults().add(rule.clone(), None);
        }
        made.insert(id, shared.clone());
        Ok(Some(shared))
    }
}

/// Where the tenant that goes by a name is kept: the seeds' own is the one that every command without a fleet has.
fn file_in(folder: &Path, name: &str) -> PathBuf {
    match TenantState::id_of(name) {
        id if id == TenantState::id_of(Seed::DOMAIN) => folder.join("tenant.json"),
        id => folder.join("tenants").join(format!("{id}.json")),
    }
}
