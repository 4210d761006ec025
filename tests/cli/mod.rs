//! The program's words and codes, pinned together.

mod road;
