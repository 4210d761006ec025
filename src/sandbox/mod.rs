//! A pretend tenant, served over real HTTP on this machine: to try the tool on, to test it against, and to
//! measure it with.
//!
//! Three layers: [`world`] is state and knows no HTTP; `graph`, `graph_policies` and `portal` are its HTTP faces, with wire
//! types of their own; [`Sandbox`] has the verbs. Nothing here imports the client, so that a wrong field on
//! our side cannot cancel itself out.

mod act;
mod audit;
pub mod crowd;
mod faults;
mod filter;
mod graph;
mod graph_policies;
mod limit;
mod line;
mod methods_seed;
mod odata;
pub mod people;
mod portal;
mod server;
mod sign_in;
mod token;
mod wire;
pub mod world;

pub use act::ActError;
pub use audit::AuditLog;
pub use faults::{Fault, NotARule, Rule};
pub use server::{Recorded, Sandbox};
pub use wire::Distance;
pub use world::{Seed, World};
