//! The state directory: where it is, whose it is, and the folder of each tenant in it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::fleet_journal::FLEETS;
use super::history::{cannot_read, entries};
use super::lock::{LOCK, SharedLocks};
use super::ownership::{Kind, problem};
use super::read_run::refuse_foreign;
use crate::files::{create_private_folder, sync_folder};
use crate::ids::TenantId;

/// Where baselines and journals are kept.
#[derive(Clone, Debug)]
pub struct StateDir {
    root: PathBuf,
    pub(in crate::store) shared_locks: Option<SharedLocks>,
}

impl StateDir {
    /// Uses a directory; it is made when first written to.
    pub fn new(root: PathBuf) -> Self {
        Self { root, shared_locks: None }
    }

    /// Also locks tenants where runs with other state directories look.
    #[must_use]
    pub fn with_shared_locks(self, locks: SharedLocks) -> Self {
        Self { shared_locks: Some(locks), ..self }
    }

    /// Returns the directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns why the directory is not to be relied on; `None` where it is this user's own, or not there yet.
    pub fn problem(&self) -> Option<String> {
        // It may be reached through a link: the user who set it up made that.
        let root = self.root.canonicalize().ok()?;
        problem(&root, Kind::Folder).ok()?
    }

    /// Deletes what is kept of every tenant and of every fleet: baselines, journals and whatever else; the lock files stay.
    /// Returns whether there was any.
    ///
    /// # Errors
    /// [`Refusal::Locked`](crate::outcome::Refusal::Locked) while a tenant is being written to; something cannot be deleted.
    pub fn forget(&self) -> Result<bool> {
        let mut is_any = false;
        let tenants = entries(&self.root).with_context(|| cannot_read(&self.root))?;
        for tenant in tenants.iter().filter_map(|name| name.parse::<TenantId>().ok()) {
            let _lock = self.lock(tenant)?;
            let directory = self.root.join(tenant.to_string());
            for entry in std::fs::read_dir(&directory).with_context(|| cannot_read(&directory))? {
                let path = entry.with_context(|| cannot_read(&directory))?.path();
                if path.ends_with(LOCK) {
                    continue;
                }
                let is_folder = path.symlink_metadata().is_ok_and(|there| there.is_dir());
                let deleted =
                    if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
                deleted.with_context(|| format!("{} could not be deleted", path.display()))?;
                is_any = true;
            }
        }
        let fleets = self.root.join(FLEETS);
        if fleets.is_dir() {
            std::fs::remove_dir_all(&fleets)
                .with_context(|| format!("{} could not be deleted", fleets.display()))?;
            is_any = true;
        }
        Ok(is_any)
    }

    /// Returns a tenant's directory, made where there is none yet.
    pub(in crate::store) fn tenant(&self, tenant: TenantId) -> Result<PathBuf> {
        let directory = self.root.join(tenant.to_string());
        refuse_foreign(&directory)?;
        // Also one that is there: a run that was killed may have made it, and not come to wait for the disk.
        create_private_folder(&directory)
            .and_then(|()| sync_folder(&self.root))
            .with_context(|| format!("{} could not be created", directory.display()))?;
        Ok(directory)
    }
}
