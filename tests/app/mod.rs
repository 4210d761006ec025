//! The engine against the sandbox over real HTTP, with the production clients.

mod elsewhere;
mod import;
mod laws;
mod methods;
mod ring_people;
mod snapshot;
mod use_cases;
mod writes;
