//! The state of a pretend tenant, and what it can start from.
//! It knows no HTTP: how the state is shown and changed from outside is `http`'s.

mod audit_log;
mod generated_users;
mod group;
mod licence;
mod named;
mod nesting;
mod seed;
mod seeds;
mod tenant_state;
mod user;

pub use audit_log::AuditLog;
pub use generated_users::{GeneratedRange, GeneratedUsers};
pub use group::{Group, GroupKind};
pub use licence::Licence;
pub use seed::{Seed, id};
pub use tenant_state::TenantState;
pub use user::{AuditEvent, RoleGrant, User};

pub(crate) use audit_log::{Initiator, PolicyChange};
pub(crate) use seeds::fresh_policy;
pub(crate) use tenant_state::lay_over;
