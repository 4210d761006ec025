//! What stands between the sandbox and a production tenant: bad answers, refused sign-ins, impatience.

mod clouds;
mod doctor;
mod every_command;
mod graph_only;
mod network;
mod reads;
mod schema;
mod secrets;
mod sign_in;
#[cfg(target_os = "linux")]
mod tls;
mod writes;
