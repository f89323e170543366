//! Who is paged, and how.

pub mod config;
