//! One writer per tenant on this machine.

use std::fs::{File, TryLockError};

use anyhow::{Context as _, Result};

use super::{Refusal, StateDir};

/// Held for as long as a tenant is being written to; the operating system lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl StateDir {
    /// Takes the lock of a tenant.
    ///
    /// # Errors
    /// [`Refusal::Locked`] while another process holds it; a directory that cannot be written.
    pub fn lock(&self, tenant: &str) -> Result<Lock> {
        let path = self.tenant(tenant)?.join("lock");
        let file = File::options().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("{} could not be opened", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Refusal::Locked { tenant: tenant.to_owned() }.into()),
            Err(TryLockError::Error(error)) => {
                Err(anyhow::Error::from(error).context(format!("{} could not be locked", path.display())))
            }
        }
    }
}
