//! Fingerprints of files and of states.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Returns `sha256:` and the digest of `bytes` in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
