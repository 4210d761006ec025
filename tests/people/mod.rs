//! The people of a group: counted, read, and judged right, whatever the group's kind.

mod large_groups;
mod member_counts;
mod verify;
