//! Keeps sign-ins between runs: a file for each tenant, and the refresh token in a store of its own.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::keyring::Keyring;
use super::refresh_token_file::{OwnerFile, open_own};
use crate::files::{Existing, Readers, claim_private_folder_below, private_file, save, try_out};
use crate::ids::TenantId;
use crate::text::visible;

const FORMAT: &str = "sspr.sign-in/1";
/// No such file is longer, in bytes.
pub(super) const LONGEST: u64 = 64 * 1024;
/// How long another run may take to renew the same sign-in.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Where a refresh token is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// The system's own store of secrets.
    Keyring,
    /// A file that its owner alone can read.
    File,
}

/// What is known of a tenant's sign-in and is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSignIn {
    format: String,
    /// The tenant's id.
    pub tenant: String,
    /// What the tenant is called: the name someone typed, and its verified domains where they could be read. Never
    /// empty.
    pub names: Vec<String>,
    /// The authority's root; the token goes nowhere else.
    pub authority: String,
    /// The client, which the next sign-in takes too.
    pub client: String,
    /// Where the refresh token is; `None` where none is kept.
    pub store: Option<StoreKind>,
    /// Who signed in, as they are called.
    pub account: Option<String>,
    /// The claims a service asked for and this sign-in could not give: the next one asks for them.
    #[serde(rename = "challenge")]
    pub claims_challenge: Option<Value>,
}

impl KeptSignIn {
    /// Describes a sign-in, with no token kept yet.
    pub fn new(tenant: TenantId, names: Vec<String>, authority: &str, client: &str) -> Self {
        Self {
            format: FORMAT.to_owned(),
            tenant: tenant.to_string(),
            names,
            authority: authority.to_owned(),
            client: client.to_owned(),
            store: None,
            account: None,
            claims_challenge: None,
        }
    }

    /// Returns whether a name is the tenant's.
    pub fn is_called(&self, name: &str) -> bool {
        self.tenant.eq_ignore_ascii_case(name) || self.names.iter().any(|it| it.eq_ignore_ascii_case(name))
    }

    /// Returns the tenant's name for people.
    pub fn name(&self) -> &str {
        self.names.first().map_or(&self.tenant, String::as_str)
    }

    /// Returns what its token is called in a store.
    fn key(&self) -> String {
        key(&self.tenant, &self.client)
    }
}

/// Why a sign-in is not kept, or not found.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// There is no store of secrets here.
    #[error("this machine has no keyring that sspr can use: {0}")]
    NoKeyring(String),
    /// The store said no.
    #[error("{0}")]
    Store(String),
    /// A file could not be written or read, or is not to be relied on.
    #[error("{}: {source}", visible(&.path.display().to_string()))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another run renews the same sign-in, and does not come to an end.
    #[error("another sspr on this machine is renewing this sign-in and does not come to an end")]
    Busy,
}

/// A place for refresh tokens. A token that is saved takes the place of the one of the same name, at once or not at all.
#[async_trait::async_trait]
pub(super) trait TokenStore: Send + Sync {
    /// Returns whether it can be used, before someone signs in for nothing.
    async fn probe(&self) -> Result<(), KeepError>;
    async fn save(&self, key: &str, token: &SecretString) -> Result<(), KeepError>;
    /// Returns a token; `None` where there is none.
    async fn load(&self, key: &str) -> Result<Option<SecretString>, KeepError>;
    /// Forgets a token. That there is none is no error.
    async fn forget(&self, key: &str) -> Result<(), KeepError>;
}

/// The sign-ins that are kept below a folder.
#[derive(Clone, Debug)]
pub struct KeptSignIns {
    folder: PathBuf,
    /// The client that the environment names, for every tenant.
    named: Option<String>,
}

/// What was deleted that no run could use.
#[derive(Clone, Debug, Default)]
pub struct Deleted {
    /// The files.
    pub paths: Vec<PathBuf>,
    /// Whether one was a record that no longer says where its token is.
    pub may_leave_one_in_the_keyring: bool,
}

/// Warns of what a run meets several times.
fn warn_once(warning: String) {
    static WARNED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if WARNED.lock().unwrap_or_else(PoisonError::into_inner).insert(warning.clone()) {
        tracing::warn!("{warning}");
    }
}

/// Held while a sign-in is renewed: of two runs at once, the second takes what the first one got.
#[derive(Debug)]
pub(super) struct Renewing(#[expect(dead_code, reason = "held, not read")] File);

impl KeptSignIns {
    /// Keeps sign-ins in a state directory's own folder, which is made when there is one to keep.
    /// `named` is the client that the environment names.
    pub fn below(state: &Path, named: Option<String>) -> Self {
        Self { folder: state.join("sign-in"), named }
    }

    /// Returns the client to sign in to a tenant with: the one that is named, or that of the last sign-in or setup.
    pub fn client_of(&self, tenant: &str) -> Option<String> {
        self.named.clone().or_else(|| self.find(tenant).map(|known| known.client))
    }

    fn store(&self, kind: StoreKind) -> Arc<dyn TokenStore> {
        match kind {
            StoreKind::Keyring => Arc::new(Keyring),
            StoreKind::File => Arc::new(OwnerFile::new(self.folder.clone())),
        }
    }

    /// Returns whether tokens can be kept in a store here.
    ///
    /// # Errors
    /// They cannot, and why.
    pub async fn probe(&self, kind: StoreKind) -> Result<(), KeepError> {
        self.make_folder()?;
        let path = self.folder.join("probe");
        try_out(&path).map_err(|source| KeepError::File { path, source })?;
        self.store(kind).probe().await
    }

    /// Returns what is known of each tenant. What others could have written is told, and left out.
    pub fn all(&self) -> Vec<KeptSignIn> {
        let paths = self.paths().unwrap_or_default();
        let records = paths.iter().filter(|path| is_record(path));
        let mut all: Vec<KeptSignIn> = records
            .filter_map(|path| match read(path) {
                Ok(known) => Some(known),
                Err(error) => {
                    warn_once(format!("a kept sign-in is not used: {error}"));
                    None
                }
            })
            .collect();
        all.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        all
    }

    /// Returns everything in the folder.
    fn paths(&self) -> Result<Vec<PathBuf>, KeepError> {
        let failed = |source| KeepError::File { path: self.folder.clone(), source };
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
            .collect::<Result<Vec<_>, _>>()?;
        paths.sort();
        Ok(paths)
    }

    /// Returns what is known of a tenant by its id or name: also where no token is kept any more.
    pub fn find(&self, name: &str) -> Option<KeptSignIn> {
        self.all().into_iter().find(|known| known.is_called(name))
    }

    /// Returns the sign-in to use: that of the tenant named, or else the only one there is.
    ///
    /// # Errors
    /// There is none, and why, as a clause.
    pub fn pick(&self, tenant: Option<&str>, authority: &str) -> Result<KeptSignIn, String> {
        Self::pick_of(&self.all(), tenant, authority)
    }

    /// Returns the sign-in to use of all that are kept, as [`Self::pick`] does.
    ///
    /// # Errors
    /// There is none, and why, as a clause.
    pub fn pick_of(all: &[KeptSignIn], tenant: Option<&str>, authority: &str) -> Result<KeptSignIn, String> {
        let kept = all.iter().filter(|known| known.store.is_some());
        let kept: Vec<&KeptSignIn> =
            kept.filter(|known| tenant.is_none_or(|name| known.is_called(name))).collect();
        if let Some(name) = tenant
            && kept.is_empty()
        {
            return Err(format!("no sign-in to {} is kept; `sspr login` keeps one", visible(name)));
        }
        match kept.as_slice() {
            [] => Err("no sign-in is kept; `sspr login` keeps one".to_owned()),
            [one] if one.authority != authority => {
                Err(format!("the sign-in that is kept is for {}", visible(&one.authority)))
            }
            [one] => Ok((*one).clone()),
            several => {
                let names: Vec<String> = several.iter().map(|known| visible(known.name())).collect();
                Err(format!(
                    "sign-ins to several tenants are kept ({}); say which with `tenant:` in the spec, or AZURE_TENANT_ID",
                    names.join(", ")
                ))
            }
        }
    }

    /// Keeps a sign-in. The new token is there before the one of an earlier sign-in to the tenant is forgotten.
    ///
    /// # Errors
    /// It cannot be kept; what was kept before still is.
    pub async fn keep(
        &self,
        mut known: KeptSignIn,
        kind: StoreKind,
        token: &SecretString,
    ) -> Result<KeptSignIn, KeepError> {
        let _renewing = self.lock(&known.tenant).await?;
        let before = self.find(&known.tenant);
        self.store(kind).save(&known.key(), token).await?;
        known.store = Some(kind);
        self.remember(&known)?;
        if let Some(before) = before
            && let Some(other) = before.store
            && (other, before.key()) != (kind, known.key())
        {
            // The new one is there all the same.
            if let Err(error) = self.store(other).forget(&before.key()).await {
                tracing::warn!("the earlier sign-in's token could not be forgotten: {error}");
            }
        }
        Ok(known)
    }

    /// Keeps what is no secret.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember(&self, known: &KeptSignIn) -> Result<(), KeepError> {
        self.make_folder()?;
        let path = self.folder.join(format!("{}.json", known.tenant));
        let text = serde_json::to_string_pretty(known).unwrap_or_default() + "\n";
        save(&path, text.as_bytes(), Readers::Owner, Existing::Replace)
            .map_err(|source| KeepError::File { path, source })
    }

    /// Forgets a tenant's token; which client it was for stays known. Returns whether there was one.
    ///
    /// # Errors
    /// The store does not forget it.
    pub async fn forget(&self, known: &KeptSignIn) -> Result<bool, KeepError> {
        let _renewing = self.lock(&known.tenant).await?;
        let Some(kind) = known.store else { return Ok(false) };
        self.store(kind).forget(&known.key()).await?;
        self.remember(&KeptSignIn { store: None, account: None, claims_challenge: None, ..known.clone() })?;
        Ok(true)
    }

    /// Deletes what no run uses any more and could still hold a token: records that are refused, with the token they name,
    /// and token files that no record names. `tenant` is the id of the one that is meant; `None` is every one.
    ///
    /// # Errors
    /// A file cannot be removed; the store does not forget a token.
    pub async fn delete_unusable(&self, tenant: Option<&str>) -> Result<Deleted, KeepError> {
        let mut deleted = Deleted::default();
        let paths = self.paths()?;
        let named: Vec<String> = paths
            .iter()
            .filter_map(|path| read(path).ok())
            .filter(|known| known.store == Some(StoreKind::File))
            .map(|known| known.key())
            .collect();
        for path in paths {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let is_token = path.extension().is_some_and(|it| it == "token");
            let is_unusable = match is_token {
                true => !named.iter().any(|key| *key == name),
                false => is_record(&path) && read(&path).is_err(),
            };
            if !is_unusable || tenant.is_some_and(|tenant| !name.starts_with(tenant)) {
                continue;
            }
            if !is_token {
                match regular(&path).and_then(|file| parse(&path, file)) {
                    Ok(KeptSignIn { store: Some(kind), ref tenant, ref client, .. }) => {
                        self.store(kind).forget(&key(tenant, client)).await?;
                    }
                    Ok(_) => {}
                    Err(_) => deleted.may_leave_one_in_the_keyring = true,
                }
            }
            std::fs::remove_file(&path).map_err(|source| KeepError::File { path: path.clone(), source })?;
            deleted.paths.push(path);
        }
        Ok(deleted)
    }

    /// Forgets a client that is no more, and the token it had, where it is the one that is known for a tenant.
    ///
    /// # Errors
    /// The store does not forget the token, or the file cannot be removed.
    pub async fn forget_client(&self, tenant: TenantId, client: uuid::Uuid) -> Result<(), KeepError> {
        let Some(known) = self.find(&tenant.to_string()).filter(|known| known.client == client.to_string())
        else {
            return Ok(());
        };
        self.forget(&known).await?;
        let path = self.folder.join(format!("{tenant}.json"));
        std::fs::remove_file(&path).map_err(|source| KeepError::File { path, source })
    }

    /// Returns the token of a sign-in.
    ///
    /// # Errors
    /// The store does not give it, or has it no longer.
    pub(super) async fn token(&self, known: &KeptSignIn) -> Result<SecretString, KeepError> {
        let token = match known.store {
            Some(kind) => self.store(kind).load(&known.key()).await?,
            None => None,
        };
        token.ok_or_else(|| KeepError::Store("the token of the kept sign-in is gone".to_owned()))
    }

    /// Keeps the token that takes the place of a sign-in's last one.
    ///
    /// # Errors
    /// It cannot be kept; the last one still is.
    pub(super) async fn replace(&self, known: &KeptSignIn, token: &SecretString) -> Result<(), KeepError> {
        match known.store {
            Some(kind) => self.store(kind).save(&known.key(), token).await,
            None => Ok(()),
        }
    }

    /// Waits until no other run renews a tenant's sign-in.
    ///
    /// # Errors
    /// The folder is not this user's own; another run does not come to an end.
    pub(super) async fn lock(&self, tenant: &str) -> Result<Renewing, KeepError> {
        self.make_folder()?;
        let path = self.folder.join(format!("{tenant}.lock"));
        let failed = |source| KeepError::File { path: path.clone(), source };
        let opened = private_file().read(true).write(true).truncate(false).open(&path);
        let file = opened.map_err(failed)?;
        let over = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Renewing(file)),
                Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
                Err(std::fs::TryLockError::WouldBlock) if Instant::now() >= over => {
                    return Err(KeepError::Busy);
                }
                Err(std::fs::TryLockError::WouldBlock) => sleep(BETWEEN_TRIES).await,
            }
        }
    }

    fn make_folder(&self) -> Result<(), KeepError> {
        let made = claim_private_folder_below(&self.folder);
        made.map_err(|source| KeepError::File { path: self.folder.clone(), source })
    }
}

fn is_record(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "json")
}

/// Returns what a record says that only its owner can have written.
fn read(path: &Path) -> Result<KeptSignIn, KeepError> {
    parse(path, open_own(path).map_err(|source| KeepError::File { path: path.to_owned(), source })?)
}

/// Opens what others may have changed. A link, or what would be waited for, is not.
fn regular(path: &Path) -> Result<File, KeepError> {
    let found = path.symlink_metadata().and_then(|found| match found.is_file() {
        true => File::open(path),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")),
    });
    found.map_err(|source| KeepError::File { path: path.to_owned(), source })
}

fn parse(path: &Path, file: File) -> Result<KeptSignIn, KeepError> {
    let failed = |source| KeepError::File { path: path.to_owned(), source };
    let odd = |why: &str| failed(io::Error::new(io::ErrorKind::InvalidData, why.to_owned()));
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    let known: KeptSignIn = serde_json::from_str(&text).map_err(|_| odd("it is no record of a sign-in"))?;
    let is_its_own = path.file_stem().is_some_and(|stem| stem == known.tenant.as_str());
    let is_id = known.tenant.parse::<TenantId>().is_ok() && uuid::Uuid::try_parse(&known.client).is_ok();
    match known.format == FORMAT && is_its_own && is_id {
        true => Ok(known),
        false => Err(odd("it is not as sspr writes it")),
    }
}

fn key(tenant: &str, client: &str) -> String {
    format!("{tenant}.{client}")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use secrecy::ExposeSecret as _;

    use super::*;

    const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";
    const AUTHORITY: &str = "https://login.example";

    fn known(client: u128) -> KeptSignIn {
        let client = uuid::Uuid::from_u128(client).to_string();
        let names = vec!["contoso.onmicrosoft.com".to_owned(), "Contoso.com".to_owned()];
        KeptSignIn::new(TENANT.parse().unwrap(), names, AUTHORITY, &client)
    }

    fn place() -> (tempfile::TempDir, KeptSignIns, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("sign-in");
        let kept = KeptSignIns::below(folder.path(), None);
        (folder, kept, inner)
    }

    async fn token(kept: &KeptSignIns) -> Option<String> {
        let known = kept.pick(None, AUTHORITY).ok()?;
        kept.token(&known).await.ok().map(|token| token.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn a_sign_in_is_kept_replaced_and_forgotten_and_the_client_stays_known() {
        let (_folder, kept, inner) = place();
        assert_eq!(token(&kept).await, None);
        kept.keep(known(1), StoreKind::File, &"one".into()).await.unwrap();
        assert_eq!(token(&kept).await.as_deref(), Some("one"));
        // Another client's takes its place, and nothing of the first is left.
        let now = kept.keep(known(2), StoreKind::File, &"two".into()).await.unwrap();
        assert_eq!(token(&kept).await.as_deref(), Some("two"));
        let tokens = || {
            let names = std::fs::read_dir(&inner).unwrap().map(|entry| entry.unwrap().file_name());
            names.filter(|name| name.to_string_lossy().ends_with(".token")).count()
        };
        assert_eq!(tokens(), 1);
        assert!(kept.forget(&now).await.unwrap());
        assert_eq!((token(&kept).await, tokens()), (None, 0));
        assert_eq!(kept.find("CONTOSO.com").unwrap().client, now.client);
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_kept_leaves_the_last_one() {
        let (_folder, kept, inner) = place();
        let now = kept.keep(known(1), StoreKind::File, &"one".into()).await.unwrap();
        // A folder in the token's place cannot be replaced, whoever runs this.
        let path = inner.join(format!("{}.token", now.key()));
        let aside = inner.join("aside");
        std::fs::rename(&path, &aside).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(kept.replace(&now, &"two".into()).await.is_err());
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&aside, &path).unwrap();
        assert_eq!(token(&kept).await.as_deref(), Some("one"));
    }

    #[tokio::test]
    async fn what_others_could_read_or_have_written_is_not_used() {
        let (folder, kept, inner) = place();
        let now = kept.keep(known(1), StoreKind::File, &"one".into()).await.unwrap();
        let (record, secret) =
            (inner.join(format!("{TENANT}.json")), inner.join(format!("{}.token", now.key())));
        for path in [&record, &secret, &inner] {
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
        for path in [&secret, &record] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
            assert_eq!(token(&kept).await, None, "{}", path.display());
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
            let moved = folder.path().join("moved");
            std::fs::rename(path, &moved).unwrap();
            symlink(&moved, path).unwrap();
            assert_eq!(token(&kept).await, None, "{}", path.display());
            std::fs::remove_file(path).unwrap();
            std::fs::rename(&moved, path).unwrap();
            assert_eq!(token(&kept).await.as_deref(), Some("one"));
        }
        std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(kept.lock(TENANT).await.is_err(), "a folder that others may look into is not written to");
    }

    #[tokio::test]
    async fn the_tenant_and_the_authority_decide_which_is_used() {
        let (_folder, kept, _) = place();
        kept.keep(known(1), StoreKind::File, &"one".into()).await.unwrap();
        assert!(kept.pick(Some("contoso.com"), AUTHORITY).is_ok());
        assert!(kept.pick(Some(&TENANT.to_uppercase()), AUTHORITY).is_ok());
        assert!(kept.pick(Some("fabrikam.com"), AUTHORITY).unwrap_err().contains("fabrikam.com"));
        // A token goes to the authority that gave it, whatever the environment says.
        assert!(kept.pick(None, "https://evil.example").unwrap_err().contains(AUTHORITY));
        let other = "0a0a0a0a-fa2c-550c-86c1-f84caa53d849".parse().unwrap();
        let other = KeptSignIn::new(other, vec!["fabrikam.com".to_owned()], AUTHORITY, &known(1).client);
        kept.keep(other, StoreKind::File, &"other".into()).await.unwrap();
        assert!(kept.pick(None, AUTHORITY).unwrap_err().contains("fabrikam.com"));
        assert!(kept.pick(Some("fabrikam.com"), AUTHORITY).is_ok());
    }
}
