//! Many tenants in one run, in this process, against one sandbox that serves them all.

mod bench;
mod engine;
mod troubles;
mod waves;
