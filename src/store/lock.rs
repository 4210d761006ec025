//! Locks a tenant for one run at a time on this machine, by two locks.
//! Neither another state directory nor another machine that shares this one lets a second run in.

use std::fs::{File, TryLockError};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::files::{claim_private_folder, private_file};
use crate::ids::TenantId;
use crate::outcome::Refusal;
use crate::store::StateDir;

/// The lock file in a tenant's folder.
pub(in crate::store) const LOCK: &str = "lock";

/// How often a lock file is opened again that its last holder removed in the same moment.
const TRIES: u32 = 10;

/// How long someone takes at most to see whether a lock is held.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(20);

/// Where all runs of this user on this machine look for locks, whatever their state directories.
#[derive(Clone, Debug)]
pub struct SharedLocks {
    folder: PathBuf,
    /// Host and port of the portal: two pretend tenants on two ports may have the same id.
    portal: String,
}

/// Held for as long as a tenant is being written to. Released by the operating system on exit, even after a crash.
#[derive(Debug)]
pub struct Lock {
    // In this order: the shared one is let go of last.
    _in_state_dir: File,
    _shared: Option<SharedLock>,
}

/// A lock file that goes when it is released, because nothing else cleans that folder up.
#[derive(Debug)]
struct SharedLock {
    path: PathBuf,
    _file: File,
}

impl SharedLocks {
    /// Uses a folder, which is made when a lock is taken, for the tenants behind one host and port.
    pub fn new(folder: PathBuf, host: &str, port: u16) -> Self {
        Self { folder, portal: format!("{}:{port}", one_spelling(host)) }
    }

    /// Takes a tenant's lock; `None` while another process holds it.
    fn take(&self, tenant: TenantId) -> io::Result<Option<SharedLock>> {
        claim_private_folder(&self.folder)?;
        let path = self.folder.join(file_name(&self.portal, tenant));
        for _ in 0..TRIES {
            let Some(file) = try_lock(&path)? else { return Ok(None) };
            if is_still_at(&file, &path) {
                return Ok(Some(SharedLock { path, _file: file }));
            }
        }
        Err(io::Error::other("the lock file is replaced all the time"))
    }
}

impl Drop for SharedLock {
    fn drop(&mut self) {
        // While it is still held, so that a process that opened it meanwhile sees that it is gone. Windows would refuse to
        // make it anew until the last of them closed it: there it stays.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl StateDir {
    /// Takes the lock of a tenant: the one this user's runs share, then the state directory's own.
    ///
    /// # Errors
    /// [`Refusal::Locked`] while another process holds either; a state directory that cannot be written. Where the
    /// shared one cannot be kept, that is said, and the state directory's own has to do.
    pub fn lock(&self, tenant: TenantId) -> Result<Lock> {
        let locked = || Refusal::Locked { tenant };
        let shared = match self.shared_locks.as_ref().map(|locks| (locks, locks.take(tenant))) {
            None => None,
            Some((_, Ok(taken))) => Some(taken.ok_or_else(locked)?),
            Some((locks, Err(error))) => {
                tracing::warn!(
                    "sspr cannot keep a lock in {} ({error}), so only runs with the same state directory exclude each other",
                    locks.folder.display()
                );
                None
            }
        };
        let path = self.tenant(tenant)?.join(LOCK);
        let file =
            try_lock_twice(&path).with_context(|| format!("{} could not be locked", path.display()))?;
        Ok(Lock { _in_state_dir: file.ok_or_else(locked)?, _shared: shared })
    }

    /// Returns whether a run holds a tenant's lock in this state directory.
    pub(in crate::store) fn is_locked(&self, tenant: TenantId) -> bool {
        let Ok(file) = File::open(self.root().join(tenant.to_string()).join(LOCK)) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

/// As [`try_lock`], and once more after a moment: a command that lists the runs takes it to see whether it is held.
fn try_lock_twice(path: &Path) -> io::Result<Option<File>> {
    if let Some(file) = try_lock(path)? {
        return Ok(Some(file));
    }
    std::thread::sleep(MOMENT);
    try_lock(path)
}

/// Opens a file and locks it; `None` while another process holds it.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    // Windows locks no file that is open for appending alone.
    let file = private_file().read(true).write(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Returns whether a file that was opened has still its name, so that the next one to open it meets this lock.
#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = |there: std::fs::Metadata, held: std::fs::Metadata| {
        (there.dev(), there.ino()) == (held.dev(), held.ino())
    };
    path.symlink_metadata().and_then(|there| Ok(same(there, file.metadata()?))).unwrap_or(false)
}

/// On Windows no one removes it.
#[cfg(not(unix))]
fn is_still_at(_: &File, _: &Path) -> bool {
    true
}

/// Returns the one name of a host that has several: what runs on this machine goes by address and by name, and a name
/// may end with a dot.
fn one_spelling(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_this_machine = match address {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    };
    if is_this_machine { "localhost".to_owned() } else { host }
}

fn file_name(portal: &str, tenant: TenantId) -> String {
    let plain =
        |c: char| if c.is_ascii_alphanumeric() || ".-".contains(c) { c.to_ascii_lowercase() } else { '_' };
    format!("{portal}_{tenant}").chars().map(plain).collect::<String>() + ".lock"
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";

    fn tenant() -> TenantId {
        TENANT.parse().unwrap()
    }

    /// Two folders for state, one for locks.
    fn places() -> (tempfile::TempDir, impl Fn(&str, &str) -> StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let state = move |name: &str, portal: &str| {
            let (host, port) = portal.rsplit_once(':').unwrap_or((portal, "443"));
            let locks = SharedLocks::new(path.join("locks"), host, port.parse().unwrap());
            StateDir::new(path.join(name)).with_shared_locks(locks)
        };
        (folder, state)
    }

    #[test]
    fn another_state_directory_is_kept_out_of_the_same_tenant_and_of_no_other() {
        let (folder, state) = places();
        let held = state("one", "portal:443").lock(tenant()).unwrap();
        let refused = |state: &StateDir, tenant: TenantId| {
            state
                .lock(tenant)
                .is_err_and(|error| matches!(error.downcast_ref(), Some(Refusal::Locked { .. })))
        };
        assert!(refused(&state("two", "portal:443"), tenant()));
        assert!(refused(&state("two", "PORTAL:443"), TENANT.to_uppercase().parse().unwrap()));
        let another = uuid::Uuid::nil().into();
        for (portal, tenant) in [("portal:444", tenant()), ("portal:443", another)] {
            assert!(!refused(&state("two", portal), tenant), "{portal} {tenant}");
        }
        // And the state directory's own lock is held beside it, for runs that see no other.
        assert!(refused(&StateDir::new(folder.path().join("one")), tenant()));
        drop(held);
        let _again = state("two", "portal:443").lock(tenant()).unwrap();
    }

    #[test]
    fn all_names_of_this_machine_meet_in_one_lock() {
        let (_folder, state) = places();
        let _held = state("one", "127.0.0.1:8443").lock(tenant()).unwrap();
        for host in ["localhost", "LOCALHOST.", "[::1]", "[::ffff:127.0.0.1]", "portal.localhost"] {
            assert!(state("two", &format!("{host}:8443")).lock(tenant()).is_err(), "{host}");
        }
        for other in ["localhost:8444", "portal:8443", "10.0.0.1:8443", "[2001:db8::1]:8443"] {
            assert!(state("two", other).lock(tenant()).is_ok(), "{other}");
        }
    }

    #[test]
    fn a_host_like_a_path_stays_in_the_folder() {
        let expected = format!(".._.._x_y__1__8080_{TENANT}.lock");
        assert_eq!(file_name("../../x\\y[:1]:8080", tenant()), expected);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_left_of_a_shared_lock() {
        let (folder, state) = places();
        drop(state("one", "portal").lock(tenant()).unwrap());
        assert_eq!(std::fs::read_dir(folder.path().join("locks")).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_whose_name_went_meanwhile_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        let file = try_lock(&path).unwrap().unwrap();
        assert!(is_still_at(&file, &path));
        std::fs::remove_file(&path).unwrap();
        assert!(!is_still_at(&file, &path));
        let _new = try_lock(&path).unwrap().unwrap();
        assert!(!is_still_at(&file, &path));
    }

    #[cfg(unix)]
    #[test]
    fn where_no_shared_lock_can_be_kept_the_state_directory_has_to_do() {
        let (folder, state) = places();
        // What another user may have put there.
        std::os::unix::fs::symlink(folder.path(), folder.path().join("locks")).unwrap();
        let _held = state("one", "portal").lock(tenant()).unwrap();
        assert!(state("one", "portal").lock(tenant()).is_err());
        assert!(state("two", "portal").lock(tenant()).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing was put behind the link");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_lock_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), folder.path().join("lock")).unwrap();
        assert!(try_lock(&folder.path().join("lock")).is_err());
        assert!(!folder.path().join("elsewhere").exists());
    }
}
