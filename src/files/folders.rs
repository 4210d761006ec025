//! Makes folders that only their owner can open, and waits until names are on disk.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io;
use std::path::Path;

use super::folder_of;

/// Makes a folder, and those above it that are missing, that only the owner can look into, and waits until their names are
/// on disk.
///
/// # Errors
/// It cannot be made.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    private_folders(true).create(path)?;
    for folder in missing {
        match sync_folder(&folder_of(folder)) {
            // One that its owner alone can open: it has the name, and when it is on disk no one can say.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            synced => synced?,
        }
    }
    Ok(())
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
            return refused("it is not a folder");
        }
        if found.uid() != rustix::process::geteuid().as_raw() {
            return refused("it belongs to another user");
        }
        if found.mode() & 0o077 != 0 {
            return refused("other users can read it");
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
