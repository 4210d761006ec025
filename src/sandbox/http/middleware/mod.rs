//! The middleware between clients and routes.

mod faults;
mod identify;
mod limit;
mod error_format;
mod paths;
mod permission;
mod record;
mod sign_in;
mod tenant;
mod latency_and_log;

pub(crate) use error_format::format_errors;
pub(crate) use faults::{Answers, stand_in_the_way};
pub(crate) use identify::{Ids, identify};
pub(crate) use latency_and_log::latency;
pub(crate) use limit::limit_reports;
pub(crate) use paths::{spell, spelled};
pub(crate) use permission::check_permission;
pub(crate) use record::{record, unknown};
pub(crate) use sign_in::{bearer, holder, sign_in_to_graph, sign_in_to_portal};
pub(crate) use tenant::find_tenant;
