//! Nothing lost, ever: reviewed plans, guards, locks, journals and the way back.

mod killed;
mod record;
mod reviewed;
