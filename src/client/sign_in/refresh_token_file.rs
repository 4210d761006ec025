//! Stores a refresh token in a file that only its owner can read, for machines without a keyring.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::kept_sign_ins::{KeepError, LONGEST, TokenStore};
use crate::files::{Existing, Readers, save};

/// A file for each token, below a folder that is its owner's alone.
#[derive(Debug)]
pub(super) struct OwnerFile {
    folder: PathBuf,
}

impl OwnerFile {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.token"))
    }
}

#[async_trait::async_trait]
impl TokenStore for OwnerFile {
    async fn probe(&self) -> Result<(), KeepError> {
        match cfg!(unix) {
            true => Ok(()),
            false => Err(KeepError::Store(
                "who may read a file is not looked at on Windows, so no token is kept in one; the keyring is there"
                    .to_owned(),
            )),
        }
    }

    async fn save(&self, key: &str, token: &SecretString) -> Result<(), KeepError> {
        let path = self.path(key);
        save(&path, token.expose_secret().as_bytes(), Readers::Owner, Existing::Replace)
            .map_err(|source| KeepError::File { path, source })
    }

    async fn load(&self, key: &str) -> Result<Option<SecretString>, KeepError> {
        let path = self.path(key);
        let mut token = String::new();
        match open_own(&path).and_then(|file| file.take(LONGEST).read_to_string(&mut token)) {
            Ok(_) => Ok(Some(token.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeepError::File { path, source }),
        }
    }

    async fn forget(&self, key: &str) -> Result<(), KeepError> {
        let path = self.path(key);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(KeepError::File { path, source }),
            _ => Ok(()),
        }
    }
}

/// Opens a file that is this user's, and that no one else can read or write.
///
/// # Errors
/// It is a link, another user's, or open to others; it cannot be opened.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};

        use rustix::fs::OFlags;

        // Looked at once it is open: what is opened is what was looked at. A pipe is not waited for.
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
        let file = options.open(path)?;
        let found = file.metadata()?;
        let refused = |why| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        if !found.is_file() {
            return refused("it is no file");
        }
        if found.uid() != rustix::process::geteuid().as_raw() {
            return refused("it belongs to another user");
        }
        if found.mode() & 0o077 != 0 {
            return refused("others may read or write it; check that no one did, then sign in again");
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}
