//! The only room that both reads and writes: observe a tenant, apply a plan, prove it, keep a record.

mod apply;
pub mod doctor;
mod history;
mod crowd;
mod inventory;
mod journal;
mod lock;
mod observe;
mod past;
mod people;
mod preflight;
mod proof;
mod refusal;
mod verify;

pub use apply::{ApplyError, Patience, apply};
pub use crowd::{Reader, read_members};
pub use history::{Run, RunEnd};
pub use inventory::fetch_inventory;
pub use journal::{Journal, StateDir};
pub use lock::Lock;
pub use observe::{Halves, Observed, observe, observe_graph_half, observe_open, observe_settings};
pub use past::{BackTo, Recorded, observe_recorded};
pub use people::{Audience, Progress, Survey, Whereabouts, fetch_report, fetch_rows_of, find, survey};
pub use proof::prove;
pub use refusal::Refusal;
pub use verify::{Ending, Tester, look_at, watch};
