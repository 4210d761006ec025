//! SHA-256 fingerprints of files and of states.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

/// Returns `sha256:` and the digest of `bytes` in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
