//! The program's words and codes, pinned together.

mod bad_specs;
mod restore;
mod people;
mod road;
