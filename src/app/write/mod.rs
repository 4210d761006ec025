//! Applies a plan: reads again, writes, reads back, and proves; rolls back the same way.

mod after;
mod look;
mod proof;
mod read_back;
mod recorded_runs;
mod run;
mod send;

pub use after::{after, settle};
pub(super) use proof::prove;
pub use recorded_runs::{BackTo, RollbackInput, observe_recorded_runs};
pub use run::{Patience, apply};
