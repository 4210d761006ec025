//! Each endpoint against literal answers served on loopback: what is sent, to the letter, and what is made
//! of what comes back.

mod lists;
mod portal_contract;
mod reads;
mod served;

pub use served::Served;
