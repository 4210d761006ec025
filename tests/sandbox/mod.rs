//! The sandbox's own routes: refused, missing, happy, and the state afterwards. Asked by plain HTTP, not by
//! the production clients, methods apart.

mod methods;
mod routes;
