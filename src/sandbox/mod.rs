//! A pretend tenant, served over real HTTP on this machine: to try, test and measure the tool with.
//!
//! Layers, each of which knows those below it alone: [`Sandbox`] has the operations, `act` what people do, and
//! `portal_visit` what a browser records of someone in the portal; `http` is
//! the face, with wire types of its own; `shared` is what all requests share; [`tenant`] is what the tenant holds,
//! and knows no HTTP. Nothing here imports the client, so that a wrong field on our side cannot cancel itself
//! out.

pub mod tenant;
mod shared;
mod http;
mod server;
mod act;
mod portal_visit;

pub use act::ActError;
pub use portal_visit::{Browser, Visit, VisitError};
pub use server::Sandbox;
pub use shared::{APPLICATION_SECRET, Latency, NotARule, ReceivedRequest, Rule, TenantRule, application_id};
pub use tenant::{AuditLog, Seed, TenantState};
