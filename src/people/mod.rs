//! The people of a pilot: who they are, what they may do, and whether they can reset a password. Pure.

mod eligibility;
mod licence;
mod person;
mod preflight;
mod readiness;
mod registration;
mod roles;
mod reset_stage;
mod summary;

pub use eligibility::has_enough_methods;
pub use licence::{BUSINESS_STANDARD, Licence, P1, P2};
pub use person::Person;
pub use readiness::{NotReadyReason, Readiness, Rule};
pub use registration::{MethodNames, Registration, RegistrationIndex};
pub use reset_stage::ResetStage;
pub use roles::{HeldRole, RoleIndex, TWO_GATE_ROLES, role_name, two_gate_role};
pub(crate) use summary::as_locked_out_and_stranded;
pub use summary::{Count, Row, Summary};
