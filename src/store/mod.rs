//! The state directory: who may write to a tenant now, what was there before each run, what each run wrote.

mod fleet_journal;
mod journal_event;
mod json_lines;
mod history;
mod journal;
mod lock;
mod ownership;
mod read_run;
mod load_writes;
mod report_counts;
mod setup_record;
mod state_dir;

pub use fleet_journal::{FleetJournal, FleetRecords};
pub use history::{Run, RunEnd, Standing, Wrote};
pub use journal::Journal;
pub(crate) use journal_event::{ALREADY_SO, Event, Verified, Writing};
pub use load_writes::{load_writes, recorded_writes};
pub use lock::{Lock, SharedLocks};
pub use report_counts::ReportCounts;
pub use setup_record::{SetupEvent, SetupRecord};
pub use state_dir::StateDir;
