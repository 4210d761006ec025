//! The house itself: directions between rooms, documents that agree with the code, nothing forgotten.

mod documents;
mod editor;
mod tidy;
