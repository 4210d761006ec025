//! What pipelines stand on: the action's scripts, the example workflows, and what is released.

#[cfg(unix)]
mod action;
#[cfg(unix)]
mod manifests;
mod fleet;
mod released;
mod workflows;
