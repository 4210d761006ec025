//! The state directory: where it is, whose it is, and the folder of each tenant in it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::lock::SharedLocks;
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
