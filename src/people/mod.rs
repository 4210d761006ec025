//! The people of a pilot: who they are, what they may do, and whether they can reset a password. Pure.

mod adoption;
mod enough_methods;
mod licence;
mod person;
mod member_counts;
mod readiness;
mod registration_report;
mod roles;
mod reset_stage;
mod selection;
mod summary;

pub use adoption::Adoption;
pub use enough_methods::has_enough_methods;
pub use licence::{BUSINESS_STANDARD, Licence, P1, P2};
pub use person::{LastSignIn, Person};
pub use readiness::{NotReadyReason, Readiness, Rule};
pub use registration_report::{MethodNames, Registration, RegistrationIndex, method, method_name};
pub use reset_stage::ResetStage;
pub use roles::{HeldRole, RoleIndex, TWO_GATE_ROLES, role_name, two_gate_role};
pub use selection::Selection;
pub(crate) use summary::as_locked_out_and_stranded;
pub use summary::{Count, Row, Summary};
