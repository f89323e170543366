//! The outside: what a run's effects meet. The only place, with `front/`, that touches files, network, processes, the
//! environment and the clock.
#![allow(clippy::disallowed_methods)] // this is the room where they belong

pub mod channel;
pub mod config_file;
pub mod console;
pub mod executor;
pub mod provider;
pub mod setting;
pub mod team;
