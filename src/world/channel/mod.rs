//! Where records are posted.

pub mod config;
