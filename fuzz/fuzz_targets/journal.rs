//! Any bytes as a journal left on disk: history reads it or leaves it alone.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sspr::store::StateDir;
use tempfile::TempDir;

const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";

static STATE: LazyLock<TempDir> = LazyLock::new(|| {
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    std::fs::create_dir_all(directory.path().join(TENANT).join("20261122T100000Z-000000")).unwrap();
    directory
});

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(STATE.path().join(TENANT).join("20261122T100000Z-000000/journal.jsonl"), bytes).unwrap();
    let state = StateDir::new(STATE.path().to_owned());
    let runs = state.load_history().unwrap();
    assert_eq!(runs.len(), 1);
    let _ = runs[0].message();
});
