//! One use case each: reads a tenant, applies plans, records runs. Prints nothing.

pub mod doctor;
pub mod observe;
mod observer;
pub mod write;

pub use observer::{Observer, Progress};
