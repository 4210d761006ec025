//! Applying a plan and proving it: look, write, read back, and go back again.

mod after;
mod look;
mod proof;
mod read_back;
mod recorded_runs;
mod run;
mod send;

pub use after::{after, settle};
pub use proof::prove;
pub use recorded_runs::{BackTo, RollbackInput, observe_recorded_runs};
pub use run::{Patience, apply};
