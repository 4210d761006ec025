//! The state directory: who may write to a tenant now, what was there before each run, what each run wrote.

mod event;
mod history;
mod journal;
mod lock;
mod ownership;
mod record;
mod recorded_writes;
mod setup_record;

pub(crate) use event::{Event, Verified, Writing};
pub use history::{Run, RunEnd, Standing, Wrote};
pub use journal::{Journal, StateDir};
pub use lock::{Lock, SharedLocks};
pub use recorded_writes::{load_writes, recorded_writes};
pub use setup_record::{SetupEvent, SetupRecord};
