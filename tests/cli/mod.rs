//! The program's words and codes, pinned together.

mod bad_specs;
mod formats;
mod restore;
mod people;
mod road;
