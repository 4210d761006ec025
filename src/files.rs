//! Files that appear whole or not at all, for as many readers as their content is fit for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The owner alone: what can hold people's names, or the state of a tenant.
    Owner,
    /// Everyone the folder lets in: what is to be reviewed and committed.
    Everyone,
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It goes.
    Replace,
    /// It stays, and writing fails with [`io::ErrorKind::AlreadyExists`].
    Keep,
}

/// How often, and how long apart, a file somebody else has open is tried again: a virus scanner lets go of a new
/// file within a second.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Writes a file that appears whole or not at all, and waits until it and its name are on disk.
///
/// # Errors
/// It cannot be written; or it is there already and is to be kept. What was there is then still there.
pub fn save(path: &Path, bytes: &[u8], readers: Readers, existing: Existing) -> io::Result<()> {
    let folder = folder_of(path);
    let (temporary, mut file) = create_beside(&folder, readers)?;
    let saved = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| {
        // Windows moves no file that is open.
        drop(file);
        put_in_place(&temporary, path, existing)
    });
    if saved.is_err() {
        // Best effort: the failure itself is what is told.
        let _ = fs::remove_file(&temporary);
    }
    saved.and_then(|()| sync_folder(&folder))
}

/// Makes a folder, and those above it, that only the owner can look into.
///
/// # Errors
/// It cannot be made.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    private_folders(true).create(path)
}

/// Makes a folder where others may have put something first, such as in `/tmp`, or takes the one that is there.
///
/// # Errors
/// It cannot be made; what is there is a link or no folder, another user's, or open to others. On Windows it is to lie
/// in the user's profile, whose access list it inherits.
pub fn claim_private_folder(path: &Path) -> io::Result<()> {
    match private_folders(cfg!(windows)).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let found = path.symlink_metadata()?;
        let refused = |why| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        if !found.is_dir() {
            return refused("it is no folder");
        }
        if found.uid() != rustix::process::geteuid().as_raw() {
            return refused("it is another user's");
        }
        if found.mode() & 0o077 != 0 {
            return refused("others may look into it");
        }
    }
    Ok(())
}

fn private_folders(is_recursive: bool) -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(is_recursive);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Waits until the names in a folder are on disk; Windows has no such call.
///
/// # Errors
/// The folder cannot be opened, or the disk fails.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

fn create_beside(folder: &Path, readers: Readers) -> io::Result<(PathBuf, File)> {
    let temporary = folder.join(format!(".sspr-{}.tmp", uuid::Uuid::new_v4().simple()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(
        &mut options,
        match readers {
            Readers::Owner => 0o600,
            Readers::Everyone => 0o644,
        },
    );
    #[cfg(not(unix))]
    let _ = readers;
    let file = options.open(&temporary)?;
    Ok((temporary, file))
}

fn put_in_place(temporary: &Path, path: &Path, existing: Existing) -> io::Result<()> {
    if existing == Existing::Keep {
        fs::hard_link(temporary, path)?;
        return fs::remove_file(temporary);
    }
    for _ in 1..TRIES {
        match fs::rename(temporary, path) {
            // Windows: somebody has the file open. Elsewhere it is the folder's own no, for good.
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
                thread::sleep(BETWEEN_TRIES);
            }
            renamed => return renamed,
        }
    }
    fs::rename(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        save(&path, b"first", Readers::Everyone, Existing::Keep).unwrap();
        save(&path, b"second", Readers::Everyone, Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let kept = save(&path, b"third", Readers::Everyone, Existing::Keep).unwrap_err();
        assert_eq!(kept.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names_in(folder.path()), ["plan.json"]);
    }

    #[test]
    fn a_file_that_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        assert!(save(&path, b"x", Readers::Owner, Existing::Replace).is_err());
        assert_eq!(names_in(folder.path()), ["taken"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_among_others_is_taken_only_if_it_is_ours_alone() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let shared = tempfile::tempdir().unwrap();
        let ours = shared.path().join("ours");
        claim_private_folder(&ours).unwrap();
        claim_private_folder(&ours).unwrap();
        assert_eq!(fs::metadata(&ours).unwrap().permissions().mode() & 0o777, 0o700);
        symlink(&ours, shared.path().join("link")).unwrap();
        fs::write(shared.path().join("file"), "").unwrap();
        for planted in ["link", "file", "no/such"] {
            assert!(claim_private_folder(&shared.path().join(planted)).is_err(), "{planted}");
        }
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(claim_private_folder(&ours).is_err());
        if rustix::process::geteuid().is_root() {
            fs::set_permissions(&ours, fs::Permissions::from_mode(0o700)).unwrap();
            std::os::unix::fs::chown(&ours, Some(65534), None).unwrap();
            assert!(claim_private_folder(&ours).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_can_hold_names_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.json");
        save(&path, b"x", Readers::Owner, Existing::Replace).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
