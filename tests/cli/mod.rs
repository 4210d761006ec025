//! The program's words and codes, pinned together.

mod bad_specs;
mod except;
mod fleet_file;
mod fleet_merge;
mod explain;
mod fleet;
mod fleet_sign_in;
mod formats;
mod help;
mod input;
mod login_setup;
mod on_sandbox;
mod outputs;
mod pages;
mod part_way;
mod report;
mod restore;
mod rings;
mod people;
mod road;
#[cfg(unix)]
mod terminal;
mod snapshot;
mod starting_points;
mod status;
mod directory_context;
mod verify;
