//! The only room that both reads and writes: observe a tenant, apply a plan, prove it, keep a record.

mod apply;
mod crowd;
pub mod doctor;
mod history;
mod inventory;
mod journal;
mod listener;
mod lock;
mod look;
mod observe;
mod past;
mod people;
mod preflight;
mod proof;
mod read_back;
mod refusal;
mod registrations;
mod surroundings;
mod unknown;
mod verify;
mod whereabouts;
mod write;

pub use apply::{ApplyError, Patience, apply};
pub use history::{Run, RunEnd};
pub use inventory::fetch_inventory;
pub use journal::{Journal, StateDir};
pub use listener::{Listener, Progress};
pub use lock::{Lock, SharedLocks};
pub use observe::{Halves, Observed, observe, observe_settings};
pub use past::{BackTo, Recorded, observe_recorded};
pub use people::{Survey, survey};
pub use proof::prove;
pub use refusal::Refusal;
pub use verify::{Ending, Tester, look_at, watch};
pub use whereabouts::{Whereabouts, find};
