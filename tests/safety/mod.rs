//! Nothing lost, ever: reviewed plans, guards, locks, journals and the way back.

mod reviewed;
