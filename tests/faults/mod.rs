//! What stands between the sandbox and a production tenant: bad answers, refused sign-ins, impatience.

mod clouds;
mod doctor;
mod edits_during_writes;
mod every_command;
mod exit_codes;
mod graph_only;
mod network;
mod permissions;
mod odd_answers;
mod reads;
mod schema;
mod secrets;
mod service_changes;
mod sign_in;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod tls;
mod writes;
