//! The files of a project: finding, loading, caching and writing runbooks, and `rbl.toml` as typed data.
#![allow(clippy::disallowed_methods)] // files and the environment may be used here

pub mod check_cache;
pub mod config;
pub mod files;
pub mod parallel;
pub mod recording_loader;
pub mod replace;
pub mod repository;
pub mod revision;
pub mod setting;
pub mod source_cache;

mod refusal;

pub use refusal::Refusal;
