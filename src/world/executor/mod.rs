//! What does actions.

pub mod config;
