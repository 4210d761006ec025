//! Nothing lost, ever: reviewed plans, guards, locks, journals and the way back.

mod clocks;
mod hostile;
mod killed;
mod killed_under_faults;
mod model;
mod old_records;
mod operations;
mod proof;
mod record;
mod reviewed;
mod rings;
mod rollback;
mod unknown_counts;
mod wrong_tenant;
