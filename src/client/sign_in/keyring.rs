//! A refresh token in the system's own store of secrets.
//!
//! macOS and Windows have one that is always there. On Linux it is the Secret Service, reached with the program that
//! libsecret brings for it: the crates for it would be 52 more to build.

use secrecy::SecretString;

use super::kept_sign_ins::{KeepError, TokenStore};

/// What tokens are kept under.
const SERVICE: &str = "sspr";

#[derive(Debug)]
pub(super) struct Keyring;

#[cfg(any(target_os = "macos", windows))]
mod native {
    #[cfg(target_os = "macos")]
    use apple_native_keyring_store::keychain::Store;
    use keyring_core::{Entry, Error};
    use secrecy::ExposeSecret as _;
    #[cfg(windows)]
    use windows_native_keyring_store::Store;

    use super::*;

    /// Does something with a token's place, on a thread of its own: someone may be asked to unlock the store, and until then
    /// a signal and the time of the run have to be heard.
    async fn with_entry<T: Send + 'static>(
        key: &str,
        work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<Result<T, Error>, KeepError> {
        let key = key.to_owned();
        let working = move || {
            let store: std::sync::Arc<keyring_core::CredentialStore> =
                Store::new().map_err(|error| KeepError::NoKeyring(error.to_string()))?;
            let entry = Entry::new_in_store(&store, SERVICE, &key).map_err(failed)?;
            Ok(work(&entry))
        };
        let worked = tokio::task::spawn_blocking(working).await;
        worked.unwrap_or_else(|error| Err(KeepError::Store(format!("the keyring: {error}"))))
    }

    /// The words of an error; never `Debug`, which can hold the secret.
    fn failed(error: Error) -> KeepError {
        match error {
            Error::NoStorageAccess(_) | Error::NoDefaultStore => KeepError::NoKeyring(error.to_string()),
            Error::BadEncoding(_) | Error::BadDataFormat(..) => {
                KeepError::Store("what the keyring has is no token".to_owned())
            }
            other => KeepError::Store(format!("the keyring: {other}")),
        }
    }

    #[async_trait::async_trait]
    impl TokenStore for Keyring {
        async fn probe(&self) -> Result<(), KeepError> {
            self.load("probe").await.map(drop)
        }

        async fn save(&self, key: &str, token: &SecretString) -> Result<(), KeepError> {
            let token = token.clone();
            let save = move |entry: &Entry| entry.set_secret(token.expose_secret().as_bytes());
            with_entry(key, save).await?.map_err(failed)
        }

        async fn load(&self, key: &str) -> Result<Option<SecretString>, KeepError> {
            match with_entry(key, Entry::get_secret).await? {
                Ok(bytes) => String::from_utf8(bytes)
                    .map(|token| Some(token.into()))
                    .map_err(|_| KeepError::Store("what the keyring has is no token".to_owned())),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(failed(error)),
            }
        }

        async fn forget(&self, key: &str) -> Result<(), KeepError> {
            match with_entry(key, Entry::delete_credential).await? {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(failed(error)),
            }
        }
    }
}

#[cfg(not(any(target_os = "macos", windows)))]
mod secret_service {
    use std::io;
    use std::process::Stdio;
    use std::time::Duration;

    use secrecy::ExposeSecret as _;
    use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::process::Command;

    use super::super::kept_sign_ins::LONGEST;
    use super::*;
    use crate::client::redact_tokens::said;

    const PROGRAM: &str = "secret-tool";
    /// Someone may have to unlock the store.
    const PATIENCE: Duration = Duration::from_secs(60);

    struct Ran {
        is_success: bool,
        printed: String,
        /// What it said beside, harmless to show.
        said: String,
    }

    async fn read(from: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Some(from) = from {
            from.take(LONGEST).read_to_end(&mut bytes).await?;
        }
        Ok(bytes)
    }

    /// Runs the program; a token goes in and comes out by pipe, and is never an argument.
    async fn run(args: &[&str], key: &str, input: Option<&SecretString>) -> Result<Ran, KeepError> {
        let mut command = Command::new(PROGRAM);
        command.args(args).args(["service", SERVICE, "sign-in", key]).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let running = async {
            let mut child = command.spawn()?;
            let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
            let write = async {
                if let (Some(mut stdin), Some(token)) = (stdin, input) {
                    stdin.write_all(token.expose_secret().as_bytes()).await?;
                }
                io::Result::Ok(())
            };
            let (_, printed, said) = tokio::try_join!(write, read(stdout), read(stderr))?;
            let status = child.wait().await?;
            io::Result::Ok((status.success(), printed, said))
        };
        let (is_success, printed, beside) = match tokio::time::timeout(PATIENCE, running).await {
            Ok(Ok(ran)) => ran,
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeepError::NoKeyring(format!(
                    "`{PROGRAM}` is not on PATH (it is in the package libsecret-tools, or libsecret)"
                )));
            }
            Ok(Err(error)) => return Err(KeepError::NoKeyring(format!("`{PROGRAM}`: {error}"))),
            Err(_) => {
                let problem = format!("`{PROGRAM}` did not answer within {} s", PATIENCE.as_secs());
                return Err(KeepError::NoKeyring(problem));
            }
        };
        let own = input.map(|token| token.expose_secret()).unwrap_or_default();
        let said = said(&String::from_utf8_lossy(&beside), 300, own);
        Ok(Ran { is_success, printed: String::from_utf8_lossy(&printed).into_owned(), said })
    }

    #[async_trait::async_trait]
    impl TokenStore for Keyring {
        async fn probe(&self) -> Result<(), KeepError> {
            self.load("probe").await.map(drop)
        }

        async fn save(&self, key: &str, token: &SecretString) -> Result<(), KeepError> {
            let ran = run(&["store", "--label", &format!("sspr sign-in {key}")], key, Some(token)).await?;
            match ran.is_success {
                true => Ok(()),
                false => Err(KeepError::Store(format!("`{PROGRAM} store` failed: {}", ran.said))),
            }
        }

        async fn load(&self, key: &str) -> Result<Option<SecretString>, KeepError> {
            let ran = run(&["lookup"], key, None).await?;
            match (ran.is_success, ran.said.is_empty()) {
                (true, _) => Ok(Some(ran.printed.trim().into()).filter(|_| !ran.printed.trim().is_empty())),
                // It says nothing where there is nothing of that name.
                (false, true) => Ok(None),
                (false, false) => Err(KeepError::NoKeyring(format!("`{PROGRAM} lookup`: {}", ran.said))),
            }
        }

        async fn forget(&self, key: &str) -> Result<(), KeepError> {
            let ran = run(&["clear"], key, None).await?;
            match ran.is_success || ran.said.is_empty() {
                true => Ok(()),
                false => Err(KeepError::Store(format!("`{PROGRAM} clear` failed: {}", ran.said))),
            }
        }
    }
}
