//! Applies a plan: reads again, writes, reads back, and proves; rolls back the same way.

mod after;
mod recheck;
mod audit_proof;
mod read_back;
mod rollback_input;
mod run;
mod send;

pub use after::after;
pub(super) use audit_proof::prove;
pub use rollback_input::{BackTo, RollbackInput, observe_recorded_runs};
pub use run::{Patience, apply, settle};
