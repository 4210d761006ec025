//! The people of a group: counted, read, and judged right, whatever the group's kind.

mod crowd;
mod preflight;
mod verify;
