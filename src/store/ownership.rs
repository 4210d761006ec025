//! Checks that files of the state directory are this user's own.
//! What somebody else can write is not evidence of what sspr did.

use std::fs;
use std::io;
use std::path::Path;

/// What is expected at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    File,
    Folder,
}

/// Returns why what is at a path is not to be relied on; `None` where it is this user's own, or root's.
///
/// A folder that passes vouches for the names in it, so check from the outside in.
///
/// # Errors
/// It cannot be looked at; also where nothing is there.
pub(in crate::store) fn problem(path: &Path, kind: Kind) -> io::Result<Option<String>> {
    // Not followed: a link points to what someone else may control.
    let metadata = fs::symlink_metadata(path)?;
    let problem = match (kind, metadata.is_file(), metadata.is_dir()) {
        (Kind::File, true, _) | (Kind::Folder, _, true) => foreign(&metadata),
        _ if metadata.is_symlink() => Some("it is a link to somewhere else".to_owned()),
        (Kind::File, ..) => Some("it is not a file".to_owned()),
        (Kind::Folder, ..) => Some("it is not a folder".to_owned()),
    };
    Ok(problem)
}

#[cfg(unix)]
fn foreign(metadata: &fs::Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != own && owner != 0 {
        return Some(format!("it belongs to another user (uid {owner}, and this is {own})"));
    }
    let is_writable = metadata.mode() & 0o022 != 0;
    is_writable
        .then(|| "other users may write to it (check it for changes, then run `chmod go-w`)".to_owned())
}

/// On Windows access is a list that std does not read; the default folder inherits the profile's.
#[cfg(not(unix))]
fn foreign(_: &fs::Metadata) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    #[test]
    fn what_others_may_write_or_own_or_point_to_is_not_relied_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "").unwrap();
        let problem_with = |mode: u32| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            problem(&path, Kind::File).unwrap().unwrap_or_default()
        };
        for (mode, is_open) in [(0o600, false), (0o644, false), (0o620, true), (0o602, true)] {
            assert_eq!(problem_with(mode).contains("other users may write"), is_open, "{mode:o}");
        }
        assert_eq!(problem_with(0o600), "");
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(problem(&link, Kind::File).unwrap().unwrap().contains("a link"));
        assert!(problem(&path, Kind::Folder).unwrap().unwrap().contains("not a folder"));
        assert!(problem(&folder.path().join("none"), Kind::File).is_err());
        // Only root can give a file away.
        if chown(&path, Some(4242), None).is_ok() {
            assert!(problem(&path, Kind::File).unwrap().unwrap().contains("another user (uid 4242"));
        }
    }
}
