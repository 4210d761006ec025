//! What all requests share: the tenant and its file, the audit log, tokens, faults, and the latency of answers.
//! It knows no routes: `http` asks it.

mod faults;
mod limit;
mod saved;
mod state;
mod tenants;
mod tokens;
mod traffic;

pub use faults::{NotARule, Rule, TenantRule};
pub use traffic::{Latency, ReceivedRequest};

pub(crate) use faults::Fault;
pub(crate) use limit::Limit;
pub(crate) use saved::{can_be_kept, load, save};
pub(crate) use state::{Shared, lock};
pub(crate) use tenants::Tenants;
pub use tokens::{APPLICATION_SECRET, application_id};
pub(crate) use tokens::{Holder, PORTAL, Principal};
pub(crate) use traffic::{Log, Traffic};
