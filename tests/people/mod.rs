//! The people of a group: counted, read, and judged right, whatever the group's shape.

mod crowd;
mod preflight;
mod verify;
