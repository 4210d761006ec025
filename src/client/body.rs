//! Reads a response body up to a size limit, whatever the service sends.

use reqwest::Response;

/// The most bytes an answer may have after decompression. A page of 999 people has about one million.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;

/// The most bytes that are read of an answer that is no success: its words stand at the beginning.
pub(super) const ERROR_LIMIT: usize = 256 * 1024;

/// What an answer may announce and be believed: a few pages' worth of bytes.
const MOST_TAKEN_AT_ONCE: usize = 4 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether that is all; if not, the rest was more than may be read.
    pub(super) is_whole: bool,
}

/// Reads an answer to its end or to `limit`, into memory taken once: a page of a thousand people is not held twice.
pub(super) async fn read_body(response: &mut Response, limit: usize) -> Result<Body, reqwest::Error> {
    let announced = response.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let announced = announced.unwrap_or_default();
    if announced > limit && response.status().is_success() {
        return Ok(Body { bytes: Vec::new(), is_whole: false });
    }
    let mut bytes = Vec::with_capacity(announced.min(limit).min(MOST_TAKEN_AT_ONCE));
    while let Some(chunk) = response.chunk().await? {
        if chunk.len() > limit - bytes.len() {
            bytes.extend_from_slice(&chunk[..limit - bytes.len()]);
            return Ok(Body { bytes, is_whole: false });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body { bytes, is_whole: true })
}
