//! Reads a tenant: whether it is the right one, its settings, and the people of the group.

mod audit_log;
mod directory_context;
mod tenant_guard;
mod inventory;
mod members;
mod pilot_context;
mod member_counts;
mod registrations;
mod ring_count;
mod ring_people;
mod survey;
mod tenant;
mod tester;
mod unknown;

pub(super) use audit_log::{LOG_KEPT, last_change, settings_changes};
pub use inventory::fetch_inventory;
pub(super) use member_counts::count_people;
pub(super) use pilot_context::needs_policy;
pub use pilot_context::{PilotContext, find};
pub(super) use ring_people::{RingReading, read_ring_people};
pub use survey::survey;
pub(super) use tenant::in_order;
pub use tenant::{Observed, SurfaceSelection, observe};
pub(super) use tenant::{find_groups, manages, observe_settings, observe_uncounted};
pub(super) use tenant_guard::{Tokens, refuse_other_tenants, refuse_other_tokens};
pub use tester::{WatchEnd, inspect_user, watch};
pub(super) use unknown::odd_rows;
