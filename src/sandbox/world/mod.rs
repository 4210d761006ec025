//! The state of a pretend tenant, and what it can start from. It knows no HTTP: how the state is shown and
//! changed from outside is `http`'s.

mod audit_log;
mod crowd;
mod group;
mod licence;
mod nesting;
mod seed;
mod seeds;
mod tenant;
mod user;

pub use audit_log::AuditLog;
pub use crowd::{Crowd, CrowdRange};
pub use group::Group;
pub use licence::Licence;
pub use seed::{Seed, id};
pub use tenant::World;
pub use user::{AuditEvent, RoleGrant, User};

pub(crate) use audit_log::{Initiator, Line};
pub(crate) use seeds::fresh_policy;
pub(crate) use tenant::lay_over;
