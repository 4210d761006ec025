//! What tests stand on: a sandbox reached through the production clients, and the program run as users run it.

#[cfg(target_os = "linux")]
mod authority;
mod bench;
mod hostile;
mod scene;
#[cfg(unix)]
mod terminal;

#[cfg(target_os = "linux")]
pub use authority::{Authority, Browser, CLIENT, Login};
pub use bench::{Bench, NOW, TODAY, config, session};
pub use hostile::{HOSTILE, assert_gives_no_command, assert_harmless};
pub use scene::{Scene, Shown};
#[cfg(unix)]
pub use terminal::{On, Terminal};

/// Compares everything a run showed with an inline snapshot; `SNAPSHOTS=overwrite cargo test` rewrites it.
macro_rules! assert_shown {
    ($shown:expr, $expected:expr) => {
        snapbox::assert_data_eq!($shown.to_string(), snapbox::IntoData::raw($expected))
    };
}
pub(crate) use assert_shown;

use std::path::{Path, PathBuf};

/// Returns a path below the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Loads spec text that must be valid.
pub fn spec(text: &str) -> sspr::spec_file::Spec {
    sspr::spec_file::load("pilot.yaml", text.as_bytes())
        .unwrap_or_else(|error| panic!("{}\n{text}", error.render(false)))
}

/// Returns a client of no one's, for asking this machine alone.
pub fn http() -> reqwest::Client {
    // reqwest takes the process's cryptography; a second call is a no-op.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// Makes a folder that is gone when dropped: in memory where Linux has a place for that, as tests flush some ten
/// thousand journals and a disk takes its time for each.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match cfg!(target_os = "linux") && memory.is_dir() {
        true => tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

/// Waits until something is so: asks often enough to lose no time, and leaves the processor to what is waited for.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// Writes a program that can be run.
#[cfg(unix)]
pub fn executable(path: impl AsRef<Path>, script: impl AsRef<[u8]>) {
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// Leaves a file as sspr leaves it in its state directory, folders included: for its owner alone, whatever the umask.
pub fn leave(path: &Path, content: &str) {
    let mut folders = std::fs::DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    folders.create(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}
