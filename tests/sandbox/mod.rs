//! The sandbox's own routes: refused, missing, happy, and the state afterwards. Asked by plain HTTP, not by
//! the production clients, methods apart.

mod applications;
mod batch;
mod clients;
mod members;
mod methods;
mod queries;
mod routes;
#[cfg(target_os = "linux")]
mod tenants;
mod tls;
