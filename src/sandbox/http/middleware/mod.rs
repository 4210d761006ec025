//! The middleware between clients and routes.

mod faults;
mod identify;
mod limit;
mod own_words;
mod paths;
mod permission;
mod record;
mod sign_in;
mod latency;

pub(crate) use faults::{Way, stand_in_the_way};
pub(crate) use identify::{Ids, identify};
pub(crate) use latency::latency;
pub(crate) use limit::limit_reports;
pub(crate) use own_words::own_words;
pub(crate) use paths::{spell, spelled};
pub(crate) use permission::check_permission;
pub(crate) use record::{record, unknown};
pub(crate) use sign_in::{holder, sign_in_to_graph, sign_in_to_portal};
