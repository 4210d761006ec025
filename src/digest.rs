//! SHA-256 fingerprints of files and of states.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use serde_json::Value;

/// Returns `sha256:` and the digest of `bytes` in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns a digest as documents name a file by it, without `sha256:`.
pub fn bare(sha256: &str) -> &str {
    sha256.strip_prefix("sha256:").unwrap_or(sha256)
}

/// Returns the digest that a saved document carries: over everything else in it, in one canonical spelling.
pub fn of_document(document: &Value) -> String {
    let mut bare = document.clone();
    if let Value::Object(bare) = &mut bare {
        bare.remove("digest");
    }
    sha256(bare.to_string().as_bytes())
}
