//! The people of a pilot: who they are, what they may do, and whether they can reset a password. Pure.

mod gates;
mod licence;
mod person;
mod preflight;
mod readiness;
mod registration;
mod roles;
mod stage;
mod summary;

pub use gates::suffices;
pub use licence::{BUSINESS_STANDARD, Cover, Licence, P1, P2};
pub use person::Person;
pub use readiness::{Readiness, Rule, Why};
pub use registration::{MethodNames, Registration, RegistrationBook};
pub use roles::{HeldRole, RoleBook, TWO_GATE_ROLES, two_gate_role};
pub use stage::Stage;
pub use summary::{Count, Row, Summary};
