//! Reads what a browser's developer tools saved (HAR 1.2, as Chromium and Firefox write it): as a stream, holding only what
//! is about the pages of password reset.
//!
//! A file can be of any size and from anyone. No text of it gets into an error, and none of what is held is shown but by
//! what [`crate::evidence`] makes of it.

mod bounded;
mod entry;
mod stream;
mod tame;

pub use entry::audience;
pub use stream::{HarError, Reading, read};
