//! The house itself: directions between modules, documents that agree with the code, nothing forgotten.

mod console;
mod documents;
pub(crate) mod editor;
#[cfg(unix)]
mod pictures;
mod tidy;
