//! The only room that both reads and writes: observe a tenant, apply a plan, prove it, keep a record.

mod apply;
mod journal;
mod observe;
mod refusal;

pub use apply::{ApplyError, Patience, apply};
pub use journal::{Journal, StateDir};
pub use observe::observe;
pub use refusal::Refusal;
