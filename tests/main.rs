//! One test binary, so that the crate is linked once. `tidy` checks that no test file is forgotten here.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "tests stop at the first surprise")]

mod cli;
mod common;
mod app;
mod evidence;
mod fleet;
mod repository;
mod safety;
mod people;
mod pipelines;
mod plan;
mod sandbox;
mod render;
mod spec;
mod faults;
#[cfg(target_os = "linux")]
mod login;
mod wire;
