//! `sspr`: a Microsoft Entra self-service password reset pilot as one reviewed YAML file.
//!
//! The modules, in reading order. One pipeline runs through them:
//! load → check → observe → resolve → diff → plan → (print | apply → observe → diff must be empty).

// Pure: no HTTP, clock, file or terminal.
pub mod text;
pub mod digest;
pub mod ids;
pub mod finding_docs;
pub mod stop;
pub mod tenant;
pub mod evidence;
pub mod spec_file;
pub mod people;
pub mod diff;
pub mod plan;
pub mod outcome;
pub mod render;
// Edges.
pub mod files;
pub mod client;
pub mod har;
pub mod store;
pub mod error;
pub mod app;
pub mod sandbox;
pub mod cli;
